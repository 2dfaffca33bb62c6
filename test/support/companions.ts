import type { Vendor } from '../../src/bot/adapters/adapter.ts'
import type { Person as Name } from '../api/real-app.ts'
import type { FakeChat, FakeGroup, FakePerson, SeenMessage } from '../fakes/chats/fake-chat.ts'
import { environmentOf, START_FAKE } from '../fakes/chats/start.ts'
import { type Chatting, chatting, type WireCard } from './chatting.ts'
import { until } from './until.ts'

/** What somebody sees as the answer to what they did, on whatever chat. */
export interface Seen {
  /** Title, text and labels, as they read. */
  text: string
  buttons: readonly string[]
  /** Names of the fields of its form; null: it has none. */
  fields: readonly string[] | null
}

/** Somebody in a chat. What cannot be tapped or filled in there is typed, as the card says. */
export interface Companion {
  say(words: string, more?: { at?: number }): Promise<Seen>
  press(on: Seen, label: string): Promise<Seen>
  /** Fills in the form of a card. */
  send(on: Seen, values: Readonly<Record<string, string>>): Promise<Seen>
  /** Something that reads so, now or soon. */
  sees(words: RegExp): Promise<Seen>
  /** What stands there now and reads so. */
  standing(words: RegExp): Seen[] | Promise<Seen[]>
}

export interface Place {
  /** Somebody in the team's room; everybody sees what is said there. */
  as(name: Name): Companion
}

export interface Journeys {
  world: Chatting
  /** A card in a room changes where it stands; else news of it follow. */
  editsInRooms: boolean
  /** A fresh room with everybody in it. */
  room(title: string): Promise<Place>
  /** Somebody alone with Sluice. */
  alone(name: Name): Promise<Companion>
  /** Somebody alone with Sluice, and not linked yet. */
  stranger(name: string): Promise<Companion>
  /** With `/link` and this, an account becomes a member's. */
  linkCode(name: Name): Promise<string>
  close(): Promise<void>
}

const EVERYBODY = ['mei', 'kai', 'lin', 'vic', 'ada'] as const

/** Where people talk, and not only read. */
export type Talking = Exclude<Vendor, 'email'>

/** `settings`: of the server, besides those of the chat. */
export async function journeysOn(
  vendor: 'web' | Talking,
  settings: Readonly<Record<string, string>> = {},
): Promise<Journeys> {
  return vendor === 'web' ? onWeb(settings) : onVendor(vendor, settings)
}

// --- the page ---------------------------------------------------------------------------------------------------

async function onWeb(settings: Readonly<Record<string, string>>): Promise<Journeys> {
  const world = await chatting(settings)
  return {
    world,
    editsInRooms: true,
    room: async () => ({ as: (name) => webCompanion(world, name) }),
    alone: async (name) => webCompanion(world, name),
    stranger: async () => {
      throw new Error('Nobody on the page is a stranger')
    },
    linkCode: (name) => linkCode(world, name),
    close: () => world.close(),
  }
}

type WebSeen = Seen & { wire: WireCard }

function webCompanion(world: Chatting, name: Name): Companion {
  const visitor = world.as(name)
  async function first(path: string, body: unknown): Promise<WebSeen> {
    const answer = await visitor.post(path, body)
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
    return seenOnWeb(answer.body.cards.at(-1))
  }
  async function standing(words: RegExp): Promise<Seen[]> {
    const { body } = await visitor.get('/chats/ops/history?limit=100')
    return body.cards.map(seenOnWeb).filter(({ text }: Seen) => words.test(text))
  }
  return {
    say: (text) => first('/say', { text, chat: 'ops' }),
    press(on, label) {
      const button = (on as WebSeen).wire.buttons.find((one) => one.label === label)
      if (!button) throw new Error(`No button says ${label}: ${on.text}`)
      return first('/press', { press: button.press, chat: 'ops' })
    },
    send(on, values) {
      const form = (on as WebSeen).wire.card.body.find(({ is }) => is === 'form')
      return first('/press', { press: form?.submit?.press, values, chat: 'ops' })
    },
    sees: (words) => soon(words, standing),
    standing,
  }
}

function seenOnWeb(wire: WireCard): WebSeen {
  const form = wire.card.body.find(({ is }) => is === 'form') as { fields?: { name: string }[] } | undefined
  return {
    text: wire.text,
    buttons: wire.buttons.map(({ label }) => label),
    fields: form?.fields?.map(({ name }) => name) ?? null,
    wire,
  }
}

// --- vendors ----------------------------------------------------------------------------------------------------

async function onVendor(vendor: Talking, settings: Readonly<Record<string, string>>): Promise<Journeys> {
  const fake = await START_FAKE[vendor]({ pace: true })
  const world = await chatting({ ...settings, ...environmentOf(vendor, fake) })
  fake.callAt(callsUs(vendor) ? world.url : null)
  const { adapter } = world.app.chats.open().get(vendor) ?? {}
  await until(() => ['connected', 'waiting-for-calls'].includes(adapter?.connection().is ?? ''), {
    what: `${vendor} is connected`,
  })
  const people = new Map<string, FakePerson>()
  for (const name of EVERYBODY) {
    const person = fake.person(name.charAt(0).toUpperCase() + name.slice(1), {
      email: `${name}@example.com`,
    })
    people.set(name, person)
    await link(world, name, vendorCompanion(fake, person, null))
  }
  const members = [...people.values()]
  function personOf(name: Name): FakePerson {
    const person = people.get(name)
    if (!person) throw new Error(`${name} is not there`)
    return person
  }

  return {
    world,
    // Its robot's cards cannot be changed later than at a tap.
    editsInRooms: vendor !== 'wecom',
    async room(title) {
      const group = fake.group(title, members)
      return { as: (name) => vendorCompanion(fake, personOf(name), group) }
    },
    alone: async (name) => vendorCompanion(fake, personOf(name), null),
    stranger: async (name) => vendorCompanion(fake, fake.person(name), null),
    linkCode: (name) => linkCode(world, name),
    async close() {
      await world.close()
      await fake.close()
    },
  }
}

function callsUs(vendor: Vendor): boolean {
  return vendor === 'wecom'
}

async function link(world: Chatting, name: Name, companion: Companion): Promise<void> {
  await companion.say(`/link ${await linkCode(world, name)}`)
}

async function linkCode({ app }: Chatting, name: Name): Promise<string> {
  const { access } = app.core
  const member = await access.memberByName(name)
  if (!member) throw new Error(`There is no ${name}`)
  const by = { member, via: 'test', token: null, requestId: 'req_link' }
  const asked = await access.permit(by, 'member:view', { of: 'platform', what: 'own account' })
  if (!asked.ok) throw new Error(`${name} may not have a code`)
  return (await access.linkCode(asked.permit)).code
}

type SeenThere = Seen & { message: SeenMessage | null }

/** In a group, or alone with Sluice. */
function vendorCompanion(fake: FakeChat, person: FakePerson, group: FakeGroup | null): Companion {
  const visible = (): readonly SeenMessage[] => [
    ...(group ? fake.messages({ chat: group.id }) : []),
    ...fake.messages({ person }),
  ]
  const looks = () => new Map(visible().map((message) => [message.id, markOf(message)]))

  /** What is new or changed after it was done; the newest of it. */
  async function after(act: () => Promise<{ toast: string | null }>): Promise<SeenThere> {
    const before = looks()
    const { toast } = await act()
    let found: SeenMessage | undefined
    await until(
      () => {
        found = visible().findLast((message) => before.get(message.id) !== markOf(message))
        return found !== undefined || isSaying(toast)
      },
      { within: 20_000, what: 'an answer' },
    )
    return found ? seenThere(found) : { text: toast ?? '', buttons: [], fields: null, message: null }
  }
  const say: Companion['say'] = (words, more = {}) =>
    after(() => person.say(words, { ...more, ...(group && { in: group }) }))
  const standing = (words: RegExp) =>
    visible()
      .map(seenThere)
      .filter(({ text }) => words.test(text))

  return {
    say,
    press(on, label) {
      const { message } = on as SeenThere
      if (message?.buttons.some((button) => button.label === label)) {
        return after(() => person.press(message, label))
      }
      return say(typedFor(on, label))
    },
    send(on, values) {
      const { message } = on as SeenThere
      // Without a form of its own the card says the command, or opens a window.
      return message && !on.text.includes('=…')
        ? after(() => person.send(message, values))
        : say(filledIn(on, values))
    },
    sees: (words) => soon(words, standing),
    standing,
  }
}

function markOf({ edits, text, title, buttons }: SeenMessage): string {
  return JSON.stringify([edits, title, text, buttons])
}

function isSaying(toast: string | null): boolean {
  return toast !== null && toast !== '' && toast !== '…' && !/Working on it$/.test(toast)
}

function seenThere(message: SeenMessage): SeenThere {
  const buttons = message.buttons.map(({ label }) => label)
  const { fields } = message
  return {
    text: [message.title, message.text, ...buttons.map((label) => `[${label}]`)].join('\n'),
    buttons,
    fields: fields.length === 0 ? null : fields.map(({ name }) => name),
    message,
  }
}

/** `1. Approve: /approve op_…` */
function typedFor({ text }: Seen, label: string): string {
  const line = text.split('\n').find((one) => one.includes(`. ${label}: `))
  if (!line) throw new Error(`Nothing says how to ${label}: ${text}`)
  return line.slice(line.indexOf(`${label}: `) + label.length + 2)
}

/** `/job start job=… how=…`, with every gap filled. */
function filledIn({ text }: Seen, values: Readonly<Record<string, string>>): string {
  const line = text.split('\n').find((one) => one.includes('=…'))
  if (!line) throw new Error(`Nothing says what to fill in: ${text}`)
  const command = line.slice(line.indexOf('/'))
  return Object.entries(values).reduce(
    (words, [name, value]) => words.replace(`${name}=…`, `${name}=${value}`),
    command,
  )
}

async function soon(words: RegExp, standing: Companion['standing']): Promise<Seen> {
  let found: Seen | undefined
  await until(
    async () => {
      found = (await standing(words)).at(-1)
      return found !== undefined
    },
    { within: 20_000, what: String(words) },
  ).catch(async (error: Error) => {
    const there = (await standing(/./)).map(({ text }) => text)
    throw new Error(`${error.message}; what stands there:\n${there.join('\n--\n')}`)
  })
  if (!found) throw new Error('until() returned with nothing found')
  return found
}
