import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VENDORS, type Vendor } from '../../../src/bot/adapters/adapter.ts'
import { GUIDES } from '../../../src/chats/setups.ts'
import type { FakeChat, FakePerson, SeenMessage } from '../../fakes/chats/fake-chat.ts'
import { environmentOf, START_FAKE } from '../../fakes/chats/start.ts'
import { type Chatting, chatting } from '../../support/chatting.ts'
import { type Hidden, leaksIn } from '../../support/leaks.ts'
import { until } from '../../support/until.ts'

const TALKING = ['feishu', 'dingtalk', 'wecom', 'slack'] as const
const CONSOLE = ['log', 'info', 'warn', 'error', 'debug'] as const
const usual = { ...console }

/** Everything that may go wrong goes wrong with every vendor, and then everything that was written is searched. */
const fakes = new Map<Vendor, FakeChat>()
const printed: string[] = []
const answers: string[] = []
const hidden: Hidden[] = []
let world: Chatting

beforeAll(async () => {
  // Vendors' own kits print where they like.
  for (const way of CONSOLE) console[way] = (...words) => void printed.push(inspect(words, { depth: 9 }))
  for (const vendor of VENDORS) fakes.set(vendor, await START_FAKE[vendor]())
  const settings = [...fakes].map(([vendor, fake]) => environmentOf(vendor, fake))
  world = await chatting(Object.assign({}, ...settings))
  fakeOf('wecom').callAt(world.url)
  await world.job('orders')
  await until(() => TALKING.every((vendor) => ['connected', 'waiting-for-calls'].includes(isNow(vendor))))
  const people = new Map<Vendor, FakePerson>()
  for (const vendor of TALKING) people.set(vendor, await meiOn(fakeOf(vendor)))
  await Promise.all([...people].map(([vendor, mei]) => everythingHappens(vendor, mei)))
  await mailIsSent()
  fakeOf('slack').faults.revokeTokens()
  await until(() => world.logged().includes('token_revoked'))
  await Promise.all(TALKING.filter((vendor) => vendor !== 'slack').map(isTooFast))
  await setupsAreLookedAt()
  hidden.push(...VENDORS.flatMap(ofSetup), ...VENDORS.flatMap(ofTokens))
})
afterAll(async () => {
  Object.assign(console, usual)
  await world?.close()
  await Promise.all([...fakes.values()].map((fake) => fake.close()))
})

function fakeOf(vendor: Vendor): FakeChat {
  const fake = fakes.get(vendor)
  if (!fake) throw new Error(`There is no ${vendor} here`)
  return fake
}

function isNow(vendor: Vendor): string {
  return world.app.chats.open().get(vendor)?.adapter.connection().is ?? 'closed'
}

/** One after the other: a new code ends the former one. */
async function meiOn(fake: FakeChat): Promise<FakePerson> {
  const mei = fake.person('Mei')
  await answered(fake, mei, '/job list')
  await answered(fake, mei, `/link ${await linkCode()}`)
  return mei
}

async function everythingHappens(vendor: Vendor, mei: FakePerson): Promise<void> {
  const fake = fakeOf(vendor)
  const token = await answered(fake, mei, '/token create ci verbs=job:view days=30', /slu_[\w-]+/)
  hidden.push({ name: `our own token from ${vendor}`, secret: /slu_[\w-]+/.exec(token.text)?.[0] ?? '' })
  const card = await answered(fake, mei, '/job show orders', /orders/)
  const [button] = card.buttons
  if (button) await mei.press(card, button.label)

  for (const fault of ['garbage', 'dropAfterAccept'] as const) {
    fake.faults[fault](1)
    await answered(fake, mei, '/me')
  }
  // A vendor whose tokens never expire gives no others: that one comes last.
  if (vendor === 'slack') return
  fake.faults.revokeTokens()
  await answered(fake, mei, '/me')
}

async function isTooFast(vendor: Vendor): Promise<void> {
  const fake = fakeOf(vendor)
  fake.faults.limit(1)
  await fake.person('Somebody new').say('/me')
  await until(() => fake.counts.limited > 0)
  await fake.faults.disconnect()
}

/** Says it and waits until something new stands there that reads so. */
async function answered(fake: FakeChat, who: FakePerson, words: string, reads = /./): Promise<SeenMessage> {
  const before = new Set(fake.messages({ person: who }).map(({ id }) => id))
  await who.say(words)
  return fake.seen(({ id, text, title }) => !before.has(id) && reads.test(`${title} ${text}`), {
    person: who,
  })
}

async function linkCode(): Promise<string> {
  const { access } = world.app.core
  const member = await access.memberByName('mei')
  if (!member) throw new Error('Mei is not there')
  const by = { member, via: 'test', token: null, requestId: 'req_link' }
  const asked = await access.permit(by, 'member:view', { of: 'platform', what: 'own account' })
  if (!asked.ok) throw new Error('Mei may not have a code')
  return (await access.linkCode(asked.permit)).code
}

async function mailIsSent(): Promise<void> {
  const { access } = world.app.core
  const permit = await access.permitSluice('member:manage', { of: 'platform', what: 'all' }, 'req_ann')
  await access.addMember(permit, { name: 'ann', displayName: 'Ann', email: 'ann@example.com' })
  const fake = fakeOf('email')
  const ann = fake.person('Ann', { email: 'ann@example.com' })
  fake.faults.garbage(1)
  await world.chat('mei').say('/page ann "look at orders"')
  await fake.seen(() => true, { person: ann })
}

/** As they are, and with every secret entered wrongly: vendors repeat what they refuse. */
async function setupsAreLookedAt(): Promise<void> {
  const root = world.as('root')
  answers.push((await root.get('/setups')).text, (await root.get('/audit?limit=100')).text)
  for (const vendor of VENDORS) {
    answers.push((await root.get(`/setups/${vendor}`)).text)
    answers.push((await root.post(`/setups/${vendor}/check`, { fields: null })).text)
    answers.push((await root.post(`/setups/${vendor}/check`, { fields: wrongFields(vendor) })).text)
  }
}

function wrongFields(vendor: Vendor): Record<string, string> {
  const known = fakeOf(vendor).setup()
  return Object.fromEntries(
    GUIDES[vendor].fields.flatMap(({ name, secret }) => {
      const value = known[name]
      if (value === undefined || value === '') return []
      if (!secret) return [[name, value]]
      const wrong = wrongOf(value)
      hidden.push({ name: `a wrong ${name} of ${vendor}`, secret: secretPart(wrong) })
      return [[name, wrong]]
    }),
  )
}

/** Of the same form, so that it gets as far as the vendor. */
function wrongOf(value: string): string {
  if (value.includes('@127')) return value.replace(/:[^:@/]+@/, ':wrong-password-of-mine@')
  return `${value.slice(0, 8)}${[...value.slice(8)].reverse().join('')}`
}

/** Of an address with a password in it that alone: the rest may be told. */
function secretPart(value: string): string {
  const password = /:([^:@/]+)@/.exec(value)?.[1]
  return password === undefined ? value : decodeURIComponent(password)
}

function ofSetup(vendor: Vendor): Hidden[] {
  const known = fakeOf(vendor).setup()
  return GUIDES[vendor].fields
    .filter(({ name, secret }) => secret && known[name])
    .map(({ name }) => ({ name: `${name} of ${vendor}`, secret: secretPart(known[name] ?? '') }))
}

function ofTokens(vendor: Vendor): Hidden[] {
  return fakeOf(vendor)
    .issued()
    .map((secret, i) => ({ name: `what ${vendor} gave out ${i + 1}.`, secret }))
}

async function everythingWritten(): Promise<Record<string, string>> {
  const { database } = world.app
  const tables = await database.sql<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  )
  const rows = await Promise.all(
    tables.map(async ({ name }) => {
      const [all] = await database.sql<{ rows: string }>(
        `SELECT coalesce(string_agg(one::text, chr(10)), '') AS rows FROM ${name} AS one`,
      )
      return [`the table ${name}`, all?.rows ?? ''] as const
    }),
  )
  return {
    'the log': world.logged(),
    'what was printed': printed.join('\n'),
    'the metrics': await (await fetch(`${world.url}/metrics`)).text(),
    'answers of REST': answers.join('\n'),
    ...Object.fromEntries(rows),
  }
}

describe('what is secret at a vendor', () => {
  it('is known to this test: every secret of every setup, and every token that was given out', () => {
    expect(hidden.filter(({ secret }) => secret.length < 8)).toEqual([])
    for (const vendor of VENDORS) expect(ofSetup(vendor).length).toBeGreaterThan(0)
    for (const vendor of TALKING) expect(ofTokens(vendor).length).toBeGreaterThan(0)
  })

  it('was used while things went wrong', async () => {
    const written = await everythingWritten()

    for (const vendor of TALKING) {
      expect(written['the metrics']).toContain(`vendor="${vendor}"`)
      expect(written['the table "Delivery"']).toContain(vendor)
    }
  })

  it('stands in nothing that was written', async () => {
    expect(leaksIn(await everythingWritten(), hidden)).toEqual([])
  })

  it('would be found, however it is written and wherever it is hidden', () => {
    for (const { name, secret } of hidden) {
      const error = new Error('refused', { cause: new Error(`called https://x?access_token=${secret}`) })
      const places = {
        plainly: `"${secret}"`,
        'an error': inspect({ error }),
        'an address': `https://x?key=${encodeURIComponent(secret)}`,
        'a header': `Basic ${Buffer.from(secret).toString('base64')}`,
        json: JSON.stringify({ secret }),
      }
      expect(leaksIn(places, [{ name, secret }])).toHaveLength(Object.keys(places).length)
    }
  })
})
