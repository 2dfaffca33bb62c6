import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signatureOf } from '../../../../src/bot/adapters/feishu/verify.ts'
import { encryptWith, signedCall } from '../../../fakes/chats/feishu/push.ts'
import { type FakeFeishu, startFakeFeishu } from '../../../fakes/chats/feishu.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { type Opened, openFeishu } from './opened.ts'

const inbox = rememberedInbox()
let fake: FakeFeishu
let opened: Opened

beforeAll(async () => {
  fake = await startFakeFeishu({ pace: false })
  opened = await openFeishu(fake, { inbox, setup: { mode: 'webhook' } })
  await opened.adapter.start()
})
beforeEach(() => inbox.clear())
afterAll(async () => {
  await opened.close()
  await fake.close()
})

interface Call {
  raw: string
  headers: Record<string, string>
}

function call({ raw, headers }: Call, base = opened.base): Promise<Response> {
  return fetch(`${base}/chat/feishu`, { method: 'POST', body: raw, headers })
}

const hello = (more: { token?: string; eventId?: string } = {}) => {
  const event = fake.envelope(
    'im.message.receive_v1',
    {
      sender: { sender_id: { open_id: 'ou_lin' }, sender_type: 'user', tenant_key: fake.world.tenant },
      message: {
        message_type: 'text',
        chat_id: 'oc_1',
        chat_type: 'p2p',
        create_time: String(Date.now()),
        content: JSON.stringify({ text: '/help' }),
      },
    },
    { eventId: more.eventId },
  ) as { header: { token: string } }
  if (more.token) event.header.token = more.token
  return event
}

describe('a call', () => {
  it('is heard when all is right', async () => {
    const response = await call(signedCall(fake.world, hello()))

    expect([response.status, await response.json()]).toEqual([200, {}])
    expect(inbox.heard).toHaveLength(1)
    expect(opened.adapter.connection()).toMatchObject({ is: 'waiting-for-calls', lastAt: expect.any(Number) })
  })

  const refusals: [string, number, () => Call][] = [
    [
      'its signature is of another key',
      401,
      () => signedCall({ ...fake.world, encryptKey: 'other' }, hello()),
    ],
    [
      'a byte of it was changed',
      401,
      () => {
        const signed = signedCall(fake.world, hello())
        return { ...signed, raw: `${signed.raw} ` }
      },
    ],
    ['it is older than five minutes', 401, () => signedCall(fake.world, hello(), Date.now() - 301_000)],
    ['it is unsigned', 401, () => ({ ...signedCall(fake.world, hello()), headers: {} })],
    ['its token is not ours', 401, () => signedCall(fake.world, hello({ token: 'other' }))],
    ['it is not encrypted', 400, () => signedPlain(JSON.stringify(hello()))],
    ['it is no JSON', 400, () => signedPlain('hello')],
    ['it is empty', 400, () => signedPlain('')],
    ['it is larger than 1 MB', 413, () => signedPlain('x'.repeat(1_100_000))],
  ]

  it.each(refusals)('is refused when %s', async (_why, status, made) => {
    const response = await call(made())

    expect([response.status, await response.text()]).toEqual([status, ''])
    expect(inbox.heard).toEqual([])
  })

  it('that is played again is handed in as the same event', async () => {
    const signed = signedCall(fake.world, hello({ eventId: 'event_1' }))

    await call(signed)
    await call(signed)

    expect(inbox.heard.map(({ eventId }) => eventId)).toEqual(['event_1'])
  })

  it('that could not be stored is not acknowledged, and heard when it comes again', async () => {
    const lin = fake.person('Lin')
    const broken = { ...inbox, said: () => Promise.reject(new Error('the database is away')) }
    const other = await openFeishu(fake, { inbox: broken, setup: { mode: 'webhook' } })

    const first = await lin.say('/job list')
    fake.callAt(opened.base)
    await fake.pusher.repeat()
    await other.close()

    expect(first.ok).toBe(false)
    expect(inbox.heard.map(({ text }) => text)).toEqual(['/job list'])
  })

  it('that takes too long to store is refused before Feishu gives up on it', async () => {
    const never = () => new Promise<never>(() => {})
    const other = await openFeishu(fake, { inbox: { ...inbox, said: never }, setup: { mode: 'webhook' } })

    const began = performance.now()
    const response = await call(signedCall(fake.world, hello()), other.base)
    fake.callAt(opened.base)
    await other.close()

    expect(response.status).toBe(500)
    expect(performance.now() - began).toBeLessThan(3_000)
  })
})

/** A body that is signed but not encrypted. */
function signedPlain(raw: string): Call {
  const { headers } = signedCall(fake.world, {})
  return { raw, headers: { ...headers, 'x-lark-signature': sign(raw, headers) } }
}

function sign(raw: string, headers: Record<string, string>): string {
  return signatureOf(
    {
      timestamp: headers['x-lark-request-timestamp'] ?? '',
      nonce: headers['x-lark-request-nonce'] ?? '',
      raw: Buffer.from(raw),
    },
    fake.world.encryptKey,
  )
}

describe('the challenge of the console', () => {
  const challenge = (token: string) => ({ challenge: 'c1', token, type: 'url_verification' })

  it('is answered, signed or not', async () => {
    const plain = JSON.stringify(challenge(fake.world.verificationToken))
    const unsigned = {
      raw: JSON.stringify({ encrypt: encryptWith(fake.world.encryptKey, plain) }),
      headers: {},
    }

    const answers = await Promise.all([call(signedCall(fake.world, JSON.parse(plain))), call(unsigned)])

    expect(await Promise.all(answers.map((one) => one.json()))).toEqual([
      { challenge: 'c1' },
      { challenge: 'c1' },
    ])
  })

  it('is refused with another token', async () => {
    expect((await call(signedCall(fake.world, challenge('other')))).status).toBe(401)
  })
})

describe('without an encrypt key', () => {
  it('nothing is taken, and it says why', async () => {
    const deaf = await openFeishu(fake, { inbox, setup: { mode: 'webhook', encryptKey: '' } })
    await deaf.adapter.start()

    const response = await call(signedCall(fake.world, hello()), deaf.base)
    const findings = await deaf.adapter.check()
    fake.callAt(opened.base)
    await deaf.close()

    expect(response.status).toBe(403)
    expect(findings).toContainEqual(
      expect.objectContaining({
        of: 'events',
        is: 'fail',
        cure: expect.objectContaining({ en: expect.stringContaining('FEISHU_ENCRYPT_KEY') }),
      }),
    )
    expect(deaf.adapter.connection()).toMatchObject({ is: 'stopped' })
  })
})
