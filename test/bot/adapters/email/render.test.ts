import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMAIL_ABILITIES, emailAbilities } from '../../../../src/bot/adapters/email/abilities.ts'
import { drawLetter, mailOf } from '../../../../src/bot/adapters/email/message.ts'
import { fitsMail } from '../../../../src/bot/adapters/email/render.ts'
import { emailSetup } from '../../../../src/bot/adapters/email/settings.ts'
import type { ShownBlock, ShownCard } from '../../../../src/bot/cards/card.ts'
import { textOf } from '../../../fakes/chats/email/mailbox.ts'
import { PIXEL, shownSample, shownSamples } from '../../../support/shown-samples.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/email/cards')
const NOW = Date.UTC(2026, 2, 2, 6, 1)
const RUNS = 2000

const given = { smtpUrl: 'smtp://mail.example.com', from: 'Sluice <sluice@example.com>', linkKey: 'k' }
const setup = emailSetup.parse({ ...given, publicUrl: 'https://sluice.example.com/' })
const unlinked = emailSetup.parse(given)

const plain = shownSample(EMAIL_ABILITIES, 'plain')
const withBody = (...body: ShownBlock[]): ShownCard => ({ ...plain, card: { ...plain.card, body } })
const titled = (title: string): ShownCard => ({ ...plain, card: { ...plain.card, title } })
const letter = (shown: ShownCard, thread: readonly string[] = []) => ({
  ...{ to: 'lin@example.com', shown, name: 'dlv_1', thread, now: NOW },
})
const drawn = (shown: ShownCard, thread: readonly string[] = []) => drawLetter(letter(shown, thread), setup)

describe('a card as a mail', () => {
  it.each(shownSamples(EMAIL_ABILITIES))('is drawn as before: $name', async ({ name, shown }) => {
    const file = join(FOLDER, name.replace(/[ ()]+/g, '-').replace(/-$/, ''))
    const { subject, html, text } = drawn(shown)

    await expect(html).toMatchFileSnapshot(`${file}.html`)
    await expect(`Subject: ${subject}\n\n${text}`).toMatchFileSnapshot(`${file}.txt`)
  })

  it.each(shownSamples(EMAIL_ABILITIES))('fits, and runs and loads nothing: $name', ({ shown }) => {
    const mail = drawn(shown)

    expect(fitsMail(mail)).toBe(true)
    expect(mail.html).not.toMatch(/<(script|link|iframe|form|object)\b|\son\w+=|url\(|src="(?!cid:)/i)
  })

  it.each(shownSamples(EMAIL_ABILITIES))('has a link for every button, in both parts: $name', ({ shown }) => {
    const { html, text } = drawn(shown)

    for (const { label } of shown.buttons) {
      expect(textOf(html)).toContain(label)
      expect(text).toContain(`${label}: https://sluice.example.com/chat/email/press?p=`)
    }
    expect(html.match(/<a /g) ?? []).toHaveLength(shown.buttons.length)
  })

  it('has no link and no button without an address that readers can open', () => {
    const { html, text } = drawLetter(letter(shownSample(EMAIL_ABILITIES, 'buttons')), unlinked)

    expect(emailAbilities(unlinked).buttons).toBe(0)
    expect(`${html}${text}`).not.toMatch(/<a |http/)
  })

  it('shows what looks like markup as it was written', () => {
    const text = `</p><script>alert(1)</script> <a href="http://x">x</a> &amp; <img src=x onerror="y">'`

    const { html } = drawn(withBody({ is: 'text', text }, { is: 'code', text, rest: 0 }))

    expect(html).not.toMatch(/<script|<a |<img/)
    expect(textOf(html).split(text)).toHaveLength(3)
  })

  it('puts every text of people through, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const block: ShownBlock = {
          is: 'table',
          columns: [text, text],
          rows: [[text, { text, says: text }]],
        }
        const { html } = drawn({
          ...withBody(block, { is: 'facts', facts: [{ label: text, value: text, before: text }] }),
          buttons: [{ label: text, style: 'plain', press: text || 'p' }],
        })
        const without = drawn({
          ...withBody(
            { is: 'table', columns: ['', ''], rows: [['', { text: '', says: '' }]] },
            {
              is: 'facts',
              facts: [{ label: '', value: '', before: '' }],
            },
          ),
          buttons: [{ label: '', style: 'plain', press: 'p' }],
        }).html
        const tags = (page: string) => page.replaceAll(/<br>\n|href="[^"]*"/g, '').match(/<[^>]*>/g)
        expect(tags(html)).toEqual(tags(without))
      }),
      { numRuns: RUNS },
    )
  })

  it('says its newest title again in the thread', () => {
    expect(drawn(titled('orders-cdc is running again'), ['<dlv_1@example.com>']).subject).toBe(
      'Re: orders-cdc is running again',
    )
  })

  it.each([
    ['line breaks', 'a\r\nBcc: mei@example.com\nb', 'a Bcc: mei@example.com b'],
    ['marks that turn the direction', 'a\u202eb\u2066c', 'abc'],
    ['zero bytes', 'a\0b', 'ab'],
  ])('has no %s in its subject', (_name, title, subject) => {
    expect(drawn(titled(title)).subject).toBe(subject)
  })

  it('cuts a subject that no phone would show', () => {
    const { subject } = drawn(titled('作业'.repeat(300)))

    expect([...subject]).toHaveLength(200)
    expect(subject.endsWith('…')).toBe(true)
  })

  it('carries pictures within, under names that no other mail has', () => {
    const shown = withBody({ is: 'picture', alt: 'a', png: PIXEL }, { is: 'picture', alt: 'b', png: PIXEL })
    const { html, pictures } = drawn(shown)

    expect(pictures.map(({ cid }) => cid)).toEqual([
      'picture-1.dlv_1@example.com',
      'picture-2.dlv_1@example.com',
    ])
    for (const { cid } of pictures) expect(html).toContain(`src="cid:${cid}"`)
  })

  it('does not fit with more than Gmail shows, or with a picture that relays refuse', () => {
    const large = Buffer.alloc(6_000_000).toString('base64')

    expect(fitsMail(drawn(withBody({ is: 'text', text: 'x'.repeat(100_000) })))).toBe(false)
    expect(fitsMail(drawn(withBody({ is: 'picture', alt: 'x', png: large })))).toBe(false)
    expect(fitsMail(drawn(withBody({ is: 'text', text: 'x'.repeat(EMAIL_ABILITIES.maxBytes) })))).toBe(true)
  })

  it('goes to its one receiver, marked as sent by a program', () => {
    expect(mailOf(letter(plain, ['<dlv_1@example.com>', '<dlv_1.2@example.com>']), setup)).toMatchObject({
      from: { name: 'Sluice', address: 'sluice@example.com' },
      to: { name: '', address: 'lin@example.com' },
      envelope: { from: 'sluice@example.com', to: ['lin@example.com'] },
      messageId: '<dlv_1@example.com>',
      inReplyTo: '<dlv_1.2@example.com>',
      references: ['<dlv_1@example.com>', '<dlv_1.2@example.com>'],
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
  })
})
