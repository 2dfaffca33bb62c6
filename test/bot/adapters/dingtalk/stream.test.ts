import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Inbox } from '../../../../src/bot/adapters/adapter.ts'
import { type FakeDingtalk, startFakeDingtalk } from '../../../fakes/chats/dingtalk.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { until } from '../../../support/until.ts'
import { type OpenDingtalk, openOn } from './open.ts'
import { openCard } from './posting.ts'

let inbox = rememberedInbox()
let fake: FakeDingtalk
let opened: OpenDingtalk

beforeEach(async () => {
  // The vendor's client writes to the console.
  vi.spyOn(console, 'info').mockReturnValue()
  vi.spyOn(console, 'warn').mockReturnValue()
  inbox = rememberedInbox()
  fake = await startFakeDingtalk({ pace: false })
})
afterEach(async () => {
  await opened.adapter.stop()
  await opened.close()
  await fake.close()
  vi.restoreAllMocks()
})

async function start(setup: Record<string, string> = {}, into: Inbox = inbox): Promise<void> {
  opened = await openOn(fake, into, { setup })
  await opened.adapter.start()
}
const isConnected = () => opened.adapter.connection().is === 'connected'

describe('the stream', () => {
  it('is made anew each time that it is cut', async () => {
    await start()
    const lin = fake.person('Lin')

    for (const round of ['one', 'two', 'three']) {
      await fake.faults.disconnect()
      await lin.say(`/${round}`)
      await until(() => inbox.heard.some(({ text }) => text === `/${round}`))
    }

    expect(fake.gateway.links()).toBe(1)
  })

  it('has a new connection before the old one goes', async () => {
    await start()

    fake.gateway.announceEnd()
    await until(() => fake.gateway.asked() === 2 && fake.gateway.links() === 1)
    const ack = await fake.person('Lin').say('/help')

    expect([ack.ok, inbox.heard.length, isConnected()]).toEqual([true, 1, true])
  })

  it.each([
    'open',
    'handshake',
  ] as const)('is tried again, once at a time, after a refusal at the %s', async (how) => {
    await start()
    const before = fake.gateway.asked()
    fake.gateway.refuse(3, how)

    await fake.faults.disconnect()
    await until(() => fake.gateway.links() === 1 && isConnected())

    expect(fake.gateway.asked() - before).toBe(4)
  })

  it('says why it is not there, and comes when the cause is gone', async () => {
    fake.gateway.refuse(1, 'open')
    await start()

    expect(opened.adapter.connection()).toMatchObject({ is: 'connecting', because: 'ServiceUnavailable' })
    await until(isConnected)
  })

  it('is refused for a wrong secret without telling it', async () => {
    await start({ clientSecret: 'wrong-secret-0001' })

    expect(opened.adapter.connection()).toMatchObject({ is: 'connecting', because: 'authFailed' })
    expect(opened.logged()).not.toContain('wrong-secret-0001')
    expect(await opened.adapter.check()).toContainEqual(expect.objectContaining({ of: 'token', is: 'fail' }))
    expect(JSON.stringify(await opened.adapter.check())).not.toContain('wrong-secret-0001')
  })

  it('answers the pings of the gateway', async () => {
    await start()

    await until(() => fake.gateway.echoes() === 1)
  })

  it.each([
    '{',
    'null',
    '[]',
    '7',
    '{"type":"CALLBACK"}',
    '{"type":"SYSTEM","headers":null}',
    '{"type":"EVENT","headers":{}}',
  ])('goes on hearing after the frame %s', async (frame) => {
    await start()

    fake.gateway.sendRaw(frame)
    await fake.person('Lin').say('/help')

    expect([inbox.heard.length, fake.gateway.asked()]).toEqual([1, 1])
  })

  it('does not acknowledge what could not be stored', async () => {
    await start({}, { ...inbox, said: () => Promise.reject(new Error('away')) })

    const frame = { type: 'CALLBACK', topic: '/v1.0/im/bot/messages/get', messageId: 'f1' } as const
    const ack = await fake.gateway.push({ ...frame, data: fake.message(fake.person('Lin'), '/help') }, 200)

    expect(ack.data).toBeNull()
  })

  it('has an event that could not be stored sent again', async () => {
    let broken = true
    await start(
      {},
      { ...inbox, told: (what) => (broken ? Promise.reject(new Error('away')) : inbox.told(what)) },
    )
    const left = {
      type: 'EVENT',
      topic: '*',
      messageId: 'event_1',
      headers: { eventType: 'user_leave_org' },
      data: { userId: ['manager1'] },
    } as const

    const first = await fake.gateway.push(left, 2_000)
    broken = false
    const second = await fake.gateway.push(left, 2_000)

    expect([first.data, second.data]).toEqual([{ status: 'LATER' }, { status: 'SUCCESS' }])
    expect(inbox.notes).toMatchObject([{ is: 'person-left', person: 'manager1' }])
  })

  it('acknowledges a tap at once, however long it is worked and whatever becomes of it', async () => {
    await start({}, { ...inbox, pressed: () => new Promise(() => {}) })
    const lin = fake.person('Lin')

    const { ok, ms } = await lin.press(await openCard(fake, opened.adapter, lin), 'Help')

    expect(ok).toBe(true)
    expect(ms).toBeLessThan(1_000)
  })

  it('writes down that a tap could not be worked', async () => {
    await start({}, { ...inbox, pressed: () => Promise.reject(new Error('away')) })
    const lin = fake.person('Lin')

    await lin.press(await openCard(fake, opened.adapter, lin), 'Help')

    await until(() => opened.logged().includes('A tap could not be worked'))
  })

  it('is gone after a stop, and stays gone', async () => {
    await start()

    await opened.adapter.stop()
    await until(() => fake.gateway.links() === 0)

    expect(opened.adapter.connection()).toEqual({ is: 'stopped' })
  })

  it('does not keep a stop waiting while it cannot be made', async () => {
    await start({ apiUrl: 'http://127.0.0.1:9' })

    expect(opened.adapter.connection()).toMatchObject({ is: 'connecting', because: 'ECONNREFUSED' })
  })

  it('is what clients do not share: a second one has its own topics', async () => {
    await start()
    const first = opened
    await start()

    await fake.person('Lin').say('/help')
    await first.adapter.stop()
    await first.close()

    expect(inbox.heard).toHaveLength(1)
  })
})

describe('the address in a message that answers may go to', () => {
  it('is data of whoever made the message: it is never called, and never written down', async () => {
    const called: string[] = []
    const trap = createServer((request, response) => {
      called.push(request.url ?? '')
      response.end('{}')
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    await start()
    const sessionWebhook = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/session-secret-0001`
    const message = { ...fake.message(fake.person('Lin'), '/help'), sessionWebhook }

    const frame = { type: 'CALLBACK', topic: '/v1.0/im/bot/messages/get', messageId: 'f1' } as const
    await fake.gateway.push({ ...frame, data: message }, 2_000)

    expect(inbox.heard).toHaveLength(1)
    expect(called).toEqual([])
    expect(opened.logged() + JSON.stringify(inbox.heard)).not.toContain('session-secret-0001')
    await new Promise((resolve) => trap.close(resolve))
  })
})
