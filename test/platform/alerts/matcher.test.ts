import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprintOf, labelsText } from '../../../src/platform/alerts/labels.ts'
import {
  compileMatchers,
  globMatcher,
  type Matcher,
  matcherText,
  parseMatchers,
} from '../../../src/platform/alerts/matcher.ts'

describe('labels', () => {
  it.each([
    [{}, 'cbf29ce484222325'],
    [{ alertname: 'X' }, slowly({ alertname: 'X' })],
  ])('%j has the fingerprint that Prometheus gives it', (labels, fingerprint) => {
    expect(fingerprintOf(labels)).toBe(fingerprint)
  })

  it('are counted as FNV-1a of 64 bits, whatever stands in them', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
        (labels) => {
          expect(fingerprintOf(labels)).toBe(slowly(labels))
        },
      ),
    )
  })

  it('are written as Go writes them', () => {
    expect(labelsText({ b: 'x "y"\n', a: '值\\', 'with.dot': '\u0001' })).toBe(
      String.raw`{a="值\\", b="x \"y\"\n", "with.dot"="\x01"}`,
    )
  })
})

/** By the book, with BigInt. */
function slowly(labels: Record<string, string>): string {
  let hash = 0xcbf29ce484222325n
  const feed = (byte: number) => {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  }
  for (const name of Object.keys(labels).sort((a, b) => (a < b ? -1 : 1))) {
    for (const part of [name, labels[name] ?? '']) {
      for (const byte of new TextEncoder().encode(part)) feed(byte)
      feed(0xff)
    }
  }
  return hash.toString(16).padStart(16, '0')
}

const m = (name: string, op: Matcher['op'], value: string): Matcher => ({ name, op, value })

describe('matchers are read', () => {
  it.each<[string, Matcher[]]>([
    ['a=b', [m('a', '=', 'b')]],
    ['a = "b"', [m('a', '=', 'b')]],
    ['{a="b"}', [m('a', '=', 'b')]],
    ['{a="b",c!="d"}', [m('a', '=', 'b'), m('c', '!=', 'd')]],
    ['{ a =~ "x.*" , b !~ "y" , }', [m('a', '=~', 'x.*'), m('b', '!~', 'y')]],
    ['a="b,c"', [m('a', '=', 'b,c')]],
    ['a="}"', [m('a', '=', '}')]],
    [String.raw`a="say \"hi\""`, [m('a', '=', 'say "hi"')]],
    [String.raw`a="\\d"`, [m('a', '=', String.raw`\d`)]],
    [String.raw`a=~"\d+"`, [m('a', '=~', String.raw`\d+`)]],
    [String.raw`a="x\ny"`, [m('a', '=', 'x\ny')]],
    ['a=', [m('a', '=', '')]],
    ['a=""', [m('a', '=', '')]],
    ['{}', []],
    ['', []],
    ['"foo.bar"="x"', [m('foo.bar', '=', 'x')]],
    ['{"标签"=~"值.*"}', [m('标签', '=~', '值.*')]],
    ['env!=dev', [m('env', '!=', 'dev')]],
  ])('%s', (text, expected) => {
    expect(parseMatchers(text)).toEqual({ ok: true, value: expected })
  })

  it.each([
    ['a', 1],
    ['=b', 0],
    ['{a="b"', 6],
    ['a="b', 2],
    ['a="b" c="d"', 6],
    ['{a="b"} x', 8],
    ['a==b,', 2],
  ])('and %s is refused with its place', (text, at) => {
    const parsed = parseMatchers(text)
    if (text === 'a==b,') expect(parsed).toEqual({ ok: true, value: [m('a', '=', '=b')] })
    else expect(parsed).toMatchObject({ ok: false, at, because: expect.any(String) })
  })

  it('as they were written', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\ud800-\udfff]/.test(text))
    const matcher = fc.record({
      name,
      op: fc.constantFrom('=', '!=', '=~', '!~'),
      value: name,
    }) as fc.Arbitrary<Matcher>
    const plain = fc.array(
      matcher.filter(({ name: n, value }) => !/[\\\p{Cc}]/u.test(n + value)),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(plain, (matchers) => {
        expect(parseMatchers(`{${matchers.map(matcherText).join(',')}}`)).toEqual({
          ok: true,
          value: matchers,
        })
      }),
    )
  })
})

describe('matchers match', () => {
  const prod = { env: 'prod', job: 'orders-cdc' }

  it.each<[string, Record<string, string>, boolean]>([
    ['env="prod"', prod, true],
    ['env="pro"', prod, false],
    ['env!="dev"', prod, true],
    ['env!="dev"', {}, true],
    ['env=""', {}, true],
    ['env=""', prod, false],
    ['env=~"prod|dev"', prod, true],
    ['env=~"pro"', prod, false],
    ['env=~"pro.*"', prod, true],
    ['job=~"orders-.*"', prod, true],
    ['job=~".*cdc"', prod, true],
    ['job=~"or[a-d]ers-(cdc|wide)"', prod, true],
    ['env=~".+"', {}, false],
    ['env=~".*"', {}, true],
    ['env!~"prod"', prod, false],
    ['env!~"prod"', {}, true],
    ['env=~"a|alpha"', { env: 'ab' }, false],
    ['env=~"(?i)PROD"', prod, true],
    ['env=~"x.*"', { env: 'x\ny' }, false],
    ['env="prod",job="orders-cdc"', prod, true],
    ['env="prod",job="other"', prod, false],
  ])('%s on %j: %s', (text, labels, expected) => {
    const parsed = parseMatchers(text)
    const compiled = compileMatchers(parsed.ok ? parsed.value : [])

    expect(compiled.ok && compiled.value(labels)).toBe(expected)
  })

  it('a star stands for anything, everything else for itself', () => {
    const compiled = compileMatchers([globMatcher('job', 'orders-*.v1')])
    const matches = (job: string) => compiled.ok && compiled.value({ job })

    expect([
      matches('orders-cdc.v1'),
      matches('orders-.v1'),
      matches('orders-cdcxv1'),
      matches('a-orders-x.v1'),
    ]).toEqual([...[true, true, false, false]])
    expect(globMatcher('job', 'orders-cdc')).toEqual(m('job', '=', 'orders-cdc'))
  })

  it('a pattern that would take a backtracking engine for ever ends', () => {
    const compiled = compileMatchers([m('a', '=~', '(a+)+$')])
    const matched = compiled.ok && compiled.value({ a: `${'a'.repeat(5_000)}!` })

    expect(matched).toBe(false)
  })

  it('a pattern that is none is named', () => {
    expect(compileMatchers([m('a', '=~', '(')])).toMatchObject({ ok: false, matcher: { name: 'a' } })
  })
})
