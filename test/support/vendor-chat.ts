import type { ChatAdapter, Directory, Inbox, TapAnswer, Vendor } from '../../src/bot/adapters/adapter.ts'
import { DINGTALK_ABILITIES } from '../../src/bot/adapters/dingtalk/abilities.ts'
import { EMAIL_ABILITIES } from '../../src/bot/adapters/email/abilities.ts'
import { FEISHU_ABILITIES } from '../../src/bot/adapters/feishu/abilities.ts'
import { SLACK_ABILITIES } from '../../src/bot/adapters/slack/abilities.ts'
import { WECOM_ABILITIES } from '../../src/bot/adapters/wecom/abilities.ts'
import { type Bot, createBot } from '../../src/bot/bot.ts'
import type { Abilities } from '../../src/bot/cards/abilities.ts'
import type { ShownCard } from '../../src/bot/cards/card.ts'
import type { Conversation } from '../../src/bot/conversation.ts'
import type { Outbox } from '../../src/bot/delivery/outbox.ts'
import { createPressSigner } from '../../src/bot/press.ts'
import { type Chats, createChats } from '../../src/chats/chats.ts'
import type { OpenSetup } from '../../src/chats/setups.ts'
import type { Log } from '../../src/lib/log.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { Secret } from '../../src/lib/secret.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { type MemoryInboxEvents, memoryInboxEvents } from '../fakes/inbox-events.ts'
import { memoryLeases } from '../fakes/memory-leases.ts'
import { memoryKeptPresses, memoryOutbox } from '../fakes/outbox.ts'
import { type FakeWorld, fakePlatform } from '../fakes/platform.ts'
import { type SteeredClock, steeredClock } from '../fakes/steered-clock.ts'
import { countingIds } from './chat.ts'
import { type Life, mortal } from './mortal.ts'
import { type TestVendor, testVendor, type VendorTraits } from './vendor.ts'

/**
 * The conversation as it is over vendors' chats: hub, inbox, bot, outbox and senders as they are, on memory, with
 * vendors of the test, and time that it steers.
 */
export interface VendorChat {
  clock: SteeredClock
  world: FakeWorld
  conversation: Conversation
  outbox: Outbox
  events: MemoryInboxEvents
  /** Everything that was logged as a warning or an error. */
  logged: ({ level: 'warn' | 'error'; says: string } & Record<string, unknown>)[]
  /** One more server on the same stores. */
  server(name: string, life?: Partial<Life>): Promise<VendorServer>
  /** An account, speaking in its own chat with us unless a group is named. */
  as(account: string, where?: { in?: string; at?: Vendor; over?: VendorServer }): VendorPerson
  vendor(name: Vendor): TestVendor
  /** What stands in a group or in a person's own chat, oldest first. */
  told(to: string, at?: Vendor): ShownCard[]
  /** Everything that came is worked, and everything that may be shown by now was tried. */
  settled(): Promise<void>
  /** Lets time pass in steps until it holds. */
  comes(holds: () => boolean | Promise<boolean>, what: string, step?: number): Promise<void>
  end(): Promise<void>
}

export interface VendorServer {
  bot: Bot
  chats: Chats
  life: Life
  inbox(name: Vendor): Inbox
}

export interface VendorPerson {
  say(text: string, more?: { eventId?: string; at?: number; addressed?: boolean }): Promise<void>
  press(
    on: ShownCard | undefined,
    label: string,
    more?: { eventId?: string; at?: number; values?: Record<string, string> },
  ): Promise<TapAnswer>
}

export interface VendorChatTraits {
  vendors?: readonly Vendor[]
  directories?: Partial<Record<Vendor, Directory>>
  matchPeople?: readonly Vendor[]
  titleOf?: VendorTraits['titleOf']
}

const SECRET = 'a secret that is long enough for tests'
const ABILITIES: Readonly<Record<Vendor, Abilities>> = {
  feishu: FEISHU_ABILITIES,
  dingtalk: DINGTALK_ABILITIES,
  wecom: WECOM_ABILITIES,
  slack: SLACK_ABILITIES,
  email: EMAIL_ABILITIES,
}
/** 2 March 2026, 14:02 in Shanghai. */
const START = Date.parse('2026-03-02T06:02:00Z')
const MOST_STEPS = 5_000

export async function vendorChat(traits: VendorChatTraits = {}): Promise<VendorChat> {
  const { vendors = ['feishu'], directories = {}, matchPeople = [], titleOf } = traits
  const clock = steeredClock(START)
  const ids = countingIds()
  const world = fakePlatform({ clock, ids })
  const outbox = memoryOutbox()
  const conversation = memoryConversation(outbox)
  const presses = memoryKeptPresses(clock)
  const events = memoryInboxEvents()
  const leases = memoryLeases(clock)
  const servers: VendorServer[] = []
  const logged: VendorChat['logged'] = []
  // Vendors are outside: they stay when a server dies.
  const outside = new Map(
    vendors.map((vendor) => {
      const its = { directory: directories[vendor], titleOf }
      return [vendor, testVendor({ clock, vendor, abilities: ABILITIES[vendor], ...given(its) })] as const
    }),
  )
  const log: Log = {
    error: (fields, says) => logged.push({ ...fields, level: 'error', says }),
    warn: (fields, says) => logged.push({ ...fields, level: 'warn', says }),
    info() {},
    debug() {},
  }
  let count = 0

  async function server(name: string, over: Partial<Life> = {}): Promise<VendorServer> {
    const life: Life = { isOver: false, ends: null, ...over }
    const inboxes = new Map<Vendor, Inbox>()
    const signer = createPressSigner('a key for tests')
    const platform = { ...world.platform, operations: mortal('operations', world.platform.operations, life) }
    const talk = mortal('conversation', conversation, life)
    const chats = createChats({
      fixed: vendors.map((vendor) => ({ vendor, setup: {} }) as OpenSetup),
      matchPeople: new Set(matchPeople),
      ours: { publicUrl: null, linkKey: new Secret('a key') },
      ...{ platform, conversation: talk, presses, signer, clock, ids, log, random: () => 0.5 },
      events: mortal('events', events.as(name), life),
      outbox: mortal('outbox', outbox, life),
      seal: createSeal(SECRET, 'shown once'),
      leases: mortal('leases', leases.as(name), life),
      openAdapter: async ({ vendor }, { inbox }): Promise<ChatAdapter> => {
        inboxes.set(vendor, inbox)
        return of(outside, vendor)
      },
      webhooks: { show() {}, remove() {} },
    })
    const bot = createBot({
      ...{ platform, conversation: talk, signer, clock, ids, log },
      publish: { card() {}, utterance() {} },
      outside: chats.outside,
    })
    await chats.start(bot)
    const opened: VendorServer = {
      ...{ bot, chats, life },
      inbox: (vendor) => of(inboxes, vendor),
    }
    servers.push(opened)
    return opened
  }

  function as(account: string, where: Parameters<VendorChat['as']>[1] = {}): VendorPerson {
    const { in: group, at: vendor = 'feishu', over = servers[0] } = where
    const chat = {
      id: group ?? `dm_${account}`,
      title: group === undefined ? null : `Room ${group}`,
      direct: group === undefined,
    }
    const happening = (more: { eventId?: string; at?: number } = {}) => ({
      ...{ eventId: more.eventId ?? `event-${++count}`, at: more.at ?? clock.now() },
      ...{ chat, from: { id: account, name: account } },
    })
    if (!over) throw new Error('No server is open')
    return {
      async say(text, { addressed = group === undefined, ...more } = {}) {
        await over.inbox(vendor).said({ ...happening(more), text, addressed })
        await chatting.settled()
      },
      async press(on, label, { values = {}, ...more } = {}) {
        const form = on?.card.body.find((block) => block.is === 'form')
        const buttons = [...(on?.buttons ?? []), ...(form?.is === 'form' ? [form.submit] : [])]
        const button = buttons.find((one) => one.label === label)
        if (!button) throw new Error(`No button ${label} on: ${on?.text}`)
        const answer = await over.inbox(vendor).pressed({ ...happening(more), press: button.press, values })
        await chatting.settled()
        return answer
      },
    }
  }

  const chatting: VendorChat = {
    ...{ clock, world, conversation, outbox, events, logged, server, as },
    vendor: (name) => of(outside, name),
    told: (to, at = 'feishu') =>
      [...of(outside, at).standing.values()].flatMap(({ to: { id }, shown }) =>
        shown && (id === to || id === `dm_${to}`) ? [shown] : [],
      ),
    settled: () =>
      chatting.comes(async () => {
        const now = clock.now()
        const { items } = await outbox.list({ state: 'open', limit: 1_000 })
        return events.open().length === 0 && items.every((one) => one.state === 'waiting' && one.dueAt > now)
      }, 'rest'),
    async comes(holds, what, step = 20) {
      for (let steps = 0; !(await holds()); steps++) {
        if (steps > MOST_STEPS) throw new Error(`${what} did not come: ${JSON.stringify(logged)}`)
        // Everything that can go on without time does so first.
        for (let turns = 0; turns < 3; turns++) await nextTurn()
        if (!(await holds())) clock.pass(step)
      }
    },
    async end() {
      const alive = servers.filter(({ life }) => !life.isOver)
      await Promise.all(alive.map(({ chats }) => chats.stop()))
    },
  }
  return chatting
}

function of<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error(`There is no ${String(key)} here`)
  return value
}

function given<T extends object>(parts: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as never
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
