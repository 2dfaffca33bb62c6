import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FEISHU_ABILITIES } from '../../../../src/bot/adapters/feishu/abilities.ts'
import { cardFits, renderCard } from '../../../../src/bot/adapters/feishu/render.ts'
import type { ShownBlock, ShownCard } from '../../../../src/bot/cards/card.ts'
import { checkCard, lookAt } from '../../../fakes/chats/feishu/card.ts'
import { PIXEL, shownSample, shownSamples } from '../../../support/shown-samples.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/feishu/cards')
const LOOK = { pictures: new Map([[PIXEL, 'img_v3_1']]), direct: true }
const KNOWN = { picture: (key: string) => key === 'img_v3_1', person: () => true }

const plain = shownSample(FEISHU_ABILITIES, 'plain')
const withBody = (...body: ShownBlock[]): ShownCard => ({ ...plain, card: { ...plain.card, body } })

function seen(shown: ShownCard, look = {}) {
  const checked = checkCard(JSON.stringify(renderCard(shown, { ...LOOK, ...look })), KNOWN)
  if (!checked.ok) throw new Error(checked.why)
  return lookAt(checked.card)
}

describe('a card on Feishu', () => {
  it.each(shownSamples(FEISHU_ABILITIES))('is drawn as before: $name', async ({ name, shown }) => {
    const file = join(FOLDER, `${name.replace(/[ ()]+/g, '-').replace(/-$/, '')}.json`)

    await expect(`${JSON.stringify(renderCard(shown, LOOK), null, 2)}\n`).toMatchFileSnapshot(file)
  })

  it.each(shownSamples(FEISHU_ABILITIES))('is one that Feishu takes: $name', ({ shown }) => {
    const card = renderCard(shown, LOOK)

    expect(cardFits(card)).toBe(true)
    expect(checkCard(JSON.stringify(card), KNOWN)).toMatchObject({ ok: true })
  })

  it.each(shownSamples(FEISHU_ABILITIES))('has every button, with what it carries: $name', ({ shown }) => {
    const forms = shown.card.body.flatMap((block) => (block.is === 'form' ? [block.submit] : []))
    const wanted = [...forms, ...shown.buttons].map(({ label, press }) => [label, { press, direct: true }])

    const buttons = seen(shown).buttons.map(({ text, behaviors }) => [
      text.content,
      behaviors?.[0]?.type === 'callback' ? behaviors[0].value : null,
    ])

    expect(buttons).toEqual(wanted)
  })

  it('shows what looks like markup as it was written', () => {
    const text = '<at id=all></at> **bold** [x](http://y) `code` :OK: # no\n- no list\n1. no list'

    const look = seen(withBody({ is: 'text', text }))

    expect(look.text).toContain(text)
    expect(look.mentions).toEqual([])
  })

  it('mentions whom it is told to, and nobody by another id', () => {
    const look = seen(plain, { mention: ['ou_lin', 'all', 'ou_x></at><at id=all'] })

    expect(look.mentions).toEqual(['ou_lin'])
  })

  it('says a picture in words when there is none', () => {
    expect(seen(withBody({ is: 'picture', alt: 'restarts per hour', png: 'x' }))).toMatchObject({
      pictures: 0,
      text: expect.stringContaining('restarts per hour'),
    })
  })

  it('fills a form in with what is known, and asks once for each value', () => {
    const choices = [
      { value: 'a', label: 'A' },
      { value: 'a', label: 'A again' },
    ]
    const number = { is: 'number', min: 1, max: 8 } as const
    const submit = { label: 'Send', style: 'primary', press: 'p' } as const
    const fields = [
      { name: 'how', label: 'How', input: { is: 'select', choices }, value: 'a', required: true },
      { name: 'to', label: 'To', input: number, value: '4', required: false },
    ] as const

    const look = seen(withBody({ is: 'form', name: 'job scale', fields, submit }))

    expect(look.fields).toMatchObject([
      { name: 'how', initial_option: 'a', options: [{ value: 'a' }], required: true },
      { name: 'to', default_value: '4', placeholder: { content: '1 – 8' } },
    ])
    expect(look.submit).toMatchObject({ form_action_type: 'submit', behaviors: [{ value: { press: 'p' } }] })
  })

  it.each([
    ['its request is longer than 30 KB', withBody({ is: 'text', text: '文'.repeat(11_000) })],
    ['its markup makes it longer than 30 KB', withBody({ is: 'text', text: '*'.repeat(7_000) })],
    ['it has more than 200 elements', withBody(...Array(201).fill({ is: 'text', text: 'x' }))],
    [
      'it has more than five tables',
      withBody(...Array(6).fill({ is: 'table', columns: ['a'], rows: [['b']] })),
    ],
    [
      'it has a table of more than 50 columns',
      withBody({ is: 'table', columns: Array(51).fill('a'), rows: [['b']] }),
    ],
  ])('does not fit when %s', (_why, shown) => {
    expect(cardFits(renderCard(shown))).toBe(false)
  })

  it('shows no table without rows', () => {
    expect(seen(withBody({ is: 'table', columns: ['a'], rows: [] })).text).not.toContain('a\n')
  })

  it('is never without content', () => {
    const bare = { ...plain, card: { ...plain.card, subtitle: [], body: [], footer: [] }, buttons: [] }

    expect(renderCard(bare).body.elements).toHaveLength(1)
  })
})
