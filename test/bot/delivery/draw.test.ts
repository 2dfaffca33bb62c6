import { describe, expect, it } from 'vitest'
import { type Abilities, PLAIN_TEXT } from '../../../src/bot/cards/abilities.ts'
import { card, says, text } from '../../../src/bot/cards/build.ts'
import type { Block, Card, ShownCard } from '../../../src/bot/cards/card.ts'
import type { KeptCard } from '../../../src/bot/conversation.ts'
import { draw, isShortName, shortened } from '../../../src/bot/delivery/draw.ts'
import { createPressSigner } from '../../../src/bot/press.ts'

const signer = createPressSigner('a key for tests')
const ABILITIES: Abilities = {
  ...PLAIN_TEXT,
  buttons: 9,
  tables: true,
  code: true,
  forms: true,
  updates: 'freely',
}
const SUBMITS = { is: 'submits', command: 'job start', given: {} } as const
const log = Array.from({ length: 4_000 }, (_, i) => `line ${i}`).join('\n')

const kept = (drawn: Card): KeptCard => ({
  ...{ id: 'card_1', chat: 'feishu:oc_1', version: 1, seq: '1', subject: null, subjectVersion: 0 },
  ...{ language: 'en', zone: 'UTC', card: drawn, onlyFor: null, createdAt: 0, updatedAt: 0 },
})
const bytes = ({ card: { title, body }, buttons }: ShownCard) =>
  Buffer.byteLength(JSON.stringify([title, body, buttons]))
const drawn = (blocks: readonly Block[], fits: (shown: ShownCard) => boolean, abilities = {}) =>
  draw(kept(card('neutral', 'Title', { body: blocks, buttons: [says('Show', '/job show a')] })), {
    ...{ abilities: { ...ABILITIES, ...abilities }, fits, signer },
  })

describe('a card for a vendor', () => {
  it('is drawn whole when the vendor takes it', () => {
    const shown = drawn([text('some words')], () => true)

    expect(shown.card.body).toEqual([text('some words')])
    expect(shown.buttons).toMatchObject([{ label: 'Show' }])
  })

  it.each([
    3_000, 1_000, 400,
  ])('is cut until it fits %d bytes, and says how much there is besides', (limit) => {
    const shown = drawn([{ is: 'code', text: log, rest: 7 }], (one) => bytes(one) <= limit)

    const [code] = shown.card.body
    if (code?.is !== 'code') throw new Error('the log is gone')
    expect(code.text.endsWith('line 3999')).toBe(true)
    expect(code.rest).toBe(4_000 - code.text.split('\n').length + 7)
    expect(bytes(shown)).toBeLessThanOrEqual(limit)
    expect(shown.buttons).toHaveLength(1)
  })

  it('keeps the first rows of a table, and says how many follow', () => {
    const rows = Array.from({ length: 300 }, (_, i) => [`job-${i}`, 'running'])
    const shown = drawn([{ is: 'table', columns: ['Job', 'State'], rows }], (one) => bytes(one) <= 2_000)

    const [table, rest] = shown.card.body
    const count = table?.is === 'table' ? table.rows.length : 0
    expect(count).toBeGreaterThan(10)
    expect(rest).toEqual(text(`… ${300 - count} more lines`))
  })

  it('is its title alone when nothing else helps, so that no vendor ever says it is too long', () => {
    const facts = Array.from({ length: 400 }, (_, i) => ({ label: `fact ${i}`, value: 'value' }))
    const shown = drawn([{ is: 'facts', facts }], (one) => bytes(one) <= 200)

    expect(shown.card).toMatchObject({ title: 'Title', body: [] })
    expect(shown.buttons).toEqual([])
  })

  it('tells what cannot be tapped there how to type it', () => {
    const shown = drawn([], () => true, { buttons: 0 })

    expect(shown.text).toContain('/job show a')
    expect(shown.buttons).toEqual([])
  })
})

describe('what buttons carry', () => {
  const form: Block = {
    is: 'form',
    name: 'f',
    fields: [],
    submit: { ...says('Send', '/job start'), press: SUBMITS },
  }
  const shown = drawn([form], () => true)

  it('stays as it is where it is short enough', () => {
    expect(shortened(shown, 10_000)).toEqual({ shown, kept: [] })
  })

  it('is named shortly elsewhere, forms included, and leads back by that name', () => {
    const { shown: short, kept: long } = shortened(shown, 60)

    const names = [short.buttons[0]?.press ?? '', submitOf(short)]
    expect(names.every((name) => isShortName(name) && name.length <= 60)).toBe(true)
    expect(long.map(({ id }) => id).sort()).toEqual([...names].sort())
    expect(long.map(({ press }) => press).sort()).toEqual([shown.buttons[0]?.press, submitOf(shown)].sort())
    expect(signer.read(long[0]?.press ?? '')).toMatchObject({ cardId: 'card_1' })
  })

  it('has the same name each time the card is drawn', () => {
    expect(shortened(shown, 60).kept).toEqual(shortened(shown, 60).kept)
    expect(isShortName(shown.buttons[0]?.press ?? '')).toBe(false)
  })
})

function submitOf({ card: { body } }: ShownCard): string {
  const form = body.find((block) => block.is === 'form')
  return form?.is === 'form' ? form.submit.press : ''
}
