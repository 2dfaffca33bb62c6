import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { ShownCard } from '../../cards/card.ts'
import type { Inbox } from '../adapter.ts'
import { type Decoded, decodeCallback, decodeRobotMessage, decodeRobotTap, type OurApp } from './decode.ts'
import { drawCard, type TemplateCard } from './render.ts'

/** Takes what happened, by whichever way it comes. */
export interface Hearing {
  /** Of the app's callback. Rejects when it was not stored, or not in time: then WeCom sends it again. */
  callback(xml: string): Promise<void>
  robotMessage(body: unknown): Promise<void>
  /** The card as it is drawn now, for the one answer that a tap on the robot's card can have. Null: leave it. */
  robotTap(body: unknown): Promise<TemplateCard | null>
  /** When the app was called last; null: not yet. */
  calledAt(): Instant | null
}

export interface HearingParts {
  app: OurApp
  /** Null: none is set up. */
  robotId: string | null
  inbox: Inbox
  clock: Clock
  log: Log
}

// WeCom waits five seconds for an answer.
const ANSWER_MS = 4_500
const CARD_MS = 1_500

export function createHearing({ app, robotId, inbox, clock, log }: HearingParts): Hearing {
  let calledAt: Instant | null = null
  const robot = () => ({ id: robotId ?? '', now: clock.now() })

  async function handIn(decoded: Decoded): Promise<void> {
    switch (decoded.is) {
      case 'said':
        return inTime(inbox.said(decoded.said))
      case 'told':
        return inTime(inbox.told(decoded.told))
      case 'pressed':
        return inTime(inbox.pressed(decoded.pressed).then(() => {}))
      case 'ignored':
        log.debug({ vendor: 'wecom', because: decoded.because }, 'an event was ignored')
    }
  }

  async function inTime(work: Promise<void>): Promise<void> {
    const inTime = await within(
      ANSWER_MS,
      work.then(() => true),
      false,
    )
    if (!inTime) throw new Error('It took too long')
  }

  async function within<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
    const enough = new AbortController()
    const late = clock.sleep(ms, enough.signal).then(() => otherwise)
    return Promise.race([work, late]).finally(() => enough.abort())
  }

  /** A card for one member stays out of sight of a group. */
  function mayStand(shown: ShownCard | null, direct: boolean): shown is ShownCard {
    return shown !== null && (direct || shown.onlyFor === null)
  }

  return {
    async callback(xml) {
      calledAt = clock.now()
      await handIn(decodeCallback(xml, app))
    },
    robotMessage: (body) => handIn(decodeRobotMessage(body, robot())),
    async robotTap(body) {
      const { decoded, task } = decodeRobotTap(body, robot())
      // What came of it is on the card by then, or soon in a message that follows.
      await handIn(decoded)
      if (decoded.is !== 'pressed' || task === null) return null
      const { press, from, chat } = decoded.pressed
      const shown = await within(CARD_MS, inbox.cardOf(press, from.id), null)
      return mayStand(shown, chat.direct) ? drawCard(shown, { task, mayPoint: false }).card : null
    },
    calledAt: () => calledAt,
  }
}
