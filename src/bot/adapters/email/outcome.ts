import type { Posted, VendorWords } from '../adapter.ts'

/** What nodemailer tells of a mail that did not go out; every part may be missing. */
export interface SmtpTrouble {
  code?: string | undefined
  /** `RCPT TO`: what the server answered to. */
  command?: string | undefined
  responseCode?: number | undefined
  response?: string | undefined
  originalCode?: string | undefined
  timeoutType?: string | undefined
  message?: string | undefined
}

const MINUTE = 60_000
const LONGEST_MESSAGE = 300

/** Enhanced codes (RFC 3463, and what large providers document) that mean: the same mail, more slowly. */
const TOO_FAST: Readonly<Record<string, 'app' | 'receiver'>> = {
  // The receiver is getting mail too quickly.
  '4.2.1': 'receiver',
  // Busy, or shutting down.
  '4.3.2': 'app',
  '4.7.28': 'app',
  '4.7.500': 'app',
}

/** Nothing was connected, so nothing was shown. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
])
const BEFORE_THE_GREETING = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT'])
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/

/** `hide` takes secrets out of what the server said. */
export function postedOf(trouble: SmtpTrouble, hide: (text: string) => string): Posted {
  const said = wordsOf(trouble, hide)
  const { code, responseCode: reply, command } = trouble
  const unreached = (uncertain: boolean): Posted => ({ is: 'unreached', uncertain, said })
  const scope = tooFast(trouble)
  if (scope !== null) return { is: 'limited', ms: MINUTE, scope, said }
  if (reply !== undefined && reply >= 400 && reply < 500) return unreached(false)
  if (isOurSetup(trouble)) return { is: 'misconfigured', said }
  if (reply !== undefined && reply >= 500) {
    // 500 to 504: it did not understand the command, which no receiver and no content is to blame for.
    return reply < 505 ? unreached(false) : { is: 'refused', said }
  }
  if (code === 'EENVELOPE' && command === 'API') return { is: 'refused', said }
  // Larger than the server announced that it takes; known before a byte was sent.
  if (code === 'EMESSAGE' && command === 'MAIL FROM') return { is: 'refused', said }
  return unreached(mayHaveArrived(trouble))
}

function tooFast({ responseCode, response }: SmtpTrouble): 'app' | 'receiver' | null {
  if (responseCode === undefined || responseCode < 400 || responseCode >= 500) return null
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1] ?? ''
  return TOO_FAST[enhanced] ?? (responseCode === 421 ? 'app' : null)
}

function isOurSetup(trouble: SmtpTrouble): boolean {
  const { code, command, responseCode: reply, originalCode } = trouble
  if (code === 'EAUTH' || code === 'ENOAUTH' || reply === 530) return true
  if (CERTIFICATE.test(originalCode ?? '')) return true
  if (code === 'ETLS') return reply !== undefined
  if (reply === undefined || reply < 505 || reply === 552) return false
  // Refused before it knew the receiver: our address, or we.
  return command === 'MAIL FROM' || command === 'CONN' || command === 'EHLO'
}

/** Errs towards yes: a mail said twice is a smaller evil than one that is taken for never sent. */
function mayHaveArrived(trouble: SmtpTrouble): boolean {
  const { code, command, originalCode, timeoutType } = trouble
  if (NEVER_CONNECTED.has(originalCode ?? '') || BEFORE_THE_GREETING.has(timeoutType ?? '')) return false
  if (code === 'EDNS' || code === 'ETLS' || code === 'EENVELOPE') return false
  // From the pool itself: it gave up, or was closed, while the mail waited.
  return !((code === 'ECONNECTION' || code === undefined) && command === undefined)
}

export function wordsOf(trouble: SmtpTrouble, hide: (text: string) => string): VendorWords {
  const { code, responseCode, response, originalCode, message } = trouble
  const text = hide(response ?? message ?? 'no answer').replaceAll(/\s+/g, ' ')
  return {
    code: responseCode === undefined ? (originalCode ?? code ?? 'unknown') : String(responseCode),
    message: [...text].slice(0, LONGEST_MESSAGE).join(''),
  }
}

/** An error as nodemailer throws it, or anything else that was thrown. */
export function troubleOf(error: unknown): SmtpTrouble {
  if (!(error instanceof Error)) return { code: 'unknown', command: 'unknown', message: 'something else' }
  const { code, command, responseCode, response, originalCode, timeoutType } = error as SmtpTrouble & Error
  return { code, command, responseCode, response, originalCode, timeoutType, message: error.message }
}
