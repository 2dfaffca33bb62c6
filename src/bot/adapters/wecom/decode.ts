import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { PressedThere, SaidThere, ToldThere } from '../adapter.ts'
import { codeHandle } from './codes.ts'
import { memberChat, memberId, robotChat } from './places.ts'
import { readXml } from './xml.ts'

/** What a call or a frame is to us. `ignored` says why, for logs and tests. */
export type Decoded =
  | { is: 'said'; said: SaidThere }
  | { is: 'pressed'; pressed: PressedThere }
  | { is: 'told'; told: ToldThere }
  | { is: 'ignored'; because: IgnoredBecause }

export type IgnoredBecause =
  | 'unreadable'
  /** Of another app, or something that we do not listen to. */
  | 'not-for-us'
  | 'other-tenant'
  /** A picture, a voice message, a file. */
  | 'not-text'
  | 'not-our-button'
  /** The robot itself, or another one. */
  | 'a-bot'

function ignored(because: IgnoredBecause): Decoded {
  return { is: 'ignored', because }
}

const text = z.string().max(10_000)
const id = z.string().min(1).max(256)
const seconds = z
  .union([z.string().regex(/^\d{10}$/), z.number().int().min(1_000_000_000).max(9_999_999_999)])
  .transform((value) => Number(value) * 1_000)

// --- the app's callback ---------------------------------------------------------------------------------------------

export interface OurApp {
  corpId: string
  agentId: number
}

const callback = z.object({
  ToUserName: id,
  FromUserName: id,
  CreateTime: seconds,
  MsgType: id,
  AgentID: id.optional(),
  MsgId: id.optional(),
  Content: text.optional(),
  Event: id.optional(),
  EventKey: text.optional(),
  TaskId: id.optional(),
  ResponseCode: text.optional(),
  ChangeType: id.optional(),
  UserID: id.optional(),
})
type Callback = z.infer<typeof callback>

/** Pure, and never throws. */
export function decodeCallback(xml: string, app: OurApp): Decoded {
  const read = callback.safeParse(readXml(xml))
  if (!read.success) return ignored('unreadable')
  const event = read.data
  if (event.ToUserName !== app.corpId) return ignored('other-tenant')
  if (event.AgentID !== undefined && event.AgentID !== String(app.agentId)) return ignored('not-for-us')
  if (event.MsgType === 'text') return words(event)
  if (event.MsgType === 'event') return EVENTS.get(event.Event ?? '')?.(event) ?? ignored('not-for-us')
  return ignored('not-text')
}

const EVENTS: ReadonlyMap<string, (event: Callback) => Decoded> = new Map([
  ['template_card_event', tap],
  ['click', menu],
  ['unsubscribe', (event: Callback) => leaver(event, event.FromUserName)],
  ['change_contact', changed],
])

/** It is always the member's own chat with the app. */
function happening({ FromUserName, CreateTime }: Callback) {
  const member = memberId(FromUserName)
  return {
    at: CreateTime,
    chat: { id: memberChat(member), title: null, direct: true },
    from: { id: member, name: null },
  }
}

function words(event: Callback): Decoded {
  const { MsgId, Content } = event
  if (MsgId === undefined || Content === undefined) return ignored('unreadable')
  return {
    is: 'said',
    said: { eventId: MsgId, ...happening(event), text: Content.trim(), addressed: true },
  }
}

/** The key of an entry of the app's menu is the command. */
function menu(event: Callback): Decoded {
  const key = event.EventKey?.trim() ?? ''
  if (!/^[/／]/.test(key)) return ignored('not-for-us')
  const eventId = named('click', event.FromUserName, String(event.CreateTime), key)
  return { is: 'said', said: { eventId, ...happening(event), text: key, addressed: true } }
}

function tap(event: Callback): Decoded {
  const { EventKey: press, TaskId: task, ResponseCode: code } = event
  if (!press || task === undefined || press === DEAD_PRESS) return ignored('not-our-button')
  return {
    is: 'pressed',
    pressed: {
      eventId: named('tap', event.FromUserName, task, press, code ?? String(event.CreateTime)),
      ...happening(event),
      press,
      values: {},
      ...(code ? { learned: { key: keyOfTask(task), handle: codeHandle(code, event.CreateTime) } } : {}),
    },
  }
}

function changed(event: Callback): Decoded {
  return event.ChangeType === 'delete_user' && event.UserID !== undefined
    ? leaver(event, event.UserID)
    : ignored('not-for-us')
}

function leaver({ CreateTime }: Callback, member: string): Decoded {
  const person = memberId(member)
  const eventId = named('left', person, String(CreateTime))
  return { is: 'told', told: { is: 'person-left', eventId, at: CreateTime, person } }
}

/** Events have no id of their own. */
function named(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

// --- cards ----------------------------------------------------------------------------------------------------------

/** Of a button that stands for none. */
export const DEAD_PRESS = '-'

/** A task is unique for ever: the message's key, and for later drawings their version behind it. */
export function taskOf(key: string, version?: number): string {
  return version === undefined ? key : `${key}@${version}`
}

function keyOfTask(task: string): string {
  return task.split('@')[0] ?? task
}

// --- the robot's frames ---------------------------------------------------------------------------------------------

const robotEnvelope = {
  msgid: id,
  aibotid: id.optional().catch(undefined),
  chatid: id.optional().catch(undefined),
  chattype: z.enum(['single', 'group']),
  from: z.object({ userid: id }),
  create_time: seconds.optional().catch(undefined),
}
const said = z.object({ content: text })
const robotMessage = z.object({
  ...robotEnvelope,
  msgtype: id,
  text: said.optional().catch(undefined),
  mixed: z
    .object({ msg_item: z.array(z.object({ msgtype: id, text: said.optional().catch(undefined) })) })
    .optional()
    .catch(undefined),
})
type RobotMessage = z.infer<typeof robotMessage>

const tapped = z.object({ event_key: z.string().min(1).max(2_000), task_id: id })
/** The vendor's types have it flat, the wire has it nested. */
const robotEvent = z.object({
  ...robotEnvelope,
  event: z.union([
    z
      .object({ eventtype: z.literal('template_card_event'), template_card_event: tapped })
      .transform(({ template_card_event }) => template_card_event),
    tapped.extend({ eventtype: z.literal('template_card_event') }),
  ]),
})

/** What tells the robot's own messages from people's. */
export interface OurRobot {
  id: string
  now: number
}

export function decodeRobotMessage(body: unknown, robot: OurRobot): Decoded {
  const read = robotMessage.safeParse(body)
  if (!read.success) return ignored('unreadable')
  const message = read.data
  const refused = strange(message, robot)
  if (refused) return refused
  const chat = robotPlace(message)
  const typed = typedText(message)
  if (chat === null) return ignored('unreadable')
  if (typed === null) return ignored('not-text')
  const words = chat.direct ? typed : withoutMention(typed)
  return {
    is: 'said',
    said: {
      eventId: message.msgid,
      ...robotHappening(message, chat, robot),
      text: words.trim(),
      addressed: true,
    },
  }
}

/** A tap on a card of the robot, and the task whose card may be changed in answer to it. */
export function decodeRobotTap(body: unknown, robot: OurRobot): { decoded: Decoded; task: string | null } {
  const read = robotEvent.safeParse(body)
  if (!read.success) return { decoded: ignored('not-for-us'), task: null }
  const { event_key: press, task_id: task } = read.data.event
  const refused = strange(read.data, robot)
  if (refused) return { decoded: refused, task: null }
  const chat = robotPlace(read.data)
  if (chat === null || press === DEAD_PRESS) return { decoded: ignored('not-our-button'), task: null }
  const pressed = { eventId: read.data.msgid, ...robotHappening(read.data, chat, robot), press, values: {} }
  return { decoded: { is: 'pressed', pressed }, task }
}

type RobotHead = Pick<RobotMessage, 'aibotid' | 'chatid' | 'chattype' | 'from' | 'create_time'>

function strange({ aibotid, from }: RobotHead, { id: ours }: OurRobot): Decoded | null {
  if (aibotid !== undefined && aibotid !== ours) return ignored('not-for-us')
  return from.userid === ours || from.userid === aibotid ? ignored('a-bot') : null
}

function robotPlace({ chattype, chatid, from }: RobotHead): { id: string; direct: boolean } | null {
  if (chattype === 'single') return { id: robotChat(memberId(from.userid)), direct: true }
  return chatid === undefined ? null : { id: robotChat(chatid), direct: false }
}

function robotHappening(
  { from, create_time }: RobotHead,
  chat: { id: string; direct: boolean },
  { now }: OurRobot,
): Pick<SaidThere, 'at' | 'chat' | 'from'> {
  return {
    at: create_time ?? now,
    chat: { ...chat, title: null },
    from: { id: memberId(from.userid), name: null },
  }
}

function typedText({ msgtype, text, mixed }: RobotMessage): string | null {
  if (msgtype === 'text') return text?.content ?? null
  if (msgtype !== 'mixed' || !mixed) return null
  const parts = mixed.msg_item.flatMap((one) => (one.text ? [one.text.content] : []))
  return parts.length === 0 ? null : parts.join('\n')
}

/** In a group the robot's own mention comes first, perhaps among others; its name is whatever it was given there. */
function withoutMention(typed: string): string {
  return typed.replace(/^\s*(?:@[^\s/／]+(?:\s+|$|(?=[/／])))+/, '')
}
