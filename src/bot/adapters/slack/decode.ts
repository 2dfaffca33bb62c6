import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import type { Handle, PressedThere, SaidThere, ToldThere } from '../adapter.ts'
import { FORM_CALLBACK, readPlace, readValues } from './form.ts'
import { keyOf } from './key.ts'
import { typed } from './text.ts'

/** Who we are there. */
export interface Ours {
  teamId: string
  /** Of a company with many workspaces. */
  enterpriseId: string | null
  userId: string
  botId: string | null
}

export type Heard =
  | { is: 'said'; said: SaidThere }
  | { is: 'pressed'; pressed: PressedThere; where: TapPlace }
  /** A form is to be opened in a window, at once: `trigger` lives for three seconds. */
  | { is: 'opens'; pressed: PressedThere; where: TapPlace; trigger: string }
  | { is: 'told'; told: ToldThere }
  | { is: 'ignored'; because: Ignored }

export type Ignored =
  | 'own bot'
  | 'other bot'
  | 'edited'
  | 'deleted'
  | 'other tenant'
  | 'not for us'
  | 'no words'
  | 'malformed'

/** Where who tapped can be answered alone. */
export interface TapPlace {
  channel: string
  person: string
  thread: string | null
  responseUrl: string | null
}

export interface Reading {
  ours: Ours
  now: Instant
  nameOf: (person: string) => string | null
}

/** Anything Slack sends, commands, events and interactions alike. Never throws. */
export function decode(body: unknown, reading: Reading): Heard {
  const envelope = ENVELOPE.safeParse(body)
  if (!envelope.success) return ignored('malformed')
  if (envelope.data.command !== undefined) return decodeCommand(body, reading)
  switch (envelope.data.type) {
    case 'event_callback':
      return decodeEvent(body, reading)
    case 'block_actions':
      return decodeAction(body, reading)
    case 'view_submission':
      return decodeView(body, reading)
    default:
      return ignored('not for us')
  }
}

const ENVELOPE = z.object({ type: z.string().optional(), command: z.string().optional() })

const id = z.string().regex(/^[A-Z][A-Z0-9]{1,40}$/)
const word = z.string().min(1).max(400)
const optionalWord = z.string().max(4_000).nullish()

function ignored(because: Ignored): Heard {
  return { is: 'ignored', because }
}

// --- commands -----------------------------------------------------------------------------------------------------

const COMMAND = z.object({
  text: z.string().default(''),
  trigger_id: word,
  team_id: id,
  enterprise_id: optionalWord,
  channel_id: id,
  channel_name: optionalWord,
  user_id: id,
  user_name: optionalWord,
})

function decodeCommand(body: unknown, reading: Reading): Heard {
  const read = COMMAND.safeParse(body)
  if (!read.success) return ignored('malformed')
  const command = read.data
  if (!isOurs([command.team_id], reading.ours)) return ignored('other tenant')
  const text = typed(command.text, { userId: reading.ours.userId, nameOf: reading.nameOf })
  const said: SaidThere = {
    eventId: command.trigger_id,
    at: reading.now,
    chat: chatOf(command.channel_id, command.channel_name),
    from: { id: command.user_id, name: reading.nameOf(command.user_id) ?? (command.user_name || null) },
    text: withSlash(text),
    addressed: true,
  }
  return { is: 'said', said }
}

/** `/sluice job list` brings `job list`; alone it asks for help. */
function withSlash(text: string): string {
  if (text === '') return '/help'
  return /^[/／]/.test(text) ? text : `/${text}`
}

// --- events -------------------------------------------------------------------------------------------------------

const EVENT = z.object({
  event_id: word,
  event_time: z.number().optional(),
  team_id: id,
  event: z.looseObject({ type: z.string() }),
})

const MESSAGE = z.object({
  channel: id,
  channel_type: z.string().optional(),
  user: id.optional(),
  text: z.string().optional(),
  ts: z.string().optional(),
  subtype: z.string().optional(),
  bot_id: z.string().nullish(),
  edited: z.unknown().optional(),
  team: optionalWord,
  user_team: optionalWord,
  source_team: optionalWord,
})

function decodeEvent(body: unknown, reading: Reading): Heard {
  const read = EVENT.safeParse(body)
  if (!read.success) return ignored('malformed')
  const { event, ...envelope } = read.data
  if (!isOurs([envelope.team_id], reading.ours)) return ignored('other tenant')
  const at = (envelope.event_time ?? 0) * 1_000 || reading.now
  switch (event.type) {
    case 'message':
    case 'app_mention':
      return decodeMessage(event, { eventId: envelope.event_id, at }, reading)
    case 'member_joined_channel':
    case 'member_left_channel':
    case 'channel_left':
    case 'group_left':
      return decodeMembership(event, { eventId: envelope.event_id, at }, reading)
    case 'user_change':
      return decodeUser(event, { eventId: envelope.event_id, at })
    default:
      return ignored('not for us')
  }
}

interface When {
  eventId: string
  at: Instant
}

// A mention of us in a channel comes as `app_mention` and as `message`: only the first counts there.
const WITH_WORDS = new Set([undefined, 'file_share', 'thread_broadcast'])

function decodeMessage(event: { type: string }, when: When, reading: Reading): Heard {
  const read = MESSAGE.safeParse(event)
  if (!read.success) return ignored('malformed')
  const message = read.data
  const { ours, nameOf } = reading
  const refused = refusalOf(message, ours)
  if (refused) return ignored(refused)
  const direct = message.channel_type === 'im' || message.channel.startsWith('D')
  if (event.type === 'message' && !direct) return ignored('not for us')
  const text = typed(message.text ?? '', { userId: ours.userId, nameOf })
  if (message.user === undefined || text === '') return ignored('no words')
  const said: SaidThere = {
    eventId: when.eventId,
    at: instantOf(message.ts) ?? when.at,
    chat: { id: message.channel, title: null, direct },
    from: { id: message.user, name: nameOf(message.user) },
    text,
    addressed: true,
  }
  return { is: 'said', said }
}

function refusalOf(message: z.infer<typeof MESSAGE>, ours: Ours): Ignored | null {
  if (message.user === ours.userId || (message.bot_id && message.bot_id === ours.botId)) return 'own bot'
  if (message.bot_id || message.subtype === 'bot_message') return 'other bot'
  // What was said counts as it was said: an edit changes nothing, and begins nothing.
  if (message.subtype === 'message_changed' || message.edited !== undefined) return 'edited'
  if (message.subtype === 'message_deleted') return 'deleted'
  if (!WITH_WORDS.has(message.subtype)) return 'not for us'
  // Channels shared with another company: its people speak there too.
  const home = message.user_team ?? message.source_team ?? message.team
  return isOurs([home], ours) ? null : 'other tenant'
}

const MEMBERSHIP = z.object({ channel: id, user: id.optional(), event_ts: z.string().optional() })

function decodeMembership(event: { type: string }, { eventId, at }: When, { ours }: Reading): Heard {
  const read = MEMBERSHIP.safeParse(event)
  if (!read.success) return ignored('malformed')
  const { channel, user, event_ts } = read.data
  if (event.type.startsWith('member_') && user !== ours.userId) return ignored('not for us')
  const is = event.type === 'member_joined_channel' ? 'joined' : 'left'
  const chat = { id: channel, title: null }
  return { is: 'told', told: { is, eventId, at: instantOf(event_ts) ?? at, chat } }
}

const USER = z.object({
  user: z.object({ id, deleted: z.boolean().optional() }),
  event_ts: z.string().optional(),
})

function decodeUser(event: { type: string }, { eventId, at }: When): Heard {
  const read = USER.safeParse(event)
  if (!read.success) return ignored('malformed')
  const { user, event_ts } = read.data
  if (user.deleted !== true) return ignored('not for us')
  const told: ToldThere = { is: 'person-left', eventId, at: instantOf(event_ts) ?? at, person: user.id }
  return { is: 'told', told }
}

// --- taps ---------------------------------------------------------------------------------------------------------

const WHO = {
  team: z.object({ id }).nullish(),
  user: z.object({
    id,
    name: optionalWord,
    username: optionalWord,
    team_id: optionalWord,
  }),
  trigger_id: word,
}

const ACTION = z.object({
  ...WHO,
  container: z.object({ channel_id: id, message_ts: word, thread_ts: optionalWord }),
  channel: z.object({ name: optionalWord }).nullish(),
  message: z.object({ metadata: z.unknown() }).nullish(),
  response_url: optionalWord,
  actions: z
    .array(
      z.object({
        type: z.string(),
        action_id: z.string(),
        value: z.string().min(1).max(2_000).optional(),
        action_ts: z.string().optional(),
      }),
    )
    .min(1),
})

function decodeAction(body: unknown, reading: Reading): Heard {
  const read = ACTION.safeParse(body)
  if (!read.success) return ignored('malformed')
  const { container, actions, user, ...tap } = read.data
  if (!isOurs([tap.team?.id, user.team_id], reading.ours)) return ignored('other tenant')
  const [action] = actions
  if (action?.type !== 'button' || action.value === undefined) return ignored('not for us')
  const key = keyOf(tap.message?.metadata)
  const handle: Handle = { channel: container.channel_id, ts: container.message_ts }
  const pressed: PressedThere = {
    eventId: tap.trigger_id,
    at: instantOf(action.action_ts) ?? reading.now,
    chat: chatOf(container.channel_id, tap.channel?.name),
    from: { id: user.id, name: nameOfUser(user, reading) },
    press: action.value,
    values: {},
    ...(key !== null && { learned: { key, handle } }),
  }
  const where: TapPlace = {
    channel: container.channel_id,
    person: user.id,
    thread: container.thread_ts ?? null,
    responseUrl: tap.response_url ?? null,
  }
  if (action.action_id.startsWith('form')) return { is: 'opens', pressed, where, trigger: tap.trigger_id }
  return { is: 'pressed', pressed, where }
}

const VIEW = z.object({
  ...WHO,
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.unknown() }),
  }),
})

function decodeView(body: unknown, reading: Reading): Heard {
  const read = VIEW.safeParse(body)
  if (!read.success) return ignored('malformed')
  const { team, user, view, trigger_id } = read.data
  if (!isOurs([team?.id, user.team_id], reading.ours)) return ignored('other tenant')
  const place = view.callback_id === FORM_CALLBACK ? readPlace(view.private_metadata) : null
  if (!place) return ignored('not for us')
  const pressed: PressedThere = {
    eventId: trigger_id,
    at: reading.now,
    chat: { id: place.channel, title: null, direct: place.channel.startsWith('D') },
    from: { id: user.id, name: nameOfUser(user, reading) },
    press: place.press,
    values: readValues(view.state.values),
  }
  const where: TapPlace = {
    channel: place.channel,
    person: user.id,
    thread: place.thread,
    responseUrl: null,
  }
  return { is: 'pressed', pressed, where }
}

// --- parts --------------------------------------------------------------------------------------------------------

/** Names of conversations that are no names. */
const NAMELESS = new Set(['directmessage', 'privategroup'])

function chatOf(channel: string, name: string | null | undefined): SaidThere['chat'] {
  const title = name && !NAMELESS.has(name) ? name : null
  return { id: channel, title, direct: channel.startsWith('D') }
}

/** What comes with a tap is how one signs in there; what people are called is better. */
function nameOfUser(
  {
    id,
    name,
    username,
  }: { id: string; name?: string | null | undefined; username?: string | null | undefined },
  { nameOf }: Reading,
): string | null {
  return nameOf(id) ?? name ?? username ?? null
}

/** All that are known must be our workspace, or our company of workspaces. */
function isOurs(teams: readonly (string | null | undefined)[], { teamId, enterpriseId }: Ours): boolean {
  return teams.every((team) => !team || team === teamId || team === enterpriseId)
}

const LATEST = 8_640_000_000_000_000

/** `1355517523.000005`: seconds, and a count that makes it unique. */
function instantOf(ts: string | undefined): Instant | null {
  if (ts === undefined || !/^\d{1,13}(\.\d{1,9})?$/.test(ts)) return null
  const at = Math.floor(Number(ts) * 1_000)
  return at > 0 && at < LATEST ? at : null
}
