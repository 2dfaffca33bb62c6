import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Inbox, PressedThere, SaidThere } from '../adapter.ts'
import { type Decoded, decodeEvent, decodeMessage, decodeTap } from './decode.ts'

/** What came in, over a connection or a call. */
export interface Frame {
  /** Names it where it has no id of its own. */
  messageId: string
  /** Of an event; empty otherwise. */
  type: string
  data: unknown
}

/** Each resolves when what came in may be acknowledged, and rejects when it is to come again. */
export interface Listeners {
  message(frame: Frame): Promise<void>
  tap(frame: Frame): Promise<void>
  event(frame: Frame): Promise<void>
  /** A frame that is not as the protocol says. */
  nonsense(): void
}

export interface ListenerParts {
  inbox: Inbox
  clock: Clock
  log: Log
  robotCode: string
  heard(said: SaidThere): void
}

export function createListeners({ inbox, clock, log, robotCode, heard }: ListenerParts): Listeners {
  const around = ({ messageId }: Frame) => ({ messageId, now: clock.now() })

  return {
    async message(frame) {
      const said = taken(
        decodeMessage(frame.data, { ...around(frame), robotCode }),
        'A message was left aside',
      )
      if (!said) return
      heard(said)
      await inbox.said(said)
    },
    async tap(frame) {
      const pressed = taken(decodeTap(frame.data, around(frame)), 'A tap was left aside')
      // Not waited for: the answer could tell nothing, and a late one shows as an error.
      if (pressed) void work(pressed)
    },
    async event(frame) {
      for (const told of decodeEvent(frame, around(frame))) await inbox.told(told)
    },
    nonsense: () => log.warn({}, 'A frame of another shape came from DingTalk'),
  }

  function taken<T>(decoded: Decoded<T>, otherwise: string): T | null {
    if (decoded.is === 'event') return decoded.event
    log.info({ because: decoded.because }, otherwise)
    return null
  }

  async function work(pressed: PressedThere): Promise<void> {
    try {
      await inbox.pressed(pressed)
    } catch {
      log.error({ eventId: pressed.eventId }, 'A tap could not be worked')
    }
  }
}
