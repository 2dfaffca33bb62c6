import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EMAIL_ABILITIES } from '../../../../src/bot/adapters/email/abilities.ts'
import { LINK_LIFE_MS } from '../../../../src/bot/adapters/email/press-link.ts'
import { textOf, unescaped } from '../../../fakes/chats/email/mailbox.ts'
import { type FakeEmail, startFakeEmail } from '../../../fakes/chats/email.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { shownSample } from '../../../support/shown-samples.ts'
import { type OpenedEmail, openEmail } from './opened.ts'

const EN = { 'Accept-Language': 'en' }
const shown = shownSample(EMAIL_ABILITIES, 'buttons')

describe('the page that a link in a mail opens', () => {
  let fake: FakeEmail
  let opened: OpenedEmail
  let link: string
  let now = Date.now()
  const inbox = rememberedInbox()
  const broken = { on: false }

  beforeAll(async () => {
    fake = await startFakeEmail({ pace: false })
    const lin = fake.person('Lin', { email: 'lin@example.com' })
    const pressed: typeof inbox.pressed = (tap) =>
      broken.on ? Promise.reject(new Error('the database is away')) : inbox.pressed(tap)
    opened = await openEmail(fake, {
      inbox: { ...inbox, cardOf: async () => inbox.card, pressed },
      now: () => now,
    })
    await opened.adapter.post({
      ...{ to: { is: 'person', id: lin.id }, shown, key: 'dlv_1', mention: [], after: null },
    })
    link = (await fake.seen(() => true)).buttons[0]?.link ?? ''
  })
  afterAll(async () => {
    await opened.close()
    await fake.close()
  })
  beforeEach(() => {
    inbox.clear()
    inbox.card = shown
    inbox.answer = { tone: 'good', text: 'orders-cdc <is> restarting' }
    broken.on = false
    now = Date.now()
  })

  const open = async (url: string, init: RequestInit = { headers: EN }) => {
    const response = await fetch(url, init)
    const html = await response.text()
    return { response, html, text: textOf(html) }
  }
  const formOf = (html: string) => new URL(unescaped(/action="([^"]*)"/.exec(html)?.[1] ?? ''), link).href
  const submit = (url: string) => open(url, { method: 'POST', headers: EN })

  it('says what the button is, for whom, and does nothing', async () => {
    const { response, text } = await open(link)

    expect(response.status).toBe(200)
    expect(text).toContain('I do not know "restrat"')
    expect(text).toContain('Press “Restart orders-cdc”?')
    expect(text).toContain('As lin@example.com · Nothing has happened yet.')
    expect(inbox.taps).toEqual([])
  })

  it('speaks Chinese to who reads Chinese', async () => {
    const { text } = await open(link, { headers: { 'Accept-Language': 'zh-CN' } })

    expect(text).toContain('确定要点“Restart orders-cdc”吗？')
  })

  it('does nothing for programs that only look', async () => {
    expect((await open(link, { method: 'HEAD' })).response.status).toBe(200)
    expect(inbox.taps).toEqual([])
  })

  it('presses when its own button is pressed, and shows the answer', async () => {
    const { response, text } = await submit(formOf((await open(link)).html))

    expect(response.status).toBe(200)
    expect(text).toContain('orders-cdc <is> restarting')
    expect(inbox.taps).toMatchObject([
      {
        press: shown.buttons[0]?.press,
        values: {},
        from: { id: 'lin@example.com' },
        chat: { id: 'lin@example.com', direct: true },
      },
    ])
  })

  it('counts one page that is sent twice once', async () => {
    const form = formOf((await open(link)).html)

    await Promise.all([submit(form), submit(form)])

    expect(inbox.taps).toHaveLength(1)
  })

  it('runs nothing, loads nothing, is not kept, and tells nobody where it was', async () => {
    const { response, html } = await open(link)
    const policy = response.headers.get('content-security-policy') ?? ''
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? ''

    expect(policy).toMatch(/default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/)
    expect(policy).toContain(createHash('sha256').update(style).digest('base64'))
    expect(policy).not.toContain('unsafe')
    expect(html).not.toMatch(/<script|\sstyle=|\son\w+=/)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('refuses a link that was changed', async () => {
    const other = link.replace('lin%40', 'mei%40')
    expect(other).not.toBe(link)

    for (const url of [other, other.replace(/&s=.*/, ''), link.replace(/\?.*/, '')]) {
      const { response, text } = await open(url)
      expect(response.status).toBe(403)
      expect(text).toBe('This link is not whole, or somebody changed it. Open it from the mail again.')
    }
  })

  it('presses nothing that did not come from its own page', async () => {
    expect((await submit(link)).response.status).toBe(403)
    expect(inbox.taps).toEqual([])
  })

  it('refuses a link that is too old, its page too', async () => {
    const form = formOf((await open(link)).html)
    now += LINK_LIFE_MS + 1000

    expect((await open(link)).response.status).toBe(410)
    expect((await submit(form)).text).toContain('has expired')
    expect(inbox.taps).toEqual([])
  })

  it('says that a card is gone', async () => {
    inbox.card = null

    const { response, text } = await open(link)

    expect(response.status).toBe(410)
    expect(text).toContain('is gone, or it is not for you')
  })

  it('says that we are at fault when we are, and the same page may be sent again', async () => {
    const form = formOf((await open(link)).html)
    broken.on = true
    expect((await submit(form)).response.status).toBe(503)
    broken.on = false

    expect((await submit(form)).response.status).toBe(200)
    expect(inbox.taps).toHaveLength(1)
  })
})
