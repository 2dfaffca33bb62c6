import type { Operation } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, says, text, to } from './build.ts'
import type { Card } from './card.ts'

/** Somebody is gone: what others have to look after. */
export function leftCard(who: string, open: readonly Operation[], voice: Voice): Card {
  return card('warning', voice.t.people.left(who), stillOpen(open, voice))
}

export function stillOpen(open: readonly Operation[], { t }: Voice): Pick<Card, 'body' | 'buttons'> {
  const [first] = open
  if (!first) return { body: [], buttons: [] }
  const lines = open.map(({ id, job, state }) => `${job.name} · ${t.operation.state[state]} · ${id}`)
  return {
    body: [text(t.people.stillOpen, ...lines)],
    buttons: [says(t.button.show, to('op show', first.id))],
  }
}
