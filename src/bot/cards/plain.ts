import type { Texts } from '../texts/en.ts'
import type { Block, Card, Cell, Field, Meaning } from './card.ts'

const BAR = 6

/** A card as lines of text, for logs, e-mail, REST and readers without cards. Buttons become what to type. */
export function plain(card: Card, t: Texts): string {
  const lines = [
    [card.title, ...card.subtitle].join(' · '),
    ...card.body.flatMap((block) => plainBlock(block, t)),
    ...buttonLine(card),
    ...card.footer,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

export function plainBlock(block: Block, t: Texts): readonly string[] {
  switch (block.is) {
    case 'text':
      return block.text.split('\n')
    case 'facts':
      return block.facts.map(({ label, value, before }) =>
        before === undefined ? `${label}: ${value}` : `${label}: ${before} → ${value}`,
      )
    case 'progress':
      return [`${bar(block.done)} ${block.label}`]
    case 'table':
      return plainTable(block.columns, block.rows)
    case 'code':
      return [...block.text.split('\n'), ...(block.rest > 0 ? [t.rest(block.rest)] : [])]
    case 'form':
      return [...block.fields.map((field) => fieldLine(field, t)), `[${block.submit.label}]`]
    case 'picture':
      return [block.alt]
  }
}

/** The words that do what the button does. */
export function typedMeaning(meaning: Meaning): string {
  switch (meaning.is) {
    case 'says':
      return meaning.text
    case 'approves':
      return `/approve ${meaning.operationId}`
    case 'rejects':
      return `/reject ${meaning.operationId}`
    case 'cancels':
      return `/op cancel ${meaning.operationId}`
    case 'acknowledges':
      return `/incident ack ${meaning.incidentId}`
    case 'submits':
      return `/${meaning.command}`
    case 'arrives':
      return '/me'
  }
}

export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

function bar(done: number | null): string {
  if (done === null) return '…'
  const full = Math.round(done * BAR)
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

function buttonLine({ buttons }: Card): string[] {
  return buttons.length === 0 ? [] : [buttons.map(({ label }) => `[${label}]`).join(' ')]
}

function fieldLine({ label, value, required, input }: Field, t: Texts): string {
  const choices = input.is === 'select' ? ` (${input.choices.map(({ value }) => value).join(' | ')})` : ''
  return `${label}${required ? ` (${t.required})` : ''}${choices}: ${value}`
}

function plainTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): readonly string[] {
  const lines = [columns, ...rows.map((row) => row.map(cellText))]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ''))))
  return lines.map((line) =>
    line
      .map((cell, i) => (i === line.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd(),
  )
}

/** Columns on a screen: Chinese takes two. */
function width(text: string): number {
  return [...text].reduce(
    (sum, char) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(
        char,
      )
        ? 2
        : 1),
    0,
  )
}
