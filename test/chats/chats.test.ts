import { afterEach, describe, expect, it } from 'vitest'
import type { Vendor } from '../../src/bot/adapters/adapter.ts'
import { createBot } from '../../src/bot/bot.ts'
import { createPressSigner } from '../../src/bot/press.ts'
import { type Chats, createChats } from '../../src/chats/chats.ts'
import type { OpenSetup } from '../../src/chats/setups.ts'
import type { Log } from '../../src/lib/log.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { ChatSetup } from '../../src/platform/platform.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { memoryInboxEvents } from '../fakes/inbox-events.ts'
import { memoryLeases } from '../fakes/memory-leases.ts'
import { memoryKeptPresses, memoryOutbox } from '../fakes/outbox.ts'
import { fakePlatform } from '../fakes/platform.ts'
import { steeredClock } from '../fakes/steered-clock.ts'
import { countingIds } from '../support/chat.ts'
import { type TestVendor, testVendor } from '../support/vendor.ts'

const FIELDS: Partial<Record<Vendor, Record<string, string>>> = {
  feishu: { appId: 'cli_a1b2c3d4e5f60718', appSecret: 'an-app-secret-of-mine' },
  slack: { botToken: 'xoxb-1-2-abcdefghijkl', appToken: 'xapp-1-A1-2-abcdefghijkl' },
}
const MAIL = { vendor: 'email', setup: {} } as OpenSetup

let opened: Hub | null = null
afterEach(() => opened?.chats.stop())

/** The chats of one server, with what was saved on the page, on memory; time is steered. */
interface Hub {
  chats: Chats
  /** Every adapter that was built, in turn. */
  built: { vendor: Vendor; setup: OpenSetup; adapter: TestVendor }[]
  served: Set<Vendor>
  logged: Record<string, unknown>[]
  save(vendor: string, fields: Record<string, string>, more?: { heard?: boolean }): Promise<void>
  remove(vendor: string): Promise<void>
  pass(ms: number): Promise<void>
}

interface HubTraits {
  fixed?: readonly OpenSetup[]
  saved?: readonly [string, Record<string, string>][]
  /** What happens when one is built; may throw. */
  building?: (vendor: Vendor) => void
  starting?: (vendor: Vendor) => Promise<void>
}

async function hub({ fixed = [], saved = [], building, starting }: HubTraits = {}): Promise<Hub> {
  const clock = steeredClock()
  const ids = countingIds()
  const { platform } = fakePlatform({ clock, ids })
  const outbox = memoryOutbox()
  const conversation = memoryConversation(outbox)
  const presses = memoryKeptPresses(clock)
  const signer = createPressSigner('a key for tests')
  const setups = new Map<string, ChatSetup>()
  let hear: () => void = () => {}
  const keep = (vendor: string, fields: Record<string, string>) => {
    const revision = (setups.get(vendor)?.revision ?? 0) + 1
    setups.set(vendor, { vendor, fields, revision, updatedBy: 'Lin', updatedAt: clock.now() })
  }
  for (const [vendor, fields] of saved) keep(vendor, fields)
  const logged: Hub['logged'] = []
  const says = (fields: Record<string, unknown>, message: string) =>
    void logged.push({ ...fields, says: message })
  const log: Log = { error: says, warn: says, info: says, debug() {} }
  const built: Hub['built'] = []
  const served = new Set<Vendor>()

  const chats = createChats({
    ...{ fixed, conversation, presses, signer, clock, ids, log, outbox, random: () => 0.5 },
    matchPeople: new Set(),
    ours: { publicUrl: null, linkKey: new Secret('a key') },
    platform: {
      access: platform.access,
      chatSetups: {
        ...platform.chatSetups,
        list: async () => [...setups.values()],
        onChange: async (listener) => {
          hear = listener
          return async () => {}
        },
      },
    },
    events: memoryInboxEvents().as('a'),
    seal: createSeal('a secret that is long enough for tests', 'shown once'),
    leases: memoryLeases(clock).as('a'),
    async openAdapter(setup) {
      const { vendor } = setup
      building?.(vendor)
      const adapter = testVendor({ clock, vendor })
      const { start } = adapter
      adapter.start = async () => {
        await starting?.(vendor)
        await start()
      }
      built.push({ vendor, setup, adapter })
      return adapter
    },
    webhooks: {
      show: ({ vendor }) => void served.add(vendor),
      remove: (vendor) => void served.delete(vendor),
    },
  })
  const bot = createBot({
    ...{ platform, conversation, signer, clock, ids, log, outside: chats.outside },
    publish: { card() {}, utterance() {} },
  })
  await chats.start(bot)

  async function pass(ms: number): Promise<void> {
    clock.pass(ms)
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
  }
  opened = {
    ...{ chats, built, served, logged, pass },
    async save(vendor, fields, { heard = true } = {}) {
      keep(vendor, fields)
      if (heard) hear()
      await pass(0)
    },
    async remove(vendor) {
      setups.delete(vendor)
      hear()
      await pass(0)
    },
  }
  return opened
}

const isOpen = ({ chats }: Hub) =>
  [...chats.open()].map(([vendor, { from, revision }]) => `${vendor} from ${from} ${revision}`).sort()
const lines = ({ logged }: Hub, says: string) => logged.filter((line) => line.says === says)

describe('the chats of a server', () => {
  it('are those of the environment and those saved on the page', async () => {
    const world = await hub({ fixed: [MAIL], saved: [['feishu', FIELDS.feishu ?? {}]] })

    expect(isOpen(world)).toEqual(['email from environment 0', 'feishu from page 1'])
    expect([...world.served].sort()).toEqual(['email', 'feishu'])
    expect(world.built.every(({ adapter }) => adapter.isOpen)).toBe(true)
    expect(world.chats.outside.desk.vendors().map(({ vendor }) => vendor)).toEqual(['email', 'feishu'])
  })

  it('are none, and nothing is built, when none is set up', async () => {
    const world = await hub()

    expect(world.chats.open().size).toBe(0)
    expect(world.built).toEqual([])
  })

  it('hold to the environment where the page says otherwise', async () => {
    const fixed = { vendor: 'feishu', setup: {} } as OpenSetup
    const world = await hub({ fixed: [fixed], saved: [['feishu', FIELDS.feishu ?? {}]] })
    await world.save('feishu', { ...FIELDS.feishu, appId: 'cli_0000000000000000' })

    expect(isOpen(world)).toEqual(['feishu from environment 0'])
    expect(world.built.map(({ setup }) => setup)).toEqual([fixed])
  })

  it('open when they are saved, open anew when they are changed, and close when they are taken away', async () => {
    const world = await hub({ fixed: [MAIL] })
    await world.save('feishu', FIELDS.feishu ?? {})
    expect(isOpen(world)).toEqual(['email from environment 0', 'feishu from page 1'])

    await world.save('feishu', { ...FIELDS.feishu, appSecret: 'another-app-secret-of-mine' })
    expect(isOpen(world)).toEqual(['email from environment 0', 'feishu from page 2'])
    const [mail, first, second] = world.built.map(({ adapter }) => adapter)
    expect([first?.isOpen, second?.isOpen]).toEqual([false, true])

    await world.remove('feishu')
    expect(isOpen(world)).toEqual(['email from environment 0'])
    expect([...world.served]).toEqual(['email'])
    expect(second?.isOpen).toBe(false)
    // What nobody changed went on all the while.
    expect([mail?.isOpen, mail?.starts]).toEqual([true, 1])
  })

  it('come up to date within half a minute when nobody was told of a change', async () => {
    const world = await hub()
    await world.save('feishu', FIELDS.feishu ?? {}, { heard: false })
    await world.pass(29_000)
    expect(isOpen(world)).toEqual([])

    await world.pass(1_000)
    expect(isOpen(world)).toEqual(['feishu from page 1'])
  })

  it('do without one whose setup is incomplete, and say which fields', async () => {
    const world = await hub({
      saved: [
        ['feishu', { appId: 'cli_a1b2c3d4e5f6' }],
        ['icq', { number: '1' }],
        ['slack', FIELDS.slack ?? {}],
      ],
    })

    expect(isOpen(world)).toEqual(['slack from page 1'])
    expect(lines(world, 'A chat cannot be opened: its setup is incomplete')).toMatchObject([
      { vendor: 'feishu', fields: ['appSecret'] },
    ])
  })

  it('do without one that cannot be built, and try it again', async () => {
    let isBroken = true
    const world = await hub({
      fixed: [MAIL],
      saved: [['slack', FIELDS.slack ?? {}]],
      building: (vendor) => {
        if (vendor === 'email' && isBroken) throw new Error('its kit is missing')
      },
    })
    expect(isOpen(world)).toEqual(['slack from page 1'])
    expect(lines(world, 'A chat could not be opened; it is tried again')).toMatchObject([{ vendor: 'email' }])

    isBroken = false
    await world.pass(30_000)
    expect(isOpen(world)).toEqual(['email from environment 0', 'slack from page 1'])
  })

  it('do without one that does not connect', async () => {
    const world = await hub({
      fixed: [MAIL],
      saved: [['slack', FIELDS.slack ?? {}]],
      starting: async (vendor) => {
        if (vendor === 'email') throw new Error('nobody there')
      },
    })

    expect(world.built.map(({ vendor, adapter }) => [vendor, adapter.isOpen])).toEqual([
      ['email', false],
      ['slack', true],
    ])
    expect(lines(world, 'A chat did not start')).toMatchObject([{ vendor: 'email' }])
  })

  it('are all closed in the end, and open no more', async () => {
    const world = await hub({ fixed: [MAIL], saved: [['feishu', FIELDS.feishu ?? {}]] })

    await world.chats.stop()
    await world.save('slack', FIELDS.slack ?? {})

    expect(world.chats.open().size).toBe(0)
    expect(world.built.map(({ adapter }) => adapter.isOpen)).toEqual([false, false])
    opened = null
  })
})
