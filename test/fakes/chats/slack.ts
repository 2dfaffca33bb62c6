import { until } from '../../support/until.ts'
import type { Acknowledged, FakeChat, FakeGroup, FakePerson, SeenMessage } from './fake-chat.ts'
import type { SlackInput } from './slack/blocks.ts'
import { createPusher, type Kind, type Pusher } from './slack/push.ts'
import { buttonsOf, seenMessage } from './slack/seen.ts'
import { startApi } from './slack/server.ts'
import {
  answerable,
  type Channel,
  directChannel,
  emptyWorld,
  seeded,
  trigger,
  type User,
  type World,
} from './slack/world.ts'

export interface FakeSlack extends FakeChat {
  readonly world: World
  readonly pusher: Pusher
  person(name: string, more?: { email?: string }): FakeSlackPerson
  /** A private channel. */
  secretGroup(title: string, members: readonly FakePerson[]): FakeGroup
  /** The envelope that any event comes in. */
  envelope(event: Record<string, unknown>, eventId?: string): Record<string, unknown>
  /** Every token is good again. */
  grantTokens(): void
}

export interface FakeSlackPerson extends FakePerson {
  /** `/sluice` and what stands after it. */
  command(text: string, where?: { in?: FakeGroup; eventId?: string }): Promise<Acknowledged>
  /** `responseUrl`: an address that Slack would not have given. */
  press(
    message: SeenMessage,
    label: string,
    more?: { eventId?: string; responseUrl?: string },
  ): Promise<Acknowledged>
}

/** Slack's API, sockets and calls on this machine. */
export async function startFakeSlack(
  options: { port?: number; now?: () => number; pace?: boolean } = {},
): Promise<FakeSlack> {
  const world = emptyWorld({ now: options.now ?? Date.now, pace: options.pace ?? true })
  const api = await startApi(world, { port: options.port ?? 0, link: () => pusher.link() })
  const pusher = createPusher(world, api.server, api.origin)
  const talk = { world, pusher, api: api.origin() }

  return {
    vendor: 'slack',
    world,
    pusher,
    setup: () => ({
      botToken: world.tokens.bot,
      ...(pusher.isCalling() ? { signingSecret: world.tokens.signing } : { appToken: world.tokens.app }),
      apiUrl: `${api.origin()}/api/`,
    }),
    callAt: pusher.callAt,
    person: (name, more) => newPerson(talk, name, more?.email ?? null),
    group: (title, members) => newGroup(talk, title, { members, secret: false }),
    secretGroup: (title, members) => newGroup(talk, title, { members, secret: true }),
    messages: (where) => messagesIn(world, where),
    async seen(wanted, where) {
      const found = () => messagesIn(world, where).find(wanted)
      await until(() => found() !== undefined).catch(() => {
        throw new Error(`Not seen; there is ${JSON.stringify(messagesIn(world, where), null, 1)}`)
      })
      return found() as SeenMessage
    },
    envelope: (event, eventId) => envelope(world, event, eventId),
    grantTokens() {
      world.revoked = false
    },
    faults: faultsOf(world, pusher, () => api.server.closeAllConnections()),
    issued: () => [...world.issued],
    counts: Object.assign(world.counts, { tokens: 0 }),
    async close() {
      pusher.close()
      api.server.closeAllConnections()
      await new Promise<void>((resolve) => api.server.close(() => resolve()))
    },
  }
}

interface Talk {
  world: World
  pusher: Pusher
  api: string
}

function messagesIn(world: World, where: { chat?: string; person?: FakePerson } = {}): SeenMessage[] {
  const { chat, person } = where
  const isThere = (id: string) =>
    (chat === undefined || id === chat) &&
    (!person || world.channels.get(id)?.members.has(person.id) === true)
  return world.messages.filter(({ channel }) => isThere(channel)).map(seenMessage)
}

function faultsOf(world: World, pusher: Pusher, cutCalls: () => void): FakeChat['faults'] {
  return {
    dropAfterAccept(times) {
      world.faults.drop = times
    },
    limit(times) {
      world.faults.limit = times
    },
    garbage(times) {
      world.faults.garbage = times
    },
    slow(ms) {
      world.faults.slowMs = ms
    },
    revokeTokens() {
      world.revoked = true
      pusher.recycle('link_disabled')
    },
    async disconnect() {
      pusher.cut()
      cutCalls()
    },
    chance(chance) {
      world.faults.chance = chance && {
        limited: chance.limited,
        dropped: chance.droppedAfterAccept,
        next: seeded(chance.seed),
      }
    },
  }
}

function envelope(
  world: World,
  event: Record<string, unknown>,
  eventId = world.id('Ev'),
): Record<string, unknown> {
  const time =
    typeof event.event_ts === 'string' ? Math.floor(Number(event.event_ts)) : Math.floor(world.now() / 1_000)
  return {
    token: 'old',
    type: 'event_callback',
    team_id: world.team,
    api_app_id: world.app,
    event,
    event_id: eventId,
    event_time: time,
    authorizations: [
      { team_id: world.team, user_id: world.botUser, is_bot: true, is_enterprise_install: false },
    ],
  }
}

// --- groups ---------------------------------------------------------------------------------------------------------

function newGroup(
  { world, pusher }: Talk,
  title: string,
  { members, secret }: { members: readonly FakePerson[]; secret: boolean },
): FakeGroup {
  const channel: Channel = {
    id: world.id('C'),
    name: title,
    person: null,
    secret,
    archived: false,
    members: new Set([...members.map(({ id }) => id), world.botUser]),
  }
  world.channels.set(channel.id, channel)
  const tell = async (event: Record<string, unknown>) => {
    await pusher.push('events_api', envelope(world, { ...event, channel: channel.id, event_ts: world.ts() }))
  }
  return {
    id: channel.id,
    title,
    invite() {
      channel.members.add(world.botUser)
      return tell({ type: 'member_joined_channel', user: world.botUser, channel_type: 'C', team: world.team })
    },
    remove() {
      channel.members.delete(world.botUser)
      return tell({ type: secret ? 'group_left' : 'channel_left' })
    },
  }
}

// --- people ---------------------------------------------------------------------------------------------------------

function newPerson(talk: Talk, name: string, email: string | null): FakeSlackPerson {
  const { world, pusher } = talk
  const user: User = { id: world.id('U'), name, email, deleted: false, bot: false }
  world.users.set(user.id, user)

  async function push(kind: Kind, payload: object): Promise<Acknowledged> {
    return { ...(await pusher.push(kind, payload)), toast: null }
  }

  async function say(
    text: string,
    where: { in?: FakeGroup; eventId?: string; at?: number; mention?: boolean } = {},
  ): Promise<Acknowledged> {
    // Only mentions are subscribed to in channels: what else is said there is told to nobody.
    if (where.in && where.mention === false) return { ok: true, ms: 0, toast: null }
    const ts = where.at === undefined ? world.ts() : (where.at / 1_000).toFixed(6)
    const channel = where.in?.id ?? directChannel(world, user.id).id
    const event = {
      type: where.in ? 'app_mention' : 'message',
      ...(!where.in && { channel_type: 'im', client_msg_id: crypto.randomUUID() }),
      user: user.id,
      text: where.in ? `<@${world.botUser}> ${asSent(text)}` : asSent(text),
      ts,
      event_ts: ts,
      channel,
      team: world.team,
    }
    return push('events_api', envelope(world, event, where.eventId))
  }

  return {
    id: user.id,
    name,
    say,
    command: (text, where = {}) => push('slash_commands', commandOf(talk, user, text, where)),
    async press(message, label, more = {}) {
      const payload = actionOf(talk, user, { message, wanted: (text) => text === label, ...more })
      return push('interactive', payload)
    },
    async send(message, values) {
      const opened = world.views.length
      await push(
        'interactive',
        actionOf(talk, user, { message, wanted: (_text, action) => action.startsWith('form') }),
      )
      await until(() => world.views.length > opened, { what: 'a window' })
      return push('interactive', submissionOf(talk, user, values))
    },
    async leave() {
      user.deleted = true
      const left = { id: user.id, team_id: world.team, deleted: true, name: name.toLowerCase() }
      await push('events_api', envelope(world, { type: 'user_change', user: left, event_ts: world.ts() }))
    },
  }
}

function commandOf(
  { world, api }: Talk,
  user: User,
  text: string,
  where: { in?: FakeGroup; eventId?: string },
): Record<string, string> {
  const channel = where.in?.id ?? directChannel(world, user.id).id
  return {
    token: 'old',
    team_id: world.team,
    team_domain: 'example',
    channel_id: channel,
    channel_name: where.in?.title ?? 'directmessage',
    user_id: user.id,
    user_name: user.name.toLowerCase(),
    command: '/sluice',
    text,
    api_app_id: world.app,
    is_enterprise_install: 'false',
    response_url: `${api}/respond/${answerable(world, user.id)}`,
    trigger_id: where.eventId ?? trigger(world, user.id),
  }
}

interface Tapped {
  message: SeenMessage
  wanted: (label: string, actionId: string) => boolean
  eventId?: string
  responseUrl?: string
}

function actionOf(
  { world, api }: Talk,
  user: User,
  { message, wanted, eventId, responseUrl }: Tapped,
): object {
  const stands = world.messages.find(({ ts, channel }) => ts === message.id && channel === message.chat)
  if (!stands) throw new Error('No such message stands')
  const button = buttonsOf(stands).find(({ text, action_id }) => wanted(text.text, action_id))
  if (!button) throw new Error(`No such button; there is ${JSON.stringify(message.buttons)}`)
  const { members: _members, ...channel } = world.channels.get(stands.channel) ?? ({} as Channel)
  return {
    type: 'block_actions',
    user: { id: user.id, username: user.name.toLowerCase(), name: user.name, team_id: world.team },
    api_app_id: world.app,
    token: 'old',
    container: { type: 'message', message_ts: stands.ts, channel_id: stands.channel, is_ephemeral: false },
    trigger_id: eventId ?? trigger(world, user.id),
    team: { id: world.team, domain: 'example' },
    channel: { id: channel.id, name: channel.person === null ? channel.name : 'directmessage' },
    message: { type: 'message', ts: stands.ts, text: stands.text, metadata: stands.metadata },
    response_url: responseUrl ?? `${api}/respond/${answerable(world, user.id)}`,
    actions: [{ ...button, type: 'button', block_id: 'b1', action_ts: world.ts() }],
  }
}

/** Fills in the window that stands open for this person. Throws for what Slack would not let them send. */
function submissionOf({ world }: Talk, user: User, values: Readonly<Record<string, string>>): object {
  const open = world.views.findLast(({ person, sent }) => person === user.id && !sent)
  if (!open) throw new Error('No window is open')
  open.sent = true
  const inputs = open.view.blocks as SlackInput[]
  const state = inputs.map((input) => [input.block_id, { [input.element.action_id]: filled(input, values) }])
  return {
    type: 'view_submission',
    team: { id: world.team, domain: 'example' },
    user: { id: user.id, username: user.name.toLowerCase(), name: user.name, team_id: world.team },
    api_app_id: world.app,
    token: 'old',
    trigger_id: trigger(world, user.id),
    view: { ...open.view, id: open.id, state: { values: Object.fromEntries(state) } },
    response_urls: [],
  }
}

function filled(
  { block_id, label, optional, element }: SlackInput,
  values: Readonly<Record<string, string>>,
): object {
  const name = block_id.replace(/^field:/, '')
  const given = values[name] ?? values[label.text]
  if (element.type === 'static_select') {
    const option =
      given === undefined ? element.initial_option : element.options.find(({ value }) => value === given)
    if (!option && !optional) throw new Error(`${label.text} is needed`)
    return { type: element.type, selected_option: option ?? null }
  }
  const value = given ?? element.initial_value ?? null
  if (!value && !optional) throw new Error(`${label.text} is needed`)
  return { type: element.type, value }
}

/** As Slack sends what was typed: three entities, and links made of what looks like one. */
function asSent(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/https?:\/\/[^\s&]+/g, (url) => `<${url}>`)
    .replace(/\b[\w.]+@[\w-]+\.[a-z]{2,}\b/g, (address) => `<mailto:${address}|${address}>`)
}
