import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../../../src/bot/adapters/dingtalk/answers.ts'
import { decodeEvent, decodeMessage, decodeTap } from '../../../../src/bot/adapters/dingtalk/decode.ts'
import { escapeMarkdown, markdownOf, spread } from '../../../../src/bot/adapters/dingtalk/markdown.ts'
import { MAX_VALUE_BYTES } from '../../../../src/bot/adapters/dingtalk/render.ts'
import { plainText } from '../../../fakes/chats/dingtalk/seen.ts'
import { quickest } from '../../../support/quickest.ts'
import { type Json, mutated, RUNS } from '../feishu/mutate.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/dingtalk')
const AROUND = { messageId: 'frame_1', now: 1_772_000_000_000, robotCode: 'dingrobot' }

const samples = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name): Json => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')))

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
const damage = fc.record({ at: fc.nat(), put: fc.oneof(json, fc.string({ unit: 'binary', maxLength: 400 })) })
const damaged = fc
  .tuple(fc.constantFrom(...samples), fc.array(damage, { maxLength: 4 }))
  .map(([sample, damages]) => mutated(sample, damages))

const OUTCOMES = /^(event|ignored)$/

function decodeAll(data: unknown): void {
  expect(decodeMessage(data, AROUND).is).toMatch(OUTCOMES)
  expect(decodeTap(data, AROUND).is).toMatch(OUTCOMES)
  expect(decodeEvent({ type: 'user_leave_org', data }, AROUND)).toBeInstanceOf(Array)
}

describe('decoding', () => {
  it('never throws and never takes long, whatever comes', () => {
    fc.assert(
      fc.property(damaged, fc.boolean(), (body, asText) => {
        const data = asText ? JSON.stringify(body) : body
        decodeAll(data)
        expect(quickest(() => decodeAll(data))).toBeLessThan(50)
      }),
      { numRuns: RUNS },
    )
  })

  it('never throws on text that is no JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => decodeAll(text)),
      { numRuns: RUNS },
    )
  })

  it.each([
    ['mentions', '@a '.repeat(80_000)],
    ['spaces', ' '.repeat(240_000)],
    ['marks of no width', '\u200b'.repeat(240_000)],
    ['brackets', '['.repeat(240_000)],
  ])('takes a quarter of a megabyte of %s as quickly', (_what, content) => {
    const message = { ...(samples[0] as object), text: { content }, content }

    expect(quickest(() => decodeAll(message))).toBeLessThan(50)
  })
})

describe('reading an answer', () => {
  it('never throws, whatever the server sends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(fc.string({ unit: 'binary' }), fc.json()),
        (status, text) => {
          expect(readAnswer(status, text, null).is).toMatch(/^(ok|error|page)$/)
        },
      ),
      { numRuns: RUNS },
    )
  })
})

const texts = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc
          .constantFrom(
            '**',
            '`',
            '```',
            '~~~',
            '- ',
            '+ ',
            '1. ',
            '2) ',
            '# ',
            '> ',
            '| a |',
            '&lt;',
            '\\',
            ' ',
            '=',
          )
          .chain((mark) =>
            fc.constantFrom(mark, `${mark}a`, '<at id="all">@all</at>', '![x](@lADx)', '[微笑]'),
          ),
      )
      .map((parts) => parts.join('')),
  )
  .map((text) => text.replaceAll(/[\r\n]/g, ' '))

describe('escaping', () => {
  it('shows any line as it is, and nothing of it as markup', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const line = escapeMarkdown(text)
        expect(line.replaceAll(/\\[!-/:-@[-`{-~]/g, 'x')).not.toMatch(
          /[\\`*_~[\]<>|&!]|^\s*(?:[#+=-]|\d+[.)])/,
        )
        expect(plainText(`a${line}`).slice(1).trimEnd()).toBe(visible(text).trimEnd())
      }),
      { numRuns: RUNS },
    )
  })

  it('keeps every text within the size of a value, and fences closed, however lines are spread', () => {
    const passage = fc.record({
      fenced: fc.boolean(),
      lines: fc.array(
        texts.map((text) => escapeMarkdown(text).slice(0, 400)),
        { minLength: 1, maxLength: 12 },
      ),
    })
    fc.assert(
      fc.property(fc.array(passage, { maxLength: 6 }), (all) => {
        const values = spread(all, 2 * MAX_VALUE_BYTES)
        for (const value of values) {
          expect(Buffer.byteLength(value)).toBeLessThanOrEqual(2 * MAX_VALUE_BYTES)
          expect((value.match(/^```$/gm) ?? []).length % 2).toBe(0)
        }
        expect(linesOf(values.join('\n'))).toEqual(linesOf(markdownOf(all)))
      }),
      { numRuns: RUNS / 4 },
    )
  })
})

/** Space at the start is kept by one that does not collapse; the reader sees the same. */
function visible(text: string): string {
  const [space = ''] = /^\s+/.exec(text) ?? []
  return (' '.repeat(space.length) + text.slice(space.length)).replaceAll('\u00a0', ' ')
}

/** What is said, without how it is held together. */
function linesOf(markdown: string): string[] {
  return markdown
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && line !== '```')
}
