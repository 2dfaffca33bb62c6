import type { View } from '@slack/types'
import { z } from 'zod'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import { never } from '../../../lib/never.ts'
import type { Inbox, TapAnswer } from '../adapter.ts'
import { decode, type Heard, type Ours, type TapPlace } from './decode.ts'
import { formWindow } from './form.ts'
import { mentionedIn } from './text.ts'

/** What Slack lets us do about something it just told us. */
export interface Means {
  /** Shown to this person alone, where they tapped. */
  tell(where: TapPlace, text: string): Promise<void>
  /** False: Slack did not open it (most often: too late). */
  openWindow(trigger: string, view: View): Promise<boolean>
  nameOf(person: string): string | null
  /** Learns what people are called, if that is quick. */
  learnNames(people: readonly string[]): Promise<void>
}

export interface HearingParts {
  inbox: Inbox
  clock: Clock
  log: Log
  ours: Ours
  means: Means
}

/** Answers Slack within three seconds; what Slack takes with the answer does not concern us. */
export type Acknowledge = () => Promise<void>

export type Hear = (body: unknown, acknowledge: Acknowledge) => Promise<void>

const TOO_LATE = 'Slack did not open the form. Tap once more. / Slack 没能打开表单，请再点一次。'
const NOT_WORKED = 'That did not work on our side; nothing was changed. / 我们这边出了问题，没有做任何更改。'

/**
 * Words are acknowledged once they are stored: Slack sends events again, and tells people whose command was lost. Taps
 * are acknowledged first, for they may take longer than Slack waits.
 */
export function createHearing({ inbox, clock, log, ours, means }: HearingParts): Hear {
  return async function hear(body, acknowledge) {
    await means.learnNames(peopleIn(body))
    const heard = decode(body, { ours, now: clock.now(), nameOf: means.nameOf })
    switch (heard.is) {
      case 'said':
        await inbox.said(heard.said)
        return acknowledge()
      case 'told':
        await inbox.told(heard.told)
        return acknowledge()
      case 'pressed':
        await acknowledge()
        return press(heard)
      case 'opens':
        await acknowledge()
        return open(heard)
      case 'ignored':
        log.debug({ because: heard.because }, 'slack: ignored')
        return acknowledge()
      default:
        return never(heard)
    }
  }

  async function press({ pressed, where }: Pick<Extract<Heard, { is: 'pressed' }>, 'pressed' | 'where'>) {
    const answer = await inbox.pressed(pressed).catch((error: unknown) => {
      log.error({ error: String(error) }, 'slack: a tap was not worked')
      return { tone: 'bad', text: NOT_WORKED } as const
    })
    if (isWorthTelling(answer)) await means.tell(where, answer.text)
  }

  async function open({ pressed, where, trigger }: Extract<Heard, { is: 'opens' }>) {
    const card = await inbox.cardOf(pressed.press, pressed.from.id).catch((error: unknown) => {
      log.error({ error: String(error) }, 'slack: a card was not found')
      return null
    })
    const place = { press: pressed.press, channel: where.channel, thread: where.thread }
    const view = card && formWindow(card, place)
    // A card that is gone is answered like a tap on it: that says what is true now.
    if (!view) return press({ pressed, where })
    if (!(await means.openWindow(trigger, view))) await means.tell(where, TOO_LATE)
  }
}

/** Who speaks, and who is spoken of, where only their ids are told. */
function peopleIn(body: unknown): readonly string[] {
  const read = SPOKEN.safeParse(body)
  if (!read.success) return []
  const { text, event } = read.data
  const speaker = event?.user === undefined ? [] : [event.user]
  return [...speaker, ...mentionedIn(event?.text ?? text ?? '')]
}

const SPOKEN = z.object({
  text: z.string().optional(),
  event: z.object({ text: z.string(), user: z.string().optional() }).optional(),
})

/** Where the card changes, the change is the answer. */
function isWorthTelling({ tone, text }: TapAnswer): boolean {
  return text !== '' && tone !== 'good' && tone !== 'progress'
}
