import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { type Sealing, sealed, xmlOf } from '../../../fakes/chats/wecom/callbacks.ts'
import { type FakeWecom, startFakeWecom } from '../../../fakes/chats/wecom.ts'
import { type Opened, openWecom } from './opened.ts'

const inbox = rememberedInbox()
/** The app alone: calls are what is looked at here. */
const APP_ONLY = { botId: '', botSecret: '' }
let fake: FakeWecom
let opened: Opened

beforeAll(async () => {
  fake = await startFakeWecom({ pace: false })
  opened = await openWecom(fake, { inbox, setup: APP_ONLY })
  await opened.adapter.start()
})
beforeEach(() => {
  inbox.clear()
  fake.callAt(opened.base)
})
afterAll(async () => {
  await opened.close()
  await fake.close()
})

const hello = (eventId = '7000000000000000001') =>
  xmlOf(fake.world, {
    FromUserName: 'Lin',
    CreateTime: Math.floor(Date.now() / 1_000),
    MsgType: 'text',
    Content: '/help',
    MsgId: eventId,
  })

const at = (query: URLSearchParams) => `${opened.base}/chat/wecom?${query}`

function call(message: string, { raw, ...more }: Sealing & { raw?: (raw: string) => string } = {}) {
  const made = sealed(fake.world, message, more)
  return fetch(at(made.query), { method: 'POST', body: raw ? raw(made.raw) : made.raw })
}

describe('the check of the address', () => {
  it('is answered with what was sealed, bare', async () => {
    expect(await fake.callbacks.verifyUrl()).toBe(true)
  })

  it.each([
    ['another token', { token: 'OtherToken' }],
    ['another company', { corpId: 'wwother' }],
    ['an hour ago', { at: Date.now() - 3_600_000 }],
  ])('is refused when it is of %s', async (_what, more) => {
    const { query, encrypted } = sealed(fake.world, '42', more)
    query.set('echostr', encrypted)

    expect((await fetch(at(query))).status).toBe(403)
  })

  it('is refused without anything', async () => {
    expect((await fetch(at(new URLSearchParams()))).status).toBe(400)
  })
})

describe('a call', () => {
  it('is heard when all is right, and answered with nothing', async () => {
    const response = await call(hello())

    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(inbox.heard).toMatchObject([{ text: '/help', from: { id: 'lin' } }])
    expect(opened.adapter.connection()).toMatchObject({ is: 'waiting-for-calls', lastAt: expect.any(Number) })
  })

  it.each<[string, number, Parameters<typeof call>[1]]>([
    ['its signature is of another token', 403, { token: 'OtherToken' }],
    ['it is older than five minutes', 403, { at: Date.now() - 301_000 }],
    ['it is for another company', 403, { corpId: 'wwother' }],
    [
      'a byte of it was changed',
      403,
      { raw: (raw) => raw.replace('<Encrypt><![CDATA[', '<Encrypt><![CDATA[A') },
    ],
    ['it is no XML', 400, { raw: () => 'hello' }],
    ['it is empty', 400, { raw: () => '' }],
    ['it has a document type', 400, { raw: (raw) => `<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x">${raw}` }],
    ['it has entities', 400, { raw: (raw) => raw.replace('<xml>', '<xml><A>&amp;</A>') }],
    ['there is nothing sealed in it', 400, { raw: () => '<xml><Encrypt></Encrypt></xml>' }],
    ['it is larger than 128 KB', 413, { raw: (raw) => raw + ' '.repeat(140_000) }],
  ])('is refused when %s', async (_why, status, more) => {
    const response = await call(hello(), more)

    expect([response.status, await response.text()]).toEqual([status, ''])
    expect(inbox.heard).toEqual([])
  })

  it('that is not signed is refused', async () => {
    const { raw } = sealed(fake.world, hello())

    expect((await fetch(at(new URLSearchParams()), { method: 'POST', body: raw })).status).toBe(400)
  })

  it('that is played again is handed in as the same event', async () => {
    const { query, raw } = sealed(fake.world, hello('7000000000000000002'))

    await fetch(at(query), { method: 'POST', body: raw })
    await fetch(at(query), { method: 'POST', body: raw })

    expect(inbox.heard.map(({ eventId }) => eventId)).toEqual(['7000000000000000002'])
  })

  it('about something that we do not listen to is taken', async () => {
    const response = await call(xmlOf(fake.world, { FromUserName: 'lin', MsgType: 'event', Event: 'view' }))

    expect(response.status).toBe(200)
  })

  it('that could not be stored is not acknowledged, and heard when it comes again', async () => {
    let broken = 2
    const shaky = {
      ...inbox,
      said: (words: never) => (broken-- > 0 ? Promise.reject(new Error('away')) : inbox.said(words)),
    }
    const other = await openWecom(fake, { inbox: shaky, setup: APP_ONLY })

    const ack = await fake.callbacks.push({
      FromUserName: 'lin',
      CreateTime: Math.floor(Date.now() / 1_000),
      MsgType: 'text',
      Content: '/job list',
      MsgId: '1',
    })
    await other.close()

    expect(ack).toMatchObject({ ok: true, tries: 3 })
    expect(inbox.heard.map(({ text }) => text)).toEqual(['/job list'])
  })

  it('that takes too long to store is refused before WeCom gives up on it', async () => {
    const slow = { ...inbox, said: () => new Promise<never>(() => {}) }
    const waited: number[] = []
    const sleep = async (ms: number) => void waited.push(ms)
    const other = await openWecom(fake, { inbox: slow, setup: APP_ONLY, sleep })
    const { query, raw } = sealed(fake.world, hello())

    const response = await fetch(`${other.base}/chat/wecom?${query}`, { method: 'POST', body: raw })
    await other.close()

    expect(response.status).toBe(500)
    expect(Math.max(...waited)).toBeLessThan(5_000)
  })

  it('is taken by a process that was not started, too', async () => {
    const other = await openWecom(fake, { inbox })

    const ack = await fake.person('Mei').say('/help')
    await other.close()

    expect(ack.ok).toBe(true)
    expect(other.adapter).toMatchObject({ alone: true })
  })
})

describe('without token and key', () => {
  it('there is no route, and it says so', async () => {
    const deaf = await openWecom(fake, { inbox, setup: { ...APP_ONLY, token: '', aesKey: '' } })

    expect(deaf.webhooks).toBeNull()
    expect(deaf.adapter.abilities.buttons).toBe(0)
    expect(deaf.adapter.connection()).toEqual({ is: 'outgoing-only' })
    expect(await deaf.adapter.check()).toContainEqual(expect.objectContaining({ of: 'events', is: 'warn' }))
    await deaf.close()
  })
})
