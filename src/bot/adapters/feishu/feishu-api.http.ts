import { setMaxListeners } from 'node:events'
import { Client, LoggerLevel, withTenantToken } from '@larksuiteoapi/node-sdk'
import { z } from 'zod'
import type { Clock, Instant } from '../../../lib/clock.ts'
import { type Reply, TOKEN_CODES } from './outcome.ts'
import type { FeishuSetup } from './settings.ts'

/** Calls to Feishu. Never throws; what comes back holds no secret. */
export interface FeishuApi {
  call(ask: Ask): Promise<Reply>
  /** Whether our secret is taken. */
  token(): Promise<Reply>
  /** Cuts off what is under way. */
  stop(): void
}

export interface Ask {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  params?: Readonly<Record<string, string | number | boolean>>
  data?: Readonly<Record<string, unknown>>
  /** A file is among the data. */
  upload?: boolean
}

const TIMEOUT_MS = 10_000
const UPLOAD_TIMEOUT_MS = 30_000

/** The SDK prints raw errors, tokens and secrets in them: what matters of them is in our replies. */
export const QUIET = {
  logger: { error() {}, warn() {}, info() {}, debug() {}, trace() {} },
  loggerLevel: LoggerLevel.error,
} as const

export function createFeishuApi(setup: FeishuSetup, clock: Clock): FeishuApi {
  const stopping = new AbortController()
  // Every call under way listens to it.
  setMaxListeners(0, stopping.signal)
  const client = new Client({
    ...QUIET,
    appId: setup.appId,
    appSecret: setup.appSecret.reveal(),
    domain: setup.baseUrl,
    // The SDK's own cache fetches a token per call while it is cold, and keeps one that was revoked.
    disableTokenCache: true,
  })
  const tokens = tokenKeeper(fetchToken, clock)

  async function send(ask: Ask, token: string | null): Promise<Reply> {
    try {
      const body: unknown = await client.request(
        {
          method: ask.method,
          url: ask.path,
          ...(ask.params ? { params: ask.params } : {}),
          ...(ask.data ? { data: ask.data } : {}),
          ...(ask.upload ? { headers: { 'Content-Type': 'multipart/form-data' } } : {}),
          timeout: ask.upload ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS,
          signal: stopping.signal,
          maxRedirects: 0,
        },
        token === null ? undefined : withTenantToken(token),
      )
      return replyOf(200, body, null)
    } catch (error) {
      return failureOf(error)
    }
  }

  function fetchToken(): Promise<Reply> {
    return send(
      {
        method: 'POST',
        path: '/open-apis/auth/v3/tenant_access_token/internal',
        data: { app_id: setup.appId, app_secret: setup.appSecret.reveal() },
      },
      null,
    )
  }

  async function call(ask: Ask, again = true): Promise<Reply> {
    const held = await tokens.current()
    if (held.is === 'failed') return held.reply
    const reply = await send(ask, held.token)
    if (reply.is !== 'error' || !TOKEN_CODES.has(reply.code)) return reply
    tokens.drop(held.token)
    return again ? call(ask, false) : reply
  }

  return {
    call: (ask) => call(ask),
    async token() {
      const held = await tokens.current()
      return held.is === 'failed' ? held.reply : { is: 'done', body: null }
    },
    stop: () => stopping.abort(),
  }
}

// --- the token ----------------------------------------------------------------------------------------------------

type Held = { is: 'held'; token: string } | { is: 'failed'; reply: Reply }

const tokenBody = z.object({ tenant_access_token: z.string().min(1), expire: z.number().positive() })

// A token lives two hours; a new one is handed out from half an hour before its end.
const EARLY_MS = 10 * 60_000

function tokenKeeper(fetch: () => Promise<Reply>, clock: Clock) {
  let held: { token: string; renewAt: Instant } | null = null
  let fetching: Promise<Held> | null = null

  async function renew(): Promise<Held> {
    const reply = await fetch()
    const read = tokenBody.safeParse(reply.is === 'done' ? reply.body : null)
    if (!read.success) return { is: 'failed', reply: withoutEffect(reply) }
    const { tenant_access_token: token, expire } = read.data
    const livesMs = expire * 1_000
    held = { token, renewAt: clock.now() + livesMs - Math.min(EARLY_MS, livesMs / 10) }
    return { is: 'held', token }
  }

  return {
    async current(): Promise<Held> {
      if (held && clock.now() < held.renewAt) return { is: 'held', token: held.token }
      fetching ??= renew().finally(() => {
        fetching = null
      })
      return fetching
    },
    drop(token: string) {
      if (held?.token === token) held = null
    },
  }
}

/** Without a token nothing was shown, however its call ended. */
function withoutEffect(reply: Reply): Reply {
  if (reply.is === 'done')
    return { is: 'unreached', code: 'no-token', message: 'No token came back', sent: false }
  if (reply.is === 'unreached') return { ...reply, sent: false }
  return reply.status >= 500
    ? { is: 'unreached', code: String(reply.code), message: reply.message, sent: false }
    : reply
}

// --- answers ------------------------------------------------------------------------------------------------------

const answer = z.object({ code: z.number(), msg: z.string().catch('') })

function replyOf(status: number, body: unknown, resetMs: number | null): Reply {
  const read = answer.safeParse(body)
  if (!read.success)
    return { is: 'unreached', code: `http-${status}`, message: 'The answer is not from Feishu', sent: true }
  const { code, msg } = read.data
  return code === 0 && status < 400
    ? { is: 'done', body }
    : { is: 'error', status, code, message: msg, resetMs }
}

const httpError = z.object({
  response: z.object({
    status: z.number(),
    data: z.unknown(),
    headers: z.record(z.string(), z.unknown()).catch({}),
  }),
})
const lostError = z.object({ code: z.string().catch('unreachable') })

/** Errors of the HTTP client hold headers and bodies; only these parts leave. */
function failureOf(error: unknown): Reply {
  const refused = httpError.safeParse(error)
  if (refused.success) {
    const { status, data, headers } = refused.data.response
    return replyOf(status, data, resetOf(headers['x-ogw-ratelimit-reset']))
  }
  const lost = lostError.safeParse(error)
  const code = lost.success ? lost.data.code : 'unreachable'
  return { is: 'unreached', code, message: 'Feishu could not be reached', sent: !NEVER_SENT.has(code) }
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
const LONGEST_RESET_S = 600

function resetOf(seconds: unknown): number | null {
  const parsed = Number(seconds)
  return Number.isFinite(parsed) && parsed > 0 ? Math.min(parsed, LONGEST_RESET_S) * 1_000 : null
}
