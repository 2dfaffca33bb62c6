import type { ShownButton, ShownCard, Tone } from '../../cards/card.ts'
import { escapeMarkdown, markdownOf, passages, spread } from './markdown.ts'

/** Published: a value of a template variable holds 1 KB, a card 100 KB. */
export const MAX_VALUE_BYTES = 1_024
const MAX_PARAM_BYTES = 15_000

/** As the template in `deploy/dingtalk` has them. */
export const BODY_PARTS = 8
export const BUTTON_ROWS = 3
export const BUTTONS_A_ROW = 2

const LONGEST_LABEL = 40
const LONGEST_NOTIFICATION = 100

export type CardParams = Readonly<Record<string, string>>

export interface DrawnCard {
  params: CardParams
  /** Every value is within its limit and nothing was left out. */
  fits: boolean
}

const COLOR = { primary: 'blue', plain: 'gray', danger: 'red' } as const satisfies Record<
  ShownButton['style'],
  string
>

/** Beside the colour, because colours alone are not seen by everybody. Neutral cards have no tag. */
const TAG = {
  zh: { neutral: '', progress: '进行中', good: '正常', warning: '注意', bad: '故障' },
  en: { neutral: '', progress: 'In progress', good: 'Good', warning: 'Attention', bad: 'Problem' },
} as const satisfies Record<ShownCard['language'], Record<Tone, string>>

/** Values of the template's variables: all of them each time, so that an edit empties what is gone. */
export function drawCard(
  shown: ShownCard,
  { chat, pictures }: { chat: string; pictures: readonly (string | null)[] },
): DrawnCard {
  const { card, buttons, language } = shown
  const body = spread(passages(shown, pictures), MAX_VALUE_BYTES)
  const rows = Array.from({ length: BUTTON_ROWS }, (_, row) =>
    buttons.slice(row * BUTTONS_A_ROW, (row + 1) * BUTTONS_A_ROW),
  )
  const params = {
    title: card.title,
    tone: card.tone,
    tag: TAG[language][card.tone],
    subtitle: card.subtitle.join(' · '),
    ...numbered('body', BODY_PARTS, (i) => body[i] ?? ''),
    footer: card.footer.join('\n'),
    ...numbered('buttons', BUTTON_ROWS, (i) =>
      JSON.stringify((rows[i] ?? []).map((one) => drawButton(one, chat))),
    ),
  }
  const whole = body.length <= BODY_PARTS && buttons.length <= BUTTON_ROWS * BUTTONS_A_ROW
  return {
    params,
    fits: whole && Object.values(params).every((value) => Buffer.byteLength(value) <= MAX_VALUE_BYTES),
  }
}

function numbered(name: string, count: number, value: (i: number) => string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i + 1}`, value(i)]))
}

function drawButton({ label, style, press }: ShownButton, chat: string) {
  return {
    text: cut(label, LONGEST_LABEL),
    color: COLOR[style],
    status: 'normal',
    event: { type: 'sendCardRequest', params: { actionId: 'press', params: { press, chat } } },
  }
}

// --- where there is no template ------------------------------------------------------------------------------------

export interface DrawnMarkdown {
  msgKey: 'sampleMarkdown'
  msgParam: string
  fits: boolean
}

export function drawMarkdown(shown: ShownCard, pictures: readonly (string | null)[]): DrawnMarkdown {
  const { card } = shown
  const head = [
    `**${escapeMarkdown(card.title)}**`,
    ...(card.subtitle.length > 0 ? [subtitleLine(shown)] : []),
  ]
  const all = [
    { fenced: false, lines: head },
    ...passages(shown, pictures),
    ...(card.footer.length > 0 ? [{ fenced: false, lines: card.footer.map(escapeMarkdown) }] : []),
  ]
  const msgParam = JSON.stringify({ title: notification(shown), text: markdownOf(all) })
  return { msgKey: 'sampleMarkdown', msgParam, fits: Buffer.byteLength(msgParam) <= MAX_PARAM_BYTES }
}

function subtitleLine({ card }: ShownCard): string {
  return escapeMarkdown(card.subtitle.join(' · '))
}

/** What a phone shows before anybody opens the chat. */
export function notification({ card }: ShownCard): string {
  return cut(card.title, LONGEST_NOTIFICATION)
}

function cut(text: string, characters: number): string {
  const all = [...text]
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`
}
