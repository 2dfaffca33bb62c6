import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FakePerson } from '../fakes/chats/fake-chat.ts'
import { type FakeFeishu, startFakeFeishu } from '../fakes/chats/feishu.ts'
import { until } from '../support/until.ts'
import type { Answered } from './app.ts'
import { type RealApp, startRealApp } from './real-app.ts'

/** An admin sets Feishu up while the server runs, tries it, and takes it away again: one story, in its order. */
let world: RealApp
let fake: FakeFeishu
let person: FakePerson
const answers: string[] = []

beforeAll(async () => {
  fake = await startFakeFeishu()
  person = fake.person('Root')
  world = await startRealApp()
})
afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.close()
  await fake.close()
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
