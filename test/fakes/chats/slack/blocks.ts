import { z } from 'zod'

/** Block Kit as it is documented, strictly: an unknown key is an error, as it is at Slack. */

const plainText = (most: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(most),
    emoji: z.boolean().optional(),
  })
const mrkdwn = (most: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(most),
    verbatim: z.boolean().optional(),
  })
const blockId = z.string().min(1).max(255).optional()
const actionId = z.string().min(1).max(255)

const button = z.strictObject({
  type: z.literal('button'),
  action_id: actionId,
  text: plainText(75),
  value: z.string().max(2_000).optional(),
  url: z.string().max(3_000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
})

const style = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  strike: z.boolean().optional(),
  code: z.boolean().optional(),
})
const richTextText = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1),
  style: style.optional(),
})
const richElement = z.discriminatedUnion('type', [
  richTextText,
  z.strictObject({ type: z.literal('user'), user_id: z.string() }),
])
const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: blockId,
  elements: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richElement).min(1) }),
        z.strictObject({ type: z.literal('rich_text_preformatted'), elements: z.array(richTextText).min(1) }),
      ]),
    )
    .min(1),
})

const cell = z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) })

export const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), block_id: blockId, text: plainText(150) }),
  z.strictObject({
    type: z.literal('section'),
    block_id: blockId,
    text: z.discriminatedUnion('type', [plainText(3_000), mrkdwn(3_000)]),
  }),
  z.strictObject({
    type: z.literal('context'),
    block_id: blockId,
    elements: z
      .array(z.discriminatedUnion('type', [plainText(2_000), mrkdwn(2_000)]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ type: z.literal('divider'), block_id: blockId }),
  z.strictObject({ type: z.literal('actions'), block_id: blockId, elements: z.array(button).min(1).max(25) }),
  z.strictObject({
    type: z.literal('image'),
    block_id: blockId,
    slack_file: z.strictObject({ id: z.string().regex(/^F/) }),
    alt_text: z.string().min(1).max(2_000),
  }),
  z.strictObject({
    type: z.literal('table'),
    block_id: blockId,
    rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
    column_settings: z
      .array(
        z.strictObject({
          align: z.enum(['left', 'center', 'right']).optional(),
          is_wrapped: z.boolean().optional(),
        }),
      )
      .max(20)
      .optional(),
  }),
  richText,
])

export type SlackBlock = z.infer<typeof block>
export type SlackButton = z.infer<typeof button>

const option = z.strictObject({ text: plainText(75), value: z.string().min(1).max(75) })
const input = z.strictObject({
  type: z.literal('input'),
  block_id: z.string().min(1).max(255),
  label: plainText(2_000),
  hint: plainText(2_000).optional(),
  optional: z.boolean().optional(),
  element: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('plain_text_input'),
      action_id: actionId,
      multiline: z.boolean().optional(),
      initial_value: z.string().max(3_000).optional(),
      max_length: z.number().int().min(1).max(3_000).optional(),
      placeholder: plainText(150).optional(),
    }),
    z.strictObject({
      type: z.literal('number_input'),
      action_id: actionId,
      is_decimal_allowed: z.boolean(),
      initial_value: z
        .string()
        .regex(/^-?\d+$/)
        .optional(),
      min_value: z.string().optional(),
      max_value: z.string().optional(),
    }),
    z.strictObject({
      type: z.literal('static_select'),
      action_id: actionId,
      options: z.array(option).min(1).max(100),
      initial_option: option.optional(),
      placeholder: plainText(150).optional(),
    }),
  ]),
})

export const modal = z.strictObject({
  type: z.literal('modal'),
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3_000).optional(),
  title: plainText(24),
  submit: plainText(24),
  close: plainText(24).optional(),
  blocks: z.array(input).min(1).max(100),
})

export type SlackInput = z.infer<typeof input>

/** What is wrong with them, in Slack's form; none: nothing. */
export function problemsOf(blocks: unknown): string[] {
  const read = z.array(block).max(50).safeParse(blocks)
  if (!read.success)
    return read.error.issues.map(
      ({ message, path }) => `[ERROR] ${message} [json-pointer:/${path.join('/')}]`,
    )
  const ids = read.data.flatMap((one) =>
    one.type === 'actions' ? one.elements.map(({ action_id }) => action_id) : [],
  )
  const tables = read.data.filter(({ type }) => type === 'table').length
  return [
    ...(new Set(ids).size === ids.length ? [] : ['[ERROR] action_id is not unique']),
    ...(tables > 1 ? ['[ERROR] only one table is allowed'] : []),
  ]
}
