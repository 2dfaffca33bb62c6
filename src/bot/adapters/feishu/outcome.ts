import type { Handle, Posted, VendorWords } from '../adapter.ts'

/** What came of one call. Nothing in here is secret. */
export type Reply =
  | { is: 'done'; body: unknown }
  /** Feishu answered with a code of its own, whatever the HTTP status. */
  | { is: 'error'; status: number; code: number; message: string; resetMs: number | null }
  /** No answer, or a gateway's page. `sent`: it may have been carried out. */
  | { is: 'unreached'; code: string; message: string; sent: boolean }

export type Failure = Exclude<Reply, { is: 'done' }>

/** The token is not taken; a new one may be. */
export const TOKEN_CODES: ReadonlySet<number> = new Set([99991661, 99991663, 99991664, 99991668, 99991671])

const APP_LIMITS = new Set([99991400, 11232])
const RECEIVER_LIMIT = 230020

/** Somebody has to change something in the console: secret, permission, bot ability, quota. */
const SETUP_CODES = new Set([
  ...TOKEN_CODES,
  10003,
  10014,
  10015,
  99991672,
  99991673,
  99991403,
  230006,
  230024,
  230027,
  234009,
])

/** The message is there no longer, too old, or not ours to edit. */
const FIXED_CODES = new Set([230011, 230012, 230031, 230110, 231003])

const RETRY_MS = 1_000

/** What a failed call means to whoever wanted to show something. */
export function postedOf(failure: Failure, doing: 'post' | 'edit' | 'urge'): Posted {
  if (failure.is === 'unreached') return { is: 'unreached', uncertain: failure.sent, said: wordsOf(failure) }
  const said = wordsOf(failure)
  const { status, code, resetMs } = failure
  if (status === 429 || APP_LIMITS.has(code))
    return { is: 'limited', ms: resetMs ?? RETRY_MS, scope: 'app', said }
  if (code === RECEIVER_LIMIT)
    return { is: 'limited', ms: RETRY_MS, scope: doing === 'edit' ? 'message' : 'receiver', said }
  if (status >= 500) return { is: 'unreached', uncertain: true, said }
  if (SETUP_CODES.has(code)) return { is: 'misconfigured', said }
  if (doing === 'edit' && FIXED_CODES.has(code)) return { is: 'fixed', said }
  return { is: 'refused', said }
}

export function wordsOf({ code, message }: Failure): VendorWords {
  return { code: String(code), message: message.slice(0, 300) }
}

/** A reply to a message that is gone: said anew instead. */
export function isGone(reply: Reply): boolean {
  return reply.is === 'error' && FIXED_CODES.has(reply.code)
}

export function acceptedAt(handle: Handle, missed: readonly string[] = []): Posted {
  return missed.length === 0 ? { is: 'accepted', handle } : { is: 'accepted', handle, missed }
}
