import type {
  ActionsBlock,
  Button,
  ContextBlock,
  KnownBlock,
  RichTextBlock,
  RichTextText,
  SectionBlock,
  TableBlock,
} from '@slack/types'
import { never } from '../../../lib/never.ts'
import type { Language } from '../../../platform/platform.ts'
import type { Cell, Field, ShownBlock, ShownButton, ShownCard, Tone } from '../../cards/card.ts'
import { cellText } from '../../cards/plain.ts'
import { en } from '../../texts/en.ts'
import { zh } from '../../texts/zh.ts'
import { clipped } from './form.ts'
import { escaped } from './text.ts'

/** A message as Slack takes it: `text` is the notification, and what screen readers read. */
export interface Drawn {
  text: string
  blocks: KnownBlock[]
}

export interface Drawing {
  /** Slack's id of a picture that was uploaded. A picture without one is said in words. */
  fileOf: (png: string) => string | null
  /** People to mention, by id. */
  mention: readonly string[]
}

const MOST = { title: 150, piece: 3_000, text: 3_000, label: 75, alt: 2_000, context: 2_000 } as const
const MOST_TABLE = { rows: 100, columns: 20 } as const
const IN_A_ROW = 5
const TEXTS = { zh, en }
const FILL_IN: Readonly<Record<Language, string>> = { zh: '填写…', en: 'Fill in…' }

/** Slack colours a card only inside of an attachment of old; a mark is seen in notifications as well. */
export const MARKS: Readonly<Record<Tone, string>> = {
  neutral: '',
  progress: '🔵 ',
  good: '🟢 ',
  warning: '🟠 ',
  bad: '🔴 ',
}

/**
 * Texts of people stand in `rich_text` and `plain_text` only, where nothing is markup: no mention, link or emphasis can
 * come out of a job's name or a log line, and nothing has to be escaped.
 */
export function draw(shown: ShownCard, drawing: Drawing): Drawn {
  const { card, buttons } = shown
  const mentions = drawing.mention.filter(isPerson).map((person) => `<@${person}>`)
  const bodies = bodyBlocks(card.body, shown.language, drawing)
  const blocks = [
    titleBlock(`${MARKS[card.tone]}${card.title}`),
    ...(mentions.length > 0 ? [mentionBlock(mentions)] : []),
    ...contextBlocks(card.subtitle.join(' · ')),
    ...bodies,
    ...buttonBlocks(buttons),
    ...contextBlocks(card.footer.join(' · ')),
  ]
  const text = [...mentions, `${MARKS[card.tone]}${escaped(clipped(shown.text, MOST.text))}`].join(' ')
  return { text, blocks }
}

const PERSON = /^[UW][A-Z0-9]{2,40}$/

export function isPerson(id: string): boolean {
  return PERSON.test(id)
}

// --- head and foot ------------------------------------------------------------------------------------------------

function titleBlock(title: string): KnownBlock {
  const line = title.replace(/\s+/g, ' ').trim() || '–'
  if (line.length > MOST.title) return richText([{ type: 'text', text: line, style: { bold: true } }])
  return { type: 'header', text: { type: 'plain_text', text: line, emoji: false } }
}

function mentionBlock(mentions: readonly string[]): SectionBlock {
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: clipped(mentions.join(' '), MOST.piece), verbatim: true },
  }
}

function contextBlocks(text: string): ContextBlock[] {
  if (text.trim() === '') return []
  const element = { type: 'plain_text', text: clipped(text, MOST.context), emoji: false } as const
  return [{ type: 'context', elements: [element] }]
}

// --- body ---------------------------------------------------------------------------------------------------------

function bodyBlocks(body: readonly ShownBlock[], language: Language, drawing: Drawing): KnownBlock[] {
  // Slack takes one table per message.
  const firstTable = body.findIndex((block) => block.is === 'table' && fitsTable(block))
  return body.flatMap((block, i) => bodyBlock(block, { at: i, isTable: i === firstTable, language, drawing }))
}

interface Placed {
  at: number
  isTable: boolean
  language: Language
  drawing: Drawing
}

function bodyBlock(block: ShownBlock, { at, isTable, language, drawing }: Placed): KnownBlock[] {
  switch (block.is) {
    case 'text':
      return textBlocks(block.text)
    case 'facts':
      return block.facts.length === 0
        ? []
        : [richText(block.facts.flatMap((fact, i) => factTexts(fact, i === 0)))]
    case 'progress':
      return textBlocks(`${bar(block.done)} ${block.label}`)
    case 'table':
      return isTable ? [table(block.columns, block.rows)] : codeBlocks(tableLines(block.columns, block.rows))
    case 'code':
      return [
        ...codeBlocks(block.text),
        ...(block.rest > 0 ? contextBlocks(TEXTS[language].rest(block.rest)) : []),
      ]
    case 'form':
      return [
        ...textBlocks(block.fields.map((field) => fieldLine(field, language)).join('\n')),
        actions([{ ...button(block.submit, `form:${at}`), text: label(FILL_IN[language]) }]),
      ]
    case 'picture':
      return pictureBlocks(block.alt, drawing.fileOf(block.png))
    default:
      return never(block)
  }
}

function textBlocks(text: string): RichTextBlock[] {
  return pieces(text, MOST.piece).map((piece) => richText([{ type: 'text', text: piece }]))
}

function codeBlocks(text: string): RichTextBlock[] {
  return pieces(text, MOST.piece).map((piece) => ({
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: piece }] }],
  }))
}

type Fact = Extract<ShownBlock, { is: 'facts' }>['facts'][number]

function factTexts({ label, value, before }: Fact, isFirst: boolean): RichTextText[] {
  const told = before === undefined ? value : `${before} → ${value}`
  return [
    { type: 'text', text: `${isFirst ? '' : '\n'}${label}: `, style: { bold: true } },
    { type: 'text', text: told || '–' },
  ]
}

function fieldLine({ label, value, required }: Field, language: Language): string {
  return `${label}${required ? ` (${TEXTS[language].required})` : ''}: ${value || '…'}`
}

function pictureBlocks(alt: string, file: string | null): KnownBlock[] {
  if (file === null) return textBlocks(alt)
  return [{ type: 'image', slack_file: { id: file }, alt_text: clipped(alt || '–', MOST.alt) }]
}

const BAR = 6

function bar(done: number | null): string {
  if (done === null) return '…'
  const full = Math.round(Math.min(1, Math.max(0, done)) * BAR)
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

function richText(elements: RichTextText[]): RichTextBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }
}

// --- tables -------------------------------------------------------------------------------------------------------

type TableShown = Extract<ShownBlock, { is: 'table' }>

/** The head is a row too. */
function fitsTable({ columns, rows }: TableShown): boolean {
  return (
    columns.length > 0 &&
    columns.length <= MOST_TABLE.columns &&
    rows.length < MOST_TABLE.rows &&
    rows.every((row) => row.length <= columns.length)
  )
}

function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): TableBlock {
  const lines = [columns, ...rows.map((row) => row.map(cellText))]
  return {
    type: 'table',
    column_settings: columns.map(() => ({ is_wrapped: true })),
    rows: lines.map((line) =>
      columns.map((_, i) => ({ type: 'raw_text' as const, text: line[i]?.trim() || '–' })),
    ),
  }
}

function tableLines(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows.map((row) => row.map(cellText))].map((line) => line.join('  ')).join('\n')
}

// --- buttons ------------------------------------------------------------------------------------------------------

function buttonBlocks(buttons: readonly ShownButton[]): ActionsBlock[] {
  const drawn = buttons.map((one, i) => button(one, `press:${i}`))
  const rows = Math.ceil(drawn.length / IN_A_ROW)
  return Array.from({ length: rows }, (_, i) => actions(drawn.slice(i * IN_A_ROW, (i + 1) * IN_A_ROW)))
}

function actions(elements: Button[]): ActionsBlock {
  return { type: 'actions', elements }
}

function button({ label: says, style, press }: ShownButton, actionId: string): Button {
  return {
    type: 'button',
    action_id: actionId,
    text: label(says),
    value: press,
    ...(style !== 'plain' && { style }),
  }
}

function label(text: string): Button['text'] {
  return { type: 'plain_text', text: clipped(text.trim() || '–', MOST.label), emoji: false }
}

// --- lengths ------------------------------------------------------------------------------------------------------

/** Whole lines where they fit. Nothing is lost, and no piece is blank. */
export function pieces(text: string, most: number): readonly string[] {
  const found: string[] = []
  let rest = text
  while (rest.length > most) {
    const cut = cutAt(rest, most)
    found.push(rest.slice(0, cut))
    rest = rest.slice(cut).replace(/^\n/, '')
  }
  return [...found, rest].filter((piece) => piece.trim() !== '')
}

function cutAt(text: string, most: number): number {
  const line = text.lastIndexOf('\n', most)
  if (line > 0) return line
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(most - 1))
  return isHalf ? most - 1 : most
}
