import type { ReleaseChange } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import type { Block } from './card.ts'

const LONGEST = 120

/** What changes, before and after. A whole SQL script is not shown here: Compare does that. */
export function changeFacts(changes: readonly ReleaseChange[], voice: Voice): Block[] {
  if (changes.length === 0) return []
  const { t } = voice
  const fact = ({ field, key, before, after }: ReleaseChange) => ({
    label: key === null ? t.changed[field] : key,
    before: short(before ?? t.diff.nothing),
    value: short(after ?? t.diff.nothing),
  })
  return [{ is: 'facts', facts: changes.map(fact) }]
}

function short(text: string): string {
  const [line = ''] = text.split('\n')
  const cut = line.length > LONGEST || line.length < text.length
  return cut ? `${line.slice(0, LONGEST)}…` : line
}
