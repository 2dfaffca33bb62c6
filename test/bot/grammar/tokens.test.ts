import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quote, tokenize } from '../../../src/bot/grammar/tokens.ts'

function words(text: string): string[] | { unclosedAt: number } {
  const read = tokenize(text)
  return read.ok ? read.tokens.map((token) => token.text) : { unclosedAt: read.at }
}

describe('tokenize', () => {
  it.each([
    ['plain words', '/job restart orders-cdc', ['/job', 'restart', 'orders-cdc']],
    ['full-width spaces and slash', '／作业　重启　orders-cdc', ['/作业', '重启', 'orders-cdc']],
    ['full-width letters, digits and equals sign', 'ｔｏ＝１２', ['to=12']],
    ['spaces nobody sees', 'stop\u00a0\u200borders', ['stop', 'orders']],
    ['straight quotes', 'because "it is late"', ['because', 'it is late']],
    ['curly quotes', 'because “it is late”', ['because', 'it is late']],
    ['corner quotes', '因为 「数据 重复」 『再试』', ['因为', '数据 重复', '再试']],
    ['a quote after an equals sign', 'sql="SELECT 1; SELECT 2"', ['sql=SELECT 1; SELECT 2']],
    ['an apostrophe inside a word', "note don't", ['note', "don't"]],
    ['an escaped quote', String.raw`"say \"no\""`, ['say "no"']],
    ['a backslash that escapes nothing', String.raw`"C:\flink"`, [String.raw`C:\flink`]],
    ['an empty value', 'note=""', ['note=']],
    ['a dash that a phone made long', 'orders —force', ['orders', '--force']],
    ['full-width text in quotes as it is', '"１２，３"', ['１２，３']],
    ['nothing', ' \t\n', []],
  ])('reads %s', (_, text, expected) => {
    expect(words(text)).toEqual(expected)
  })

  it.each([
    ["/job stop 'orders", 10],
    ['a “b', 2],
    ['sql="SELECT', 4],
  ])('says where the quote of %s begins that is never closed', (text, unclosedAt) => {
    expect(words(text)).toEqual({ unclosedAt })
  })

  it('never throws, and places every word where it stands', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { at, end } of tokenize(text).tokens) {
          expect(at).toBeLessThan(end)
          expect(end).toBeLessThanOrEqual(text.length)
        }
      }),
    )
  })

  it('gives back as one word what was quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (values) => {
        expect(words(values.map(quote).join(' '))).toEqual(values)
      }),
    )
  })
})
