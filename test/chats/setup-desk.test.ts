import { describe, expect, it } from 'vitest'
import type { ChatAdapter, Connection, Finding, Vendor } from '../../src/bot/adapters/adapter.ts'
import { PLAIN_TEXT } from '../../src/bot/cards/abilities.ts'
import { NOTHING_OUTSIDE } from '../../src/bot/outside.ts'
import type { GivenChat } from '../../src/chats/chat-settings.ts'
import type { OpenChat } from '../../src/chats/chats.ts'
import { createSetupDesk, testView } from '../../src/chats/setup-desk.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { ChatSetup, ChatSetupsApi, Permit } from '../../src/platform/platform.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { steeredClock } from '../fakes/steered-clock.ts'
import { until } from '../support/until.ts'

const FIELDS = { appId: 'cli_0123456789abcdef', appSecret: 'a-secret-of-feishu' }
const WELL: Finding = { of: 'token', is: 'ok', says: { zh: '好', en: 'well' }, cure: null }
// The desk only hands it on to what keeps setups.
const PERMIT = {} as Permit<'chat:manage'>

interface World {
  given?: readonly GivenChat[]
  check?: () => Promise<readonly Finding[]>
  connection?: Connection
}

/** A vendor's adapter that finds what the test wants; everything else of it is not asked for. */
function desk({ given = [], check = async () => [WELL], connection = { is: 'stopped' } }: World = {}) {
  const clock = steeredClock()
  const open = new Map<Vendor, OpenChat>()
  const stopped: string[] = []
  const adapter = {
    vendor: 'feishu',
    abilities: { ...PLAIN_TEXT, buttons: 4 },
    check,
    connection: () => connection,
    start: () => Promise.reject(new Error('It was only to be looked at')),
    stop: async () => void stopped.push('feishu'),
  } as Partial<ChatAdapter> as ChatAdapter
  const setups = createSetupDesk({
    given,
    matchPeople: new Set(),
    ours: { publicUrl: 'https://flink.example.org', linkKey: new Secret('a key') },
    platform: { access: { reachOf: async () => null }, chatSetups: memorySetups() },
    chats: { open: () => open, outside: NOTHING_OUTSIDE },
    bot: { test: async () => {} },
    conversation: memoryConversation(),
    outbox: { ofCard: async () => [] },
    events: { last: async () => ({ said: clock.now() - 3 * 60_000, pressed: null }) },
    openAdapter: async () => adapter,
    clock,
    ids: randomIds,
    random: () => 0.5,
    log: silentLog,
  })
  return { setups, clock, open, adapter, stopped }
}

function memorySetups(): ChatSetupsApi {
  const saved = new Map<string, ChatSetup>()
  return {
    list: async () => [...saved.values()],
    async save(_permit, { vendor, fields }) {
      const revision = (saved.get(vendor)?.revision ?? 0) + 1
      const setup = { vendor, fields, revision, updatedBy: 'Root', updatedAt: 0 }
      saved.set(vendor, setup)
      return setup
    },
    remove: async (_permit, vendor) => saved.delete(vendor),
    onChange: async () => async () => {},
  }
}

const given: GivenChat[] = [
  {
    vendor: 'feishu',
    fields: { appId: new Secret(FIELDS.appId), appSecret: new Secret(FIELDS.appSecret) },
  },
]

describe('a chat that the environment sets up', () => {
  it('is shown as such, its secrets only as being there', async () => {
    const { setups } = desk({ given })

    const view = await setups.of('feishu')

    expect(view).toMatchObject({ from: 'environment', filled: ['appId', 'appSecret'], revision: null })
    expect(view.values).toEqual({ appId: FIELDS.appId })
  })

  it('is changed, removed and tried with other fields nowhere but there', async () => {
    const { setups } = desk({ given })
    const entered = { vendor: 'feishu', fields: FIELDS, matchPeople: false } as const

    expect(await setups.save(PERMIT, entered)).toEqual({ ok: false, why: { of: 'set-by-environment' } })
    expect(await setups.remove(PERMIT, 'feishu')).toEqual({ ok: false, why: { of: 'set-by-environment' } })
    expect(await setups.check('feishu', FIELDS)).toEqual({ ok: false, why: { of: 'set-by-environment' } })
  })
})

describe('what is entered', () => {
  it('is kept by the names of the guide, blanks around it taken off', async () => {
    const { setups } = desk()
    const fields = { ...FIELDS, appId: ` ${FIELDS.appId}\n`, other: 'x' }

    const saved = await setups.save(PERMIT, { vendor: 'feishu', fields, matchPeople: false })

    expect(saved.ok && saved.value.values).toEqual({ appId: FIELDS.appId })
  })

  it('tells where the vendor is to call us', async () => {
    const { setups } = desk()

    expect((await setups.of('feishu')).callback?.url).toBe('https://flink.example.org/chat/feishu')
    expect((await setups.of('email')).callback).toBeNull()
  })
})

describe('a look', () => {
  it('at fields that are not saved opens an adapter for that alone, and ends it', async () => {
    const connecting: Finding = { of: 'events', is: 'fail', says: { zh: '', en: '' }, cure: null }
    const { setups, stopped } = desk({ check: async () => [WELL, connecting] })

    const found = await setups.check('feishu', FIELDS)

    expect(found.ok && found.value.map(({ of, is }) => `${of} ${is}`)).toEqual(['token ok', 'events warn'])
    expect(stopped).toEqual(['feishu'])
  })

  it('ends an adapter that broke while it looked', async () => {
    const { setups, stopped } = desk({ check: () => Promise.reject(new Error('odd')) })

    await expect(setups.check('feishu', FIELDS)).rejects.toThrow('odd')

    expect(stopped).toEqual(['feishu'])
  })

  it('says after nine seconds that nobody answers, and takes no more than three at once', async () => {
    const { setups, clock } = desk({ check: () => new Promise(() => {}) })

    const looks = [1, 2, 3].map(() => setups.check('feishu', FIELDS))
    await until(async () => !(await setups.check('feishu', FIELDS)).ok, { what: 'the fourth is refused' })
    clock.pass(9_000)

    for (const found of await Promise.all(looks)) {
      expect(found.ok && found.value.map(({ of, is }) => `${of} ${is}`)).toEqual(['answer fail'])
    }
  })

  it('at what is open says what came in lately', async () => {
    const { setups, open, adapter } = desk({ given, connection: { is: 'connected', since: 0 } })
    open.set('feishu', { adapter, from: 'environment', revision: 0, matchPeople: false })

    const found = await setups.check('feishu', null)

    expect(found.ok && found.value.map(({ says }) => says.en)).toEqual([
      'well',
      'Words came in 3 min ago',
      'No button was pressed there in the last two days',
    ])
  })

  it('at what was just saved waits until that is open, not what was open before', async () => {
    const { setups, clock, open, adapter } = desk({ connection: { is: 'connected', since: 0 } })
    await setups.save(PERMIT, { vendor: 'feishu', fields: FIELDS, matchPeople: false })
    open.set('feishu', { adapter, from: 'page', revision: 0, matchPeople: false })
    let isOver = false

    const look = setups.check('feishu', null).finally(() => {
      isOver = true
    })
    await new Promise(setImmediate)
    expect(isOver).toBe(false)
    open.set('feishu', { adapter, from: 'page', revision: 1, matchPeople: false })
    await until(
      async () => {
        clock.pass(50)
        return isOver
      },
      { what: 'the look is over' },
    )

    expect((await look).ok).toBe(true)
  })
})

describe('a test card', () => {
  const about = { id: 'card_1', sentAt: 0, hasButton: true }
  const waiting = { state: 'waiting', shown: 0, tries: 0, error: null, postedAt: null } as const
  const said = { code: '230013', message: 'Bot has NO availability to this user.' }

  it.each([
    ['nothing has gone yet', null, 'on-its-way'],
    ['it waits', waiting, 'on-its-way'],
    ['it is tried again', { ...waiting, tries: 2, error: said }, 'on-its-way'],
    ['it stands there', { ...waiting, state: 'done', shown: 1, postedAt: 5 }, 'arrived'],
    ['an edit of it was refused', { ...waiting, state: 'dead', shown: 1, postedAt: 5 }, 'arrived'],
    ['it was refused', { ...waiting, state: 'dead', error: said }, 'refused'],
  ] as const)('when %s', (_, delivery, is) => {
    expect(testView(about, delivery, null).delivery).toMatchObject({ is, said: delivery?.error ?? null })
  })

  it('goes nowhere while the chat is not open', async () => {
    const { setups } = desk()
    const member = { id: 'mem_root' } as never

    expect(await setups.test('feishu', member)).toEqual({ ok: false, why: { of: 'not-open' } })
  })
})
