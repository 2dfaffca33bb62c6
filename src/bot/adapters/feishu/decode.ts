import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import type { PressedThere, SaidThere, ToldThere } from '../adapter.ts'

/** What an event is to us. `ignored` says why, for logs and tests. */
export type Decoded =
  | { is: 'said'; said: SaidThere }
  | { is: 'pressed'; pressed: PressedThere }
  | { is: 'told'; told: ToldThere }
  | { is: 'ignored'; because: IgnoredBecause }

export type IgnoredBecause =
  | 'unreadable'
  | 'not-for-us'
  | 'own-bot'
  | 'other-bot'
  | 'other-tenant'
  | 'edited'
  | 'forwarded'
  | 'not-text'
  | 'not-our-button'

/** What an event does not say itself. */
export interface Known {
  appId: string
  /** Our own id, to know when we are mentioned; null until Feishu told it. */
  botId: string | null
  /** Conversations of two that we know of. */
  isDirect(chat: string): boolean
  directChatOf(person: string): string | null
}

/** Pure, and never throws: an event that we cannot read is ignored, and says so. */
export function decodeEvent(body: unknown, known: Known): Decoded {
  const read = envelope.safeParse(body)
  if (!read.success) return ignored('unreadable')
  const { header, event } = read.data
  if (header.app_id !== known.appId) return ignored('not-for-us')
  return DECODERS.get(header.event_type)?.({ header, event }, known) ?? ignored('not-for-us')
}

const DECODERS: ReadonlyMap<string, (got: Envelope, known: Known) => Decoded> = new Map([
  ['im.message.receive_v1', decodeMessage],
  ['card.action.trigger', decodeTap],
  ['application.bot.menu_v6', decodeMenu],
  ['im.chat.member.bot.added_v1', (got: Envelope) => decodeMembership(got, 'joined')],
  ['im.chat.member.bot.deleted_v1', (got: Envelope) => decodeMembership(got, 'left')],
  ['contact.user.deleted_v3', decodeLeaver],
])

function ignored(because: IgnoredBecause): Decoded {
  return { is: 'ignored', because }
}

// --- the envelope -------------------------------------------------------------------------------------------------

const id = z.string().min(1).max(200)
const moment = z.union([z.string(), z.number()]).transform((text) => instantOf(String(text)))

const envelope = z.object({
  schema: z.literal('2.0'),
  header: z.object({
    event_id: id,
    event_type: z.string(),
    create_time: moment.pipe(z.number()),
    app_id: z.string(),
    tenant_key: z.string(),
  }),
  event: z.unknown(),
})
type Envelope = Pick<z.infer<typeof envelope>, 'header' | 'event'>

/** Seconds, milliseconds or microseconds, told apart by their length. */
function instantOf(digits: string): Instant | null {
  if (/^\d{10}$/.test(digits)) return Number(digits) * 1_000
  if (/^\d{13}$/.test(digits)) return Number(digits)
  return /^\d{16}$/.test(digits) ? Math.floor(Number(digits) / 1_000) : null
}

// --- words --------------------------------------------------------------------------------------------------------

const mention = z.object({
  key: z.string(),
  id: z.object({ open_id: z.string().optional().catch(undefined) }).catch({}),
  name: z.string().catch(''),
  mentioned_type: z.string().optional().catch(undefined),
})
type Mention = z.infer<typeof mention>

const messageEvent = z.object({
  sender: z.object({
    sender_id: z.object({ open_id: id }),
    sender_type: z.string(),
    tenant_key: z.string().optional(),
  }),
  message: z.object({
    message_type: z.string(),
    chat_id: id,
    chat_type: z.string(),
    create_time: moment.optional(),
    update_time: moment.optional(),
    content: z.string(),
    mentions: z.array(mention).catch([]),
  }),
})

// Messages that nobody touched carry both times within moments of each other.
const EDIT_AFTER_MS = 2_000

function decodeMessage({ header, event }: Envelope, known: Known): Decoded {
  const read = messageEvent.safeParse(event)
  if (!read.success) return ignored('unreadable')
  const { sender, message } = read.data
  const from = sender.sender_id.open_id
  if (sender.sender_type !== 'user') return ignored(from === known.botId ? 'own-bot' : 'other-bot')
  if (isStranger(sender.tenant_key, header)) return ignored('other-tenant')
  if (message.message_type === 'merge_forward') return ignored('forwarded')
  const at = message.create_time ?? header.create_time
  if ((message.update_time ?? at) - at > EDIT_AFTER_MS) return ignored('edited')

  const typed = typedText(message.message_type, message.content)
  if (typed === null) return ignored('not-text')
  const direct = message.chat_type === 'p2p'
  return {
    is: 'said',
    said: {
      eventId: header.event_id,
      at,
      chat: { id: message.chat_id, title: null, direct },
      from: { id: from, name: null },
      text: withNames(typed, message.mentions, known),
      addressed: direct || message.mentions.some((one) => isOurs(one, known)),
    },
  }
}

/** In groups with other companies their people speak too. */
function isStranger(tenant: string | undefined, { tenant_key }: Envelope['header']): boolean {
  return tenant !== undefined && tenant !== '' && tenant !== tenant_key
}

function isOurs({ id, mentioned_type }: Mention, { botId }: Known): boolean {
  return botId === null ? mentioned_type === 'bot' : id.open_id === botId
}

/** Placeholders of mentions become `@name`; our own goes, with the space around it. */
function withNames(typed: string, mentions: readonly Mention[], known: Known): string {
  const byKey = new Map(mentions.map((one) => [one.key, one]))
  return typed
    .replace(/[ \t]?@_(?:user_\d{1,6}|all)/g, (placed) => {
      const key = placed.trimStart()
      const space = placed.slice(0, placed.length - key.length)
      const one = byKey.get(key)
      if (!one) return key === '@_all' ? `${space}@all` : placed
      return isOurs(one, known) ? '' : `${space}@${one.name}`
    })
    .trim()
}

function typedText(type: string, content: string): string | null {
  const parsed = parseJson(content)
  if (type === 'text') {
    const read = textContent.safeParse(parsed)
    return read.success ? read.data.text : null
  }
  if (type === 'post') {
    const read = postContent.safeParse(parsed)
    return read.success ? postText(read.data) : null
  }
  return null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const textContent = z.object({ text: z.string() })

const span = z.object({
  tag: z.string(),
  text: z.string().optional().catch(undefined),
  user_id: z.string().optional().catch(undefined),
  user_name: z.string().optional().catch(undefined),
})
const post = z.object({
  title: z.string().catch(''),
  content: z.array(z.array(span.catch({ tag: 'unknown' })).catch([])),
})
/** Told bare, or by language. */
const postContent = z.union([
  post,
  z.record(z.string(), post).transform((byLanguage, context) => {
    const [first] = Object.values(byLanguage)
    if (first) return first
    context.addIssue('no language')
    return z.NEVER
  }),
])

function postText({ title, content }: z.infer<typeof post>): string {
  return [title, ...content.map((line) => line.map(spanText).join(''))].join('\n').trim()
}

function spanText({ tag, text, user_id, user_name }: z.infer<typeof span>): string {
  if (tag !== 'at') return text ?? ''
  if (user_id?.startsWith('@_')) return user_id
  return user_id === 'all' ? '@all' : `@${user_name ?? ''}`
}

// --- taps ---------------------------------------------------------------------------------------------------------

const tapEvent = z.object({
  operator: z.object({ open_id: id, tenant_key: z.string().optional() }),
  action: z.object({
    value: z.object({ press: z.string().min(1), direct: z.boolean().optional().catch(undefined) }),
    form_value: z.record(z.string(), z.unknown()).optional().catch(undefined),
  }),
  context: z.object({ open_chat_id: id }),
})

function decodeTap({ header, event }: Envelope, known: Known): Decoded {
  const read = tapEvent.safeParse(event)
  if (!read.success) return ignored('not-our-button')
  const { operator, action, context } = read.data
  if (isStranger(operator.tenant_key, header)) return ignored('other-tenant')
  const chat = context.open_chat_id
  return {
    is: 'pressed',
    pressed: {
      eventId: header.event_id,
      at: header.create_time,
      chat: { id: chat, title: null, direct: action.value.direct ?? known.isDirect(chat) },
      from: { id: operator.open_id, name: null },
      press: action.value.press,
      values: valuesOf(action.form_value ?? {}),
    },
  }
}

function valuesOf(form: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => {
      const text = valueText(value)
      return text === null ? [] : [[name, text]]
    }),
  )
}

function valueText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').join(',')
  return null
}

// --- the menu, groups, people -------------------------------------------------------------------------------------

const menuEvent = z.object({
  operator: z.object({
    operator_name: z.string().optional().catch(undefined),
    operator_id: z.object({ open_id: id }),
  }),
  event_key: z.string(),
})

/** A choice in the bot's menu: its key in the console is the command. The event does not name the conversation. */
function decodeMenu({ header, event }: Envelope, known: Known): Decoded {
  const read = menuEvent.safeParse(event)
  if (!read.success) return ignored('unreadable')
  const { operator, event_key } = read.data
  const person = operator.operator_id.open_id
  return {
    is: 'said',
    said: {
      eventId: header.event_id,
      at: header.create_time,
      chat: { id: known.directChatOf(person) ?? person, title: null, direct: true },
      from: { id: person, name: operator.operator_name ?? null },
      text: event_key.trim(),
      addressed: true,
    },
  }
}

const membershipEvent = z.object({ chat_id: id, name: z.string().optional().catch(undefined) })

function decodeMembership({ header, event }: Envelope, is: 'joined' | 'left'): Decoded {
  const read = membershipEvent.safeParse(event)
  if (!read.success) return ignored('unreadable')
  const { chat_id, name } = read.data
  const chat = { id: chat_id, title: name || null }
  return { is: 'told', told: { is, eventId: header.event_id, at: header.create_time, chat } }
}

const leaverEvent = z.object({ object: z.object({ open_id: id }) })

function decodeLeaver({ header, event }: Envelope): Decoded {
  const read = leaverEvent.safeParse(event)
  if (!read.success) return ignored('unreadable')
  const person = read.data.object.open_id
  return {
    is: 'told',
    told: { is: 'person-left', eventId: header.event_id, at: header.create_time, person },
  }
}
