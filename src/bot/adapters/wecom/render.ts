import { never } from '../../../lib/never.ts'
import type { ShownBlock, ShownButton, ShownCard, Tone } from '../../cards/card.ts'
import { cellText } from '../../cards/plain.ts'
import { en } from '../../texts/en.ts'
import { zh } from '../../texts/zh.ts'
import { DEAD_PRESS } from './decode.ts'
import { bold, escapeMarkdown, unseenMark } from './markup.ts'
import { isMember } from './places.ts'

const TEXTS = { zh, en }

/** A notification shows the first words only: the mark tells how bad it is there as well. */
export const MARKS = {
  neutral: '',
  progress: '🔵 ',
  good: '🟢 ',
  warning: '🟠 ',
  bad: '🔴 ',
} as const satisfies Record<Tone, string>

/** Bytes of one text or markdown message. */
const MESSAGE_BYTES = 2_048

// --- template cards -------------------------------------------------------------------------------------------------

export interface TemplateCard {
  card_type: 'button_interaction'
  source: { desc: string; desc_color: 0 | 1 | 2 | 3 }
  main_title: { title: string; desc?: string }
  sub_title_text?: string
  horizontal_content_list?: readonly { keyname: string; value: string }[]
  task_id: string
  button_list: readonly { text: string; style: 1 | 2 | 3 | 4; key: string }[]
  /** Greys the button. */
  replace_text?: string
}

/** Grey, black, red, green. */
const SOURCE_COLOURS = {
  neutral: 0,
  progress: 1,
  good: 3,
  warning: 2,
  bad: 2,
} as const satisfies Record<Tone, 0 | 1 | 2 | 3>

const STYLES = { primary: 1, plain: 2, danger: 4 } as const satisfies Record<ShownButton['style'], 1 | 2 | 4>

/** Columns on the screen, of which Chinese takes two: what is longer is cut there. */
const COLUMNS = { title: 52, desc: 60, text: 224, label: 10, value: 52, button: 20 } as const
const MOST = { facts: 6, buttons: 6, press: 1_024 } as const
const BRAND = 'Sluice'
const ABOVE = { zh: '详情见下一条消息', en: 'Details are in the message below' }
const SETTLED = { zh: '已结束', en: 'Settled' }

export interface DrawnCard {
  card: TemplateCard
  /** Everything that is said is readable on it; else its details go in a message of their own. */
  whole: boolean
}

/** `mayPoint`: details stand in the message after this one when they do not fit on the card. */
export function drawCard(
  shown: ShownCard,
  { task, mayPoint }: { task: string; mayPoint: boolean },
): DrawnCard {
  const { tone, subtitle, footer } = shown.card
  const { facts, lines } = spread(shown)
  const title = parted(`${MARKS[tone]}${shown.card.title}`, COLUMNS.title)
  const desc = parted(joined(subtitle), COLUMNS.desc)
  const body = [title.rest, desc.rest, ...lines, joined(footer)]
    .filter((line) => line.trim() !== '')
    .join('\n')
  const whole = columnsOf(body) <= COLUMNS.text && !shown.card.body.some(({ is }) => is === 'picture')
  const told = whole || !mayPoint ? clip(body, COLUMNS.text) : ABOVE[shown.language]
  return {
    whole,
    card: {
      card_type: 'button_interaction',
      source: { desc: BRAND, desc_color: SOURCE_COLOURS[tone] },
      main_title: { title: title.head, ...(desc.head === '' ? {} : { desc: desc.head }) },
      ...(told === '' ? {} : { sub_title_text: told }),
      ...(facts.length === 0 ? {} : { horizontal_content_list: facts }),
      task_id: task,
      ...buttonsOf(shown),
    },
  }
}

function buttonsOf(shown: ShownCard): Pick<TemplateCard, 'button_list' | 'replace_text'> {
  const distinct = [...new Map(shown.buttons.map((one) => [one.press, one])).values()]
  const fitting = distinct.filter(({ press }) => Buffer.byteLength(press) <= MOST.press)
  const list = fitting.slice(0, MOST.buttons).map(({ label, style, press }) => ({
    text: label.trim() || '–',
    style: STYLES[style],
    key: press,
  }))
  if (list.length > 0) return { button_list: list }
  const text = SETTLED[shown.language]
  return { button_list: [{ text, style: 2, key: DEAD_PRESS }], replace_text: text }
}

type Fact = Extract<ShownBlock, { is: 'facts' }>['facts'][number]

/** Short facts have a place of their own on the card; everything else is said in lines. */
function spread(shown: ShownCard): { facts: { keyname: string; value: string }[]; lines: string[] } {
  const facts: { keyname: string; value: string }[] = []
  const lines: string[] = []
  for (const block of shown.card.body) {
    if (block.is !== 'facts') lines.push(...linesOf(block, shown))
    else
      for (const fact of block.facts) {
        const short = facts.length < MOST.facts ? shortFact(fact) : null
        if (short) facts.push(short)
        else lines.push(factLine(fact))
      }
  }
  return { facts, lines }
}

function shortFact(fact: Fact): { keyname: string; value: string } | null {
  const value = factValue(fact)
  const fits =
    columnsOf(fact.label) <= COLUMNS.label &&
    columnsOf(value) <= COLUMNS.value &&
    fact.label.trim() !== '' &&
    value.trim() !== '' &&
    !value.includes('\n')
  return fits ? { keyname: fact.label, value } : null
}

function factValue({ value, before }: Fact): string {
  return before === undefined ? value : `${before} → ${value}`
}

function factLine(fact: Fact): string {
  return `${fact.label}: ${factValue(fact)}`
}

// --- lines ----------------------------------------------------------------------------------------------------------

const BAR = 6

/** Tables and forms are text already; they are said in lines all the same, should one come. */
function linesOf(block: ShownBlock, { language }: Pick<ShownCard, 'language'>): string[] {
  const t = TEXTS[language]
  switch (block.is) {
    case 'text':
      return block.text.split('\n')
    case 'facts':
      return block.facts.map(factLine)
    case 'progress':
      return [`${bar(block.done)} ${block.label}`]
    case 'table':
      return block.rows.map((row) => row.map(cellText).filter(Boolean).join(' · '))
    case 'code':
      return [...block.text.split('\n'), ...(block.rest > 0 ? [t.rest(block.rest)] : [])]
    case 'form':
      return block.fields.map(({ label, value }) => `${label}: ${value}`)
    case 'picture':
      return [block.alt]
    default:
      return never(block)
  }
}

function bar(done: number | null): string {
  if (done === null) return '…'
  const full = Math.min(BAR, Math.max(0, Math.round(done * BAR)))
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

// --- markdown and text ----------------------------------------------------------------------------------------------

const FONTS = {
  neutral: null,
  progress: 'info',
  good: 'info',
  warning: 'warning',
  bad: 'warning',
} as const satisfies Record<Tone, 'info' | 'warning' | null>

/** Everything on the card but its buttons, as markdown. */
export function drawMarkdown(
  shown: ShownCard,
  { key, mention = [] }: { key: string; mention?: readonly string[] },
): string {
  const { card } = shown
  const people = mention.filter(isMember).map((one) => `<@${one}>`)
  const lines = [
    ...(people.length > 0 ? [people.join(' ')] : []),
    bold(`${MARKS[card.tone]}${card.title}`),
    coloured(FONTS[card.tone], escapeMarkdown(joined(card.subtitle))),
    ...card.body.flatMap((block) =>
      block.is === 'facts' ? block.facts.map(markedFact) : markedLines(block, shown),
    ),
    coloured('comment', escapeMarkdown(joined(card.footer))),
  ]
  return `${lines.filter((line) => line !== '').join('\n')}${unseenMark(key)}`
}

function markedFact(fact: Fact): string {
  return `${bold(fact.label)}: ${escapeMarkdown(factValue(fact))}`
}

function markedLines(block: ShownBlock, shown: ShownCard): string[] {
  return [escapeMarkdown(linesOf(block, shown).join('\n'))]
}

function coloured(colour: 'info' | 'comment' | 'warning' | null, marked: string): string {
  return marked === '' || colour === null ? marked : `<font color="${colour}">${marked}</font>`
}

const ELSEWHERE = {
  zh: '在应用的单聊里可以操作',
  en: 'To act on it, write to the app in private',
}

/** For groups that the app made: nobody there can press or answer. */
export function drawText(shown: ShownCard, { key }: { key: string }): string {
  const { card, buttons } = shown
  const lines = [
    `${MARKS[card.tone]}${card.title}`,
    joined(card.subtitle),
    ...card.body.flatMap((block) => linesOf(block, shown)),
    joined(card.footer),
    ...(buttons.length > 0 ? [ELSEWHERE[shown.language]] : []),
  ]
  const text = lines.filter((line) => line !== '').join('\n')
  // The one mark that texts have: a link.
  return `${text.replace(/<(?=\/?a\b)/gi, '<\u200a')}${unseenMark(key)}`
}

// --- size -----------------------------------------------------------------------------------------------------------

const LONGEST_KEY = 'dlv_'.padEnd(40, '0')
/** Room for people who are mentioned. */
const MENTION_BYTES = 140

/** Whether every way in which the card may go out is taken whole. */
export function fitsWecom(shown: ShownCard): boolean {
  const { card } = drawCard(shown, { task: LONGEST_KEY, mayPoint: true })
  const markdown = drawMarkdown(shown, { key: LONGEST_KEY })
  const pressable = shown.buttons.every(({ press }) => Buffer.byteLength(press) <= MOST.press)
  return (
    pressable &&
    Buffer.byteLength(markdown) + MENTION_BYTES <= MESSAGE_BYTES &&
    Buffer.byteLength(drawText(shown, { key: LONGEST_KEY })) <= MESSAGE_BYTES &&
    Buffer.byteLength(card.main_title.title) <= MESSAGE_BYTES
  )
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u

export function columnsOf(text: string): number {
  return [...text].reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0)
}

function joined(parts: readonly string[]): string {
  return parts.filter(Boolean).join(' · ')
}

/** What has no room in its own place goes on in the lines below, from a whole word where there is one. */
function parted(text: string, columns: number): { head: string; rest: string } {
  if (columnsOf(text) <= columns) return { head: text, rest: '' }
  const cut = clip(text, columns).slice(0, -1)
  const space = cut.lastIndexOf(' ')
  const head = space > cut.length / 2 && text[cut.length] !== ' ' ? cut.slice(0, space) : cut
  return { head: `${head.trimEnd()}…`, rest: `…${text.slice(head.length).trimStart()}` }
}

function clip(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  const kept: string[] = []
  let left = columns - 1
  for (const char of text) {
    left -= WIDE.test(char) ? 2 : 1
    if (left < 0) break
    kept.push(char)
  }
  return `${kept.join('')}…`
}
