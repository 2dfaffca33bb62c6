import { z } from 'zod'
import { never } from '../../../lib/never.ts'
import type { Posted, VendorWords } from '../adapter.ts'

/** What became of one call. */
export type Answer =
  | { is: 'ok'; body: unknown }
  /** In the vendor's own form, whatever the status. */
  | { is: 'error'; status: number; code: string; message: string; retryAfterMs: number | null }
  /** Not in the vendor's form: a proxy's page, or the one for an address that called too often. */
  | { is: 'page'; status: number }
  | { is: 'lost'; code: string; message: string; sent: boolean }

export type Failure = Exclude<Answer, { is: 'ok' }>

const BANNED_MS = 5 * 60_000
/** The limit counts within a second. */
const QPS_MS = 1_000
/** All organisations together were too fast for this API. */
const PLATFORM_MS = 10_000
const LONGEST_MESSAGE = 300

const refusedBody = z.object({
  code: z.coerce.string().optional(),
  message: z.string().optional(),
  errcode: z.coerce.string().optional(),
  errmsg: z.string().optional(),
  sub_code: z.coerce.string().optional(),
  success: z.boolean().optional(),
  punish: z.unknown().optional(),
})

export function readAnswer(status: number, text: string, retryAfter: string | null): Answer {
  const body = objectOf(text)
  const shape = refusedBody.safeParse(body)
  if (!body || !shape.success || shape.data.punish !== undefined) return { is: 'page', status }
  const { code, message, errcode, errmsg, sub_code: sub, success } = shape.data
  const failed = status >= 400 || (errcode !== undefined && errcode !== '0') || success === false
  if (!failed) return { is: 'ok', body }
  return {
    is: 'error',
    status,
    code: code ?? [errcode, sub].filter(Boolean).join('.'),
    message: (message ?? errmsg ?? '').slice(0, LONGEST_MESSAGE),
    retryAfterMs: secondsOf(retryAfter),
  }
}

/** Our token is not taken any more: another one may be. */
export function tokenIsVoid(answer: Answer): boolean {
  if (answer.is !== 'error') return false
  return /InvalidAuthentication|accesstoken\.expired/i.test(answer.code) || TOKEN_CODES.test(answer.code)
}
const TOKEN_CODES = /^(40001|40014|42001|88\.40014|88\.42001)$/

/** The card of this key is there already: an earlier call came through. */
export function cardIsThere(answer: Answer): boolean {
  return answer.is === 'error' && /cardAlreadyExist/i.test(answer.code)
}

export function cardIsGone(answer: Answer): boolean {
  return answer.is === 'error' && /cardNotExist/i.test(answer.code)
}

export function failureOf(answer: Failure): Exclude<Posted, { is: 'accepted' }> {
  switch (answer.is) {
    case 'lost':
      return { is: 'unreached', uncertain: answer.sent, said: words(answer) }
    case 'page':
      return pageFailure(answer.status)
    case 'error':
      return errorFailure(answer)
    default:
      return never(answer)
  }
}

function pageFailure(status: number): Exclude<Posted, { is: 'accepted' }> {
  const said = { code: `http-${status}`, message: 'A page instead of an answer' }
  return status >= 500
    ? { is: 'unreached', uncertain: true, said }
    : { is: 'limited', ms: BANNED_MS, scope: 'app', said }
}

const SPENT = /ApiCountLimit|^90020$/
const TOO_FAST = /Q[pP][sSmM]Limit|request\.overlimit|qps\.exceed|^90018$|^90002$|\b429\b|Throttling|tooFast/i
const OUT_OF_TIME = /^(15|88)(\.isp\.|$)|remote-connection-timeout|^system\.busy$|^ServiceUnavailable$/i
/** Answers that stay the same until somebody changes something in the console. */
const NEEDS_SETUP =
  /^Forbidden|InvalidAuthentication|invalidClient|permission|robotCode|templateNotExist|templateUnpublished|cardTemplateId|quota|^(40089|60011|60020|88\.60011)$/i

function errorFailure(answer: Extract<Failure, { is: 'error' }>): Exclude<Posted, { is: 'accepted' }> {
  const { status, code } = answer
  const said = words(answer)
  if (SPENT.test(code)) return { is: 'misconfigured', said }
  if (status === 429 || TOO_FAST.test(code))
    return { is: 'limited', ms: answer.retryAfterMs ?? pauseFor(code), scope: 'app', said }
  if (OUT_OF_TIME.test(code) || status >= 500) return { is: 'unreached', uncertain: true, said }
  if (status === 401 || NEEDS_SETUP.test(code)) return { is: 'misconfigured', said }
  return { is: 'refused', said }
}

function pauseFor(code: string): number {
  if (/Qpm/i.test(code)) return 60_000
  return code === '90002' || /QpsLimitForApi$/.test(code) ? PLATFORM_MS : QPS_MS
}

function words({ code, message }: VendorWords): VendorWords {
  return { code: code || 'unknown', message }
}

function secondsOf(text: string | null): number | null {
  return text !== null && /^\d{1,5}$/.test(text) ? Number(text) * 1_000 : null
}

function objectOf(text: string): object | null {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : null
  } catch {
    return null
  }
}
