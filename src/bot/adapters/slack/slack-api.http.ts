import { webApi } from '@slack/bolt'
import type { Log } from '../../../lib/log.ts'
import { mayCall } from './addresses.ts'
import type { Fault } from './outcome.ts'
import type { SlackSetup } from './settings.ts'

export type WebClient = InstanceType<typeof webApi.WebClient>

export interface SlackApi {
  /** Every call outside goes through this: to Slack and nowhere else, and cut off when we stop. */
  fetch: typeof fetch
  /** Calls; whatever comes back instead of an answer is a value. */
  ask<T>(call: (client: WebClient) => Promise<T>): Promise<Asked<T>>
}

export type Asked<T> = { ok: true; value: T } | { ok: false; fault: Fault }

export interface SlackApiParts {
  setup: SlackSetup
  log: Log
  /** Aborted when we stop. */
  stopped: AbortSignal
}

export const TIMEOUT_MS = 10_000
const RETRY_LATER_S = '30'

export function createSlackApi({ setup, log, stopped }: SlackApiParts): SlackApi {
  const guarded = guardedFetch(setup.apiUrl, stopped)
  const client = new webApi.WebClient(setup.botToken.reveal(), {
    ...clientOptions(setup.apiUrl, guarded),
    logger: quietLogger(log),
  })

  return {
    fetch: guarded,
    async ask(call) {
      try {
        return { ok: true, value: await call(client) }
      } catch (error) {
        return { ok: false, fault: faultOf(error) }
      }
    },
  }
}

/**
 * A fresh object each time: the SDK writes into it. No `headers` among them, for it would put tokens there. Nothing is
 * repeated by the SDK: what is sent again, and when, is the outbox's to decide.
 */
export function clientOptions(apiUrl: string, fetch: SlackApi['fetch']) {
  return {
    slackApiUrl: apiUrl,
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch,
  }
}

function guardedFetch(apiUrl: string, stopped: AbortSignal): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if (!mayCall(url, apiUrl)) throw new AddressRefused()
    const signals = [stopped, ...(init?.signal ? [init.signal] : [])]
    const answer = await fetch(input, { ...init, redirect: 'error', signal: AbortSignal.any(signals) })
    return answer.status === 429 ? withRetryAfter(answer) : answer
  }
}

/** The SDK knows a limit by its time only; without one it throws an error that nothing can be told from. */
function withRetryAfter(answer: Response): Response {
  const isTimed = /^\d+$/.test(answer.headers.get('retry-after') ?? '')
  if (isTimed) return answer
  const headers = new Headers(answer.headers)
  headers.set('retry-after', RETRY_LATER_S)
  return new Response(answer.body, { status: answer.status, headers })
}

/** For those who can go on only with an answer. */
export class Faulty extends Error {
  constructor(readonly fault: Fault) {
    super(fault.is)
  }
}

class AddressRefused extends Error {
  readonly code = 'address_refused'
}

// --- faults -------------------------------------------------------------------------------------------------------

/** Errors of the SDK hold requests and headers: only their code and Slack's own words go on. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Faulty) return error.fault
  if (error instanceof webApi.WebAPIPlatformError) return platformFault(error.data)
  if (error instanceof webApi.WebAPIRateLimitedError) return { is: 'limited', ms: error.retryAfter * 1_000 }
  if (error instanceof webApi.WebAPIHTTPError) return { is: 'status', status: error.statusCode }
  if (error instanceof webApi.WebAPIRequestError) return silence(error.original)
  return silence(error)
}

type PlatformData = InstanceType<typeof webApi.WebAPIPlatformError>['data'] & { needed?: unknown }

const MOST_MESSAGE = 300

function platformFault({ error, response_metadata: more, needed }: PlatformData): Fault {
  // A page instead of JSON stands where the code should.
  if (!/^[a-z][a-z0-9_]{1,60}$/.test(error)) {
    return { is: 'no', code: 'not_json', message: 'an answer that is no JSON', retryAfterMs: null }
  }
  const told = [error, typeof needed === 'string' ? `needed: ${needed}` : '', ...(more?.messages ?? [])]
  const message = told.filter(Boolean).join('; ').slice(0, MOST_MESSAGE)
  const retryAfterMs = more?.retryAfter === undefined ? null : more.retryAfter * 1_000
  return { is: 'no', code: error, message, retryAfterMs }
}

const NEVER_SENT = new Set([
  'address_refused',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

function silence(error: unknown): Fault {
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError') return { is: 'silence', sent: true, code: 'timeout' }
  if (name === 'AbortError') return { is: 'silence', sent: true, code: 'stopped' }
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : null) ?? 'no_answer'
  return { is: 'silence', sent: !NEVER_SENT.has(code), code }
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' && /^[\w.]{1,60}$/.test(error.code) ? error.code : null
}

// --- the SDK's own words ------------------------------------------------------------------------------------------

const TOKENS = /\bx(?:ox[a-z]|app)-[\w-]+/g

/** What the SDK logs: of use to us alone, and without tokens. Debug lines hold whole requests and are dropped. */
export function quietLogger(log: Log) {
  const pass = (...told: unknown[]) =>
    log.debug({ says: told.map(String).join(' ').replace(TOKENS, '[secret]').slice(0, 500) }, 'slack sdk')
  return {
    debug() {},
    info() {},
    warn: pass,
    error: pass,
    setLevel() {},
    getLevel: () => webApi.LogLevel.WARN,
    setName() {},
  }
}
