import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEvent, type Known } from '../../../../src/bot/adapters/feishu/decode.ts'
import { codeBlock, escapeMarkdown } from '../../../../src/bot/adapters/feishu/markup.ts'
import { readMarkdown } from '../../../fakes/chats/feishu/card.ts'
import { quickest } from '../../../support/quickest.ts'
import { type Json, mutated, RUNS } from './mutate.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/feishu/events')
const KNOWN: Known = {
  appId: 'cli_0123456789abcdef',
  botId: 'ou_bot',
  isDirect: () => false,
  directChatOf: () => null,
}
const samples = readdirSync(FOLDER).map(
  (file): Json => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')).event,
)

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
const damage = fc.record({ at: fc.nat(), put: fc.oneof(json, fc.string({ unit: 'binary', maxLength: 400 })) })

describe('decoding', () => {
  it('never throws and never takes long, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(damage, { maxLength: 4 }), (sample, damages) => {
        const body = mutated(sample, damages)
        expect(decodeEvent(body, KNOWN).is).toMatch(/^(said|pressed|told|ignored)$/)
        expect(quickest(() => decodeEvent(body, KNOWN))).toBeLessThan(50)
      }),
      { numRuns: RUNS },
    )
  })

  it('takes a very long text with many placeholders as quickly', () => {
    const body = withContent(samples[0] ?? null, JSON.stringify({ text: '@_user_1 '.repeat(20_000) }))

    expect(quickest(() => decodeEvent(body, KNOWN))).toBeLessThan(50)
  })
})

function withContent(event: Json, content: string): unknown {
  const whole = structuredClone(event) as { event: { message?: { content: string } } }
  if (whole.event.message) whole.event.message.content = content
  return whole
}

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        '<at id=all></at>',
        '**',
        '`',
        '```',
        '\n',
        '- ',
        '1. ',
        '# ',
        ':OK:',
        '&#42;',
        '[x](y)',
        'a',
      ),
    )
    .map((parts) => parts.join('')),
)

describe('escaping', () => {
  it('shows any text as it is, and nothing of it as markup', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const shown = escapeMarkdown(text)
        expect(shown).not.toMatch(/[<>*_~`[\]|\\]/)
        expect(shown).not.toMatch(/^\s*[-+=]/m)
        expect(readMarkdown(shown).replaceAll('\u00a0', ' ')).toBe(
          text
            .replaceAll('\r\n', '\n')
            .replace(/^[ \t]{4,}/gm, (indent) => ' '.repeat(indent.length))
            .replaceAll('\u00a0', ' '),
        )
      }),
      { numRuns: RUNS },
    )
  })

  it('keeps a code block closed, and mentions nobody from within', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const inner = codeBlock(text).slice(4, -4)
        expect(inner).not.toContain('```')
        expect(inner).not.toMatch(/<\/?at\b/i)
        expect(inner.replaceAll('\u200b', '')).toBe(text.replaceAll('\u200b', ''))
      }),
      { numRuns: RUNS },
    )
  })
})
