import { z } from 'zod'
import { type ProblemKind, STATUS } from './problem.ts'
import type { Route } from './route.ts'
import { FLAG, INTEGER, problemSchema } from './schemas.ts'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 description of the routes, made of the very schemas that check requests and write answers. */
export function openApi(
  routes: readonly Route[],
  { prefix, version }: { prefix: string; version: string },
): Json {
  const components: Json = {}
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = prefix + route.path
    const known = paths[path] ?? {}
    paths[path] = { ...known, [route.method]: operation(route, components) }
  }
  schemaOf(problemSchema, 'output', components)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description:
        'Everything a person can do in a chat. Times are ISO 8601 with Z. Errors are application/problem+json. Lists page by cursor. Writes take an Idempotency-Key: the same key and body get the same answer for 24 hours.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(routes.map((route) => route.about))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'sluice_session' },
      },
    },
  }
}

function operation(route: Route, components: Json): Json {
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.about],
    parameters: [
      ...parameters(route.params, 'path', components),
      ...parameters(route.query, 'query', components),
      ...(route.keyed ? [IDEMPOTENCY_KEY] : []),
    ],
    ...requestBody(route, components),
    responses: { ...answers(route, components), ...refusals(route) },
    ...(route.for === 'anyone' && { security: [] }),
    ...(route.for === 'session' && { security: [{ session: [] }] }),
  }
}

/** `get /jobs/{name}/releases` is `getJobsByNameReleases`. */
function operationId({ method, path }: Route): string {
  const words = path
    .split('/')
    .filter(Boolean)
    .map((part) => (part.startsWith('{') ? `by-${part.slice(1, -1)}` : part))
    .join('-')
    .split('-')
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and request within 24 hours get the first answer again',
  schema: { type: 'string', pattern: '^[!-~]{1,200}$' },
}

function parameters(schema: z.ZodType | undefined, where: 'path' | 'query', components: Json): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input', components) as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: of,
  }))
}

function requestBody(route: Route, components: Json): Json {
  if (route.takes) {
    const binary = { schema: { type: 'string', contentMediaType: 'application/java-archive' } }
    return {
      requestBody: {
        required: true,
        content: Object.fromEntries(route.takes.types.map((type) => [type, binary])),
      },
    }
  }
  if (!route.body) return {}
  return {
    requestBody: {
      required: !route.body.safeParse(undefined).success,
      content: { 'application/json': { schema: schemaOf(route.body, 'input', components) } },
    },
  }
}

function answers(route: Route, components: Json): Json {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, schema]) => [
      status,
      status === '204'
        ? { description: 'Done' }
        : {
            description: status === '202' ? 'Taken on' : 'As asked',
            content: { 'application/json': { schema: schemaOf(schema, 'output', components) } },
          },
    ]),
  )
}

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

function refusals(route: Route): Json {
  const kinds: ProblemKind[] = ['not-valid', 'other-host', 'other-origin', ...(route.problems ?? [])]
  if (route.for !== 'anyone') kinds.push('not-signed-in', 'not-allowed')
  if (route.body) kinds.push('too-large', 'wrong-type')
  if (route.takes) kinds.push('too-large', 'wrong-type')
  if (route.keyed) kinds.push('key-reused')
  const byStatus = new Map<number, ProblemKind[]>()
  for (const kind of new Set(kinds)) {
    byStatus.set(STATUS[kind], [...(byStatus.get(STATUS[kind]) ?? []), kind])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [String(status), { description: of.join(', '), content: PROBLEM }]),
  )
}

/** As JSON Schema; named schemas go to the components and are referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema, $defs, ...made } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => simplify(jsonSchema),
  }) as Json & { $defs?: Json }
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] = pointing(definition)
  const name = schema.meta()?.id
  if (typeof name !== 'string') return pointing(made) as Json
  const { id, ...definition } = made
  components[name] = pointing(definition)
  return { $ref: `#/components/schemas/${name}` }
}

/** What zod adds and no reader of the description needs. */
function simplify(schema: Json): void {
  delete schema.readOnly
  if (schema.format === 'date-time') delete schema.pattern
  if (schema[INTEGER]) turnInto(schema, { type: 'integer', ...(schema[INTEGER] as Json) })
  if (schema[FLAG]) turnInto(schema, { type: 'boolean' })
}

function turnInto(schema: Json, other: Json): void {
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, other)
}

function pointing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointing)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : pointing(inner),
    ]),
  )
}
