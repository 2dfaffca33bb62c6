import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import type { PressedThere, SaidThere, ToldThere } from '../adapter.ts'

/** Why an event is not handed in. */
export type Ignored =
  | 'malformed'
  /** Somebody whom the organisation does not know: there is no id to answer or to link. */
  | 'outsider'
  | 'other-tenant'
  | 'own-bot'
  | 'other-robot'
  | 'forwarded'
  /** A picture, a voice message, a file. */
  | 'no-words'
  | 'not-ours'

export type Decoded<T> = { is: 'event'; event: T } | { is: 'ignored'; because: Ignored }

export interface Around {
  /** Of the frame or the request: names the event where the event has no id of its own. */
  messageId: string
  now: Instant
}

// --- words ---------------------------------------------------------------------------------------------------------

const word = z.string().min(1)
const loose = z.string().optional().catch(undefined)

const robotMessage = z.object({
  conversationId: word,
  conversationType: z.enum(['1', '2']),
  conversationTitle: loose,
  msgId: loose,
  msgtype: word,
  text: z.object({ content: z.string() }).optional().catch(undefined),
  content: z
    .object({ richText: z.array(z.unknown()).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  senderId: loose,
  senderStaffId: loose,
  senderNick: loose,
  senderCorpId: loose,
  chatbotCorpId: loose,
  chatbotUserId: loose,
  robotCode: loose,
  isInAtList: z.boolean().optional().catch(undefined),
  createAt: z.coerce.number().int().positive().optional().catch(undefined),
})
type RobotMessage = z.infer<typeof robotMessage>

const FORWARDED = new Set(['chatRecord', 'interactiveCard'])

/** What a person said to the robot; `data` is the message, or the JSON text of it. */
export function decodeMessage(data: unknown, around: Around & { robotCode: string }): Decoded<SaidThere> {
  const message = parsed(robotMessage, data)
  if (!message) return ignored('malformed')
  const because = refusal(message, around.robotCode)
  if (because) return ignored(because)
  const { senderStaffId = '' } = message
  const text = wordsOf(message)
  if (text === '') return ignored('no-words')
  const direct = message.conversationType === '1'

  return event({
    eventId: message.msgId || around.messageId,
    at: message.createAt ?? around.now,
    chat: direct
      ? { id: directChat(senderStaffId), title: null, direct }
      : { id: message.conversationId, title: message.conversationTitle || null, direct },
    from: { id: senderStaffId, name: message.senderNick || null },
    text,
    addressed: direct || message.isInAtList !== false,
  })
}

function refusal(message: RobotMessage, robotCode: string): Ignored | null {
  const { senderId, chatbotUserId, senderCorpId, chatbotCorpId } = message
  if (message.robotCode && message.robotCode !== robotCode) return 'other-robot'
  if (senderId && senderId === chatbotUserId) return 'own-bot'
  if (senderCorpId && chatbotCorpId && senderCorpId !== chatbotCorpId) return 'other-tenant'
  if (!message.senderStaffId) return 'outsider'
  return FORWARDED.has(message.msgtype) ? 'forwarded' : null
}

function wordsOf({ msgtype, text, content }: RobotMessage): string {
  if (msgtype === 'text') return typed(text?.content ?? '')
  if (msgtype === 'richText') return typed((content?.richText ?? []).map(richWords).join(''))
  return ''
}

function richWords(item: unknown): string {
  if (typeof item !== 'object' || item === null) return ''
  const { text, type } = item as { text?: unknown; type?: unknown }
  return typeof text === 'string' && type !== 'picture' ? text : ''
}

/** Our own mention is gone already and leaves a space; others before a command are not part of it. */
function typed(text: string): string {
  const plain = text.replaceAll(/[\u200b-\u200d\u2060\ufeff]/g, '').replaceAll(/[\u00a0\u2005\u2006]/g, ' ')
  return withoutMentions(plain.trim())
}

function withoutMentions(text: string): string {
  let rest = text
  while (rest.startsWith('@')) {
    const space = rest.search(/\s/)
    if (space < 0) return text
    rest = rest.slice(space).trimStart()
  }
  return /^[/／]/.test(rest) ? rest : text
}

// --- taps ----------------------------------------------------------------------------------------------------------

const cardCallback = z.object({
  type: loose,
  outTrackId: word,
  userId: word,
  spaceType: loose,
  spaceId: loose,
  content: z.unknown().optional(),
  value: z.unknown().optional(),
})
type CardCallback = z.infer<typeof cardCallback>

const params = z.object({ press: word, chat: loose })

/** A tap on a button of ours; what it carries is JSON within JSON, under one of a few names. */
export function decodeTap(data: unknown, { messageId, now }: Around): Decoded<PressedThere> {
  const callback = parsed(cardCallback, data)
  if (!callback) return ignored('malformed')
  const carried = carriedBy(callback)
  if (!carried) return ignored('not-ours')
  const id = chatOf(callback, carried.chat)

  return event({
    eventId: `card:${messageId}`,
    at: now,
    chat: { id, title: null, direct: personOf(id) !== null },
    from: { id: callback.userId, name: null },
    press: carried.press,
    values: {},
  })
}

function carriedBy({ content, value }: CardCallback): z.infer<typeof params> | null {
  const found = [content, value].flatMap((one) => {
    const within = record(one)
    return [record(within?.cardPrivateData)?.params, within?.params]
  })
  return found.map((one) => parsed(params, one)).find((one) => one !== null) ?? null
}

/** The button names its chat; DingTalk's own words for it are second choice, because they are not documented. */
function chatOf({ spaceType, spaceId, userId }: CardCallback, named: string | undefined): string {
  if (named) return named
  return spaceType?.toUpperCase() === 'IM_GROUP' && spaceId ? spaceId : directChat(userId)
}

// --- what happened -------------------------------------------------------------------------------------------------

const left = z.object({ userId: z.union([word.transform((id) => [id]), z.array(word)]) })

/** Only people who left the organisation: robots are not told of groups that they join. */
export function decodeEvent(
  { type, data }: { type: string; data: unknown },
  { messageId, now }: Around,
): readonly ToldThere[] {
  if (type !== 'user_leave_org') return []
  const people = parsed(left, data)?.userId ?? []
  return people.map((person, i) => ({ is: 'person-left', eventId: `${messageId}:${i}`, at: now, person }))
}

// --- chats ---------------------------------------------------------------------------------------------------------

const DIRECT = 'user:'

/** A conversation of two goes by the person, who is what messages are sent to. */
export function directChat(person: string): string {
  return `${DIRECT}${person}`
}

export function personOf(chat: string): string | null {
  return chat.startsWith(DIRECT) ? chat.slice(DIRECT.length) : null
}

// --- reading -------------------------------------------------------------------------------------------------------

/** An object, or the JSON text of one. */
function record(value: unknown): Record<string, unknown> | null {
  const read = typeof value === 'string' ? json(value) : value
  return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : null
}

function parsed<S extends z.ZodType>(schema: S, data: unknown): z.output<S> | null {
  const result = schema.safeParse(record(data))
  return result.success ? result.data : null
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function event<T>(event: T): Decoded<T> {
  return { is: 'event', event }
}

function ignored(because: Ignored): { is: 'ignored'; because: Ignored } {
  return { is: 'ignored', because }
}
