import type { Texts } from '../texts/en.ts'
import type { Abilities } from './abilities.ts'
import type { Block, Button, Card, Cell, Field } from './card.ts'
import { cellText, plain, plainBlock, typedMeaning } from './plain.ts'

/** The card as this chat can show it. Nothing that can be done is lost: what cannot be tapped can be typed. */
export function degrade(card: Card, abilities: Abilities, t: Texts): Card {
  const body = card.body.flatMap((block) => fitBlock(block, abilities, t))
  const { shown, typed } = fitButtons(card.buttons, abilities, t)
  return fitLength({ ...card, body: [...body, ...typed], buttons: shown }, abilities, t)
}

function fitBlock(block: Block, abilities: Abilities, t: Texts): Block[] {
  switch (block.is) {
    case 'form':
      return abilities.forms ? [block] : [{ is: 'text', text: formTemplate(block, t) }]
    case 'table':
      return abilities.tables ? [block] : [{ is: 'text', text: block.rows.map(rowLine).join('\n') }]
    case 'picture':
      return abilities.pictures ? [block] : [{ is: 'text', text: block.alt }]
    case 'code':
      return abilities.code ? [block] : [{ is: 'text', text: plainBlock(block, t).join('\n') }]
    case 'progress':
      // What never changes again would be stuck at "stopping" for ever.
      return abilities.updates === 'freely' ? [block] : []
    case 'text':
    case 'facts':
      return [block]
  }
}

/** `/job stop job=… how=…`: what was given stands there, what is needed comes first. */
function formTemplate({ fields, submit }: Extract<Block, { is: 'form' }>, t: Texts): string {
  const asked = [...fields].sort((a, b) => Number(b.required) - Number(a.required))
  const words = asked.filter(({ required, value }) => required || value !== '').map(fieldWord)
  const explained = asked.map(({ name, label, required, input }) => {
    const choices = input.is === 'select' ? `: ${input.choices.map(({ value }) => value).join(' | ')}` : ''
    return `${name} = ${label}${required ? ` (${t.required})` : ''}${choices}`
  })
  return [`${t.fillIn} ${[typedMeaning(submit.press), ...words].join(' ')}`, ...explained].join('\n')
}

function fieldWord({ name, value }: Field): string {
  return `${name}=${value === '' ? '…' : value}`
}

function rowLine(row: readonly Cell[]): string {
  return row.map(cellText).filter(Boolean).join(' · ')
}

function fitButtons(
  buttons: readonly Button[],
  abilities: Abilities,
  t: Texts,
): { shown: readonly Button[]; typed: Block[] } {
  if (buttons.length <= abilities.buttons) return { shown: buttons, typed: [] }
  const typed = buttons
    .slice(abilities.buttons)
    .map((button, i) => `${i + 1}. ${button.label}: ${typedMeaning(button.press)}`)
  return {
    shown: buttons.slice(0, abilities.buttons),
    typed: [{ is: 'text', text: [t.typeToPress, ...typed].join('\n') }],
  }
}

// --- length -------------------------------------------------------------------------------------------------------

function fitLength(card: Card, { maxBytes }: Abilities, t: Texts): Card {
  let fitted = card
  for (;;) {
    const told = withRest(fitted, rowsOf(card) - rowsOf(fitted), t)
    const shorter = bytes(plain(told, t)) > maxBytes ? shorten(fitted, t) : null
    if (!shorter) return told
    fitted = shorter
  }
}

/** A table that ends early would be taken for the whole of it. */
function withRest(card: Card, rows: number, t: Texts): Card {
  return rows === 0 ? card : { ...card, body: [...card.body, { is: 'text', text: t.rest(rows) }] }
}

function rowsOf({ body }: Card): number {
  return body.reduce((sum, block) => sum + (block.is === 'table' ? block.rows.length : 0), 0)
}

/** Halves the longest block that can still be halved; null when none can. */
function shorten(card: Card, t: Texts): Card | null {
  const sizes = card.body.map((block) => (halvable(block) ? bytes(plainBlock(block, t).join('\n')) : 0))
  const largest = Math.max(0, ...sizes)
  if (largest === 0) return null
  const at = sizes.indexOf(largest)
  return { ...card, body: card.body.flatMap((block, i) => (i === at ? halved(block, t) : [block])) }
}

function halvable(block: Block): boolean {
  return block.is === 'code' || block.is === 'table' || block.is === 'text'
}

function halved(block: Block, t: Texts): Block[] {
  switch (block.is) {
    case 'code': {
      const lines = block.text.split('\n')
      // The end of a log is what one looks for.
      const kept = lines.slice(Math.ceil(lines.length / 2))
      return kept.length === 0
        ? []
        : [{ ...block, text: kept.join('\n'), rest: block.rest + lines.length - kept.length }]
    }
    case 'table': {
      const kept = block.rows.slice(0, Math.floor(block.rows.length / 2))
      return kept.length === 0 ? [] : [{ ...block, rows: kept }]
    }
    case 'text': {
      const text = block.text.endsWith(t.cut) ? block.text.slice(0, -t.cut.length) : block.text
      const kept = [...text].slice(0, Math.floor([...text].length / 2)).join('')
      return kept === '' ? [] : [{ ...block, text: `${kept}${t.cut}` }]
    }
    default:
      return [block]
  }
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}
