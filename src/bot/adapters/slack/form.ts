import type { InputBlock, ModalView, PlainTextElement } from '@slack/types'
import { z } from 'zod'
import { never } from '../../../lib/never.ts'
import type { Language } from '../../../platform/platform.ts'
import type { Field, ShownBlock, ShownCard } from '../../cards/card.ts'

/** Names our window among what comes back. */
export const FORM_CALLBACK = 'sluice_form'

const CANCEL: Readonly<Record<Language, string>> = { zh: '取消', en: 'Cancel' }
const MOST = { title: 24, label: 2_000, placeholder: 150, option: 75, options: 100, text: 3_000 } as const
const MOST_METADATA = 3_000

/** What the window must remember, because Slack does not say on which message it was opened. */
const PLACE = z.object({
  press: z.string().min(1),
  channel: z.string().regex(/^[A-Z][A-Z0-9]{1,40}$/),
  thread: z.string().nullable(),
})
export type FormPlace = z.infer<typeof PLACE>

export type FormBlock = Extract<ShownBlock, { is: 'form' }>

/** The card's form as a window of its own; null when the card has no such form (any more), or Slack cannot hold it. */
export function formWindow(shown: ShownCard, place: FormPlace): ModalView | null {
  const form = shown.card.body.find(
    (block): block is FormBlock => block.is === 'form' && block.submit.press === place.press,
  )
  const metadata = JSON.stringify(place)
  if (!form || form.fields.length === 0 || metadata.length > MOST_METADATA) return null
  return {
    type: 'modal',
    callback_id: FORM_CALLBACK,
    private_metadata: metadata,
    title: plain(shown.card.title, MOST.title),
    submit: plain(form.submit.label, MOST.title),
    close: plain(CANCEL[shown.language], MOST.title),
    blocks: form.fields.map(inputBlock),
  }
}

export function readPlace(metadata: string): FormPlace | null {
  const read = PLACE.safeParse(parsedJson(metadata))
  return read.success ? read.data : null
}

const VALUES = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      value: z.string().nullish(),
      selected_option: z.object({ value: z.string() }).nullish(),
    }),
  ),
)

/** What was filled in, by the name of the field; what was left empty is left out. */
export function readValues(state: unknown): Readonly<Record<string, string>> {
  const read = VALUES.safeParse(state)
  if (!read.success) return {}
  const filled = Object.entries(read.data).flatMap(([block, elements]) => {
    const [element] = Object.values(elements)
    const value = element?.value ?? element?.selected_option?.value
    return value && block.startsWith(FIELD) ? [[block.slice(FIELD.length), value] as const] : []
  })
  return Object.fromEntries(filled)
}

const FIELD = 'field:'

function inputBlock(field: Field): InputBlock {
  const { hint, element } = inputOf(field)
  return {
    type: 'input',
    block_id: `${FIELD}${field.name}`,
    label: plain(field.label, MOST.label),
    optional: !field.required,
    ...(hint && { hint: plain(hint, MOST.label) }),
    element,
  }
}

function inputOf({ input, value }: Field): { element: InputBlock['element']; hint?: string } {
  switch (input.is) {
    case 'text':
      return { element: textInput(value, { multiline: input.multiline, placeholder: input.placeholder }) }
    case 'number':
      return { element: numberInput(input, value) }
    case 'select':
      return canSelect(input.choices)
        ? { element: select(input.choices, value) }
        : { element: textInput(value, { multiline: false, placeholder: '' }), hint: listed(input.choices) }
    default:
      return never(input)
  }
}

function textInput(
  value: string,
  { multiline, placeholder }: { multiline: boolean; placeholder: string },
): InputBlock['element'] {
  return {
    type: 'plain_text_input',
    action_id: 'value',
    multiline: multiline || value.includes('\n'),
    max_length: MOST.text,
    // A longer one would be cut without a word, so the field is then left to be filled in.
    ...(value !== '' && value.length <= MOST.text && { initial_value: value }),
    ...(placeholder.trim() !== '' && { placeholder: plain(placeholder, MOST.placeholder) }),
  }
}

function numberInput(
  { min, max }: Extract<Field['input'], { is: 'number' }>,
  value: string,
): InputBlock['element'] {
  return {
    type: 'number_input',
    action_id: 'value',
    is_decimal_allowed: false,
    // Slack opens no window with a number that it would not take.
    ...(isWithin(value, { min, max }) && { initial_value: value }),
    ...(min !== null && { min_value: String(min) }),
    ...(max !== null && { max_value: String(max) }),
  }
}

function isWithin(value: string, { min, max }: { min: number | null; max: number | null }): boolean {
  const number = Number(value)
  return /^-?\d{1,15}$/.test(value) && number >= (min ?? number) && number <= (max ?? number)
}

type Choices = readonly { value: string; label: string }[]

function canSelect(choices: Choices): boolean {
  return (
    choices.length > 0 &&
    choices.length <= MOST.options &&
    choices.every(({ value }) => value !== '' && value.length <= MOST.option)
  )
}

function select(choices: Choices, value: string): InputBlock['element'] {
  const byValue = new Map(choices.map((choice) => [choice.value, choice]))
  const options = [...byValue.values()].map((choice) => ({
    text: plain(choice.label || choice.value, MOST.option),
    value: choice.value,
  }))
  const initial = options.find((option) => option.value === value)
  return { type: 'static_select', action_id: 'value', options, ...(initial && { initial_option: initial }) }
}

function listed(choices: Choices): string {
  return choices.map(({ value }) => value).join(' | ')
}

/** Slack refuses empty texts, and such as are too long. */
function plain(text: string, most: number): PlainTextElement {
  const line = text.replace(/\s+/g, ' ').trim() || '–'
  return { type: 'plain_text', text: clipped(line, most), emoji: false }
}

export function clipped(text: string, most: number): string {
  if (text.length <= most) return text
  // Never between the two halves of a character.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
