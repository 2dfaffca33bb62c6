import { modal, problemsOf } from './blocks.ts'
import { type Channel, directChannel, type Message, type User, type World } from './world.ts'

export type Args = Readonly<Record<string, unknown>>
export type Answer = Record<string, unknown> & { ok: boolean }
export type Method = (args: Args) => Answer

const no = (error: string, more: object = {}): Answer => ({ ok: false, error, ...more })

const MOST_BLOCK_TEXT = 13_000
const POST_KEYS = new Set(
  'channel text blocks metadata thread_ts reply_broadcast unfurl_links unfurl_media parse link_names'.split(
    ' ',
  ),
)
const UPDATE_KEYS = new Set('channel ts text blocks metadata parse link_names'.split(' '))

/** Web API methods, by name, as far as the bot uses them. */
export function methodsOf(world: World, origin: () => string): Record<string, Method> {
  const methods: Record<string, Method> = {
    'auth.test': () => ({
      ok: true,
      url: 'https://example.slack.com/',
      team: 'Example',
      user: 'sluice',
      team_id: world.team,
      user_id: world.botUser,
      bot_id: world.bot,
      is_enterprise_install: false,
    }),
    'chat.postMessage': (args) => post(world, args),
    'chat.update': (args) => update(world, args),
    'chat.postEphemeral': (args) => ephemeral(world, args),
    'chat.getPermalink': ({ channel, message_ts }) =>
      standing(world, channel, message_ts)
        ? {
            ok: true,
            permalink: `https://example.slack.com/archives/${channel}/p${String(message_ts).replace('.', '')}`,
          }
        : no('message_not_found'),
    'conversations.open': ({ users }) => open(world, String(users)),
    'conversations.info': ({ channel }) => {
      const known = world.channels.get(String(channel))
      return known ? { ok: true, channel: { id: known.id, name: known.name } } : no('channel_not_found')
    },
    'conversations.history': (args) => history(world, args),
    'conversations.replies': (args) => history(world, args),
    'users.info': ({ user }) => {
      const known = world.users.get(String(user))
      return known ? { ok: true, user: userOf(world, known) } : no('user_not_found')
    },
    'users.list': ({ limit, cursor }) => {
      const from = Number(cursor || 0)
      const all = [...world.users.values()]
      const to = from + Number(limit ?? 100)
      const next = to < all.length ? String(to) : ''
      return {
        ok: true,
        members: all.slice(from, to).map((user) => userOf(world, user)),
        response_metadata: { next_cursor: next },
      }
    },
    'views.open': (args) => openView(world, args),
    'files.getUploadURLExternal': ({ length }) => {
      if (!world.scopes.has('files:write'))
        return no('missing_scope', { needed: 'files:write', provided: '' })
      const id = world.id('F')
      world.files.set(id, { length: Number(length), uploaded: false, complete: false })
      return { ok: true, upload_url: `${origin()}/upload/${id}`, file_id: id }
    },
    'files.completeUploadExternal': ({ files }) => {
      const done = (files as { id: string; title?: string }[]).map(({ id, title }) => {
        const file = world.files.get(id)
        if (file?.uploaded) file.complete = true
        return { id, title, ok: file?.uploaded === true }
      })
      return done.every(({ ok }) => ok) ? { ok: true, files: done } : no('file_not_found')
    },
  }
  return methods
}

// --- messages -----------------------------------------------------------------------------------------------------

function post(world: World, args: Args): Answer {
  const channel = whereTo(world, String(args.channel))
  if (typeof channel === 'string') return refuse(world, channel)
  const wrong = problemOf(world, args, POST_KEYS)
  if (wrong) return refuse(world, wrong.error, wrong.messages)
  const thread = args.thread_ts === undefined ? null : String(args.thread_ts)
  if (thread !== null && !standing(world, channel.id, thread)) return refuse(world, 'thread_not_found')
  const { key, urge } = metadataOf(args.metadata)
  if (
    key !== null &&
    world.messages.some((one) => one.channel === channel.id && metadataOf(one.metadata).key === key)
  ) {
    world.counts.duplicates++
  }
  const message = add(world, channel, args, { thread, onlyFor: null })
  world.counts.posts++
  if (urge && channel.person !== null) {
    standing(world, urge.channel, urge.ts)?.urged.push({ means: 'app', people: [channel.person] })
  }
  return { ok: true, channel: channel.id, ts: message.ts, message: { ts: message.ts, text: message.text } }
}

function update(world: World, args: Args): Answer {
  const channel = world.channels.get(String(args.channel))
  if (!channel) return refuse(world, 'channel_not_found')
  const message = standing(world, channel.id, args.ts)
  if (!message || message.onlyFor !== null) return no('message_not_found')
  if (world.now() - message.at > world.faults.editWindow) return no('edit_window_closed')
  const wrong = problemOf(world, args, UPDATE_KEYS)
  if (wrong) return refuse(world, wrong.error, wrong.messages)
  message.text = String(args.text ?? '')
  message.blocks = (args.blocks as unknown[] | undefined) ?? []
  message.metadata = args.metadata ?? message.metadata
  message.edits++
  world.counts.edits++
  return { ok: true, channel: channel.id, ts: message.ts, text: message.text }
}

function ephemeral(world: World, args: Args): Answer {
  const channel = world.channels.get(String(args.channel))
  if (!channel) return no('channel_not_found')
  if (!channel.members.has(world.botUser)) return no('not_in_channel')
  if (!channel.members.has(String(args.user))) return no('user_not_in_channel')
  const message = add(world, channel, args, { thread: null, onlyFor: String(args.user) })
  return { ok: true, message_ts: message.ts }
}

function add(
  world: World,
  channel: Channel,
  args: Args,
  { thread, onlyFor }: { thread: string | null; onlyFor: string | null },
): Message {
  const message: Message = {
    channel: channel.id,
    ts: world.ts(),
    text: String(args.text ?? ''),
    blocks: (args.blocks as unknown[] | undefined) ?? [],
    metadata: args.metadata ?? null,
    thread,
    onlyFor,
    edits: 0,
    urged: [],
    at: world.now(),
  }
  world.messages.push(message)
  return message
}

/** Where it goes, or why not: public channels are open to the bot, others only when it is in. */
function whereTo(world: World, id: string): Channel | string {
  if (world.users.has(id)) return directChannel(world, id)
  const channel = world.channels.get(id)
  if (!channel) return 'channel_not_found'
  if (channel.archived) return 'is_archived'
  if (channel.members.has(world.botUser)) return channel
  if (channel.secret) return 'channel_not_found'
  return world.scopes.has('chat:write.public') ? channel : 'not_in_channel'
}

function problemOf(
  world: World,
  args: Args,
  keys: ReadonlySet<string>,
): { error: string; messages?: string[] } | null {
  const unknown = Object.keys(args).filter((key) => !keys.has(key))
  if (unknown.length > 0)
    return { error: 'invalid_arguments', messages: unknown.map((key) => `[ERROR] ${key}`) }
  if (!args.text && !args.blocks) return { error: 'no_text' }
  if (String(args.text ?? '').length > 40_000) return { error: 'msg_too_long' }
  if (args.blocks === undefined) return null
  const problems = [...problemsOf(args.blocks), ...missingFiles(world, args.blocks)]
  if (problems.length > 0) return { error: 'invalid_blocks', messages: problems }
  return textLength(args.blocks) > MOST_BLOCK_TEXT ? { error: 'msg_blocks_too_long' } : null
}

function missingFiles(world: World, blocks: unknown): string[] {
  return [...JSON.stringify(blocks).matchAll(/"slack_file":\{"id":"(\w+)"/g)].flatMap(([, id]) =>
    world.files.get(id ?? '')?.complete ? [] : ['[ERROR] invalid slack file'],
  )
}

function textLength(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [key, inner]) =>
      sum + (key === 'text' && typeof inner === 'string' ? inner.length : textLength(inner)),
    0,
  )
}

function refuse(world: World, error: string, messages?: readonly string[]): Answer {
  if (CONTENT.has(error)) world.counts.refused++
  return no(error, messages && { response_metadata: { messages } })
}

const CONTENT = new Set([
  'invalid_blocks',
  'invalid_arguments',
  'no_text',
  'msg_too_long',
  'msg_blocks_too_long',
])

function standing(world: World, channel: unknown, ts: unknown): Message | undefined {
  return world.messages.find((message) => message.channel === channel && message.ts === ts)
}

function metadataOf(metadata: unknown): { key: string | null; urge: { channel: string; ts: string } | null } {
  const { event_type, event_payload = {} } = (metadata ?? {}) as {
    event_type?: string
    event_payload?: { key?: string; channel?: string; ts?: string }
  }
  const { key = null, channel = '', ts = '' } = event_payload
  return { key, urge: event_type === 'sluice_urge' ? { channel, ts } : null }
}

// --- conversations, people, windows ---------------------------------------------------------------------------------

function open(world: World, person: string): Answer {
  const user = world.users.get(person)
  if (!user) return no('user_not_found')
  if (user.deleted) return no('user_disabled')
  return user.bot ? no('cannot_dm_bot') : { ok: true, channel: { id: directChannel(world, person).id } }
}

function history(world: World, { channel, ts, oldest, limit, cursor, include_all_metadata }: Args): Answer {
  const known = world.channels.get(String(channel))
  if (!known) return no('channel_not_found')
  if (!known.members.has(world.botUser)) return no('not_in_channel')
  const all = world.messages
    .filter((one) => one.channel === channel && one.onlyFor === null)
    .filter((one) => (ts === undefined ? true : one.thread === ts || one.ts === ts))
    .filter((one) => Number(one.ts) >= Number(oldest ?? 0))
    .reverse()
  const from = Number(cursor || 0)
  const to = from + Number(limit ?? 100)
  const next = to < all.length ? String(to) : ''
  const messages = all.slice(from, to).map((one) => ({
    type: 'message',
    user: world.botUser,
    bot_id: world.bot,
    text: one.text,
    ts: one.ts,
    ...(String(include_all_metadata) === 'true' && one.metadata !== null && { metadata: one.metadata }),
  }))
  return { ok: true, messages, has_more: next !== '', response_metadata: { next_cursor: next } }
}

function userOf(world: World, { id, name, email, deleted, bot }: User): object {
  const profile = { real_name: name, display_name: '', ...(email !== null && { email }) }
  return { id, team_id: world.team, name: name.toLowerCase(), real_name: name, deleted, is_bot: bot, profile }
}

const TRIGGER_MS = 3_000

function openView(world: World, { trigger_id, view }: Args): Answer {
  const known = world.triggers.get(String(trigger_id))
  if (!known) return no('invalid_trigger')
  world.triggers.delete(String(trigger_id))
  if (world.now() - known.at > TRIGGER_MS) return no('expired_trigger_id')
  const read = modal.safeParse(view)
  if (!read.success) {
    world.counts.refused++
    return no('invalid_arguments', {
      response_metadata: { messages: read.error.issues.map(({ message }) => `[ERROR] ${message}`) },
    })
  }
  const id = world.id('V')
  world.views.push({ id, person: known.person, view: read.data, sent: false })
  return { ok: true, view: { id, ...read.data } }
}
