import { isValidSlackRequest } from '@slack/bolt'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { type FakeSlack, startFakeSlack } from '../../../fakes/chats/slack.ts'
import { until } from '../../../support/until.ts'
import { type OpenedSlack, openSlack } from './opened.ts'
import { openCard } from './posting.ts'

const inbox = rememberedInbox()
const FORM = 'application/x-www-form-urlencoded'
let fake: FakeSlack
let opened: OpenedSlack

beforeAll(async () => {
  fake = await startFakeSlack({ pace: false })
  opened = await openSlack(fake, { inbox, calls: true })
  await opened.adapter.start()
})
beforeEach(() => inbox.clear())
afterAll(async () => {
  await opened.close()
  await fake.close()
})

const hello = (eventId?: string) =>
  JSON.stringify(
    fake.envelope(
      {
        type: 'message',
        channel_type: 'im',
        channel: 'D0LIN00001',
        user: 'U0LIN00001',
        text: '/help',
        ts: '1.000001',
      },
      eventId,
    ),
  )

describe('a signature', () => {
  it('is the one that Slack documents', () => {
    const headers = {
      'x-slack-request-timestamp': 1_760_000_000,
      'x-slack-signature': 'v0=fbc9c1921a80692aa58b7480a8c1f0054544d8c53db45beca0bbf9b02c08cc5f',
    }
    const request = { signingSecret: 's3cr3t', body: 'x=1', headers, nowMilliseconds: 1_760_000_000_000 }

    expect(isValidSlackRequest(request)).toBe(true)
    expect(isValidSlackRequest({ ...request, body: 'x=2' })).toBe(false)
  })
})

describe('a call', () => {
  it('is heard when all is right', async () => {
    expect(await fake.pusher.call(hello())).toEqual({ status: 200, text: '' })

    expect(inbox.heard).toHaveLength(1)
    expect(opened.adapter.connection()).toMatchObject({ is: 'waiting-for-calls', lastAt: expect.any(Number) })
  })

  it.each([
    ['JSON with a character set', 'application/json; charset=utf-8', () => hello()],
    ['a form with a character set', `${FORM}; charset=utf-8`, () => `payload=${encodeURIComponent(hello())}`],
  ])('is heard as %s', async (_what, type, body) => {
    expect((await fake.pusher.call(body(), { type })).status).toBe(200)
    expect(inbox.heard).toHaveLength(1)
  })

  const refusals: [string, number, () => Promise<{ status: number; text: string }>][] = [
    ['its signature is of another secret', 401, () => fake.pusher.call(hello(), { secret: 'other' })],
    ['it is older than five minutes', 401, () => fake.pusher.call(hello(), { at: Date.now() - 301_000 })],
    ['it is from the future', 401, () => fake.pusher.call(hello(), { at: Date.now() + 302_000 })],
    ['it is unsigned', 401, () => raw(hello(), {})],
    [
      'its time is no time',
      401,
      () => raw(hello(), { 'x-slack-signature': 'v0=00', 'x-slack-request-timestamp': 'x' }),
    ],
    [
      'its signature is of another kind',
      401,
      () =>
        raw(hello(), { 'x-slack-signature': 'v1', 'x-slack-request-timestamp': String(Date.now() / 1_000) }),
    ],
    ['it is no JSON', 400, () => fake.pusher.call('hello')],
    ['it is a list', 400, () => fake.pusher.call('[]')],
    ['it is empty', 400, () => fake.pusher.call('')],
    ['it is a form with no JSON in it', 400, () => fake.pusher.call('payload=x', { type: FORM })],
    ['it is larger than 1 MB', 413, () => fake.pusher.call('x'.repeat(1_100_000))],
  ]

  it.each(refusals)('is refused when %s', async (_why, status, call) => {
    expect(await call()).toEqual({ status, text: '' })
    expect(inbox.heard).toEqual([])
  })

  it('is refused when a byte of it was changed', async () => {
    const headers = await signedHeaders(hello())

    expect((await raw(`${hello()} `, headers)).status).toBe(401)
  })

  it('that is played again is handed in as the same event', async () => {
    await fake.pusher.call(hello('Ev_once'))
    await fake.pusher.call(hello('Ev_once'), { retry: 1 })

    expect(inbox.heard.map(({ eventId }) => eventId)).toEqual(['Ev_once'])
  })

  it('with a challenge is answered with it', async () => {
    const challenge = JSON.stringify({ type: 'url_verification', token: 'old', challenge: '3eZbrw1a' })

    expect(JSON.parse((await fake.pusher.call(challenge)).text)).toEqual({ challenge: '3eZbrw1a' })
    expect((await fake.pusher.call(challenge, { secret: 'other' })).status).toBe(401)
  })

  it('that only looks at the certificate is answered', async () => {
    expect((await fake.pusher.call('ssl_check=1&token=old', { type: FORM })).status).toBe(200)
  })

  it('that could not be stored is not acknowledged, and heard when it comes again', async () => {
    let tries = 0
    const said: typeof inbox.said = (words) =>
      ++tries === 1 ? Promise.reject(new Error('the database is away')) : inbox.said(words)
    const other = await openSlack(fake, { inbox: { ...inbox, said }, calls: true })
    await other.adapter.start()

    const { ok } = await fake.person('Lin').say('/job list')
    fake.callAt(opened.base)
    await other.close()

    expect([ok, tries]).toEqual([true, 2])
    expect(inbox.heard.map(({ text }) => text)).toEqual(['/job list'])
  })

  it('that takes too long to store is refused before Slack gives up on it', async () => {
    const never = () => new Promise<never>(() => {})
    const other = await openSlack(fake, { inbox: { ...inbox, said: never }, calls: true })
    await other.adapter.start()

    const { status } = await fake.pusher.call(hello())
    fake.callAt(opened.base)
    await other.close()

    expect(status).toBe(500)
  })

  it('is put off until Slack has told us who we are, and after a stop', async () => {
    fake.world.faults.errors.set('auth.test', ['internal_error'])
    // Between two tries, until the test has looked.
    const pauses: (() => void)[] = []
    const sleep = () => new Promise<void>((resolve) => void pauses.push(resolve))
    const other = await openSlack(fake, { inbox, sleep, calls: true })

    await other.adapter.start()
    const early = await fake.pusher.call(hello())
    expect(other.adapter.connection()).toMatchObject({ is: 'connecting', because: 'internal_error' })
    for (const go of pauses) go()
    await until(() => other.adapter.connection().is === 'waiting-for-calls')
    const heard = await fake.pusher.call(hello())
    await other.adapter.stop()
    const late = await fake.pusher.call(hello())
    fake.callAt(opened.base)
    await other.close()

    expect([early.status, heard.status, late.status]).toEqual([503, 200, 503])
  })

  it('brings commands, taps and forms as well', async () => {
    const lin = fake.person('Lin')
    const message = await openCard(fake, opened.adapter, { person: lin })

    const acks = [await lin.command('job list'), await lin.press(message, 'Help')]
    await until(() => inbox.taps.length > 0)

    expect(acks.map(({ ok }) => ok)).toEqual([true, true])
    expect(inbox.heard).toMatchObject([{ text: '/job list', addressed: true }])
    expect(inbox.taps).toMatchObject([{ learned: { handle: { ts: message.id } } }])
  })

  it('never shows a secret in what is logged', () => {
    const { bot, signing } = fake.world.tokens

    expect(opened.logged()).not.toContain(bot)
    expect(opened.logged()).not.toContain(signing)
  })
})

async function raw(body: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${opened.base}/chat/slack`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: answer.status, text: await answer.text() }
}

/** As Slack would sign this body. */
async function signedHeaders(body: string): Promise<Record<string, string>> {
  const { createHmac } = await import('node:crypto')
  const at = Math.floor(Date.now() / 1_000)
  const hmac = createHmac('sha256', fake.world.tokens.signing).update(`v0:${at}:${body}`)
  return { 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${hmac.digest('hex')}` }
}
