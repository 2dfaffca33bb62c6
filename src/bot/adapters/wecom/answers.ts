import { z } from 'zod'
import { never } from '../../../lib/never.ts'
import type { Posted, VendorWords } from '../adapter.ts'

/** What became of one call. Nothing in here is secret. */
export type Answer =
  | { is: 'ok'; body: unknown }
  /** A code of WeCom's own: it comes with HTTP 200 like everything else. */
  | { is: 'error'; code: number; message: string }
  /** A proxy's page. */
  | { is: 'page'; status: number }
  | { is: 'lost'; code: string; message: string; sent: boolean }

export type Failure = Exclude<Answer, { is: 'ok' }>
export type Failed = Exclude<Posted, { is: 'accepted' }>

const LONGEST_MESSAGE = 300
const shape = z.object({ errcode: z.number(), errmsg: z.string().catch('') })

export function readAnswer(status: number, text: string): Answer {
  return answerOf(parsed(text)) ?? { is: 'page', status }
}

/** Null: not in WeCom's form. Acknowledgements of frames have the same. */
export function answerOf(body: unknown): Answer | null {
  const read = shape.safeParse(body)
  if (!read.success) return null
  const { errcode: code, errmsg } = read.data
  return code === 0 ? { is: 'ok', body } : { is: 'error', code, message: errmsg.slice(0, LONGEST_MESSAGE) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The token is not taken; another one may be. */
export function tokenIsVoid(answer: Answer): boolean {
  return answer.is === 'error' && TOKEN_CODES.has(answer.code)
}

/** A card of this task was taken before: an earlier call came through. */
export function taskIsKnown(answer: Answer): boolean {
  return answer.is === 'error' && answer.code === 42014
}

const TOKEN_CODES: ReadonlySet<number> = new Set([40014, 42001, 41001])
const BUSY = -1
const TOO_FAST = 45009
const TOO_MANY_AT_ONCE = 45033
/** A minute's block lasts a minute. */
const BLOCK_MS = 60_000
const MOMENT_MS = 1_000

/** Nothing gets through until somebody changes something: secret, IP list, permission, agent. */
const SETUP_CODES: ReadonlySet<number> = new Set([
  ...TOKEN_CODES,
  ...[40001, 40013, 40091, 41002, 41004, 40056, 301002, 48002, 60020],
  ...[301049, 301050, 301051],
])

export function failureOf(answer: Failure, scope: 'app' | 'receiver' = 'app'): Failed {
  switch (answer.is) {
    case 'lost':
      return { is: 'unreached', uncertain: answer.sent, said: wordsOf(answer) }
    case 'page':
      return { is: 'unreached', uncertain: answer.status >= 500, said: wordsOf(answer) }
    case 'error':
      return errorFailure(answer, scope)
    default:
      return never(answer)
  }
}

function errorFailure(answer: Extract<Failure, { is: 'error' }>, scope: 'app' | 'receiver'): Failed {
  const said = wordsOf(answer)
  const { code } = answer
  if (code === TOO_FAST) return { is: 'limited', ms: BLOCK_MS, scope, said }
  if (code === TOO_MANY_AT_ONCE) return { is: 'limited', ms: MOMENT_MS, scope: 'app', said }
  if (code === BUSY) return { is: 'unreached', uncertain: true, said }
  return { is: SETUP_CODES.has(code) ? 'misconfigured' : 'refused', said }
}

export function wordsOf(answer: Failure): VendorWords {
  switch (answer.is) {
    case 'page':
      return { code: `http-${answer.status}`, message: 'A page instead of an answer' }
    case 'error':
    case 'lost':
      return { code: String(answer.code), message: answer.message }
    default:
      return never(answer)
  }
}
