import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Post, Posted } from '../../../../src/bot/adapters/adapter.ts'
import { EMAIL_ABILITIES } from '../../../../src/bot/adapters/email/abilities.ts'
import { type FakeEmailOptions, startFakeEmail } from '../../../fakes/chats/email.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { shownSample } from '../../../support/shown-samples.ts'
import { openEmail } from './opened.ts'

const SAMPLES = join(import.meta.dirname, '../../../samples/email')
const cert = readFileSync(join(SAMPLES, 'localhost-cert.pem'), 'utf8')
const key = readFileSync(join(SAMPLES, 'localhost-key.pem'), 'utf8')
const shown = shownSample(EMAIL_ABILITIES, 'buttons')
const later = shownSample(EMAIL_ABILITIES, 'done')

const toClose: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

async function open(
  options: FakeEmailOptions = {},
  more: { ca?: string; setup?: Record<string, unknown>; query?: string } = {},
) {
  const fake = await startFakeEmail({ pace: false, ...options })
  toClose.push(() => fake.close())
  const lin = fake.person('Lin', { email: 'lin@example.com' })
  const { smtpUrl = '' } = fake.setup()
  const { query = '', ca, setup } = more
  const opened = await openEmail(fake, {
    inbox: rememberedInbox(),
    setup: { smtpUrl: `${smtpUrl}${query}`, ...setup },
    ...(ca !== undefined && { ca }),
  })
  toClose.push(() => opened.close())
  const post = (change: Partial<Post> = {}): Promise<Posted> =>
    opened.adapter.post({
      ...{ to: { is: 'person', id: lin.id }, shown, key: 'dlv_1', mention: [], after: null },
      ...change,
    })
  return { fake, lin, ...opened, post }
}

function handleOf(posted: Posted) {
  if (posted.is !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(posted)}`)
  return posted.handle
}

describe('mails of one card', () => {
  it('are named after its key, and answer each other', async () => {
    const { adapter, fake, lin, post } = await open()
    const to = { is: 'person', id: lin.id } as const

    const first = handleOf(await post())
    const second = handleOf(await adapter.edit({ to, at: first, shown: later, key: 'dlv_1' }))
    const third = handleOf(await adapter.edit({ to, at: second, shown: later, key: 'dlv_1' }))

    const ids = ['<dlv_1@example.com>', '<dlv_1.2@example.com>', '<dlv_1.3@example.com>']
    expect(fake.mails().map(({ messageId }) => messageId)).toEqual(ids)
    expect(fake.mails().map(({ inReplyTo }) => inReplyTo)).toEqual([null, ids[0], ids[1]])
    expect(fake.mails()[2]?.references).toEqual([ids[0], ids[1]])
    expect(fake.mails()[1]?.subject).toBe(`Re: ${later.card.title}`)
    expect(third).toEqual({ first: ids[0], messageId: ids[2], count: '3' })
  })

  it('have the same name when an edit is tried again', async () => {
    const { adapter, fake, lin, post } = await open()
    const edit = {
      to: { is: 'person', id: lin.id } as const,
      at: handleOf(await post()),
      shown: later,
      key: 'dlv_1',
    }
    fake.faults.dropAfterAccept(1)

    expect(await adapter.edit(edit)).toMatchObject({ is: 'unreached', uncertain: true })
    handleOf(await adapter.edit(edit))

    expect(fake.mails().map(({ messageId }) => messageId)).toEqual([
      '<dlv_1@example.com>',
      '<dlv_1.2@example.com>',
      '<dlv_1.2@example.com>',
    ])
    expect(fake.counts.duplicates).toBe(1)
  })

  it('go on from an earlier card where that could not be edited any more', async () => {
    const { fake, post } = await open()
    const after = handleOf(await post())

    handleOf(await post({ key: 'dlv_2', after }))

    expect(fake.mails()[1]).toMatchObject({
      messageId: '<dlv_2@example.com>',
      inReplyTo: '<dlv_1@example.com>',
    })
  })

  it('take a damaged handle for none', async () => {
    const { adapter, fake, lin } = await open()
    const at = { first: 'x\r\nBcc: mei@example.com', messageId: '<a b>', count: '-1' }

    handleOf(await adapter.edit({ to: { is: 'person', id: lin.id }, at, shown, key: 'dlv_1' }))

    expect(fake.mails()[0]).toMatchObject({ inReplyTo: null, references: [], cc: false })
  })
})

describe('a mail', () => {
  it('carries a picture within it', async () => {
    const { fake, post } = await open()

    handleOf(await post({ shown: shownSample(EMAIL_ABILITIES, 'picture') }))

    expect(fake.mails()[0]?.attachments).toMatchObject([{ contentType: 'image/png', inline: true }])
    expect(fake.messages()[0]?.pictures).toBe(1)
  })

  it('keeps Chinese in subject and text', async () => {
    const { fake, post } = await open()
    const zh = shownSample(EMAIL_ABILITIES, 'incident (zh)')

    handleOf(await post({ shown: zh }))

    expect(fake.mails()[0]?.subject).toBe(zh.card.title)
    expect(fake.mails()[0]?.text).toContain(zh.card.title)
  })

  it.each([
    'a@b.com, mei@example.com',
    'lin@example.com\r\nBcc: mei@example.com',
    '',
  ])('is not sent to %j, and no server is asked', async (id) => {
    const { fake, post } = await open()

    expect(await post({ to: { is: 'person', id } })).toMatchObject({
      is: 'refused',
      said: { code: 'address' },
    })
    expect(fake.counts.posts).toBe(0)
  })

  it('has no buttons where there is nothing to link to', async () => {
    const { adapter, fake, post } = await open({}, { setup: { publicUrl: null } })

    handleOf(await post())

    expect(adapter.abilities.buttons).toBe(0)
    expect(fake.messages()[0]?.buttons).toEqual([])
  })
})

describe('what the mail server says', () => {
  it.each([
    ['RCPT', 451, '4.7.1 Greylisted', { is: 'unreached', uncertain: false }],
    ['RCPT', 550, '5.7.1 Relaying denied', { is: 'refused' }],
    ['DATA', 451, '4.3.0 Later', { is: 'unreached', uncertain: false }],
    ['DATA', 552, '5.3.4 Too large', { is: 'refused' }],
    ['MAIL', 553, '5.7.1 Not yours', { is: 'misconfigured' }],
    ['AUTH', 535, '5.7.8 Bad', { is: 'misconfigured' }],
    ['AUTH', 454, '4.7.0 Later', { is: 'unreached', uncertain: false }],
  ] as const)('to %s, %i, is told apart, and the next mail goes out', async (command, code, text, expected) => {
    const { fake, post } = await open()
    fake.answer(command, { code, text })

    expect(await post()).toMatchObject({ ...expected, said: { code: String(code) } })
    handleOf(await post())
  })

  it('too many in a minute is a limit for all of us', async () => {
    const { fake, post } = await open({ pace: true })
    for (let i = 0; i < 30; i++) handleOf(await post({ key: `dlv_${i}` }))

    expect(await post({ key: 'dlv_30' })).toMatchObject({ is: 'limited', scope: 'app' })
    expect(fake.counts.overLimit).toBeGreaterThan(0)
  })

  it('nothing, because nobody listens, is certain', async () => {
    const { fake, post } = await open()
    await fake.close()

    expect(await post()).toMatchObject({ is: 'unreached', uncertain: false, said: { code: 'ECONNREFUSED' } })
  })

  it('that a mailbox is gone is for good', async () => {
    const { lin, post } = await open()
    await lin.leave()

    expect(await post()).toMatchObject({ is: 'refused', said: { code: '550' } })
  })

  it('goodbye to an idle connection costs no mail', async () => {
    const { fake, post } = await open()
    handleOf(await post())
    await fake.faults.disconnect()

    handleOf(await post({ key: 'dlv_2' }))

    expect(fake.counts.duplicates).toBe(0)
  })

  it('nothing any more once we stopped', async () => {
    const { adapter, post } = await open()
    await adapter.stop()

    expect(adapter.connection()).toEqual({ is: 'stopped' })
    expect(await post()).toMatchObject({ is: 'unreached', uncertain: false })
  })
})

describe('the way to the mail server', () => {
  const isOf = async (adapter: Awaited<ReturnType<typeof open>>['adapter']) =>
    Object.fromEntries((await adapter.check()).map(({ of, is }) => [of, is]))

  it.each([
    ['STARTTLS', {}, '?requireTLS=true'],
    ['TLS from the first byte', { secure: true }, ''],
  ])('is encrypted by %s, its certificate verified', async (_name, more, query) => {
    const { adapter, post } = await open({ tls: { key, cert, ...more } }, { ca: cert, query })

    handleOf(await post())
    expect(await isOf(adapter)).toMatchObject({ server: 'ok', tls: 'ok' })
  })

  it.each([
    ['STARTTLS', {}],
    ['TLS from the first byte', { secure: true }],
  ])('is not gone without a certificate that we trust: %s', async (_name, more) => {
    const { adapter, fake, post } = await open({ tls: { key, cert, ...more } })

    expect(await post()).toMatchObject({ is: 'misconfigured' })
    expect(await isOf(adapter)).toMatchObject({ server: 'fail' })
    expect(fake.counts.posts).toBe(0)
  })

  it('is not gone where TLS is wanted and not offered', async () => {
    const { adapter, fake, post } = await open({}, { query: '?requireTLS=true' })

    expect(await post()).toMatchObject({ is: 'misconfigured', said: { code: '500' } })
    expect(await isOf(adapter)).toMatchObject({ server: 'fail' })
    expect(fake.counts.posts).toBe(0)
  })

  it('is looked at without a mail being sent', async () => {
    const { adapter, fake } = await open()

    expect(await isOf(adapter)).toEqual({ server: 'ok', tls: 'ok', sender: 'ok', links: 'warn' })
    expect(fake.counts.posts).toBe(0)
  })

  it('is said to be closed to a wrong password, with what to do', async () => {
    const { adapter, logged } = await open({}, { setup: { publicUrl: null } })
    const wrong = await open({}, {})
    wrong.fake.answer('AUTH', { code: 535, text: '5.7.8 Bad' }, 9)

    await wrong.adapter.start()

    const [server] = await wrong.adapter.check()
    expect(server).toMatchObject({
      of: 'server',
      is: 'fail',
      cure: { en: expect.stringContaining('SMTP_URL') },
    })
    expect(wrong.logged()).toContain('The mail server did not let us in')
    expect(await isOf(adapter)).toMatchObject({ server: 'ok', links: 'warn' })
    expect(logged()).toBe('')
  })
})
