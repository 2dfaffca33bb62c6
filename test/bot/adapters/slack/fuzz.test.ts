import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SLACK_ABILITIES } from '../../../../src/bot/adapters/slack/abilities.ts'
import { decode } from '../../../../src/bot/adapters/slack/decode.ts'
import { draw, pieces } from '../../../../src/bot/adapters/slack/render.ts'
import { fitsSlack } from '../../../../src/bot/adapters/slack/size.ts'
import { escaped, mentionedIn, typed } from '../../../../src/bot/adapters/slack/text.ts'
import { problemsOf } from '../../../fakes/chats/slack/blocks.ts'
import { quickest } from '../../../support/quickest.ts'
import { shownSample } from '../../../support/shown-samples.ts'
import { type Json, mutated, RUNS } from '../feishu/mutate.ts'
import { READING, sample, sampleNames } from './reading.ts'

const samples = sampleNames.map((name): Json => sample(name).body)
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
const damage = fc.record({ at: fc.nat(), put: fc.oneof(json, fc.string({ unit: 'binary', maxLength: 400 })) })

describe('decoding', () => {
  it('never throws and never takes long, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(damage, { maxLength: 4 }), (whole, damages) => {
        const body = mutated(whole, damages)
        expect(decode(body, READING).is).toMatch(/^(said|pressed|opens|told|ignored)$/)
        expect(quickest(() => decode(body, READING))).toBeLessThan(50)
      }),
      { numRuns: RUNS },
    )
  })

  it.each([
    '<',
    '<@U0SLUICE01',
    '<@U0SLUICE01> ',
    '<|',
    '&lt;',
    '&gt;\n',
    '`',
    '```',
    '|',
    ' :',
  ])('takes a very long text of %j as quickly', (part) => {
    const text = part.repeat(Math.ceil(100_000 / part.length))

    expect(quickest(() => typed(text, { userId: 'U0SLUICE01', nameOf: () => null }))).toBeLessThan(50)
    expect(quickest(() => mentionedIn(text))).toBeLessThan(50)
  })
})

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(
      fc.constantFrom(
        '<@U0LIN00001>',
        '<!here>',
        '<http://x|y>',
        '*',
        '_',
        '`',
        '\n',
        '&amp;',
        ':ok:',
        '&',
        'a',
        ' ',
      ),
    )
    .map((parts) => parts.join('')),
)

describe('a text of ours', () => {
  it('is read again as it was written', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const sent = escaped(text)
        expect(sent).not.toMatch(/[<>]/)
        expect(sent.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toBe(text)
      }),
      { numRuns: RUNS },
    )
  })

  it('in a title, body, table or button is never more than text, and never breaks what Slack takes', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const shown = cardOf(text)
        const drawn = draw(shown, { fileOf: () => null, mention: [] })
        expect(problemsOf(drawn.blocks)).toEqual([])
        expect(JSON.stringify(drawn.blocks)).not.toContain('"mrkdwn"')
        expect(drawn.text).not.toMatch(/[<>]/)
        expect(fitsSlack(shown)).toBe(true)
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })

  it('is cut into pieces that lose nothing but the line ends between them', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 2, max: 30 }),
        (text, most) => {
          const cut = pieces(text, most)
          expect(cut.every((piece) => piece.length <= most && piece.trim() !== '')).toBe(true)
          expect(cut.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
        },
      ),
      { numRuns: RUNS },
    )
  })
})

function cardOf(text: string) {
  const shown = shownSample(SLACK_ABILITIES, 'buttons')
  const button = { label: text, style: 'plain', press: 'p' } as const
  const body = [
    { is: 'text', text } as const,
    { is: 'facts', facts: [{ label: text, value: text, before: text }] } as const,
    { is: 'table', columns: [text], rows: [[text]] } as const,
    { is: 'code', text, rest: 1 } as const,
    { is: 'picture', alt: text, png: 'x' } as const,
  ]
  const card = { ...shown.card, title: text, subtitle: [text], footer: [text], body }
  return { ...shown, text, card, buttons: [button] }
}
