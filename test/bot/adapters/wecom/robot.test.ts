import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/lib/clock.ts'
import type { FakeGroup, FakePerson } from '../../../fakes/chats/fake-chat.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { type FakeWecom, startFakeWecom } from '../../../fakes/chats/wecom.ts'
import { until } from '../../../support/until.ts'
import { type Opened, openWecom } from './opened.ts'
import { aPost, posted, sample, shortCard } from './posting.ts'

const inbox = rememberedInbox()
let fake: FakeWecom
let opened: Opened
let lin: FakePerson
let group: FakeGroup

beforeEach(async () => {
  inbox.clear()
  inbox.card = null
  fake = await startFakeWecom({ pace: false })
  lin = fake.person('Lin')
  group = fake.group('data', [lin])
})
afterEach(async () => {
  await opened.close()
  await fake.close()
})

const isConnected = (one = opened) => one.adapter.connection().is === 'connected'
const toGroup = () => ({ is: 'chat', id: group.id }) as const

async function start(more: Partial<Parameters<typeof openWecom>[1]> = {}): Promise<void> {
  opened = await openWecom(fake, { inbox, ...more })
  await opened.adapter.start()
}

async function tappable() {
  await posted(opened.adapter, aPost(toGroup(), { shown: shortCard('Restart?') }))
  return fake.seen(({ buttons }) => buttons.length > 0, { chat: group.id })
}

describe("the robot's connection", () => {
  it('is made anew each time that it is cut', async () => {
    await start()

    for (const round of ['one', 'two', 'three']) {
      await fake.faults.disconnect()
      await until(() => fake.robot.connections() === 1)
      await lin.say(`/${round}`, { in: group })
      await until(() => inbox.heard.some(({ text }) => text === `/${round}`))
    }

    expect(isConnected()).toBe(true)
  })

  it('is tried again after WeCom refused us, and says what it was told', async () => {
    await start({ setup: { botSecret: 'wrong' } })

    expect(opened.adapter.connection()).toMatchObject({
      is: 'connecting',
      because: expect.stringContaining('40001'),
    })
    expect(await opened.adapter.check()).toContainEqual(expect.objectContaining({ of: 'robot', is: 'fail' }))

    fake.world.botSecret = 'wrong'
    await until(isConnected)
  })

  it('is left to another process that took it for a minute at least, and taken back when that is gone', async () => {
    const waited: number[] = []
    await start({
      sleep: (ms, signal) => {
        waited.push(ms)
        return systemClock.sleep(ms >= 60_000 ? 50 : ms, signal)
      },
    })
    const other = await openWecom(fake, { inbox })
    await other.adapter.start()

    await until(() => !isConnected())
    expect(opened.adapter.connection()).toMatchObject({ because: expect.stringContaining('another process') })
    expect(isConnected(other)).toBe(true)
    await other.close()
    await until(isConnected)

    expect(Math.max(...waited)).toBeGreaterThanOrEqual(60_000)
  })

  it('is gone after a stop, and there again after another start', async () => {
    await start()

    await opened.adapter.stop()
    await until(() => fake.robot.connections() === 0)
    // Calls to the app are taken all the same.
    expect(opened.adapter.connection()).toEqual({ is: 'waiting-for-calls', lastAt: null })

    await opened.adapter.start()
    expect(isConnected()).toBe(true)
    await lin.say('/help', { in: group })
    await until(() => inbox.heard.length > 0)
  })

  it('does not keep a stop waiting while it cannot be made', async () => {
    await start({ setup: { botUrl: 'ws://127.0.0.1:9' } })

    expect(opened.adapter.connection()).toMatchObject({ is: 'connecting', because: expect.any(String) })
    await opened.adapter.stop()
  })

  it('writes nothing of what was said to the log', async () => {
    await start()
    await lin.say('/token new top-secret', { in: group })
    await until(() => inbox.heard.length > 0)

    expect(opened.logged()).not.toContain('top-secret')
  })
})

describe('a group', () => {
  it('gets a card, its details after it, and a mention', async () => {
    await start()
    await posted(opened.adapter, aPost(toGroup(), { shown: sample('list'), mention: [lin.id] }))

    const [card, details] = fake.messages({ chat: group.id })
    expect(card).toMatchObject({ title: '12 jobs', buttons: [{ label: 'More' }] })
    expect(details).toMatchObject({ mentions: [lin.id], text: expect.stringContaining('orders-11') })
  })

  it('gets a picture', async () => {
    await start()
    await posted(opened.adapter, aPost(toGroup(), { shown: sample('picture') }))

    expect(fake.messages({ chat: group.id }).map(({ pictures }) => pictures)).toEqual([0, 1])
  })

  it('is not heard where nobody mentioned the robot', async () => {
    await start()

    await lin.say('just talking', { in: group, mention: false })
    await lin.say('/help', { in: group })
    await until(() => inbox.heard.length > 0)

    expect(inbox.heard.map(({ text }) => text)).toEqual(['/help'])
  })

  it('that the robot was put out of refuses its messages', async () => {
    await start()
    await group.remove()

    expect(await opened.adapter.post(aPost(toGroup()))).toMatchObject({
      is: 'refused',
      said: { code: '40050' },
    })
  })

  it('is too fast by itself, not the whole app', async () => {
    await start()
    fake.faults.limit(1)

    expect(await opened.adapter.post(aPost(toGroup()))).toMatchObject({ is: 'limited', scope: 'receiver' })
  })

  it('may have seen a card whose acknowledgement was lost, and has it once when it is sent again', async () => {
    await start()
    const again = aPost(toGroup(), { shown: shortCard('once') })
    fake.faults.dropAfterAccept(1)

    expect(await opened.adapter.post(again)).toMatchObject({ is: 'unreached', uncertain: true })
    await until(isConnected)
    await posted(opened.adapter, again)

    expect(fake.messages({ chat: group.id })).toHaveLength(1)
  })

  it('has seen nothing for sure while the robot is not connected', async () => {
    opened = await openWecom(fake, { inbox })

    expect(await opened.adapter.post(aPost(toGroup()))).toMatchObject({ is: 'unreached', uncertain: false })
  })

  it('cannot be written to without a robot', async () => {
    await start({ setup: { botId: '', botSecret: '' } })

    expect(await opened.adapter.post(aPost(toGroup()))).toMatchObject({
      is: 'refused',
      said: { code: 'no-robot' },
    })
    expect(opened.adapter.alone).toBeUndefined()
  })

  it('gets what is new about a card as another message', async () => {
    await start()
    const at = await posted(opened.adapter, aPost(toGroup()))

    const answer = await opened.adapter.edit({ to: toGroup(), at, shown: sample('done'), key: 'dlv_x' })

    expect(answer).toMatchObject({ is: 'fixed', said: { code: 'no-code' } })
  })
})

describe('a tap in a group', () => {
  it('is answered with the card as it is drawn by then', async () => {
    inbox.card = { ...shortCard('Restarting'), buttons: [] }
    await start()
    const message = await tappable()

    const { ok } = await lin.press(message, 'Help')

    expect(ok).toBe(true)
    expect(inbox.taps).toMatchObject([{ chat: { id: group.id, direct: false }, from: { id: lin.id } }])
    expect(fake.messages({ chat: group.id })).toMatchObject([
      { edits: 1, buttons: [], text: expect.stringContaining('Restarting') },
    ])
  })

  it('leaves a card that is for one member alone as it was', async () => {
    inbox.card = shortCard('Yours only', { onlyFor: 'mem_1' })
    await start()
    const message = await tappable()

    void lin.press(message, 'Help')
    await until(() => inbox.taps.length > 0)
    await lin.say('/help', { in: group })
    await until(() => inbox.heard.length > 0)

    expect(fake.messages({ chat: group.id })).toMatchObject([{ edits: 0 }])
  })

  it('that could not be stored leaves the card as it was, and a word in the log', async () => {
    const broken = { ...inbox, pressed: () => Promise.reject(new Error('away')) }
    await start({ inbox: broken })

    void lin.press(await tappable(), 'Help')
    await until(() => opened.logged().includes('a tap was not taken'))

    expect(fake.messages({ chat: group.id })).toMatchObject([{ edits: 0 }])
  })
})
