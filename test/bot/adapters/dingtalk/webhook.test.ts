import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Inbox } from '../../../../src/bot/adapters/adapter.ts'
import {
  cardApiSecret,
  cardSignature,
  robotSignature,
} from '../../../../src/bot/adapters/dingtalk/signatures.ts'
import { type FakeDingtalk, startFakeDingtalk } from '../../../fakes/chats/dingtalk.ts'
import type { FakePerson } from '../../../fakes/chats/fake-chat.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { until } from '../../../support/until.ts'
import { type OpenDingtalk, openOn } from './open.ts'
import { openCard } from './posting.ts'

const inbox = rememberedInbox()
let fake: FakeDingtalk
let opened: OpenDingtalk
let base: string
let lin: FakePerson
let said: Inbox['said'] = inbox.said

beforeAll(async () => {
  fake = await startFakeDingtalk({ pace: false })
  opened = await openOn(fake, { ...inbox, said: (words) => said(words) }, { http: true })
  base = fake.setup().publicUrl ?? ''
  lin = fake.person('Lin')
  await opened.adapter.start()
})
beforeEach(() => {
  inbox.clear()
  said = inbox.said
})
afterAll(async () => {
  await opened.adapter.stop()
  await opened.close()
  await fake.close()
})

const secret = () => fake.setup().clientSecret ?? ''
const hello = (eventId?: string) => JSON.stringify(fake.message(lin, '/help', eventId ? { eventId } : {}))

function signed(timestamp = String(Date.now()), key = secret()): Record<string, string> {
  return { timestamp, sign: robotSignature(timestamp, key) }
}

function cardSigned(key = cardApiSecret(secret())): Record<string, string> {
  const timestamp = String(Date.now())
  return { 'x-ddpaas-signature-timestamp': timestamp, 'x-ddpaas-signature': cardSignature(timestamp, key) }
}

function call(body: string, headers: Record<string, string>, path = '/chat/dingtalk'): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

describe('a call', () => {
  it('is heard when all is right', async () => {
    const response = await call(hello(), signed())

    expect([response.status, await response.json()]).toEqual([200, {}])
    expect(inbox.heard).toMatchObject([{ text: '/help', from: { id: lin.id } }])
    expect(opened.adapter.connection()).toMatchObject({
      is: 'waiting-for-calls',
      lastAt: expect.any(Number),
    })
  })

  const HOUR = 3_600_000
  it.each<[string, () => Record<string, string>]>([
    ['its signature is of another key', () => signed(undefined, 'another')],
    ['it is unsigned', () => ({})],
    ['it has no time', () => ({ sign: signed().sign ?? '' })],
    ['it is older than an hour', () => signed(String(Date.now() - HOUR - 1_000))],
    ['it is from a time to come', () => signed(String(Date.now() + HOUR))],
    ['its time is none', () => signed('soon')],
    ['its time was changed', () => ({ ...signed(), timestamp: String(Date.now() + 1) })],
    ['it is signed as taps are', () => cardSigned()],
  ])('is refused when %s', async (_why, headers) => {
    const response = await call(hello(), headers())

    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain(secret())
    expect(inbox.heard).toEqual([])
  })

  it('that is larger than 256 KB is not read to its end', async () => {
    expect(await statusOf('x'.repeat(300_000), signed())).toBe(413)
    expect(inbox.heard).toEqual([])
  })

  it.each([
    '',
    'hello',
    '[]',
    'null',
    '{"msgtype":"text"}',
  ])('that says %j is acknowledged, and nothing', async (body) => {
    expect((await call(body, signed())).status).toBe(200)
    expect(inbox.heard).toEqual([])
  })

  it('that is played again is handed in as the same event', async () => {
    const [body, headers] = [hello('msg_1'), signed()]

    await call(body, headers)
    await call(body, headers)

    expect(inbox.heard.map(({ eventId }) => eventId)).toEqual(['msg_1'])
  })

  it('that could not be stored is not acknowledged, and heard when it comes again', async () => {
    said = () => Promise.reject(new Error('the database is away'))
    const first = await call(hello('msg_2'), signed())
    said = inbox.said
    await call(hello('msg_2'), signed())

    expect(first.status).toBe(500)
    expect(await first.text()).not.toContain('database')
    expect(inbox.heard).toHaveLength(1)
  })

  it('that takes too long to store is refused before DingTalk gives up on it', async () => {
    said = () => new Promise(() => {})
    const began = performance.now()

    const { status } = await call(hello(), signed())

    expect(status).toBe(500)
    expect(performance.now() - began).toBeLessThan(3_000)
  })
})

describe('a tap', () => {
  it('comes to the address that was registered, and is answered with nothing', async () => {
    const message = await openCard(fake, opened.adapter, lin)

    const { ok } = await lin.press(message, 'Help')
    await until(() => inbox.taps.length > 0)

    expect(ok).toBe(true)
    expect(inbox.taps).toMatchObject([{ chat: { id: `user:${lin.id}`, direct: true }, from: { id: lin.id } }])
  })

  it.each<[string, () => Record<string, string>]>([
    ['it is unsigned', () => ({})],
    ['it is signed as messages are', () => signed()],
    ['it is signed with the secret of the app', () => cardSigned(secret())],
  ])('is refused when %s', async (_why, headers) => {
    expect((await call('{}', headers(), '/chat/dingtalk/card')).status).toBe(401)
  })

  it('that is played again is handed in as the same event, and another one is not', async () => {
    const tap = (press: string) =>
      JSON.stringify({ outTrackId: 'dlv_1', userId: lin.id, content: JSON.stringify({ params: { press } }) })
    const headers = cardSigned()

    for (const press of ['a', 'a', 'b']) await call(tap(press), headers, '/chat/dingtalk/card')
    await until(() => inbox.taps.length > 1)

    expect(inbox.taps.map(({ press }) => press)).toEqual(['a', 'b'])
  })
})

describe('the check', () => {
  it('warns while nobody called', async () => {
    const fresh = await openOn(fake, inbox, { http: true })
    await fresh.adapter.start()
    const findings = await fresh.adapter.check()
    fake.callAt(base)
    await fresh.adapter.stop()
    await fresh.close()

    expect(findings).toContainEqual(expect.objectContaining({ of: 'events', is: 'warn' }))
  })
})

/** Sent in pieces, because the answer may come before the end. */
function statusOf(body: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${base}/chat/dingtalk`, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
