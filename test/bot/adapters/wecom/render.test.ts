import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WECOM_ABILITIES } from '../../../../src/bot/adapters/wecom/abilities.ts'
import {
  columnsOf,
  drawCard,
  drawMarkdown,
  drawText,
  fitsWecom,
} from '../../../../src/bot/adapters/wecom/render.ts'
import type { ShownBlock, ShownCard } from '../../../../src/bot/cards/card.ts'
import { type Body, checkBody, lookAt } from '../../../fakes/chats/wecom/messages.ts'
import { shownSamples } from '../../../support/shown-samples.ts'
import { sample, shortCard } from './posting.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/wecom/cards')
const KINDS = ['markdown', 'text', 'template_card']
const KNOWN = { media: () => true, takesTask: () => true, kinds: KINDS }

const samples = shownSamples(WECOM_ABILITIES)
const plain = sample('plain')
const withBody = (...body: ShownBlock[]): ShownCard => ({ ...plain, card: { ...plain.card, body } })

const cardOf = (shown: ShownCard) => drawCard(shown, { task: 'dlv_1', mayPoint: true })
const checked = (body: unknown): Body => checkBody(body, KNOWN)
const seenCard = (shown: ShownCard) =>
  lookAt(checked({ msgtype: 'template_card', template_card: cardOf(shown).card }))
const seenMarkdown = (shown: ShownCard, mention: readonly string[] = []) =>
  lookAt(
    checked({ msgtype: 'markdown', markdown: { content: drawMarkdown(shown, { key: 'dlv_1', mention }) } }),
  )

describe('a card on WeCom', () => {
  it.each(samples)('is drawn as before: $name', async ({ name, shown }) => {
    const drawn = {
      card: shown.buttons.length > 0 ? cardOf(shown) : null,
      markdown: drawMarkdown(shown, { key: 'dlv_1' }),
      text: drawText(shown, { key: 'dlv_1' }),
    }
    const file = join(FOLDER, `${name.replace(/[ ()]+/g, '-').replace(/-$/, '')}.json`)

    await expect(`${JSON.stringify(drawn, null, 2)}\n`).toMatchFileSnapshot(file)
  })

  it.each(samples)('is taken in every form: $name', ({ shown }) => {
    expect(fitsWecom(shown)).toBe(true)
    expect(seenMarkdown(shown).text).toContain(shown.card.title)
    const text = checked({ msgtype: 'text', text: { content: drawText(shown, { key: 'dlv_1' }) } })
    expect(lookAt(text).text).toContain(shown.card.title)
    const buttons = seenCard(shown).buttons.map((one) => [one.text, one.key])
    expect(buttons).toEqual(shown.buttons.map(({ label, press }) => [label, press]))
  })

  it('says all of itself when it is short, and points to a message when it is not', () => {
    const short = shortCard('orders-cdc is running')
    const long = withBody({ is: 'text', text: 'x'.repeat(300) })

    expect(cardOf(short)).toMatchObject({ whole: true })
    expect(cardOf({ ...long, buttons: short.buttons })).toMatchObject({
      whole: false,
      card: { sub_title_text: 'Details are in the message below' },
    })
    expect(drawCard(long, { task: 't', mayPoint: false }).card.sub_title_text).toMatch(/^x+…$/)
  })

  it.each([
    [
      'fragile is down: broken on purpose, by the demo (IllegalStateException)',
      'fragile is down: broken on purpose, by the demo…',
      '…(IllegalStateException)',
    ],
    ['作业'.repeat(15), `${'作业'.repeat(12)}作…`, `…${'业'}${'作业'.repeat(2)}`],
  ])('goes on below where a title is too long for its line: %s', (title, head, rest) => {
    const { buttons } = shortCard('x')

    const { whole, card } = cardOf({ ...plain, buttons, card: { ...plain.card, title, body: [] } })

    expect(whole).toBe(true)
    expect(card.main_title.title).toBe(head)
    expect(card.sub_title_text).toMatch(new RegExp(`^${rest.replaceAll(/[()]/g, '[$&]')}`))
  })

  it('has short facts beside each other and long ones in lines', () => {
    const facts = [
      { label: 'Lag', value: '14 min', before: '20 s' },
      { label: 'Last checkpoint', value: '02:11' },
      { label: '', value: 'nameless' },
    ]

    expect(cardOf(withBody({ is: 'facts', facts })).card).toMatchObject({
      horizontal_content_list: [{ keyname: 'Lag', value: '20 s → 14 min' }],
      sub_title_text: expect.stringContaining('Last checkpoint: 02:11'),
    })
  })

  it('is grey and dead when nothing can be pressed', () => {
    const look = seenCard({ ...plain, buttons: [] })

    expect(cardOf({ ...plain, buttons: [] }).card.replace_text).toBe('Settled')
    expect(look.buttons).toEqual([])
  })

  it('has each of two equal buttons once', () => {
    const [button] = sample('buttons').buttons
    const twice = button ? [button, button] : []

    expect(seenCard({ ...plain, buttons: twice }).buttons).toHaveLength(1)
  })

  it('shows what looks like markup as it was written', () => {
    const text = '<@all> <font color="info">x</font> **bold** [x](http://y)\n# no\n> no quote\n- a\n1. b\na_b'

    const look = seenMarkdown(withBody({ is: 'text', text }))

    expect(look.text).toContain(text)
    expect(look.mentions).toEqual([])
  })

  it('makes no link of a text', () => {
    const shown = withBody({ is: 'text', text: '<a href="http://x">y</a>' })

    expect(drawText(shown, { key: 'k' })).not.toMatch(/<a|<\/a/)
  })

  it('mentions whom it is told to, and nobody by another id', () => {
    expect(seenMarkdown(plain, ['linwei', '@all', 'x> <@all']).mentions).toEqual(['linwei'])
  })

  it('carries its key unseen, so that two with the same words differ and one that is sent again does not', () => {
    const of = (key: string) => drawMarkdown(plain, { key })

    expect(of('dlv_1')).toBe(of('dlv_1'))
    expect(of('dlv_1')).not.toBe(of('dlv_2'))
  })

  it.each([
    ['its markdown is longer than 2,048 bytes', withBody({ is: 'text', text: '文'.repeat(650) })],
    ['its escapes make it longer', withBody({ is: 'text', text: '*'.repeat(600) })],
    [
      'a button carries more than 1,024 bytes',
      { ...plain, buttons: [{ label: 'x', style: 'plain', press: 'p'.repeat(1_025) }] } as const,
    ],
  ])('does not fit when %s', (_why, shown) => {
    expect(fitsWecom(shown)).toBe(false)
  })

  it('counts Chinese as two columns', () => {
    expect(columnsOf('作业 orders')).toBe(11)
  })
})
