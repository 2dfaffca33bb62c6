import type { Json } from '../bot/adapters/feishu/mutate.ts'

/** Payloads by the hundred thousand: plain arithmetic on one seed, so that each can be made again. */
export interface Payloads {
  text(): string
  json(): Json
  /** The value with one to four of its places changed, JSON that stands in its texts included. */
  mutated(value: Json): Json
  mutatedText(text: string): string
  pick<T>(of: readonly T[]): T
  /** True once in so many. */
  once(inSoMany: number): boolean
}

/** What means something to a vendor, to a parser or to JavaScript. */
const PIECES = [
  ...[
    '@_user_1 ',
    '@_all',
    '<at id=all></at>',
    '<at user_id="x">',
    '<@U0SLUICE01>',
    '<!here>',
    '<|',
    '@Sluice ',
  ],
  ...[
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE x [',
    '<!ENTITY a "b">',
    '&a;',
    '<xml>',
    '</xml>',
    '<A/>',
    '&lt;',
    '&#0;',
    '&#x110000;',
  ],
  ...[
    '{"text":"',
    '"}',
    '[[[[',
    '\\u0000',
    '\\"',
    'null',
    '1e999',
    '-0',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    '/job restart ',
    '/作业 重启 ',
    '／job　list',
    'job=',
    'because ',
    '因为',
    '--force',
    '到',
    'to 12',
    '"',
    "'",
    '“',
    '”',
    '：',
    '，',
  ],
  ...[
    '**',
    '`',
    '```',
    '~~~',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\u00a0',
    '\u3000',
    '\u200b',
    '\u202e',
    '\0',
    '\ud800',
    '\udc00',
    '👩‍👩‍👧',
    'é',
    'ﷺ',
    '文',
  ],
  ...[
    'https://x.example/?a=b',
    'javascript:alert(1)',
    '../../etc',
    '%00',
    '%',
    '$&',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as somebody may type it
    '${x}',
    '0',
    '9'.repeat(20),
  ],
]
const KEYS = [
  '__proto__',
  'constructor',
  'text',
  'content',
  'event',
  'type',
  'id',
  'value',
  'actions',
  'header',
  '',
]
const PLAIN: readonly Json[] = [null, true, false, 0, -1, 1e308, 2 ** 53, 0.1, '', [], {}]

const MOST_PIECES = 12
const DEEPEST = 4

export function createPayloads(seed: number): Payloads {
  let state = seed >>> 0

  /** Mulberry32. */
  function chance(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (most: number) => Math.floor(chance() * most)
  const once = (inSoMany: number) => below(inSoMany) === 0
  function pick<T>(of: readonly T[]): T {
    const one = of[below(of.length)]
    if (one === undefined) throw new Error('There is nothing to pick from')
    return one
  }

  function piece(): string {
    return once(4)
      ? String.fromCharCode(...Array.from({ length: 1 + below(6) }, () => below(0x10000)))
      : pick(PIECES)
  }

  function text(): string {
    // Seldom a very long one of few words: where time grows with the square, it shows.
    if (once(2_000))
      return pick(PIECES)
        .repeat(5_000 + below(20_000))
        .slice(0, 100_000)
    if (once(50)) return piece().repeat(below(400))
    return Array.from({ length: below(MOST_PIECES) }, piece).join('')
  }

  function json(depth = DEEPEST): Json {
    const kind = depth === 0 ? below(2) : below(4)
    if (kind === 0) return pick(PLAIN)
    if (kind === 1) return text()
    if (kind === 2) return Array.from({ length: below(4) }, () => json(depth - 1))
    return Object.fromEntries(Array.from({ length: below(5) }, () => [pick(KEYS), json(depth - 1)]))
  }

  function mutatedText(whole: string): string {
    let changed = whole
    for (let left = 1 + below(4); left > 0; left--) {
      const from = below(changed.length + 1)
      const put = once(8) ? changed.slice(from, from + 40) : text()
      changed = changed.slice(0, from) + put + changed.slice(from + below(40))
    }
    return changed
  }

  function struck(value: Json): Json {
    if (typeof value === 'string' && !once(4)) return struckText(value)
    if (value === null || typeof value !== 'object' || once(5)) return json(2)
    if (Array.isArray(value)) return struckList(value)
    return struckRecord(value)
  }

  function struckText(value: string): Json {
    if (/^[{[]/.test(value) && !once(3)) {
      try {
        return JSON.stringify(struck(JSON.parse(value)))
      } catch {
        return mutatedText(value)
      }
    }
    return mutatedText(value)
  }

  function struckList(value: readonly Json[]): Json {
    const at = below(value.length + 1)
    if (at === value.length) return [...value, json(2)]
    return value.map((one, i) => (i === at ? struck(one) : one))
  }

  function struckRecord(value: { readonly [name: string]: Json }): Json {
    const names = Object.keys(value)
    if (names.length === 0 || once(12)) return { ...value, [pick(KEYS)]: json(2) }
    const name = pick(names)
    const rest = Object.entries(value).filter(([one]) => one !== name || !once(6))
    return Object.fromEntries(rest.map(([one, inner]) => [one, one === name ? struck(inner) : inner]))
  }

  return {
    text,
    json: () => json(),
    pick,
    once,
    mutatedText,
    mutated(value) {
      let changed = value
      for (let left = 1 + below(4); left > 0; left--) changed = struck(changed)
      return changed
    },
  }
}
