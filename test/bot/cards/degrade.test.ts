import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WEB } from '../../../src/bot/adapters/web/abilities.ts'
import { type Abilities, PLAIN_TEXT } from '../../../src/bot/cards/abilities.ts'
import { card, says } from '../../../src/bot/cards/build.ts'
import type { Block, Card } from '../../../src/bot/cards/card.ts'
import { degrade } from '../../../src/bot/cards/degrade.ts'
import { plain } from '../../../src/bot/cards/plain.ts'
import { en } from '../../../src/bot/texts/en.ts'
import { zh } from '../../../src/bot/texts/zh.ts'

const FULL: Card = card('warning', 'Lin wants to restart orders-cdc in prod', {
  subtitle: ['prod / team data', 'expires 14:17'],
  body: [
    { is: 'text', text: 'Release 12 · from the savepoint it takes now' },
    { is: 'facts', facts: [{ label: 'limit.qps', before: '500', value: '300' }] },
    { is: 'progress', label: 'stopping with savepoint (12 s)', done: 0.5 },
    {
      is: 'table',
      columns: ['Job', 'State'],
      rows: [
        [{ text: 'orders-cdc', says: '/job show orders-cdc' }, 'running'],
        ['订单', 'stopped'],
      ],
    },
    { is: 'code', text: 'line 1\nline 2', rest: 40 },
    { is: 'picture', alt: 'Lag over the day', png: 'iVBOR' },
    {
      is: 'form',
      name: 'job stop',
      fields: [
        {
          name: 'how',
          label: 'How',
          input: { is: 'select', choices: [{ value: 'plain', label: 'without a savepoint' }] },
          value: '',
          required: false,
        },
        {
          name: 'job',
          label: 'Job',
          input: { is: 'text', placeholder: '', multiline: false },
          value: '',
          required: true,
        },
      ],
      submit: { label: 'Send', style: 'primary', press: { is: 'submits', command: 'job stop', given: {} } },
    },
  ],
  buttons: [
    { label: 'Approve', style: 'primary', press: { is: 'approves', operationId: 'op_1', version: 1 } },
    { label: 'Reject', style: 'danger', press: { is: 'rejects', operationId: 'op_1', version: 1 } },
    says('Compare', '/job diff orders-cdc 11 12'),
  ],
  footer: ['Sandbox: nothing real runs'],
})

describe('degrade', () => {
  it('changes nothing for a chat that can show everything', () => {
    expect(degrade(FULL, WEB, en)).toEqual(FULL)
  })

  it('turns a card into lines that can be typed back where there is only text', () => {
    expect(plain(degrade(FULL, PLAIN_TEXT, en), en)).toBe(
      [
        'Lin wants to restart orders-cdc in prod · prod / team data · expires 14:17',
        'Release 12 · from the savepoint it takes now',
        'limit.qps: 500 → 300',
        'orders-cdc · running',
        '订单 · stopped',
        'line 1',
        'line 2',
        '… 40 more lines',
        'Lag over the day',
        'Fill in and send: /job stop job=…',
        'job = Job (needed)',
        'how = How: plain',
        'Type instead:',
        '1. Approve: /approve op_1',
        '2. Reject: /reject op_1',
        '3. Compare: /job diff orders-cdc 11 12',
        'Sandbox: nothing real runs',
      ].join('\n'),
    )
  })

  it('keeps as many buttons as fit, and has the others typed', () => {
    const shown = degrade(FULL, { ...WEB, buttons: 2 }, zh)
    expect(shown.buttons.map(({ label }) => label)).toEqual(['Approve', 'Reject'])
    expect(shown.body.at(-1)).toEqual({
      is: 'text',
      text: '也可以直接输入：\n1. Compare: /job diff orders-cdc 11 12',
    })
  })

  it('keeps the end of a log, and says how much is missing', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`)
    const long = card('neutral', 'Logs', { body: [{ is: 'code', text: lines.join('\n'), rest: 7 }] })
    const [block] = degrade(long, { ...WEB, maxBytes: 300 }, en).body
    expect(block).toEqual({ is: 'code', text: lines.slice(-25).join('\n'), rest: 82 })
  })

  it('never shows more than the chat takes, whatever the card', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 400 })
    const block: fc.Arbitrary<Block> = fc.oneof(
      fc.record({ is: fc.constant('text' as const), text }),
      fc.record({
        is: fc.constant('code' as const),
        text: fc.array(text).map((lines) => lines.join('\n')),
        rest: fc.nat(),
      }),
      fc.record({
        is: fc.constant('table' as const),
        columns: fc.constant(['a', 'b']),
        rows: fc.array(fc.tuple(text, text)),
      }),
    )
    const abilities: fc.Arbitrary<Abilities> = fc.record({
      buttons: fc.nat(3),
      forms: fc.boolean(),
      tables: fc.boolean(),
      pictures: fc.boolean(),
      code: fc.boolean(),
      updates: fc.constantFrom('freely', 'scarcely', 'never'),
      toasts: fc.boolean(),
      pressLength: fc.constant(2_000),
      privately: fc.boolean(),
      maxBytes: fc.integer({ min: 200, max: 2000 }),
    })
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), abilities, (body, can) => {
        const shown = degrade(card('neutral', 'A title', { body }), can, zh)
        expect(Buffer.byteLength(plain(shown, zh))).toBeLessThanOrEqual(can.maxBytes)
        expect(shown.title).toBe('A title')
      }),
    )
  })
})

describe('plain', () => {
  it('aligns columns, counting two for a Chinese character', () => {
    const table = card('neutral', '共 2 个作业', {
      body: [
        {
          is: 'table',
          columns: ['作业', '状态'],
          rows: [
            ['orders-cdc', '运行中'],
            ['订单', '已停止'],
          ],
        },
      ],
    })
    expect(plain(table, zh).split('\n').slice(1)).toEqual([
      '作业        状态',
      'orders-cdc  运行中',
      '订单        已停止',
    ])
  })
})
