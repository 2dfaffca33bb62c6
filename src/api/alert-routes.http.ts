import { z } from 'zod'
import { onPlatform, permit } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { ok, type Route, route } from './route.ts'
import { list, name, nothing, text, time } from './schemas.ts'

const about = 'Alert routing'

const labels = z.record(text(200, 1), text(10_000))

const explanation = z.object({
  tier: z.enum(['P0', 'P1', 'P2', 'P3']),
  nodes: list(
    z.object({
      id: z.string(),
      key: z.string(),
      matchers: list(z.object({ matcher: z.string(), matches: z.boolean() })),
      matches: z.boolean(),
      taken: z.boolean(),
    }),
  ),
  routes: list(
    z.object({
      id: z.string(),
      receiver: z.string(),
      groupLabels: z.record(z.string(), z.string()),
      groupKey: z.string(),
      waitMs: z.number(),
      intervalMs: z.number(),
      repeatMs: z.number(),
      mutedBy: list(z.string()),
    }),
  ),
  onCall: list(z.string()),
  silencedBy: list(z.string()),
  inhibitedBy: list(z.string()),
})

const explain = route({
  method: 'post',
  path: '/routes/explain',
  about,
  summary: 'Where an alert with these labels would go: routes, receivers, timers, mutes, who is on call',
  for: 'member',
  body: z.strictObject({ labels, at: z.iso.datetime({ offset: true }).optional() }),
  responses: { 200: explanation },
  keyed: false,
  async run(call) {
    const { labels: given, at } = call.body
    const when = at === undefined ? call.services.clock.now() : Date.parse(at)
    return ok(await call.services.platform.routes.explain(given, when))
  },
})

const routing = z.object({
  revision: z.int(),
  text: z.string(),
  origin: z.enum(['default', 'import', 'file']),
  savedBy: z.string().nullable(),
  savedAt: time.nullable(),
})

const note = z.union([
  z.object({
    of: z.literal('unsupported-receiver'),
    receiver: z.string(),
    kind: z.string(),
    line: z.int().nullable(),
  }),
  z.object({ of: z.literal('templates-ignored'), line: z.int().nullable() }),
])

const show = route({
  method: 'get',
  path: '/routes',
  about,
  summary: 'The routing that holds now; it may hold addresses with secrets, so it is for admins',
  for: 'member',
  responses: { 200: routing },
  async run(call) {
    await permit(call, 'alert:route', onPlatform('alert routing'))
    return ok(call.services.platform.routes.current())
  },
})

const put = route({
  method: 'put',
  path: '/routes',
  about,
  summary: 'Take an alertmanager.yml as it is; what is not supported is named',
  for: 'member',
  body: z.strictObject({ text: text(1_000_000, 1) }),
  responses: { 200: z.object({ routing, notes: list(note) }) },
  problems: ['bad-routing'],
  async run(call) {
    const allowed = await permit(call, 'alert:route', onPlatform('alert routing'))
    const saved = await call.services.platform.routes.save(allowed, call.body.text, 'import')
    if (!saved.ok) throw new Problem('bad-routing', { problems: saved.why })
    return ok({ routing: saved.value.view, notes: saved.value.notes })
  },
})

const source = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  team: z.string().nullable(),
  heartbeatMs: z.number().nullable(),
  heardAt: time.nullable(),
  createdBy: z.string(),
  revoked: z.boolean(),
})

const sources = route({
  method: 'get',
  path: '/alert-sources',
  about,
  summary: 'Who tells alerts from outside',
  for: 'member',
  responses: { 200: list(source) },
  async run(call) {
    await permit(call, 'alert:route', onPlatform('alert sources'))
    return ok(await call.services.platform.routes.sources())
  },
})

const addSource = route({
  method: 'post',
  path: '/alert-sources',
  about,
  summary: 'Let something tell alerts; its token is shown once',
  for: 'member',
  body: z.strictObject({
    name,
    labels: labels.default({}),
    team: name.nullable().default(null),
    heartbeatSeconds: z.int().min(10).max(604_800).nullable().default(null),
  }),
  responses: { 201: z.object({ source, token: z.string() }) },
  problems: ['name-taken', 'bad-name', 'not-found'],
  async run(call) {
    const allowed = await permit(call, 'alert:route', onPlatform('alert sources'))
    const { heartbeatSeconds, ...draft } = call.body
    const heartbeatMs = heartbeatSeconds === null ? null : heartbeatSeconds * 1_000
    const made = await call.services.platform.routes.addSource(allowed, { ...draft, heartbeatMs })
    if (made.ok)
      return { status: 201 as const, body: { source: made.value.source, token: made.value.secret } }
    if (made.why === 'unknown-team') throw notFound('team', draft.team ?? '')
    throw new Problem(made.why, { name: draft.name })
  },
})

const dropSource = route({
  method: 'delete',
  path: '/alert-sources/{name}',
  about,
  summary: 'Believe it no more',
  for: 'member',
  params: z.strictObject({ name }),
  responses: { 204: nothing },
  problems: ['not-found'],
  async run(call) {
    const allowed = await permit(call, 'alert:route', onPlatform('alert sources'))
    const gone = await call.services.platform.routes.revokeSource(allowed, call.params.name)
    if (!gone.ok) throw notFound('source', call.params.name)
    return { status: 204 as const, body: null }
  },
})

export const alertRouteRoutes: readonly Route[] = [explain, show, put, sources, addSource, dropSource]
