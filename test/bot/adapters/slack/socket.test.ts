import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { type FakeSlack, startFakeSlack } from '../../../fakes/chats/slack.ts'
import { until } from '../../../support/until.ts'
import { type OpenedSlack, openSlack } from './opened.ts'
import { nobodysUrl, openCard } from './posting.ts'

let inbox = rememberedInbox()
let fake: FakeSlack
let opened: OpenedSlack

beforeEach(async () => {
  inbox = rememberedInbox()
  fake = await startFakeSlack({ pace: false })
})
afterEach(async () => {
  await opened.close()
  await fake.close()
})

const isConnected = () => opened.adapter.connection().is === 'connected'
const both = () => until(() => fake.pusher.sockets() === 2)

describe('the sockets', () => {
  it('are made anew each time that they are cut', async () => {
    opened = await openSlack(fake, { inbox })
    await opened.adapter.start()
    const lin = fake.person('Lin')

    for (const round of ['one', 'two', 'three']) {
      await fake.faults.disconnect()
      await lin.say(`/${round}`)
      await until(() => inbox.heard.some(({ text }) => text === `/${round}`))
    }

    await both()
  })

  it('are two, so that one hears while Slack replaces the other', async () => {
    opened = await openSlack(fake, { inbox })
    await opened.adapter.start()
    await both()
    const lin = fake.person('Lin')

    fake.pusher.recycleOne('warning')
    expect(isConnected()).toBe(true)
    const { ok } = await lin.say('/job list')

    expect(ok).toBe(true)
    await both()
  })

  it('are made anew after Slack said goodbye on both', async () => {
    opened = await openSlack(fake, { inbox })
    await opened.adapter.start()
    await both()

    fake.pusher.recycle('refresh_requested')
    await until(() => !isConnected())
    await until(isConnected)

    expect((await fake.person('Lin').say('/job list')).ok).toBe(true)
  })

  it('are tried again while Slack refuses the tokens, and the process lives', async () => {
    opened = await openSlack(fake, { inbox })
    await opened.adapter.start()
    await both()

    fake.faults.revokeTokens()
    await until(() => !isConnected())
    await until(() => {
      const connection = opened.adapter.connection()
      return connection.is === 'connecting' && connection.because === 'token_revoked'
    })
    fake.grantTokens()

    await until(isConnected)
  })

  it.each([
    'invalid_auth',
    'not_allowed_token_type',
    'ratelimited',
    'internal_error',
  ])('are tried again after %s', async (code) => {
    fake.world.faults.errors.set('apps.connections.open', [code, code])
    opened = await openSlack(fake, { inbox })

    await opened.adapter.start()
    expect(opened.adapter.connection()).toMatchObject({ is: 'connecting', because: code })

    await until(isConnected)
  })

  it('say that an app-level token is none', async () => {
    opened = await openSlack(fake, { inbox, setup: { appToken: 'xapp-1-wrong' } })
    await opened.adapter.start()

    const findings = await opened.adapter.check()

    expect(findings).toContainEqual(
      expect.objectContaining({
        of: 'events',
        is: 'fail',
        says: expect.objectContaining({ en: expect.stringContaining('invalid_auth') }),
      }),
    )
    expect(JSON.stringify(findings) + opened.logged()).not.toContain('xapp-1-wrong')
  })

  it('have what could not be stored sent again', async () => {
    let tries = 0
    const said: typeof inbox.said = (words) => (++tries === 1 ? new Promise(() => {}) : inbox.said(words))
    opened = await openSlack(fake, { inbox: { ...inbox, said } })
    await opened.adapter.start()
    fake.world.deadlineMs = 100

    const { ok } = await fake.person('Lin').say('/job list')

    expect([ok, tries, inbox.heard.length]).toEqual([true, 2, 1])
  })

  it('tell who tapped that nothing was changed when something broke', async () => {
    opened = await openSlack(fake, { inbox: { ...inbox, pressed: () => Promise.reject(new Error('away')) } })
    await opened.adapter.start()
    const lin = fake.person('Lin')
    const message = await openCard(fake, opened.adapter, { person: lin })

    await lin.press(message, 'Help')

    await fake.seen(({ onlyFor, text }) => onlyFor.includes(lin.id) && text.includes('nothing was changed'))
  })

  it('are gone after a stop, and stay gone', async () => {
    opened = await openSlack(fake, { inbox })
    await opened.adapter.start()

    await opened.adapter.stop()
    await until(() => fake.pusher.sockets() === 0)

    expect(opened.adapter.connection()).toEqual({ is: 'stopped' })
  })

  it('do not keep a stop waiting while they cannot be made', async () => {
    opened = await openSlack(fake, { inbox, setup: { apiUrl: await nobodysUrl() } })
    await opened.adapter.start()

    expect(opened.adapter.connection()).toMatchObject({ is: 'connecting', because: 'ECONNREFUSED' })
    await opened.adapter.stop()
  })
})
