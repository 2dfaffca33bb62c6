import { z } from 'zod'

/** Schema 2.0 as documented, the parts that anybody here uses. The platform refuses properties that it does not know, so does this. */
const plainText = z.strictObject({ tag: z.literal('plain_text'), content: z.string() })
const elementId = z.string().regex(/^[A-Za-z]\w{0,19}$/)

const markdown = z.strictObject({
  tag: z.literal('markdown'),
  content: z.string(),
  text_size: z.enum(['normal', 'notation', 'heading']).optional(),
  text_align: z.enum(['left', 'center', 'right']).optional(),
  element_id: elementId.optional(),
})
const img = z.strictObject({
  tag: z.literal('img'),
  img_key: z.string(),
  alt: plainText,
  scale_type: z.enum(['crop_center', 'crop_top', 'fit_horizontal']).optional(),
})
const hr = z.strictObject({ tag: z.literal('hr') })
const behavior = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('callback'), value: z.record(z.string(), z.unknown()) }),
  z.strictObject({ type: z.literal('open_url'), default_url: z.url() }),
])
const button = z.strictObject({
  tag: z.literal('button'),
  text: z.strictObject({ tag: z.literal('plain_text'), content: z.string().min(1).max(100) }),
  type: z.enum(['default', 'primary', 'danger', 'primary_filled', 'danger_filled', 'text']).optional(),
  behaviors: z.array(behavior).min(1).optional(),
  disabled: z.boolean().optional(),
  name: z.string().min(1).optional(),
  form_action_type: z.enum(['submit', 'reset']).optional(),
})
const table = z.strictObject({
  tag: z.literal('table'),
  page_size: z.number().int().min(1).max(10).optional(),
  row_height: z.string().optional(),
  header_style: z.strictObject({ bold: z.boolean(), background_style: z.enum(['grey', 'none']) }).optional(),
  columns: z
    .array(
      z.strictObject({ name: z.string().min(1), display_name: z.string(), data_type: z.literal('text') }),
    )
    .min(1)
    .max(50),
  rows: z.array(z.record(z.string(), z.string())),
})
const columnSet = z.strictObject({
  tag: z.literal('column_set'),
  flex_mode: z.enum(['none', 'stretch', 'flow', 'bisect', 'trisect']).optional(),
  columns: z.array(
    z.strictObject({
      tag: z.literal('column'),
      width: z.enum(['auto', 'weighted']).optional(),
      elements: z.array(z.discriminatedUnion('tag', [markdown, img, hr, button])),
    }),
  ),
})
const input = z.strictObject({
  tag: z.literal('input'),
  name: z.string().min(1),
  required: z.boolean().optional(),
  width: z.enum(['default', 'fill']).optional(),
  label: plainText.optional(),
  placeholder: z.strictObject({ tag: z.literal('plain_text'), content: z.string().max(100) }).optional(),
  default_value: z.string().max(1_000).optional(),
  max_length: z.number().int().min(1).max(1_000).optional(),
  input_type: z.enum(['text', 'multiline_text', 'password']).optional(),
})
const select = z.strictObject({
  tag: z.literal('select_static'),
  name: z.string().min(1),
  required: z.boolean().optional(),
  width: z.enum(['default', 'fill']).optional(),
  placeholder: plainText.optional(),
  options: z.array(z.strictObject({ text: plainText, value: z.string() })),
  initial_option: z.string().optional(),
})
const form = z.strictObject({
  tag: z.literal('form'),
  name: z.string().min(1),
  elements: z.array(z.discriminatedUnion('tag', [markdown, img, hr, button, input, select, columnSet])),
})

const TEMPLATES = [
  'default',
  'blue',
  'wathet',
  'turquoise',
  'green',
  'yellow',
  'orange',
  'red',
  'carmine',
  'violet',
  'purple',
  'indigo',
  'grey',
] as const

const cardSchema = z.strictObject({
  schema: z.literal('2.0'),
  config: z
    .strictObject({
      update_multi: z.literal(true).optional(),
      summary: z.strictObject({ content: z.string() }).optional(),
      width_mode: z.enum(['default', 'compact', 'fill']).optional(),
    })
    .optional(),
  header: z
    .strictObject({
      template: z.enum(TEMPLATES),
      title: plainText,
    })
    .optional(),
  body: z.strictObject({
    elements: z
      .array(z.discriminatedUnion('tag', [markdown, img, hr, button, table, columnSet, input, select, form]))
      .min(1),
  }),
})

export type Card = z.infer<typeof cardSchema>
type Element = Card['body']['elements'][number]
export type CardButton = z.infer<typeof button>
export type CardField = z.infer<typeof input> | z.infer<typeof select>

export type Checked = { ok: true; card: Card } | { ok: false; why: string }

/** What the platform would say to a card. `known`: which pictures and people there are. */
export function checkCard(
  content: string,
  known: { picture(key: string): boolean; person(id: string): boolean },
): Checked {
  const read = cardSchema.safeParse(parse(content))
  if (!read.success) return { ok: false, why: `ErrCode: 200621; ${z.prettifyError(read.error)}` }
  const card = read.data
  const problem = problemOf(card, known)
  return problem === null ? { ok: true, card } : { ok: false, why: problem }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function problemOf(
  card: Card,
  known: { picture(key: string): boolean; person(id: string): boolean },
): string | null {
  const all = elementsOf(card)
  const forms = all.filter((one) => one.tag === 'form')
  const names = all.flatMap((one) => ('name' in one && one.name !== undefined ? [one.name] : []))
  const people = all.flatMap((one) => (one.tag === 'markdown' ? mentionsIn(one.content) : []))
  const selects = all.filter((one) => one.tag === 'select_static')
  const buttons = all.filter((one) => one.tag === 'button')
  if (all.length > 200) return 'ErrCode: 11310; too many elements'
  if (all.filter((one) => one.tag === 'table').length > 5) return 'ErrCode: 11310; too many tables'
  if (new Set(names).size < names.length) return 'names are not unique'
  if (people.some((id) => !known.person(id)))
    return 'there is an invalid user resource (at/person) in your card'
  if (all.some((one) => one.tag === 'img' && !known.picture(one.img_key))) return 'invalid image keys'
  if (forms.some((one) => !submitOf(one))) return 'a form needs a submit button'
  if (selects.some(({ options }) => new Set(options.map(({ value }) => value)).size < options.length))
    return 'values of options are not unique'
  if (buttons.some((one) => (one.form_action_type ? !one.name : !one.behaviors)))
    return 'a button needs a behavior, or a name within a form'
  return null
}

type Nested = Element | Extract<Element, { tag: 'form' }>['elements'][number]

function elementsOf(card: Card): Nested[] {
  return card.body.elements.flatMap((one): Nested[] => {
    if (one.tag === 'form') return [one, ...one.elements.flatMap(flat)]
    return flat(one)
  })
}

function flat(one: Nested): Nested[] {
  return one.tag === 'column_set' ? [one, ...one.columns.flatMap(({ elements }) => elements)] : [one]
}

function submitOf(one: Extract<Element, { tag: 'form' }>): CardButton | undefined {
  return one.elements
    .flatMap(flat)
    .find((inner): inner is CardButton => inner.tag === 'button' && inner.form_action_type === 'submit')
}

function mentionsIn(content: string): string[] {
  return [...content.matchAll(/<at id=(\w+)><\/at>/g)].map(([, id]) => id ?? '')
}

// --- what people see ----------------------------------------------------------------------------------------------

export interface Look {
  title: string
  text: string
  template: string
  buttons: readonly CardButton[]
  fields: readonly CardField[]
  submit: CardButton | null
  pictures: number
  mentions: readonly string[]
}

export function lookAt(card: Card): Look {
  const all = elementsOf(card)
  const forms = card.body.elements.filter((one) => one.tag === 'form')
  const title = card.header?.title.content ?? ''
  return {
    title,
    text: [title, ...all.map(textOf)].filter(Boolean).join('\n'),
    template: card.header?.template ?? 'default',
    buttons: all.filter((one) => one.tag === 'button'),
    fields: all.filter((one) => one.tag === 'input' || one.tag === 'select_static'),
    submit: forms.flatMap((one) => submitOf(one) ?? [])[0] ?? null,
    pictures: all.filter((one) => one.tag === 'img').length,
    mentions: all.flatMap((one) => (one.tag === 'markdown' ? mentionsIn(one.content) : [])),
  }
}

function textOf(one: Nested): string {
  if (one.tag === 'markdown') return readMarkdown(one.content)
  if (one.tag !== 'table') return ''
  const lines = [
    one.columns.map(({ display_name }) => display_name),
    ...one.rows.map((row) => one.columns.map(({ name }) => row[name])),
  ]
  return lines.map((line) => line.join('  ')).join('\n')
}

/** Marks are taken off first; what an entity stands for is text, whatever it looks like. */
export function readMarkdown(content: string): string {
  const fenced = /^```\n([\s\S]*)\n```$/.exec(content)
  if (fenced) return fenced[1] ?? ''
  return content
    .replace(/<\/?[a-z][^>]*>/g, '')
    .replaceAll('**', '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}
