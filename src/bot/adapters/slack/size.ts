import type { KnownBlock } from '@slack/types'
import type { ShownCard } from '../../cards/card.ts'
import { SLACK_ABILITIES } from './abilities.ts'
import { draw } from './render.ts'

const MOST_BLOCKS = 50
// Slack does not say where it ends; messages of thirteen thousand characters were seen refused.
const MOST_TEXT = 12_000

/** Whether Slack would take it. Texts are cut into pieces that fit, so what remains is their number and their sum. */
export function fitsSlack(shown: ShownCard): boolean {
  const { blocks } = draw(shown, { fileOf: () => 'F0000000000', mention: [] })
  // One more block for people who are mentioned.
  return blocks.length < MOST_BLOCKS && textLength(blocks) <= MOST_TEXT && pressesOf(shown).every(fitsPress)
}

export function textLength(value: readonly KnownBlock[]): number {
  return lengthIn(value)
}

function lengthIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [key, inner]) =>
      sum + (typeof inner === 'string' && TEXTS.has(key) ? inner.length : lengthIn(inner)),
    0,
  )
}

const TEXTS = new Set(['text', 'alt_text'])

function pressesOf({ card, buttons }: ShownCard): readonly string[] {
  const forms = card.body.flatMap((block) => (block.is === 'form' ? [block.submit.press] : []))
  return [...buttons.map(({ press }) => press), ...forms]
}

function fitsPress(press: string): boolean {
  return press.length <= SLACK_ABILITIES.pressLength
}
