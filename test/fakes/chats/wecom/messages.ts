import { z } from 'zod'
import { Refusal } from './refusal.ts'

/** Checked as the documents have it: what they do not know is refused. */
const line = (bytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= bytes, `longer than ${bytes} bytes`)

const horizontal = z.strictObject({
  keyname: line(256),
  value: line(1_024),
  type: z.literal(0).optional(),
})

const shared = {
  source: z
    .strictObject({
      icon_url: line(1_024).optional(),
      desc: line(256).optional(),
      desc_color: z.number().int().min(0).max(3).optional(),
    })
    .optional(),
  main_title: z.strictObject({ title: line(2_048).optional(), desc: line(2_048).optional() }).optional(),
  quote_area: z.strictObject({ title: line(512).optional(), quote_text: line(2_048).optional() }).optional(),
  sub_title_text: line(2_048).optional(),
  horizontal_content_list: z.array(horizontal).max(6).optional(),
}

const button = z.strictObject({
  text: line(256),
  style: z.number().int().min(1).max(4).optional(),
  key: line(1_024),
})

const buttonCard = z.strictObject({
  card_type: z.literal('button_interaction'),
  ...shared,
  task_id: z.string().optional(),
  button_list: z.array(button).min(1).max(6),
  replace_text: line(256).optional(),
})

const noticeCard = z.strictObject({
  card_type: z.literal('text_notice'),
  ...shared,
  task_id: z.string().optional(),
  card_action: z
    .strictObject({ type: z.union([z.literal(1), z.literal(2)]), url: line(1_024).optional() })
    .optional(),
})

const card = z.discriminatedUnion('card_type', [buttonCard, noticeCard])
export type Card = z.infer<typeof card>

const content = z.strictObject({ content: z.string() })
const bodies = z.discriminatedUnion('msgtype', [
  z.strictObject({ msgtype: z.literal('markdown'), markdown: content }),
  z.strictObject({
    msgtype: z.literal('text'),
    text: content.extend({ mentioned_list: z.array(z.string()).optional() }),
  }),
  z.strictObject({ msgtype: z.literal('image'), image: z.strictObject({ media_id: z.string() }) }),
  z.strictObject({ msgtype: z.literal('template_card'), template_card: card }),
])
export type Body = z.infer<typeof bodies>

const MESSAGE_BYTES = 2_048

/** Throws what WeCom would answer. */
export function checkBody(
  given: unknown,
  known: { media: (id: string) => boolean; takesTask: (task: string) => boolean; kinds: readonly string[] },
): Body {
  const read = bodies.safeParse(given)
  if (!read.success) throw new Refusal(40058, `invalid Args: ${read.error.issues[0]?.path.join('.')}`)
  const body = read.data
  if (!known.kinds.includes(body.msgtype)) throw new Refusal(40008, 'invalid message type')
  if (body.msgtype === 'image' && !known.media(body.image.media_id))
    throw new Refusal(40007, 'invalid media_id')
  if (body.msgtype === 'template_card') checkCard(body.template_card, known)
  const words = contentOf(body)
  if (words === '') throw new Refusal(44004, 'text content is empty')
  if (words !== null && Buffer.byteLength(words) > MESSAGE_BYTES)
    throw new Refusal(45002, 'content size out of limit')
  return body
}

/** Of cards in updates as well. */
export function checkCard(given: unknown, { takesTask }: { takesTask: (task: string) => boolean }): Card {
  const read = card.safeParse(given)
  if (!read.success)
    throw new Refusal(40058, `invalid Args: template_card.${read.error.issues[0]?.path.join('.')}`)
  const one = read.data
  const title = one.main_title?.title ?? ''
  if (title === '' && !one.sub_title_text) throw new Refusal(40058, 'missing title')
  if (one.card_type === 'text_notice' && !one.card_action) throw new Refusal(42045, 'missing card_action')
  if (one.card_type === 'button_interaction') {
    const keys = one.button_list.map(({ key }) => key)
    if (new Set(keys).size < keys.length) throw new Refusal(40058, 'button keys are not unique')
    const task = one.task_id ?? ''
    if (!/^[0-9A-Za-z_\-@]{1,128}$/.test(task) || !takesTask(task))
      throw new Refusal(42014, 'template card: invalid task_id')
  }
  return one
}

function contentOf(body: Body): string | null {
  if (body.msgtype === 'markdown') return body.markdown.content
  return body.msgtype === 'text' ? body.text.content : null
}

// --- what people see ----------------------------------------------------------------------------------------------

export interface Look {
  title: string
  text: string
  mentions: readonly string[]
  buttons: readonly { text: string; style: number; key: string }[]
  pictures: number
}

const UNSEEN = /\u200a|\u200b|\u2060|\u2062|\u2063/g

export function lookAt(body: Body): Look {
  switch (body.msgtype) {
    case 'markdown':
      return lookAtWords(readMarkdown(body.markdown.content), mentionsIn(body.markdown.content))
    case 'text':
      return lookAtWords(body.text.content.replace(UNSEEN, ''), body.text.mentioned_list ?? [])
    case 'image':
      return { title: '', text: '', mentions: [], buttons: [], pictures: 1 }
    case 'template_card':
      return lookAtCard(body.template_card)
  }
}

function lookAtWords(text: string, mentions: readonly string[]): Look {
  const lines = text.split('\n')
  const [title = ''] = mentions.length > 0 && lines[0]?.startsWith('@') ? lines.slice(1) : lines
  return { title, text, mentions, buttons: [], pictures: 0 }
}

function lookAtCard(one: Card): Look {
  const title = one.main_title?.title ?? ''
  const lines = [
    title,
    one.main_title?.desc,
    one.quote_area?.title,
    one.quote_area?.quote_text,
    one.sub_title_text,
    ...(one.horizontal_content_list ?? []).map(({ keyname, value }) => `${keyname}: ${value}`),
  ]
  const dead = one.card_type !== 'button_interaction' || one.replace_text !== undefined
  return {
    title,
    text: lines.filter(Boolean).join('\n'),
    mentions: [],
    buttons: dead ? [] : one.button_list.map(({ text, style = 1, key }) => ({ text, style, key })),
    pictures: 0,
  }
}

function mentionsIn(content: string): string[] {
  return [...content.matchAll(/<@([\w.@-]+)>/g)].map(([, id]) => id ?? '')
}

/** Marks are read first, then what parts the others is taken away. */
export function readMarkdown(content: string): string {
  return content
    .replace(/<@([\w.@-]+)>/g, '@$1')
    .replace(/<font color="(?:info|comment|warning)">([\s\S]*?)<\/font>/g, '$1')
    .replace(/^(?:#{1,6} |> ?)/gm, '')
    .replace(/\*\*(.+?)\*\*/g, '$1')
    .replace(/\[([^\]\n]*)\]\([^)\n]*\)/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(UNSEEN, '')
}
