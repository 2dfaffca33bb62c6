import type {
  Inbox,
  PressedThere,
  SaidThere,
  TapAnswer,
  ToldThere,
} from '../../../src/bot/adapters/adapter.ts'
import type { ShownCard } from '../../../src/bot/cards/card.ts'

/** An inbox that remembers what was handed in, each event once. */
export interface RememberedInbox extends Inbox {
  readonly heard: SaidThere[]
  readonly taps: PressedThere[]
  readonly notes: ToldThere[]
  /** What taps are answered with, and the card that a press is on. */
  answer: TapAnswer
  card: ShownCard | null
  clear(): void
}

export function rememberedInbox(): RememberedInbox {
  const heard: SaidThere[] = []
  const taps: PressedThere[] = []
  const notes: ToldThere[] = []
  const known = new Set<string>()
  const first = ({ eventId }: { eventId: string }) => !known.has(eventId) && Boolean(known.add(eventId))
  const inbox: RememberedInbox = {
    heard,
    taps,
    notes: notes,
    answer: { tone: 'good', text: 'orders-cdc is restarting' },
    card: null,
    async said(said) {
      if (first(said)) heard.push(said)
    },
    async pressed(pressed) {
      if (first(pressed)) taps.push(pressed)
      return inbox.answer
    },
    async told(told) {
      if (first(told)) notes.push(told)
    },
    cardOf: async () => inbox.card,
    clear() {
      for (const list of [heard, taps, notes]) list.length = 0
    },
  }
  return inbox
}
