import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SLACK_ABILITIES } from '../../../../src/bot/adapters/slack/abilities.ts'
import { draw } from '../../../../src/bot/adapters/slack/render.ts'
import { fitsSlack, textLength } from '../../../../src/bot/adapters/slack/size.ts'
import type { ShownCard } from '../../../../src/bot/cards/card.ts'
import { problemsOf } from '../../../fakes/chats/slack/blocks.ts'
import { seenMessage } from '../../../fakes/chats/slack/seen.ts'
import { PIXEL, shownSample, shownSamples } from '../../../support/shown-samples.ts'
import { withBody } from './posting.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/slack/cards')
const DRAWING = { fileOf: (png: string) => (png === PIXEL ? 'F0PICTURE1' : null), mention: [] }

const plain = shownSample(SLACK_ABILITIES, 'plain')

function seen(shown: ShownCard, mention: readonly string[] = []) {
  const { text, blocks } = draw(shown, { ...DRAWING, mention })
  expect(problemsOf(blocks)).toEqual([])
  return seenMessage({
    channel: 'C0OPS00001',
    ts: '1.0',
    text,
    blocks,
    metadata: null,
    thread: null,
    onlyFor: null,
    edits: 0,
    urged: [],
    at: 0,
  })
}

describe('a card on Slack', () => {
  it.each(shownSamples(SLACK_ABILITIES))('is drawn as before: $name', async ({ name, shown }) => {
    const file = join(FOLDER, `${name.replace(/[ ()]+/g, '-').replace(/-$/, '')}.json`)

    await expect(`${JSON.stringify(draw(shown, DRAWING), null, 2)}\n`).toMatchFileSnapshot(file)
  })

  it.each(shownSamples(SLACK_ABILITIES))('is one that Slack takes: $name', ({ shown }) => {
    const { text, blocks } = draw(shown, DRAWING)

    expect(problemsOf(blocks)).toEqual([])
    expect(fitsSlack(shown)).toBe(true)
    expect(textLength(blocks)).toBeLessThanOrEqual(12_000)
    expect(text.length).toBeLessThanOrEqual(40_000)
  })

  it.each(shownSamples(SLACK_ABILITIES))('has every button, with what it carries: $name', ({ shown }) => {
    const forms = shown.card.body.flatMap((block) => (block.is === 'form' ? [block.submit] : []))
    const wanted = [...forms, ...shown.buttons].map(({ press, style }) => [press, style])

    const buttons = draw(shown, DRAWING).blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements : [],
    )

    expect(buttons.map((one) => (one.type === 'button' ? [one.value, one.style ?? 'plain'] : []))).toEqual(
      wanted,
    )
  })

  it('tells by a mark how it is, in the notification as well', () => {
    const { text, blocks } = draw(shownSample(SLACK_ABILITIES, 'incident'), DRAWING)

    expect(text).toMatch(/^🔴 /u)
    expect(blocks[0]).toMatchObject({ type: 'header', text: { text: expect.stringMatching(/^🔴 /u) } })
  })

  it('shows what looks like markup as it was written', () => {
    const text = '<!channel> <@U0LIN00001> *bold* _x_ ~y~ `code` <http://x|y> :ok: &amp;'

    const look = seen(withBody({ is: 'text', text }, { is: 'code', text, rest: 0 }))

    expect(look.text.split(text)).toHaveLength(3)
    expect(draw(withBody({ is: 'text', text }), DRAWING).blocks.map(({ type }) => type)).not.toContain(
      'section',
    )
  })

  it('mentions nobody in the notification by what is said on the card', () => {
    const shown = { ...plain, text: 'job <!channel> <@U0LIN00001>' }

    expect(draw(shown, DRAWING).text).toBe('job &lt;!channel&gt; &lt;@U0LIN00001&gt;')
  })

  it('mentions whom it is told to, and nobody by another id', () => {
    const look = seen(plain, ['U0LIN00001', 'W0MEI00001', '!channel', 'U0> <!here', 'C0OPS00001'])

    expect(look.mentions).toEqual(['U0LIN00001', 'W0MEI00001'])
    expect(JSON.stringify(look.raw)).not.toMatch(/<!/)
  })

  it('says a picture in words when there is none', () => {
    expect(seen(withBody({ is: 'picture', alt: 'restarts per hour', png: 'x' }))).toMatchObject({
      pictures: 0,
      text: expect.stringContaining('restarts per hour'),
    })
  })

  it('shows one table as a table, and all further ones in fixed width', () => {
    const table = { is: 'table', columns: ['Job', 'State'], rows: [['orders', '']] } as const

    const kinds = draw(withBody(table, table), DRAWING).blocks.map(({ type }) => type)

    expect(kinds.filter((type) => type === 'table' || type === 'rich_text')).toEqual(['table', 'rich_text'])
  })

  it.each([
    ['more than 20 columns', Array(21).fill('c'), [Array(21).fill('x')]],
    ['more than 99 rows', ['c'], Array(100).fill(['x'])],
  ])('shows a table of %s in fixed width', (_what, columns, rows) => {
    const { blocks } = draw(withBody({ is: 'table', columns, rows }), DRAWING)

    expect(problemsOf(blocks)).toEqual([])
    expect(blocks.map(({ type }) => type)).not.toContain('table')
  })

  it('cuts a long text at its lines, and loses none', () => {
    const text = Array.from({ length: 300 }, (_, i) => `line ${i} ${'x'.repeat(20)}`).join('\n')

    expect(seen(withBody({ is: 'code', text, rest: 0 })).text).toContain(text)
  })

  it('shows a title that is too long for a header in bold', () => {
    const title = 'orders '.repeat(40)

    expect(draw({ ...plain, card: { ...plain.card, title } }, DRAWING).blocks[0]).toMatchObject({
      type: 'rich_text',
      elements: [{ elements: [{ text: title.trim(), style: { bold: true } }] }],
    })
  })

  it.each([
    ['its text is longer than 12,000 characters', withBody({ is: 'text', text: '文'.repeat(12_001) })],
    ['it has 50 blocks', withBody(...Array(50).fill({ is: 'text', text: 'x' }))],
    [
      'a button carries more than 2,000 characters',
      { ...plain, buttons: [{ label: 'x', style: 'plain', press: 'p'.repeat(2_001) }] } as ShownCard,
    ],
  ])('does not fit when %s', (_why, shown) => {
    expect(fitsSlack(shown)).toBe(false)
  })

  it('is never without content', () => {
    const bare = {
      ...plain,
      card: { ...plain.card, title: ' ', subtitle: [], body: [], footer: [] },
      buttons: [],
    }

    expect(problemsOf(draw(bare, DRAWING).blocks)).toEqual([])
  })
})
