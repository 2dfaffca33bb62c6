import { never } from '../../../lib/never.ts'
import type { Posted, VendorWords } from '../adapter.ts'

/** What came back instead of an answer. */
export type Fault =
  /** `ok: false`, in Slack's own word. */
  | { is: 'no'; code: string; message: string; retryAfterMs: number | null }
  | { is: 'limited'; ms: number }
  /** Something between us and Slack answered. */
  | { is: 'status'; status: number }
  /** Nothing came. `sent`: it may have arrived there all the same. */
  | { is: 'silence'; sent: boolean; code: string }

/** What was tried: it decides whether anybody may have seen it. */
export type Tried = 'post' | 'edit' | 'step'

type Kind = 'misconfigured' | 'fixed' | 'limited' | 'uncertain' | 'refused'

const KINDS: Readonly<Record<string, Kind>> = {
  ...all('misconfigured', [
    'not_authed',
    'invalid_auth',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'not_allowed_token_type',
    'no_permission',
    'missing_scope',
    'org_login_required',
    'ekm_access_denied',
    'team_access_not_granted',
    'access_denied',
    'accesslimited',
  ]),
  ...all('fixed', ['message_not_found', 'cant_update_message', 'edit_window_closed']),
  ...all('limited', ['ratelimited', 'rate_limited', 'rate_limit_exceeded', 'message_limit_exceeded']),
  ...all('uncertain', [
    'internal_error',
    'fatal_error',
    'service_unavailable',
    'request_timeout',
    'team_added_to_org',
    'not_json',
  ]),
}

function all(kind: Kind, codes: readonly string[]): Record<string, Kind> {
  return Object.fromEntries(codes.map((code) => [code, kind]))
}

/** A word of Slack's that we do not know is a no for good: it names what was wrong with the message. */
function kindOf(code: string): Kind {
  return Object.hasOwn(KINDS, code) ? (KINDS[code] ?? 'refused') : 'refused'
}

const WITHOUT_TIME_MS = 10_000
// The limit per conversation asks for a second or two; more is the limit of the whole workspace.
const LONG_MS = 5_000

export function postedOf(fault: Fault, tried: Tried): Posted {
  const said = wordsOf(fault)
  switch (fault.is) {
    case 'limited':
      return limited(fault.ms, tried, said)
    case 'status':
      return { is: 'unreached', uncertain: tried !== 'step' && fault.status >= 500, said }
    case 'silence':
      return { is: 'unreached', uncertain: tried !== 'step' && fault.sent, said }
    case 'no':
      return answered(fault, tried, said)
    default:
      return never(fault)
  }
}

function answered(
  { code, retryAfterMs }: Extract<Fault, { is: 'no' }>,
  tried: Tried,
  said: VendorWords,
): Posted {
  const kind = kindOf(code)
  switch (kind) {
    case 'limited':
      return limited(retryAfterMs ?? WITHOUT_TIME_MS, tried, said)
    case 'uncertain':
      return { is: 'unreached', uncertain: tried !== 'step', said }
    case 'fixed':
      return tried === 'edit' ? { is: 'fixed', said } : { is: 'refused', said }
    case 'misconfigured':
    case 'refused':
      return { is: kind, said }
    default:
      return never(kind)
  }
}

/** Slack counts per method: edits that are too fast hold up no posts. */
function limited(ms: number, tried: Tried, said: VendorWords): Posted {
  const scope = tried === 'edit' ? 'message' : tried === 'post' && ms <= LONG_MS ? 'receiver' : 'app'
  return { is: 'limited', ms, scope, said }
}

export function wordsOf(fault: Fault): VendorWords {
  switch (fault.is) {
    case 'no':
      return { code: fault.code, message: fault.message }
    case 'limited':
      return { code: 'ratelimited', message: `too fast; again in ${Math.ceil(fault.ms / 1_000)} s` }
    case 'status':
      return { code: `http_${fault.status}`, message: `HTTP ${fault.status} instead of an answer` }
    case 'silence':
      return { code: fault.code, message: 'no answer' }
    default:
      return never(fault)
  }
}
