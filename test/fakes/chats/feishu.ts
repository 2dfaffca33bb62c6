import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import express from 'express'
import type { Acknowledged, FakeChat, FakeGroup, FakePerson, SeenMessage } from './fake-chat.ts'
import { openApis } from './feishu/api.ts'
import { type CardButton, type CardField, type Look, lookAt } from './feishu/card.ts'
import { endpointAnswer, eventPusher, type Pushed, type Pusher } from './feishu/push.ts'
import { type Chat, emptyWorld, hex, type Message, type World } from './feishu/world.ts'

export interface FakeFeishu extends FakeChat {
  readonly world: World
  readonly pusher: Pusher
  person(name: string, more?: { email?: string; staffNumber?: string; department?: string }): FakePerson
  /** The envelope that any event comes in. */
  envelope(
    type: string,
    event: object,
    more?: { eventId?: string | undefined; at?: number | undefined },
  ): object
}

/** Feishu's open platform on this machine. */
export async function startFakeFeishu(
  options: { port?: number; now?: () => number; pace?: boolean } = {},
): Promise<FakeFeishu> {
  const world = emptyWorld({ now: options.now ?? Date.now, pace: options.pace ?? true })
  const apis = openApis(world)
  const app = express()
  app.post('/callback/ws/endpoint', express.json(), (request, response) => {
    response.json(endpointAnswer(world, request.get('host') ?? '', request.body))
  })
  app.use(apis)
  const server = createServer(app)
  const pusher = eventPusher(world, server)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  function envelope(
    type: string,
    event: object,
    { eventId = hex(16), at = world.now() }: { eventId?: string | undefined; at?: number | undefined } = {},
  ): object {
    return {
      schema: '2.0',
      header: {
        event_id: eventId,
        event_type: type,
        create_time: String(at),
        token: world.verificationToken,
        app_id: world.appId,
        tenant_key: world.tenant,
      },
      event,
    }
  }

  const talk: Talk = { world, pusher, envelope }

  return {
    vendor: 'feishu',
    world,
    pusher,
    envelope,
    setup: () => ({
      appId: world.appId,
      appSecret: world.appSecret,
      encryptKey: world.encryptKey,
      verificationToken: world.verificationToken,
      mode: 'socket',
      baseUrl: `http://127.0.0.1:${port}`,
    }),
    callAt: pusher.callAt,
    person: (name, more) => newPerson(talk, name, more),
    group: (title, members) => newGroup(talk, title, members),
    messages: (where) => seenMessages(world, where),
    seen: (wanted, where) => waitFor(world, wanted, where),
    issued: () => [...world.issued],
    faults: {
      dropAfterAccept: (times) => {
        world.faults.drop = times
      },
      limit: (times) => {
        world.faults.limit = times
      },
      garbage: (times) => {
        world.faults.garbage = times
      },
      slow: (ms) => {
        world.faults.slowMs = ms
      },
      revokeTokens: () => world.tokens.clear(),
      disconnect: pusher.disconnect,
      chance: (chance) => {
        world.faults.chance = chance && { ...chance, next: seeded(chance.seed) }
      },
    },
    counts: world.counts,
    async close() {
      pusher.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Talk {
  world: World
  pusher: Pusher
  envelope: FakeFeishu['envelope']
}

// --- people -------------------------------------------------------------------------------------------------------

function newPerson(
  talk: Talk,
  name: string,
  more: { email?: string; staffNumber?: string; department?: string } = {},
): FakePerson {
  const { world, pusher, envelope } = talk
  const id = `ou_${hex(16)}`
  const p2p = newChat(world, '', 'p2p', [id])
  world.people.set(id, {
    id,
    name,
    email: more.email ?? null,
    staffNumber: more.staffNumber ?? null,
    active: true,
    p2p: p2p.id,
    department: more.department ?? '0',
  })
  const person = { open_id: id, union_id: `on_${id.slice(3)}` }

  async function tap(message: SeenMessage, action: object, eventId?: string): Promise<Acknowledged> {
    const event = {
      operator: { ...person, tenant_key: world.tenant },
      token: `c-${hex(16)}`,
      action,
      host: 'im_message',
      context: { open_message_id: message.id, open_chat_id: message.chat },
    }
    return acknowledged(await pusher.push(envelope('card.action.trigger', event, { eventId }), false))
  }

  return {
    id,
    name,
    async say(text, where = {}) {
      const chat = where.in ? chatOf(world, where.in.id) : p2p
      const at = where.at ?? world.now()
      const mentioned = where.in !== undefined && where.mention !== false
      const event = messageEvent({ world, chat, at, person, text, mentioned })
      const more = { eventId: where.eventId, at }
      return acknowledged(await pusher.push(envelope('im.message.receive_v1', event, more), true))
    },
    press(message, label, more = {}) {
      const found = lookAt(rawOf(world, message).card).buttons.find((one) => one.text.content === label)
      if (!found) throw new Error(`No button says ${label}: ${JSON.stringify(message.buttons)}`)
      return tap(message, { tag: 'button', value: callbackValue(found) }, more.eventId)
    },
    send(message, values) {
      const look = lookAt(rawOf(world, message).card)
      const missing = look.fields.find((one) => one.required && !(values[one.name] ?? initialOf(one)))
      if (!look.submit) throw new Error('There is no form on this message')
      // The client does not send a form that lacks something.
      if (missing) throw new Error(`${missing.name} must be filled in`)
      return tap(message, {
        tag: 'button',
        name: look.submit.name,
        value: callbackValue(look.submit),
        form_value: {
          ...Object.fromEntries(look.fields.map((one) => [one.name, initialOf(one)])),
          ...values,
        },
      })
    },
    async leave() {
      const human = world.people.get(id)
      if (human) human.active = false
      await pusher.push(
        envelope('contact.user.deleted_v3', { object: { ...person, name }, old_object: {} }),
        true,
      )
    },
  }
}

interface Saying {
  world: World
  chat: Chat
  at: number
  person: { open_id: string; union_id: string }
  text: string
  mentioned: boolean
}

function messageEvent({ world, chat, at, person, text, mentioned }: Saying): object {
  return {
    sender: { sender_id: person, sender_type: 'user', tenant_key: world.tenant },
    message: {
      message_id: `om_${hex(16)}`,
      create_time: String(at),
      update_time: String(at),
      chat_id: chat.id,
      chat_type: chat.type,
      message_type: 'text',
      content: JSON.stringify({ text: mentioned ? `@_user_1 ${text}` : text }),
      ...(mentioned ? { mentions: [mentionOfBot(world)] } : {}),
    },
  }
}

function mentionOfBot({ botId, tenant }: World): object {
  return {
    key: '@_user_1',
    id: { open_id: botId, union_id: 'on_bot' },
    name: 'Sluice',
    mentioned_type: 'bot',
    tenant_key: tenant,
  }
}

function acknowledged({ ok, ms, body }: Pushed): Acknowledged {
  const toast = (body as { toast?: { content?: string } } | null)?.toast?.content ?? null
  return { ok, ms, toast }
}

function callbackValue({ behaviors }: CardButton): unknown {
  return behaviors?.flatMap((one) => (one.type === 'callback' ? [one.value] : []))[0] ?? {}
}

function initialOf(field: CardField): string {
  return (field.tag === 'input' ? field.default_value : field.initial_option) ?? ''
}

// --- groups -------------------------------------------------------------------------------------------------------

function newGroup(
  { world, pusher, envelope }: Talk,
  title: string,
  members: readonly FakePerson[],
): FakeGroup {
  const chat = newChat(
    world,
    title,
    'group',
    members.map(({ id }) => id),
  )
  const tell = async (type: string) => {
    const event = { chat_id: chat.id, name: title, external: false, operator_tenant_key: world.tenant }
    await pusher.push(envelope(type, event), true)
  }
  return {
    id: chat.id,
    title,
    invite() {
      chat.botIn = true
      return tell('im.chat.member.bot.added_v1')
    },
    remove() {
      chat.botIn = false
      return tell('im.chat.member.bot.deleted_v1')
    },
  }
}

function newChat(world: World, title: string, type: Chat['type'], members: readonly string[]): Chat {
  const chat: Chat = { id: `oc_${hex(16)}`, title, type, members: new Set(members), botIn: true }
  world.chats.set(chat.id, chat)
  return chat
}

function chatOf(world: World, id: string): Chat {
  const chat = world.chats.get(id)
  if (!chat) throw new Error(`No chat is called ${id}`)
  return chat
}

// --- what is seen -------------------------------------------------------------------------------------------------

const TONES: Readonly<Record<string, SeenMessage['tone']>> = {
  wathet: 'progress',
  green: 'good',
  orange: 'warning',
  red: 'bad',
}

type Where = { chat?: string; person?: FakePerson } | undefined

function seenMessages(world: World, where: Where): readonly SeenMessage[] {
  const chat = where?.chat ?? (where?.person ? world.people.get(where.person.id)?.p2p : undefined)
  return world.messages
    .filter((one) => !one.recalled && (chat === undefined || one.chat.id === chat))
    .map(seenMessage)
}

function seenMessage(message: Message): SeenMessage {
  const look: Look = lookAt(message.card)
  return {
    id: message.id,
    chat: message.chat.id,
    onlyFor: [],
    title: look.title,
    text: look.text,
    tone: TONES[look.template] ?? 'neutral',
    buttons: look.buttons.map((one) => ({
      label: one.text.content,
      link: one.behaviors?.flatMap((each) => (each.type === 'open_url' ? [each.default_url] : []))[0] ?? null,
      style: one.type === 'danger' ? 'danger' : one.type === 'primary' ? 'primary' : 'plain',
    })),
    fields: look.fields.map((one) => ({
      name: one.name,
      label: (one.tag === 'input' ? one.label : one.placeholder)?.content ?? '',
      choices: one.tag === 'input' ? null : one.options.map(({ value }) => value),
      value: initialOf(one),
    })),
    pictures: look.pictures,
    mentions: look.mentions,
    edits: message.edits,
    urged: message.urged,
    at: message.at,
    raw: message.card,
  }
}

function rawOf(world: World, { id }: SeenMessage): Message {
  const message = world.messages.find((one) => one.id === id)
  if (!message) throw new Error(`No message is called ${id}`)
  return message
}

async function waitFor(
  world: World,
  wanted: (message: SeenMessage) => boolean,
  where: Where,
): Promise<SeenMessage> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const there = seenMessages(world, where)
    const found = there.find(wanted)
    if (found) return found
    if (Date.now() > deadline)
      throw new Error(`Not seen within 10 s; there is:\n${there.map(({ text }) => text).join('\n---\n')}`)
    await pause(5)
  }
}

/** A small generator that gives the same chances for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
