import express, { type NextFunction, type Request, type Response, type Router } from 'express'
import { z } from 'zod'
import type { Language } from '../platform/platform.ts'
import { checkCsrf, identify, setSession } from './caller.http.ts'
import type { Idempotency, Sent } from './idempotency.ts'
import { accepted } from './language.ts'
import { type FieldIssue, Problem } from './problem.ts'
import { problemBody } from './problem-body.ts'
import type { AnyAnswer, Call, Caller, Method, Route, Services } from './route.ts'
import { WRONG_FORM } from './texts.ts'

/** What every request carries from the first middleware on. */
export interface Passing {
  requestId: string
  language: Language
  /** The declared path, for metrics and logs. */
  route: string | null
  memberId: string | null
}

declare global {
  namespace Express {
    interface Locals {
      passing: Passing
    }
  }
}

export interface MountOptions {
  prefix: string
  services: Services
  idempotency: Idempotency
  /** Cookies travel over https only. */
  secure: boolean
  /** Aborted when the server stops. */
  stopping: AbortSignal
  defaultLanguage: Language
}

const JSON_LIMIT = '1mb'
const readJson = express.json({ limit: JSON_LIMIT, type: ['application/json', 'application/*+json'] })

/** Makes express routes of the declarations; a known path with another method answers 405. */
export function mountRoutes(router: Router, routes: readonly Route[], options: MountOptions): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const ofPath = routes.filter((route) => route.path === path)
    const expressPath = options.prefix + path.replaceAll(/\{(\w+)\}/g, ':$1')
    for (const route of ofPath) {
      router[route.method](expressPath, (request, response) => answer(route, { request, response }, options))
    }
    const allowed = methodsOf(ofPath.map((route) => route.method))
    router.all(expressPath, (request, response) => {
      response.locals.passing.route = options.prefix + path
      response.setHeader('Allow', allowed.join(', '))
      throw new Problem('no-such-method', { method: request.method, allowed })
    })
  }
}

function methodsOf(methods: readonly Method[]): string[] {
  const names = methods.map((method) => method.toUpperCase())
  return names.includes('GET') ? [...names, 'HEAD'] : names
}

interface Exchange {
  request: Request
  response: Response
}

async function answer(route: Route, { request, response }: Exchange, options: MountOptions): Promise<void> {
  const passing = response.locals.passing
  passing.route = options.prefix + route.path
  const caller = await callerOf(route, { request, response }, options)
  passing.language =
    caller?.language ??
    caller?.member.language ??
    accepted(request.get('accept-language')) ??
    options.defaultLanguage
  passing.memberId = caller?.member.id ?? null
  if (caller && request.method !== 'GET' && request.method !== 'HEAD') checkCsrf(caller, request)

  const key = idempotencyKey(route, request)
  const call = await read(route, { request, response }, { caller, key, options })
  const sent = await performed(route, call, { response, key, options })
  send(response, sent)
}

async function callerOf(
  route: Route,
  { request, response }: Exchange,
  { services, secure }: MountOptions,
): Promise<Caller | null> {
  const known = await identify(services.platform.access, request.headers)
  if (known?.renewed) setSession(response, known.renewed, secure)
  if (route.for === 'anyone') return known?.caller ?? null
  if (!known) throw new Problem('not-signed-in', {})
  if (route.for === 'session' && !known.caller.session) throw new Problem('session-only', {})
  return known.caller
}

function idempotencyKey(route: Route, request: Request): string | null {
  if (!route.keyed) return null
  const key = request.get('idempotency-key')
  if (key === undefined) return null
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw new Problem('bad-idempotency-key', {})
  return key
}

/** Everything of the request, checked. */
async function read(
  route: Route,
  { request, response }: Exchange,
  { caller, key, options }: { caller: Caller | null; key: string | null; options: MountOptions },
): Promise<Call<'anyone'>> {
  const body = await bodyOf(route, request, response)
  const { language, requestId } = response.locals.passing
  const issues: FieldIssue[] = []
  const parse = (schema: z.ZodType | undefined, given: unknown, where: string): unknown => {
    if (!schema) return given
    const parsed = schema.safeParse(given, { error: localeError(language) })
    if (parsed.success) return parsed.data
    issues.push(...parsed.error.issues.map((issue) => asFieldIssue(issue, where, language)))
    return undefined
  }
  const params = parse(route.params ?? z.strictObject({}), request.params, '')
  const query = parse(route.query ?? z.strictObject({}), { ...request.query }, '')
  const checked = parse(route.body ?? undefined, body, 'body')
  if (issues.length > 0) throw new Problem('not-valid', { issues: issues.slice(0, 20) })
  return {
    services: options.services,
    caller,
    params,
    query,
    body: checked,
    language,
    requestId,
    from: request.ip ?? '',
    key,
    signal: ending(response, options.stopping),
    stream: request,
  }
}

async function bodyOf(route: Route, request: Request, response: Response): Promise<unknown> {
  if (route.takes) {
    if (!request.is([...route.takes.types])) {
      throw new Problem('wrong-type', { wanted: route.takes.types.join(' or ') })
    }
    return undefined
  }
  if (!hasBody(request)) return undefined
  if (!route.body) return undefined
  if (!request.is(['application/json', 'application/*+json'])) {
    throw new Problem('wrong-type', { wanted: 'application/json' })
  }
  await new Promise<void>((resolve, reject) => {
    readJson(request, response, (error?: unknown) => (error ? reject(asProblem(error)) : resolve()))
  })
  return request.body
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.get('content-length') ?? 0) > 0
}

/** What express and its body reader say about a request that cannot be read. */
export function asProblem(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error
  const status = 'status' in error && typeof error.status === 'number' ? error.status : null
  const type = 'type' in error && typeof error.type === 'string' ? error.type : ''
  if (type === 'entity.too.large') return new Problem('too-large', { limit: '1 MB' })
  if (type === 'entity.parse.failed') return new Problem('not-json', { because: error.message })
  if (status === 415) return new Problem('wrong-type', { wanted: 'application/json; charset=utf-8' })
  if (error instanceof URIError || (status !== null && status >= 400 && status < 500)) {
    return new Problem('bad-request', { because: error.message })
  }
  return error
}

/** Aborted when the caller has gone or the server stops. */
function ending(response: Response, stopping: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const end = () => controller.abort()
  if (stopping.aborted) end()
  stopping.addEventListener('abort', end, { once: true })
  response.once('close', () => {
    stopping.removeEventListener('abort', end)
    end()
  })
  return controller.signal
}

function localeError(language: Language) {
  return (language === 'zh' ? z.locales.zhCN() : z.locales.en()).localeError
}

function asFieldIssue(issue: z.core.$ZodIssue, where: string, language: Language): FieldIssue {
  return {
    path: [where, ...issue.path].filter((part) => part !== '').join('.'),
    // A regular expression helps nobody who is not writing one.
    message:
      issue.code === 'invalid_format' && issue.format === 'regex' ? WRONG_FORM[language] : issue.message,
  }
}

async function performed(
  route: Route,
  call: Call<'anyone'>,
  { response, key, options }: { response: Response; key: string | null; options: MountOptions },
): Promise<Sent> {
  const run = async (): Promise<Sent> => {
    const result = await refusalsAsAnswers(route, call)
    if ('sent' in result) return result.sent
    if (result.answer.session) setSession(response, result.answer.session, options.secure)
    return serialised(route, result.answer)
  }
  if (key === null || call.caller === null) return run()
  const request = JSON.stringify([route.method, route.path, call.params, call.query, call.body ?? null])
  const sent = await options.idempotency.once({ memberId: call.caller.member.id, key, request }, run)
  return sent.replayed ? { ...sent, headers: { ...sent.headers, 'Idempotency-Replayed': 'true' } } : sent
}

/** A refusal is an answer too, and kept under the caller's key like any other. */
async function refusalsAsAnswers(
  route: Route,
  call: Call<'anyone'>,
): Promise<{ answer: AnyAnswer } | { sent: Sent }> {
  try {
    return { answer: await route.run(call) }
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    return { sent: problemSent(error, call) }
  }
}

function problemSent(problem: Problem, about: { language: Language; requestId: string }): Sent {
  return {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify(problemBody(problem, about)),
  }
}

function serialised(route: Route, { status, body, headers = {} }: AnyAnswer): Sent {
  const schema = route.responses[status]
  if (!schema)
    throw new Error(`${route.method} ${route.path} answered ${status}, which it does not document.`)
  if (status === 204) return { status, headers, body: '' }
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(schema.parse(body)),
  }
}

function send(response: Response, { status, headers, body }: Sent): void {
  response.status(status)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.setHeader('Cache-Control', 'no-store')
  response.end(body)
}

/** The last in the chain: turns whatever was thrown into problem+json, and tells the log what was our fault. */
export function problemHandler(onFault: (error: unknown, requestId: string) => void) {
  return (thrown: unknown, _request: Request, response: Response, next: NextFunction): void => {
    const { passing } = response.locals
    const error = asProblem(thrown)
    const problem = error instanceof Problem ? error : new Problem('our-fault', {})
    if (!(error instanceof Problem)) onFault(error, passing.requestId)
    if (response.headersSent) {
      next(thrown)
      return
    }
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
    if (problem.status === 429) response.setHeader('Retry-After', '60')
    send(response, problemSent(problem, passing))
  }
}
