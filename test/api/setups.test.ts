import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPeople } from '../../src/chats/people.ts'
import { GUIDES } from '../../src/chats/setups.ts'
import { silentLog } from '../../src/lib/log.ts'
import { startFakeDingtalk } from '../fakes/chats/dingtalk.ts'
import { startFakeEmail } from '../fakes/chats/email.ts'
import type { FakeChat, FakePerson } from '../fakes/chats/fake-chat.ts'
import { type FakeFeishu, startFakeFeishu } from '../fakes/chats/feishu.ts'
import { startFakeSlack } from '../fakes/chats/slack.ts'
import { startFakeWecom } from '../fakes/chats/wecom.ts'
import { steeredClock } from '../fakes/steered-clock.ts'
import { doctorAsking } from '../support/doctor.ts'
import { until } from '../support/until.ts'
import type { Answered } from './app.ts'
import { type RealApp, startRealApp } from './real-app.ts'

/** An admin sets Feishu up while the server runs, tries it, and takes it away again: one story, in its order. */
let world: RealApp
let fake: FakeFeishu
let person: FakePerson
const others: FakeChat[] = []
const answers: string[] = []

beforeAll(async () => {
  fake = await startFakeFeishu()
  person = fake.person('Root')
  world = await startRealApp()
})
afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.close()
  await Promise.all([fake, ...others].map((each) => each.close()))
})

type How = 'get' | 'post' | 'put' | 'delete'

/** As the admin; every answer is kept, to be searched for secrets. */
async function root(how: How, path: string, body?: unknown): Promise<Answered> {
  const answer = await world.as('root')[how](path, body as never)
  answers.push(answer.text)
  return answer
}

function entered(more: Readonly<Record<string, string | null>> = {}) {
  const { appId, appSecret, baseUrl } = fake.setup()
  return { appId, appSecret, baseUrl, ...more }
}

async function findings(fields: ReturnType<typeof entered> | null = null): Promise<Record<string, string>> {
  const { body } = await root('post', '/setups/feishu/check', { fields })
  return Object.fromEntries(body.findings.map(({ of, is }: { of: string; is: string }) => [of, is]))
}

describe('a chat that an admin sets up while the server runs', () => {
  it('is offered with its guide to admins, and to nobody else', async () => {
    const all = await root('get', '/setups')
    const refused = await world.as('mei').get('/setups/feishu')

    expect(all.body.map((one: { vendor: string; from: null }) => [one.vendor, one.from])).toEqual(
      ['feishu', 'dingtalk', 'wecom', 'slack', 'email'].map((vendor) => [vendor, null]),
    )
    expect(refused.status).toBe(403)
    expect((await world.as('mei').put('/setups/feishu', { fields: entered() })).status).toBe(403)
    expect((await world.as('mei').post('/setups/feishu/test')).status).toBe(403)
  })

  it('is told in the language of who asks', async () => {
    const chinese = await world.as('root').get('/setups/feishu', { 'accept-language': 'zh' })

    expect(chinese.body.title).toBe('飞书 / Lark')
    expect(chinese.body.steps[0].title).toBe('创建应用')
    expect((await root('get', '/setups/feishu')).body.steps[0].title).toBe('Create the app')
  })

  it('names what there is, when asked for another', async () => {
    const answer = await root('get', '/setups/fieshu')

    expect(answer.status).toBe(404)
    expect(answer.body.near).toContain('feishu')
  })

  it('says at its field what is wrong, in both languages, and never what was entered', async () => {
    const wrong = { fields: entered({ appId: 'hunter2', appSecret: '' }) }
    const english = await root('put', '/setups/feishu', wrong)
    const chinese = await world.as('root').put('/setups/feishu', wrong, { 'accept-language': 'zh' })
    const strange = await root('put', '/setups/feishu', { fields: entered({ appKey: 'x' }) })

    expect(english.status).toBe(400)
    expect(english.body.errors).toEqual([{ path: 'body.fields.appSecret', message: 'is missing' }])
    expect(chinese.body.errors).toEqual([{ path: 'body.fields.appSecret', message: '没有填写' }])
    expect(strange.body.errors).toEqual([{ path: 'body.fields.appKey', message: 'is no field here' }])
    const form = await root('put', '/setups/feishu', { fields: entered({ appId: 'hunter2' }) })
    expect(form.body.errors[0].path).toBe('body.fields.appId')
    expect(english.text + chinese.text + form.text).not.toContain('hunter2')
  })

  it('is tried before it is saved, and nothing of that is kept', async () => {
    expect(await findings(entered())).toEqual({ token: 'ok', bot: 'ok', events: 'warn' })
    expect(await findings(entered({ appSecret: 'quite-another-secret' }))).toMatchObject({ token: 'fail' })

    expect((await root('get', '/setups/feishu')).body).toMatchObject({ from: null, connection: null })
    expect((await root('post', '/setups/feishu/check', {})).status).toBe(409)
    expect((await root('post', '/setups/feishu/test')).status).toBe(409)
  })

  it('opens as soon as it is saved, and is found to be well', async () => {
    const saved = await root('put', '/setups/feishu', { fields: entered({ encryptKey: 'a-key-of-ours' }) })

    expect(saved.body).toMatchObject({ from: 'page', revision: 1, updatedBy: 'Root' })
    expect(await findings()).toEqual({ token: 'ok', bot: 'ok', events: 'ok', sending: 'warn', taps: 'warn' })
    expect((await root('get', '/setups/feishu')).body.connection.is).toBe('connected')
  })

  it('keeps a secret that is left empty, and takes away what is null', async () => {
    const { body } = await root('put', '/setups/feishu', {
      fields: entered({ appSecret: '', encryptKey: null }),
      matchPeople: true,
    })

    const field = (name: string) => body.fields.find((one: { name: string }) => one.name === name)
    expect(field('appSecret')).toMatchObject({ isSet: true, value: null })
    expect(field('encryptKey')).toMatchObject({ isSet: false, value: null })
    expect(field('appId')).toMatchObject({ isSet: true, value: fake.setup().appId })
    expect(body).toMatchObject({ revision: 2, matchPeople: true })
    expect(await findings()).toMatchObject({ token: 'ok', events: 'ok' })
  })

  it('sends no test card to who has no account there', async () => {
    expect((await root('post', '/setups/feishu/test')).body).toEqual({ test: null })
    expect(fake.messages({ person })).toEqual([])
  })

  it('shows a test card as sent, arrived and pressed, and the card changes', async () => {
    const link = await root('post', '/me/link-code')
    await person.say(`/link ${link.body.code}`)
    await fake.seen(({ tone }) => tone === 'good', { person })
    const sent = await root('post', '/setups/feishu/test')
    const state = async () => (await root('get', `/setups/feishu/tests/${sent.body.test.id}`)).body
    expect(sent.body.test).toMatchObject({ delivery: { said: null }, hasButton: true, pressed: null })

    const card = await fake.seen(({ title }) => /test card/.test(title), { person })
    await until(async () => (await state()).delivery.is === 'arrived', { what: 'arrived' })
    expect(await state()).toMatchObject({ pressed: null, changed: false })
    const tapped = await person.press(card, 'It works')

    expect(tapped.toast).toBe('This chat works both ways')
    await until(async () => (await state()).changed, { what: 'the card changes' })
    expect((await state()).pressed.by).toBe('Root')
    expect((await fake.seen(({ id }) => id === card.id, { person })).title).toBe('This chat works both ways')
    expect(await findings()).toMatchObject({ heard: 'ok', taps: 'ok' })
  })

  it('is looked at by `sluice doctor chat`, through the server', async () => {
    const { code, said } = await doctorAsking(world, 'chat')

    expect(said).toMatch(/^ok {4}Feishu \/ Lark: The long connection stands$/m)
    expect(said).toMatch(/^ok {4}Feishu \/ Lark: A button was pressed just now$/m)
    expect(code).toBe(0)
  })

  it('tells nobody else of a test, and nothing of a card that is none', async () => {
    const { body } = await root('post', '/setups/feishu/test')

    expect((await root('get', '/setups/slack/tests/card_000000000000')).status).toBe(404)
    expect((await root('get', `/setups/slack/tests/${body.test.id}`)).status).toBe(404)
    expect((await world.as('mei').get(`/setups/feishu/tests/${body.test.id}`)).status).toBe(403)
  })

  it('is closed when it is removed', async () => {
    expect((await root('delete', '/setups/feishu')).body).toMatchObject({ from: null, revision: null })

    await until(() => world.app.chats.open().size === 0, { what: 'it is closed' })
    expect((await root('delete', '/setups/feishu')).status).toBe(409)
  })

  it('leaves its secrets in no answer, no log line and no audit entry', async () => {
    const audit = await root('get', '/audit?limit=200')
    const secrets = [fake.setup().appSecret ?? '', 'a-key-of-ours', 'quite-another-secret']
    const written = [...answers, world.logged()].join('\n')

    const verbs = audit.body.items.filter(({ subject }: { subject: string }) => subject === 'chat feishu')
    expect(verbs.length).toBeGreaterThan(4)
    expect(written.length).toBeGreaterThan(10_000)
    expect(secrets.filter((secret) => secret === '' || written.includes(secret))).toEqual([])
  })
})

// --- the others ---------------------------------------------------------------------------------------------------

/** What is told at length of Feishu is true of the others. Entered on the page, as the guide names the fields. */
async function setUp(other: FakeChat): Promise<void> {
  others.push(other)
  const names = GUIDES[other.vendor].fields.map(({ name }) => name)
  const given = Object.entries(other.setup()).filter(([name]) => names.includes(name))
  const saved = await root('put', `/setups/${other.vendor}`, { fields: Object.fromEntries(given) })
  expect(saved.status).toBe(200)
  const { body } = await root('post', `/setups/${other.vendor}/check`, {})
  expect(body.findings.filter(({ is }: { is: string }) => is === 'fail')).toEqual([])
}

const sendTest = async (vendor: string) => (await root('post', `/setups/${vendor}/test`)).body.test
const stateOf = async (vendor: string, id: string) =>
  (await root('get', `/setups/${vendor}/tests/${id}`)).body

describe('every other chat', () => {
  it.each([
    ['dingtalk', startFakeDingtalk, false],
    ['wecom', startFakeWecom, true],
    ['slack', startFakeSlack, false],
  ] as const)('opens on %s, and a test card comes, is pressed and changes', async (vendor, start, callsUs) => {
    const other = await start()
    await setUp(other)
    if (callsUs) other.callAt(world.url)
    const somebody = other.person('Root')
    expect(await sendTest(vendor)).toBeNull()
    await somebody.say(`/link ${(await root('post', '/me/link-code')).body.code}`)
    await other.seen(({ title }) => /Root/.test(title), { person: somebody })

    const { id } = await sendTest(vendor)
    const card = await other.seen(({ text, title }) => /test card/i.test(title + text), { person: somebody })
    await somebody.press(card, 'It works')

    await until(async () => (await stateOf(vendor, id)).changed, { what: `it changes on ${vendor}` })
    expect(await stateOf(vendor, id)).toMatchObject({
      delivery: { is: 'arrived' },
      hasButton: true,
      pressed: { by: 'Root' },
    })
  })

  it('sends the test card as a mail to the address that the member has, and to nobody without one', async () => {
    const other = await startFakeEmail()
    await setUp(other)
    const mailbox = other.person('Root')
    expect(await sendTest('email')).toBeNull()
    await world.app.database.prisma.member.update({ where: { name: 'root' }, data: { email: mailbox.id } })

    const { id } = await sendTest('email')
    await other.seen(({ title }) => /test card/i.test(title), { person: mailbox })

    // Without PUBLIC_URL there is nothing that a link could lead to.
    await until(async () => (await stateOf('email', id)).delivery.is === 'arrived', { what: 'it arrived' })
    expect(await stateOf('email', id)).toMatchObject({ hasButton: false, pressed: null })
  })

  it('says in the words of the vendor why a test card was refused', async () => {
    const gone = 'nobody-is-called-so@elsewhere.example'
    await world.app.database.prisma.member.update({ where: { name: 'root' }, data: { email: gone } })

    const { id } = await sendTest('email')

    await until(async () => (await stateOf('email', id)).delivery.is === 'refused', { what: 'it is refused' })
    expect((await stateOf('email', id)).delivery.said.code).toMatch(/^5/)
  })

  it('knows who presses in a mail by the address that it went to', async () => {
    const { access } = world.app.core
    await world.app.database.prisma.member.update({
      where: { name: 'kai' },
      data: { email: 'Kai@example.com' },
    })
    const people = createPeople({
      access,
      conversation: world.app.conversation,
      open: () => undefined,
      clock: steeredClock(),
      log: silentLog,
    })
    const press = (id: string) =>
      people.recognise('email', { id, name: null }, { requestId: 'req_mail', bot: world.app.bot })
    const account = (externalId: string) => ({ vendor: 'email', externalId, displayName: externalId })

    await press('kai@example.com')
    await press('stranger@example.com')

    expect((await access.memberOf(account('kai@example.com')))?.name).toBe('kai')
    expect(await access.memberOf(account('stranger@example.com'))).toBeNull()
  })
})
