import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Acknowledged, FakeChat, FakeGroup, FakePerson, SeenMessage } from './fake-chat.ts'
import { mintCode, wecomApis } from './wecom/api.ts'
import { appCallbacks, type Callbacks } from './wecom/callbacks.ts'
import { lookAt } from './wecom/messages.ts'
import { type RobotGateway, robotGateway } from './wecom/robot.ts'
import { type Chat, emptyWorld, hex, type Message, type World } from './wecom/world.ts'

export interface FakeWecom extends FakeChat {
  readonly world: World
  readonly callbacks: Callbacks
  readonly robot: RobotGateway
  person(name: string, more?: { email?: string; staffNumber?: string; department?: number }): FakePerson
  /** A group that the robot was added to and greeted in. */
  group(title: string, members: readonly FakePerson[]): FakeGroup
  /** A group that the app made: nobody is heard there. */
  appGroup(title: string, members: readonly FakePerson[]): { id: string; title: string }
}

/** WeCom on this machine: an app with its callback, and a smart robot with its long connection. */
export async function startFakeWecom(
  options: { port?: number; now?: () => number; pace?: boolean } = {},
): Promise<FakeWecom> {
  const world = emptyWorld({ now: options.now ?? Date.now, pace: options.pace ?? true })
  const server = createServer(wecomApis(world))
  const callbacks = appCallbacks(world)
  const robot = robotGateway(world, server)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const talk: Talk = { world, callbacks, robot }

  return {
    vendor: 'wecom',
    world,
    callbacks,
    robot,
    setup: () => ({
      corpId: world.corpId,
      agentId: String(world.agentId),
      secret: world.secret,
      token: world.token,
      aesKey: world.aesKey,
      baseUrl: `http://127.0.0.1:${port}`,
      botId: world.botId,
      botSecret: world.botSecret,
      botUrl: `ws://127.0.0.1:${port}`,
    }),
    callAt: callbacks.callAt,
    person: (name, more) => newPerson(talk, name, more),
    group: (title, members) => newGroup(world, title, members),
    appGroup: (title, members) => {
      const { id } = newChat(world, { is: 'app-group', title, members })
      return { id: `group:${id}`, title }
    },
    messages: (where) => seenMessages(world, where),
    seen: (wanted, where) => waitFor(world, wanted, where),
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
      disconnect: robot.disconnect,
      chance: (chance) => {
        world.faults.chance = chance && { ...chance, next: seeded(chance.seed) }
      },
    },
    issued: () => [...world.issued],
    counts: world.counts,
    async close() {
      robot.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Talk {
  world: World
  callbacks: Callbacks
  robot: RobotGateway
}

// --- people -------------------------------------------------------------------------------------------------------

function newPerson(
  { world, callbacks, robot }: Talk,
  name: string,
  { email, staffNumber, department = 1 }: { email?: string; staffNumber?: string; department?: number } = {},
): FakePerson {
  const id = `${name.toLowerCase().replace(/[^a-z0-9]/g, '')}_${hex(3)}`
  world.people.set(id, {
    ...{ id, name, email: email ?? null, staffNumber: staffNumber ?? null },
    ...{ active: true, department },
  })
  const seconds = (at = world.now()) => Math.floor(at / 1_000)

  return {
    id,
    name,
    async say(text, where = {}) {
      if (where.in) return sayInGroup(chatOf(world, where.in.id), text, where)
      return callbacks.push({
        FromUserName: id,
        CreateTime: seconds(where.at),
        MsgType: 'text',
        Content: text,
        MsgId: where.eventId ?? longNumber(),
      })
    },
    async press(message, label, more = {}) {
      const there = rawOf(world, message)
      const button = lookAt(there.body).buttons.find(({ text }) => text === label)
      if (!button) throw new Error(`No button says ${label}: ${JSON.stringify(message.buttons)}`)
      return there.chat.startsWith('bot:')
        ? pressRobot(there, button.key, more.eventId)
        : pressApp(there, button.key)
    },
    async send() {
      throw new Error('There is no form on this message')
    },
    async leave() {
      const human = world.people.get(id)
      if (human) human.active = false
      await callbacks.push({
        ...{ FromUserName: id, CreateTime: seconds() },
        ...{ MsgType: 'event', Event: 'unsubscribe' },
      })
    },
  }

  /** Heard only when the robot is mentioned, and acknowledged by nobody. */
  async function sayInGroup(
    chat: Chat,
    text: string,
    { eventId = hex(12), mention = true }: { eventId?: string; mention?: boolean },
  ): Promise<Acknowledged> {
    if (!mention) return { ok: true, ms: 0, toast: null }
    chat.greeted = true
    const ok = robot.push('aibot_msg_callback', {
      msgid: eventId,
      aibotid: world.botId,
      chatid: chat.id,
      chattype: 'group',
      from: { userid: id },
      msgtype: 'text',
      text: { content: `@Sluice ${text}` },
    })
    return { ok, ms: 0, toast: null }
  }

  function pressApp(message: Message, key: string): Promise<Acknowledged> {
    return callbacks.push(
      {
        FromUserName: id,
        CreateTime: seconds(),
        MsgType: 'event',
        Event: 'template_card_event',
        EventKey: key,
        TaskId: taskOf(message),
        CardType: 'button_interaction',
        ResponseCode: mintCode(world, message),
      },
      '<SelectedItems></SelectedItems>',
    )
  }

  async function pressRobot(message: Message, key: string, eventId = hex(12)): Promise<Acknowledged> {
    const began = performance.now()
    const template_card_event = {
      ...{ card_type: 'button_interaction', event_key: key },
      ...{ task_id: taskOf(message), selected_items: {} },
    }
    const ok = await robot.tap(message, {
      msgid: eventId,
      create_time: seconds(),
      aibotid: world.botId,
      chatid: message.chat.replace('bot:', ''),
      chattype: 'group',
      from: { userid: id },
      msgtype: 'event',
      event: { eventtype: 'template_card_event', template_card_event },
    })
    return { ok, ms: performance.now() - began, toast: null }
  }
}

function taskOf({ body }: Message): string {
  return (body.msgtype === 'template_card' ? body.template_card.task_id : undefined) ?? ''
}

/** Longer than a number of JavaScript's can be. */
function longNumber(): string {
  return `7${BigInt(`0x${hex(7)}`)
    .toString()
    .padStart(17, '0')}`
}

// --- groups -------------------------------------------------------------------------------------------------------

function newGroup(world: World, title: string, members: readonly FakePerson[]): FakeGroup {
  const chat = newChat(world, { is: 'robot-group', title, members })
  return {
    id: `bot:${chat.id}`,
    title,
    // Nothing tells the robot.
    async invite() {
      chat.robotIn = true
    },
    async remove() {
      chat.robotIn = false
      chat.greeted = false
    },
  }
}

function newChat(
  world: World,
  { is, title, members }: Pick<Chat, 'is' | 'title'> & { members: readonly FakePerson[] },
): Chat {
  const robot = is === 'robot-group'
  const chat: Chat = {
    ...{ id: `wr${hex(12)}`, is, title, members: new Set(members.map(({ id }) => id)) },
    ...{ robotIn: robot, greeted: robot },
  }
  world.chats.set(chat.id, chat)
  return chat
}

function chatOf(world: World, id: string): Chat {
  const chat = world.chats.get(id.replace(/^(bot|group):/, ''))
  if (!chat) throw new Error(`No chat is called ${id}`)
  return chat
}

// --- what is seen -------------------------------------------------------------------------------------------------

const TONES: Readonly<Record<string, SeenMessage['tone']>> = {
  '🔵': 'progress',
  '🟢': 'good',
  '🟠': 'warning',
  '🔴': 'bad',
}

type Where = { chat?: string; person?: FakePerson } | undefined

function seenMessages(world: World, where: Where): readonly SeenMessage[] {
  const chat = where?.chat ?? (where?.person ? `user:${where.person.id}` : undefined)
  return world.messages
    .filter((one) => !one.recalled && !one.undelivered && (chat === undefined || one.chat === chat))
    .map(seenMessage)
}

function seenMessage(message: Message): SeenMessage {
  const { id, chat, edits, urged, at, body } = message
  const { title, text, buttons, pictures, mentions } = lookAt(body)
  return {
    ...{ id, chat, onlyFor: [], title, text, pictures, mentions, edits, urged, at },
    tone: TONES[[...title][0] ?? ''] ?? 'neutral',
    buttons: buttons.map((one) => ({
      label: one.text,
      link: null,
      style: one.style === 4 ? 'danger' : one.style === 1 ? 'primary' : 'plain',
    })),
    fields: [],
    raw: body,
  }
}

function rawOf(world: World, { id, chat }: SeenMessage): Message {
  const message = world.messages.find((one) => one.id === id && one.chat === chat)
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
