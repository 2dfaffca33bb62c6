import { createHash } from 'node:crypto'
import type { Abilities } from '../cards/abilities.ts'
import type { ShownBlock, ShownButton, ShownCard } from '../cards/card.ts'
import { degrade } from '../cards/degrade.ts'
import { shownCard } from '../cards/shown.ts'
import type { KeptCard } from '../conversation.ts'
import type { PressSigner } from '../press.ts'
import { en } from '../texts/en.ts'
import { zh } from '../texts/zh.ts'

export interface Canvas {
  abilities: Abilities
  /** Whether the vendor would take it. */
  fits(shown: ShownCard): boolean
  signer: PressSigner
}

const TEXTS = { zh, en }
const SHRINK = 0.7
const SMALLEST = 120

/** The card as this chat can show it, cut until the vendor takes it: nothing is ever refused as too long. */
export function draw(kept: KeptCard, { abilities, fits, signer }: Canvas): ShownCard {
  const t = TEXTS[kept.language]
  for (let maxBytes = abilities.maxBytes; maxBytes > SMALLEST; maxBytes = Math.floor(maxBytes * SHRINK)) {
    const card = degrade(kept.card, { ...abilities, maxBytes }, t)
    const shown = shownCard({ ...kept, card }, signer)
    if (fits(shown)) return shown
  }
  const { tone, title, footer } = kept.card
  const short = [...title].slice(0, SMALLEST).join('')
  return shownCard(
    { ...kept, card: { tone, title: short, subtitle: [], body: [], buttons: [], footer } },
    signer,
  )
}

/** Long presses by a short name, for buttons that carry little. `kept`: what is to be found by its name again. */
export function shortened(
  shown: ShownCard,
  pressLength: number,
): { shown: ShownCard; kept: readonly { id: string; press: string }[] } {
  const kept: { id: string; press: string }[] = []
  const short = (button: ShownButton): ShownButton => {
    if (button.press.length <= pressLength) return button
    const id = shortName(button.press)
    kept.push({ id, press: button.press })
    return { ...button, press: id }
  }
  const body = shown.card.body.map(
    (block): ShownBlock => (block.is === 'form' ? { ...block, submit: short(block.submit) } : block),
  )
  const buttons = shown.buttons.map(short)
  return kept.length === 0
    ? { shown, kept }
    : { shown: { ...shown, card: { ...shown.card, body }, buttons }, kept }
}

const NAMED = '~'

function shortName(press: string): string {
  return `${NAMED}${createHash('sha256').update(press).digest('base64url').slice(0, 24)}`
}

export function isShortName(press: string): boolean {
  return press.startsWith(NAMED)
}
