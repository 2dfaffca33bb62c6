import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { cardSignature, robotSignature } from '../../../src/bot/adapters/dingtalk/signatures.ts'
import { until } from '../../support/until.ts'
import { answer, type Reply } from './dingtalk/api.ts'
import { createGateway, type Gateway, TOPIC_CARD, TOPIC_ROBOT } from './dingtalk/gateway.ts'
import { buttonsOf, seenMessage } from './dingtalk/seen.ts'
import { emptyWorld, type Group, type Knobs, type Staff, type Stored, type World } from './dingtalk/world.ts'
import type { Acknowledged, FakeChat, FakeFaults, FakeGroup, FakePerson, SeenMessage } from './fake-chat.ts'

export interface FakeDingtalk extends FakeChat {
  readonly gateway: Gateway
  readonly knobs: Knobs
  /** Until when each is good. */
  readonly tokens: Map<string, number>
  uploads(): number
  /** The message that a person's words come in. */
  message(person: FakePerson, text: string, where?: { in?: FakeGroup; eventId?: string; at?: number }): object
}

/** Within which it must be acknowledged: not published for taps. */
const MESSAGE_MS = 3_000
const TAP_MS = 2_000
/** With it anybody could speak as the robot. */
const SESSION = 'fake-session-secret'

/** DingTalk's two APIs, its gateway and its connections on this machine. */
export async function startFakeDingtalk(
  options: { port?: number; now?: () => number; pace?: boolean } = {},
): Promise<FakeDingtalk> {
  const world = emptyWorld({ now: options.now ?? Date.now, pace: options.pace ?? true })
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = createGateway(world, server, () => origin)
  const talk: Talk = { world, gateway, base: null }

  return {
    vendor: 'dingtalk',
    gateway,
    knobs: world.knobs,
    tokens: world.tokens,
    uploads: () => world.media.size,
    issued: () => [...world.issued, SESSION],
    counts: world.counts,
    faults: faultsOf(world, talk, () => server.closeAllConnections()),
    setup: () => ({
      clientId: world.clientId,
      clientSecret: world.clientSecret,
      cardTemplateId: world.templateId,
      robotCode: world.robotCode,
      mode: talk.base === null ? 'stream' : 'http',
      apiUrl: origin,
      oapiUrl: origin,
      ...(talk.base === null ? {} : { publicUrl: talk.base }),
    }),
    callAt(base) {
      talk.base = base
    },
    person: (name, more) => newPerson(talk, name, more ?? {}),
    group: (title, members) => newGroup(talk, title, members),
    message: (person, text, where) => robotMessage(world, person, text, where ?? {}),
    messages: (where) => messagesIn(world, where),
    async seen(wanted, where) {
      const found = () => messagesIn(world, where).find(wanted)
      await until(() => found() !== undefined).catch(() => {
        throw new Error(`Not seen; there is ${JSON.stringify(messagesIn(world, where), null, 1)}`)
      })
      return found() as SeenMessage
    },
    async close() {
      gateway.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin)
    const raw = await bodyOf(request)
    const asked = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      header: (name: string) => String(request.headers[name] ?? '') || null,
      json: jsonOf(raw),
      raw,
    }
    const reply =
      asked.path === '/v1.0/gateway/connections/open' ? gateway.open(asked.json) : answer(world, asked)
    if (world.knobs.slowMs > 0) await pause(world.knobs.slowMs)
    if (reply === null) request.socket.destroy()
    else send(response, reply)
  }
}

interface Talk {
  readonly world: World
  readonly gateway: Gateway
  /** Where we are called; null: over the connection. */
  base: string | null
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json' })
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function jsonOf(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    return null
  }
}

// --- people and groups ---------------------------------------------------------------------------------------------

function newPerson(talk: Talk, name: string, more: { email?: string; staffNumber?: string }): FakePerson {
  const { world } = talk
  const staff: Staff = {
    id: world.next('manager'),
    name,
    email: more.email ?? null,
    staffNumber: more.staffNumber ?? null,
    active: true,
  }
  world.staff.set(staff.id, staff)
  const person: FakePerson = {
    id: staff.id,
    name,
    async say(text, where = {}) {
      // Only what mentions the robot arrives.
      if (where.in && where.mention === false) return { ok: true, ms: 0, toast: null }
      return deliver(talk, robotMessage(world, person, text, where), where.eventId)
    },
    press: (message, label, { eventId } = {}) => tap(talk, staff, { message, label, eventId }),
    // Cards have no forms here.
    send: async () => ({ ok: false, ms: 0, toast: null }),
    async leave() {
      staff.active = false
      if (talk.base !== null) return
      const eventId = world.next('event')
      await talk.gateway.push(
        {
          type: 'EVENT',
          topic: '*',
          messageId: eventId,
          headers: { eventType: 'user_leave_org', eventId, eventCorpId: world.corpId },
          data: { timeStamp: String(world.now()), eventId, userId: [staff.id], optStaffId: 'admin' },
        },
        MESSAGE_MS,
      )
    },
  }
  return person
}

function newGroup({ world }: Talk, title: string, members: readonly FakePerson[]): FakeGroup {
  const group: Group = {
    id: `${world.next('cidFakeConversation')}==`,
    title,
    members: new Set(members.map(({ id }) => id)),
    robotIsIn: true,
  }
  world.groups.set(group.id, group)
  return {
    id: group.id,
    title,
    async invite() {
      group.robotIsIn = true
    },
    async remove() {
      group.robotIsIn = false
    },
  }
}

function messagesIn(
  { messages, groups }: World,
  where: { chat?: string; person?: FakePerson } = {},
): SeenMessage[] {
  const { chat, person } = where
  const sees = ({ spot }: Stored) =>
    !person || (spot.is === 'person' ? spot.id === person.id : groups.get(spot.id)?.members.has(person.id))
  return messages
    .filter(sees)
    .map(seenMessage)
    .filter((one) => chat === undefined || one.chat === chat)
}

// --- in ------------------------------------------------------------------------------------------------------------

function robotMessage(
  world: World,
  person: FakePerson,
  text: string,
  where: { in?: FakeGroup; eventId?: string; at?: number },
) {
  const group = where.in
  return {
    conversationId: group?.id ?? `cidDirect${person.id}==`,
    conversationType: group ? '2' : '1',
    ...(group ? { conversationTitle: group.title, isInAtList: true } : {}),
    atUsers: group ? [{ dingtalkId: '$:LWCP_v1:$fakerobot' }] : [],
    chatbotCorpId: world.corpId,
    chatbotUserId: '$:LWCP_v1:$fakerobot',
    msgId: where.eventId ?? world.next('msgFake'),
    senderNick: person.name,
    isAdmin: false,
    senderStaffId: person.id,
    senderId: `$:LWCP_v1:$${person.id}`,
    senderCorpId: world.corpId,
    sessionWebhook: `https://oapi.dingtalk.com/robot/sendBySession?session=${SESSION}`,
    sessionWebhookExpiredTime: world.now() + 5_400_000,
    createAt: where.at ?? world.now(),
    robotCode: world.robotCode,
    msgtype: 'text',
    // The robot's own mention was taken off and left a space.
    text: { content: group ? ` ${text}` : text },
  }
}

async function deliver(talk: Talk, message: object, eventId?: string): Promise<Acknowledged> {
  const { world, gateway, base } = talk
  if (base !== null) {
    const timestamp = String(world.now())
    const sign = robotSignature(timestamp, world.clientSecret)
    return call(`${base}/chat/dingtalk`, message, { timestamp, sign })
  }
  const messageId = eventId ? world.next(eventId) : world.next('frame')
  const ack = await gateway.push(
    { type: 'CALLBACK', topic: TOPIC_ROBOT, messageId, data: message },
    MESSAGE_MS,
  )
  return acknowledged(ack.data, ack.ms)
}

async function tap(
  talk: Talk,
  staff: Staff,
  { message, label, eventId }: { message: SeenMessage; label: string; eventId: string | undefined },
): Promise<Acknowledged> {
  const { world, gateway } = talk
  const stored = world.messages.find(({ id }) => id === message.id)
  const button = stored && buttonsOf(stored).find(({ text }) => text === label)
  if (!stored || !button) throw new Error(`There is no button ${label} on ${message.text}`)
  const { actionId, params } = button.event.params
  const content = JSON.stringify({ cardPrivateData: { actionIds: [actionId], params } })
  const { spot } = stored
  const callback = {
    type: 'actionCallback',
    outTrackId: stored.outTrackId,
    corpId: world.corpId,
    userId: staff.id,
    userIdType: 1,
    spaceType: spot.is === 'group' ? 'IM_GROUP' : 'IM_ROBOT',
    spaceId: spot.id,
    extension: '{}',
    content,
    value: content,
  }
  if (stored.callback === 'HTTP') return callRoutes(world, callback)
  const messageId = eventId ?? world.next('tap')
  const ack = await gateway.push({ type: 'CALLBACK', topic: TOPIC_CARD, messageId, data: callback }, TAP_MS)
  return acknowledged(ack.data, ack.ms)
}

async function callRoutes({ routes, now }: World, callback: object): Promise<Acknowledged> {
  const [route] = routes.values()
  if (!route) throw new Error('No address for taps was registered')
  const timestamp = String(now())
  return call(route.url, callback, {
    'x-ddpaas-signature-timestamp': timestamp,
    'x-ddpaas-signature': cardSignature(timestamp, route.apiSecret),
  })
}

async function call(url: string, body: object, headers: Record<string, string>): Promise<Acknowledged> {
  const started = performance.now()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(MESSAGE_MS),
  })
  return { ok: response.status === 200, ms: performance.now() - started, toast: null }
}

/** Nothing, or an answer of another shape, is no acknowledgement; people are shown nothing either way. */
function acknowledged(data: unknown, ms: number): Acknowledged {
  const response = (data as { response?: unknown } | null)?.response
  return { ok: typeof response === 'object' && response !== null, ms, toast: null }
}

// --- faults --------------------------------------------------------------------------------------------------------

function faultsOf(world: World, talk: Talk, closeAll: () => void): FakeFaults {
  const { knobs } = world
  return {
    dropAfterAccept(times) {
      knobs.drop = times
    },
    limit(times) {
      knobs.limit = times
    },
    garbage(times) {
      knobs.garbage = times
    },
    slow(ms) {
      knobs.slowMs = ms
    },
    revokeTokens: () => world.tokens.clear(),
    async disconnect() {
      talk.gateway.cut()
      closeAll()
    },
    chance(chance) {
      knobs.chance = chance && seededChance(chance)
    },
  }
}

function seededChance({
  limited,
  droppedAfterAccept,
  seed,
}: {
  limited: number
  droppedAfterAccept: number
  seed: number
}) {
  let state = seed >>> 0 || 1
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const odds = { limited, dropped: droppedAfterAccept }
  return (of: keyof typeof odds) => next() < odds[of]
}
