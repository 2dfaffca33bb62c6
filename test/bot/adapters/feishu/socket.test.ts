import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeFeishu, startFakeFeishu } from '../../../fakes/chats/feishu.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { until } from '../../../support/until.ts'
import { type Opened, openFeishu } from './opened.ts'
import { openCard } from './posting.ts'

const inbox = rememberedInbox()
let fake: FakeFeishu
let opened: Opened

beforeEach(async () => {
  inbox.clear()
  fake = await startFakeFeishu({ pace: false })
})
afterEach(async () => {
  await opened.close()
  await fake.close()
})

const isConnected = () => opened.adapter.connection().is === 'connected'

describe('the long connection', () => {
  it('is made anew each time that it is cut', async () => {
    opened = await openFeishu(fake, { inbox })
    await opened.adapter.start()
    const lin = fake.person('Lin')

    for (const round of ['one', 'two', 'three']) {
      await fake.faults.disconnect()
      await lin.say(`/${round}`)
      await until(() => inbox.heard.some(({ text }) => text === `/${round}`))
    }

    expect(fake.pusher.connections()).toBe(1)
  })

  it('is tried again after the vendor said for good that it will not have it', async () => {
    opened = await openFeishu(fake, { inbox, setup: { appSecret: 'wrong' } })
    await opened.adapter.start()

    expect(opened.adapter.connection()).toMatchObject({
      is: 'connecting',
      because: expect.stringContaining('514'),
    })

    fake.world.appSecret = 'wrong'
    await until(isConnected)
  })

  it('hears events that come in parts', async () => {
    opened = await openFeishu(fake, { inbox })
    await opened.adapter.start()
    const lin = fake.person('Lin')

    await lin.say(`/sql ${'x'.repeat(5_000)}`)

    expect(inbox.heard[0]?.text).toHaveLength(5_005)
  })

  it('has what could not be stored sent again', async () => {
    const said = inbox.said
    let broken = true
    opened = await openFeishu(fake, {
      inbox: { ...inbox, said: (words) => (broken ? Promise.reject(new Error('away')) : said(words)) },
    })
    await opened.adapter.start()

    const first = await fake.person('Lin').say('/job list')
    broken = false
    await fake.pusher.repeat()

    expect([first.ok, inbox.heard.length]).toEqual([false, 1])
  })

  it('tells who tapped that nothing was changed when something broke', async () => {
    opened = await openFeishu(fake, { inbox: { ...inbox, pressed: () => Promise.reject(new Error('away')) } })
    await opened.adapter.start()
    const lin = fake.person('Lin')
    const message = await openCard(fake, opened.adapter, lin)

    const { toast } = await lin.press(message, 'Help')

    expect(toast).toContain('nothing was changed')
  })

  it('is gone after a stop, and stays gone', async () => {
    opened = await openFeishu(fake, { inbox })
    await opened.adapter.start()

    await opened.adapter.stop()
    await until(() => fake.pusher.connections() === 0)

    expect(opened.adapter.connection()).toEqual({ is: 'stopped' })
  })

  it('does not keep a stop waiting while it cannot be made', async () => {
    opened = await openFeishu(fake, { inbox, setup: { baseUrl: 'http://127.0.0.1:9' } })
    await opened.adapter.start()

    expect(opened.adapter.connection()).toMatchObject({ is: 'connecting', because: expect.any(String) })
    await opened.adapter.stop()
  })
})
