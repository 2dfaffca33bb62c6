import { never } from '../../../lib/never.ts'
import type { Cell, Field, ShownBlock, ShownButton, ShownCard, Tone } from '../../cards/card.ts'
import { cellText } from '../../cards/plain.ts'
import { en } from '../../texts/en.ts'
import { zh } from '../../texts/zh.ts'
import { CARD_BYTES } from './abilities.ts'
import { codeBlock, escapeMarkdown, mentionOf } from './markup.ts'

/** A card in Feishu's schema 2.0. */
export interface FeishuCard {
  schema: '2.0'
  config: { update_multi: true; summary: { content: string } }
  header: { template: string; title: PlainText }
  body: { elements: readonly Element[] }
}

export type Element = { tag: string } & Readonly<Record<string, unknown>>

interface PlainText {
  tag: 'plain_text'
  content: string
}

export interface Look {
  /** Keys of uploaded pictures, by their PNG; one that is not there shows its alternative text. */
  pictures?: ReadonlyMap<string, string>
  mention?: readonly string[]
  /** Into a conversation of two: taps do not tell. */
  direct?: boolean
}

const TEMPLATES = {
  neutral: 'blue',
  progress: 'wathet',
  good: 'green',
  warning: 'orange',
  bad: 'red',
} as const satisfies Record<Tone, string>

export function renderCard(shown: ShownCard, look: Look = {}): FeishuCard {
  const { tone, title, subtitle, body, footer } = shown.card
  const elements = [
    ...mentions(look.mention ?? []),
    ...small(subtitle),
    ...body.flatMap((block, at) => renderBlock(block, { shown, look, at })),
    ...buttonRow(shown.buttons, look),
    ...small(footer),
  ]
  return {
    schema: '2.0',
    config: { update_multi: true, summary: { content: title } },
    header: { template: TEMPLATES[tone], title: plainText(title) },
    body: { elements: elements.length > 0 ? elements : [markdown(escapeMarkdown(title))] },
  }
}

// --- blocks -------------------------------------------------------------------------------------------------------

interface Place {
  shown: ShownCard
  look: Look
  /** Position on the card: makes names unique. */
  at: number
}

function renderBlock(block: ShownBlock, place: Place): Element[] {
  switch (block.is) {
    case 'text':
      return block.text === '' ? [] : [markdown(escapeMarkdown(block.text))]
    case 'facts':
      return [markdown(block.facts.map(factLine).join('\n'))]
    case 'progress':
      return [markdown(`${bar(block.done)} ${escapeMarkdown(block.label)}`)]
    case 'table':
      return block.rows.length === 0 ? [] : [table(block)]
    case 'code':
      return code(block, place)
    case 'form':
      return [form(block, place)]
    case 'picture':
      return [picture(block, place)]
    default:
      return never(block)
  }
}

function factLine({ label, value, before }: { label: string; value: string; before?: string }): string {
  const change = before === undefined ? '' : `${escapeMarkdown(before)} → `
  return `**${escapeMarkdown(label)}** ${change}${escapeMarkdown(value)}`
}

const BAR = 6

function bar(done: number | null): string {
  if (done === null) return '…'
  const full = Math.min(BAR, Math.max(0, Math.round(done * BAR)))
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

const ROWS_PER_PAGE = 10

function table({
  columns,
  rows,
}: {
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
}): Element {
  return {
    tag: 'table',
    page_size: Math.min(ROWS_PER_PAGE, rows.length),
    row_height: 'auto',
    header_style: { bold: true, background_style: 'grey' },
    columns: columns.map((name, i) => ({ name: `c${i}`, display_name: name, data_type: 'text' })),
    rows: rows.map((row) => Object.fromEntries(columns.map((_, i) => [`c${i}`, cellText(row[i] ?? '')]))),
  }
}

function code({ text, rest }: { text: string; rest: number }, { shown }: Place): Element[] {
  const t = shown.language === 'zh' ? zh : en
  const more = rest > 0 ? [markdown(escapeMarkdown(t.rest(rest)), 'notation')] : []
  return [markdown(codeBlock(text)), ...more]
}

function picture({ alt, png }: { alt: string; png: string }, { look }: Place): Element {
  const key = look.pictures?.get(png)
  return key === undefined
    ? markdown(escapeMarkdown(alt))
    : { tag: 'img', img_key: key, alt: plainText(alt), scale_type: 'fit_horizontal' }
}

// --- forms --------------------------------------------------------------------------------------------------------

const INPUT_CHARS = 1_000
const PLACEHOLDER_CHARS = 100

function form(block: Extract<ShownBlock, { is: 'form' }>, { look, at }: Place): Element {
  const submit = {
    ...button(block.submit, look),
    name: `submit_${at}`,
    form_action_type: 'submit',
  }
  return { tag: 'form', name: `form_${at}`, elements: [...block.fields.flatMap(field), submit] }
}

function field(one: Field): Element[] {
  const { input } = one
  return input.is === 'select' && input.choices.length > 0
    ? [
        markdown(`**${escapeMarkdown(one.label)}**${one.required ? ' &#42;' : ''}`),
        select(one, input.choices),
      ]
    : [textInput(one)]
}

function select(
  { name, value, required, label }: Field,
  choices: readonly { value: string; label: string }[],
): Element {
  const distinct = [...new Map(choices.map((one) => [one.value, one])).values()]
  return {
    tag: 'select_static',
    name,
    required,
    width: 'fill',
    placeholder: plainText(cut(label, PLACEHOLDER_CHARS)),
    options: distinct.map((one) => ({ text: plainText(one.label), value: one.value })),
    ...(distinct.some((one) => one.value === value) ? { initial_option: value } : {}),
  }
}

function textInput({ name, label, value, required, input }: Field): Element {
  return {
    tag: 'input',
    name,
    required,
    width: 'fill',
    label: plainText(label),
    placeholder: plainText(cut(placeholder(input), PLACEHOLDER_CHARS)),
    max_length: INPUT_CHARS,
    input_type: input.is === 'text' && input.multiline ? 'multiline_text' : 'text',
    ...(value === '' ? {} : { default_value: cut(value, INPUT_CHARS) }),
  }
}

function placeholder(input: Field['input']): string {
  if (input.is === 'text') return input.placeholder
  if (input.is === 'select') return ''
  return input.min === null && input.max === null ? '' : `${input.min ?? ''} – ${input.max ?? ''}`.trim()
}

// --- buttons and small parts --------------------------------------------------------------------------------------

const BUTTON_TYPES = { primary: 'primary', plain: 'default', danger: 'danger' } as const satisfies Record<
  ShownButton['style'],
  string
>
const LABEL_CHARS = 100

function button({ label, style, press }: ShownButton, { direct }: Look): Element {
  return {
    tag: 'button',
    text: plainText(cut(label, LABEL_CHARS)),
    type: BUTTON_TYPES[style],
    behaviors: [{ type: 'callback', value: { press, ...(direct ? { direct } : {}) } }],
  }
}

function buttonRow(buttons: readonly ShownButton[], look: Look): Element[] {
  if (buttons.length === 0) return []
  const columns = buttons.map((one) => ({ tag: 'column', width: 'auto', elements: [button(one, look)] }))
  return [{ tag: 'column_set', flex_mode: 'flow', columns }]
}

function mentions(people: readonly string[]): Element[] {
  const tags = people.map(mentionOf).filter(Boolean)
  return tags.length === 0 ? [] : [markdown(tags.join(' '))]
}

function small(parts: readonly string[]): Element[] {
  const line = parts.filter(Boolean).join(' · ')
  return line === '' ? [] : [markdown(escapeMarkdown(line), 'notation')]
}

function markdown(content: string, size?: 'notation'): Element {
  return size ? { tag: 'markdown', content, text_size: size } : { tag: 'markdown', content }
}

function plainText(content: string): PlainText {
  return { tag: 'plain_text', content }
}

function cut(text: string, chars: number): string {
  const all = [...text]
  return all.length <= chars ? text : `${all.slice(0, chars - 1).join('')}…`
}

// --- size ---------------------------------------------------------------------------------------------------------

const MAX_ELEMENTS = 200
const MAX_TABLES = 5
const MAX_COLUMNS = 50
// Receiver, key and the names of fields around the card.
const REQUEST_BYTES = 512

/** Whether Feishu takes the card: the length of the request, how many elements and tables. */
export function cardFits(card: FeishuCard): boolean {
  const tags = tagsOf(card.body)
  const tables = card.body.elements.filter(({ tag }) => tag === 'table')
  return (
    requestBytes(card) <= CARD_BYTES &&
    tags.length <= MAX_ELEMENTS &&
    tables.length <= MAX_TABLES &&
    tables.every(({ columns }) => Array.isArray(columns) && columns.length <= MAX_COLUMNS)
  )
}

/** The card travels as a string within JSON: its quotes are escaped once more. */
function requestBytes(card: FeishuCard): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(card))) + REQUEST_BYTES
}

function tagsOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(tagsOf)
  if (typeof part !== 'object' || part === null) return []
  const own = 'tag' in part && typeof part.tag === 'string' ? [part.tag] : []
  return [...own, ...Object.values(part).flatMap(tagsOf)]
}
