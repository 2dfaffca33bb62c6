import { setMaxListeners } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { join } from 'node:path'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import { createAlertmanagerRouter } from './api/alertmanager/alertmanager.http.ts'
import { API_PREFIX, apiRoutes } from './api/api.http.ts'
import { createCalendarLinks, createCalendarsRouter } from './api/calendars.http.ts'
import { createCursors } from './api/cursors.ts'
import { type Addresses, isOurHost, isOurOrigin } from './api/guard.ts'
import { createHooksRouter } from './api/hooks/hooks.http.ts'
import { createIdempotency } from './api/idempotency.ts'
import { accepted } from './api/language.ts'
import { attachLive } from './api/live.http.ts'
import { mountRoutes, problemHandler } from './api/mount.http.ts'
import { openApi } from './api/openapi.ts'
import type {
  About,
  BotPort,
  ConversationPort,
  DemoPort,
  IdempotencyStore,
  LiveFeed,
  Readiness,
  SetupsPort,
} from './api/ports.ts'
import { Problem } from './api/problem.ts'
import type { Services } from './api/route.ts'
import { createUploads } from './api/uploads.file.ts'
import type { Clock } from './lib/clock.ts'
import type { Ids } from './lib/ids.ts'
import type { Log } from './lib/log.ts'
import { mayComeAgain } from './lib/request-id.ts'
import type { Metrics } from './metrics.ts'
import type { Platform } from './platform/platform.ts'
import type { ReadySettings } from './settings.ts'

export interface ServerDependencies {
  platform: Platform
  bot: BotPort
  conversation: ConversationPort
  setups: SetupsPort
  live: LiveFeed
  idempotency: IdempotencyStore
  readiness: Readiness
  settings: Pick<ReadySettings, 'host' | 'port' | 'publicUrl' | 'language' | 'secret' | 'home'>
  about: About
  metrics: Metrics
  log: Log
  clock: Clock
  ids: Ids
  /** Where the built page is; null: there is none. */
  webDirectory: string | null
  /** Vendors' chats call us here; they verify their callers themselves. */
  webhooks?: RequestHandler
  demo?: DemoPort
}

export interface Server {
  /** Resolves when requests are taken. Rejects when the port is taken. */
  listen(): Promise<{ url: string; port: number }>
  /** Takes no new requests, lets running ones end, and after the deadline ends them. */
  close(deadlineMs: number): Promise<void>
}

const READY_WITHIN_MS = 2000
const FORGET_EVERY_MS = 3_600_000
const REQUEST_ID = /^[\w.-]{8,64}$/

export function createServer(dependencies: ServerDependencies): Server {
  const { settings, clock, log } = dependencies
  const stopping = new AbortController()
  // Every request under way listens, and there may be any number.
  setMaxListeners(0, stopping.signal)
  const services = servicesOf(dependencies)
  const idempotency = createIdempotency({
    store: dependencies.idempotency,
    secret: settings.secret.reveal(),
    clock,
  })
  const app = createApp(dependencies, { services, idempotency, stopping: stopping.signal })
  // Room for a half-typed command of 2,000 characters in a query, each written as up to twelve.
  const http = createHttpServer({ maxHeaderSize: 32_768 }, app)
  // Long polls take up to a minute; Node's own 300 s for a whole request would cut a slow upload of a large JAR.
  http.requestTimeout = 1_800_000
  http.headersTimeout = 20_000
  const live = attachLive(http, {
    services,
    addresses: settings,
    metrics: dependencies.metrics,
    log,
    secure: isSecure(settings),
  })

  async function forgetOldAnswers(): Promise<void> {
    while (!stopping.signal.aborted) {
      await idempotency
        .forgetOld()
        .catch((error: unknown) => log.warn({ error }, 'Old answers were not forgotten'))
      await clock.sleep(FORGET_EVERY_MS, stopping.signal)
    }
  }

  return {
    async listen() {
      const port = await listening(http, settings)
      void forgetOldAnswers()
      return { url: settings.publicUrl ?? `http://${urlHost(settings.host)}:${port}`, port }
    },
    async close(deadlineMs) {
      stopping.abort()
      live.close()
      await closed(http, clock, deadlineMs)
    },
  }
}

function servicesOf({ demo, settings, ...rest }: ServerDependencies): Services {
  const { platform, bot, conversation, setups, live, about, clock, ids } = rest
  const cursors = createCursors(settings.secret.reveal())
  const uploads = createUploads({ directory: join(settings.home, 'uploads'), ids })
  const calendarPath = createCalendarLinks(settings.secret.reveal()).pathOf
  const own = { demo: demo ?? null, cursors, uploads, calendarPath }
  return { platform, bot, conversation, setups, live, about, clock, ids, ...own }
}

function createApp(
  dependencies: ServerDependencies,
  inner: {
    services: Services
    idempotency: ReturnType<typeof createIdempotency>
    stopping: AbortSignal
  },
): Express {
  const { settings, log } = dependencies
  const secure = isSecure(settings)
  const app = express()
  app.disable('x-powered-by').disable('etag')
  // Behind a proxy (then PUBLIC_URL is set) the nearest one tells where a request came from; else nobody may.
  app.set('trust proxy', settings.publicUrl === null ? false : 1)
  app.use(identified(dependencies))
  app.use(counted(dependencies))
  app.use(protectedHeaders(secure))
  app.get('/health', (_request, response) => plain(response, '/health', 200, { status: 'ok' }))
  app.get('/ready', (_request, response) => ready(response, dependencies, inner.stopping))
  if (dependencies.webhooks) app.use(dependencies.webhooks)
  app.use(guarded(settings))
  app.get('/metrics', async (_request, response) => {
    response.locals.passing.route = '/metrics'
    response.type(dependencies.metrics.contentType).send(await dependencies.metrics.text())
  })
  const description = openApi(apiRoutes, { prefix: API_PREFIX, version: dependencies.about.version })
  app.get('/api/openapi.json', (_request, response) => plain(response, '/api/openapi.json', 200, description))
  mountRoutes(app, apiRoutes, {
    prefix: API_PREFIX,
    services: inner.services,
    idempotency: inner.idempotency,
    secure,
    stopping: inner.stopping,
    defaultLanguage: settings.language,
  })
  app.use(
    '/api/v2',
    createAlertmanagerRouter({
      platform: dependencies.platform,
      version: dependencies.about.version,
      startedAt: dependencies.clock.now(),
    }),
  )
  app.use('/api/hooks', createHooksRouter(dependencies))
  const links = createCalendarLinks(settings.secret.reveal())
  app.use('/calendars', createCalendarsRouter(links, dependencies.platform))
  app.use('/api', (request) => {
    throw new Problem('no-such-page', { path: request.baseUrl + request.path })
  })
  app.use(webPage(dependencies.webDirectory))
  app.use(
    problemHandler((error, requestId) => log.error({ error, requestId }, 'A request broke on our side')),
  )
  return app
}

/** Gives every request its id and says so in the answer. */
function identified({ ids, settings }: ServerDependencies): RequestHandler {
  return (request, response, next) => {
    const given = request.get('x-request-id') ?? ''
    const requestId = REQUEST_ID.test(given) && !mayComeAgain(given) ? given : ids.next('req')
    const language = accepted(request.get('accept-language')) ?? settings.language
    response.locals.passing = { requestId, language, route: null, memberId: null }
    response.setHeader('X-Request-Id', requestId)
    next()
  }
}

function counted({ metrics, log, clock }: ServerDependencies): RequestHandler {
  return (request, response, next) => {
    const begun = clock.now()
    response.once('close', () => {
      const { route, requestId, memberId } = response.locals.passing
      const ms = clock.now() - begun
      const { method } = request
      const status = response.statusCode
      metrics.httpAnswered({ route: route ?? 'other', method: known(method), status, seconds: ms / 1000 })
      // The path alone: a query may hold what somebody typed.
      log.debug({ requestId, method, path: request.path, status, ms, memberId }, 'A request was answered')
    })
    next()
  }
}

/** A stranger's method names must not become labels. */
function known(method: string): string {
  return ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].includes(method) ? method : 'other'
}

function protectedHeaders(secure: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(secure && { upgradeInsecureRequests: [] }),
      },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
  })
}

function guarded(addresses: Addresses): RequestHandler {
  return (request, _response, next) => {
    const { host, origin } = request.headers
    if (!isOurHost(host, addresses)) throw new Problem('other-host', { host: host ?? '' })
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (!reads && !isOurOrigin(origin, host, addresses)) {
      throw new Problem('other-origin', { origin: origin ?? '' })
    }
    next()
  }
}

async function ready(
  response: Response,
  { readiness, clock }: ServerDependencies,
  stopping: AbortSignal,
): Promise<void> {
  const late = clock.sleep(READY_WITHIN_MS).then(() => Promise.reject(new Error('no answer in time')))
  late.catch(() => {})
  const state = (check: Promise<void>) =>
    Promise.race([check, late]).then(
      () => 'ok' as const,
      () => 'down' as const,
    )
  const [database, queue] = await Promise.all([state(readiness.database()), state(readiness.queue())])
  const isReady = database === 'ok' && queue === 'ok' && !stopping.aborted
  plain(response, '/ready', isReady ? 200 : 503, {
    ready: isReady,
    stopping: stopping.aborted,
    database,
    queue,
  })
}

function plain(response: Response, route: string, status: number, body: unknown): void {
  response.locals.passing.route = route
  response.status(status).setHeader('Cache-Control', 'no-store').json(body)
}

/** The page: its files, and the page itself for every address that a person may have open. */
function webPage(directory: string | null): express.Router {
  const router = express.Router()
  const index = directory === null ? null : join(directory, 'index.html')
  if (directory !== null && index !== null && existsSync(index)) {
    router.use(
      express.static(directory, {
        index: false,
        redirect: false,
        setHeaders: (response, path) =>
          response.setHeader(
            'Cache-Control',
            // Built files carry a digest in their name.
            path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
          ),
      }),
    )
  }
  router.use((request, response) => {
    response.locals.passing.route = 'page'
    if (!wantsPage(request)) throw new Problem('no-such-page', { path: request.path })
    if (index === null || !existsSync(index)) throw new Problem('no-page-built', {})
    response.setHeader('Cache-Control', 'no-cache')
    response.sendFile(index)
  })
  return router
}

function wantsPage(request: Request): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  return reads && !/\.\w+$/.test(request.path) && request.accepts('html') === 'html'
}

function isSecure({ publicUrl }: Pick<ReadySettings, 'publicUrl'>): boolean {
  return publicUrl?.startsWith('https:') ?? false
}

function listening(http: HttpServer, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host.replace(/^\[|\]$/g, ''), () => {
      http.off('error', reject)
      const address = http.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/** How a browser on this machine reaches an address we listen on. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host
}

async function closed(http: HttpServer, clock: Clock, deadlineMs: number): Promise<void> {
  if (!http.listening) return
  const done = new AbortController()
  const ended = new Promise<void>((resolve) => http.close(() => resolve())).then(() => done.abort())
  http.closeIdleConnections()
  await Promise.race([ended, clock.sleep(deadlineMs, done.signal)])
  http.closeAllConnections()
  await ended
}
