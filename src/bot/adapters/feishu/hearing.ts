import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Tone } from '../../cards/card.ts'
import type { Inbox, TapAnswer } from '../adapter.ts'
import { type Decoded, decodeEvent } from './decode.ts'
import type { DirectChats } from './direct-chats.ts'

/** Takes events, by whichever way they come, and says what they are answered with. */
export interface Hearing {
  /** Rejects when an event was not stored, or not in time: then Feishu must send it again. */
  take(body: unknown): Promise<object>
  /** When an event came last; null: none yet. */
  heardAt(): Instant | null
}

export interface HearingParts {
  appId: string
  inbox: Inbox
  clock: Clock
  log: Log
  directs: DirectChats
  /** Null while Feishu has not told. */
  botId(): Promise<string | null>
}

// Feishu waits 3 s for an answer.
const ANSWER_MS = 2_700
const BOT_ID_MS = 500

export function createHearing({ appId, inbox, clock, log, directs, botId }: HearingParts): Hearing {
  let heardAt: Instant | null = null

  async function take(body: unknown): Promise<object> {
    const began = clock.now()
    heardAt = began
    const known = { appId, botId: await within(BOT_ID_MS, botId(), () => null), ...directs }
    const decoded = decodeEvent(body, known)
    return handIn(decoded, began + ANSWER_MS - clock.now()).catch((error: Error) => {
      log.warn({ vendor: 'feishu', because: error.message }, 'an event was not stored; it comes again')
      throw error
    })
  }

  async function handIn(decoded: Decoded, ms: number): Promise<object> {
    switch (decoded.is) {
      case 'said': {
        const { chat, from } = decoded.said
        if (chat.direct) directs.remember(from.id, chat.id)
        await within(ms, inbox.said(decoded.said), tooLate)
        return {}
      }
      case 'told':
        await within(ms, inbox.told(decoded.told), tooLate)
        return {}
      case 'pressed':
        // A tap comes once: it is answered whatever happens.
        return within(
          ms,
          inbox.pressed(decoded.pressed).then(toastOf, () => BROKEN),
          () => WORKING,
        )
      case 'ignored':
        log.debug({ vendor: 'feishu', because: decoded.because }, 'an event was ignored')
        return {}
    }
  }

  async function within<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
    const enough = new AbortController()
    const deadline = clock.sleep(ms, enough.signal).then(() => LATE)
    const first = await Promise.race([work, deadline]).finally(() => enough.abort())
    return first === LATE ? late() : (first as T)
  }

  return { take, heardAt: () => heardAt }
}

const LATE = Symbol('late')

function tooLate(): never {
  throw new Error('It took too long')
}

const TOASTS = {
  neutral: 'info',
  progress: 'info',
  good: 'success',
  warning: 'warning',
  bad: 'error',
} as const satisfies Record<Tone, string>

function toastOf({ tone, text }: TapAnswer): object {
  return { toast: { type: TOASTS[tone], content: text } }
}

const WORKING = toastOf({ tone: 'progress', text: '正在处理 · Working on it' })
const BROKEN = toastOf({
  tone: 'bad',
  text: '我们这边出错了，没有任何改动 · Something broke on our side; nothing was changed',
})
