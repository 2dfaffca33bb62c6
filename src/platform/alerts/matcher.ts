import { RE2JS } from 're2js'
import { goQuoted, isLabelName, isLegacyLabelName, type Labels } from './labels.ts'

export type MatchOp = '=' | '!=' | '=~' | '!~'

export interface Matcher {
  name: string
  op: MatchOp
  value: string
}

/** Whether labels match. A label that is missing is one with an empty value. */
export type Matches = (labels: Labels) => boolean

export type Compiled = { ok: true; value: Matches } | { ok: false; matcher: Matcher; because: string }

export function compileMatchers(matchers: readonly Matcher[]): Compiled {
  const compiled: Matches[] = []
  for (const matcher of matchers) {
    const one = compileMatcher(matcher)
    if (!one.ok) return one
    compiled.push(one.value)
  }
  const [only] = compiled
  if (compiled.length === 1 && only) return { ok: true, value: only }
  return { ok: true, value: (labels) => compiled.every((matches) => matches(labels)) }
}

function compileMatcher(matcher: Matcher): Compiled {
  const { name, op, value } = matcher
  if (op === '=') return { ok: true, value: (labels) => (labels[name] ?? '') === value }
  if (op === '!=') return { ok: true, value: (labels) => (labels[name] ?? '') !== value }
  const test = compileRegex(value)
  if (typeof test === 'string') return { ok: false, matcher, because: test }
  const wanted = op === '=~'
  return { ok: true, value: (labels) => test(labels[name] ?? '') === wanted }
}

const SPECIAL = /[\\^$.|?*+()[\]{}]/

/**
 * Anchored at both ends, in time that grows with the text alone: what people write in a silence must not be able to
 * stop us, so it never becomes a JavaScript expression. The usual forms need no engine at all. A string: why not.
 */
function compileRegex(pattern: string): ((text: string) => boolean) | string {
  if (pattern === '.*') return (text) => !text.includes('\n')
  if (pattern === '.+') return (text) => text !== '' && !text.includes('\n')
  const choices = pattern.split('|')
  if (choices.every((choice) => !SPECIAL.test(choice))) {
    const set = new Set(choices)
    return (text) => set.has(text)
  }
  const prefix = pattern.endsWith('.*') ? pattern.slice(0, -2) : null
  if (prefix !== null && !SPECIAL.test(prefix)) {
    return (text) => text.startsWith(prefix) && !text.includes('\n', prefix.length)
  }
  try {
    const compiled = RE2JS.compile(pattern)
    return (text) => compiled.matches(text)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** `orders-*` for a label: the star stands for anything, everything else for itself. */
export function globMatcher(name: string, glob: string): Matcher {
  if (!glob.includes('*')) return { name, op: '=', value: glob }
  const value = glob.split('*').map(quoteRegex).join('.*')
  return { name, op: '=~', value }
}

function quoteRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}

/** `job=~"orders-.*"` */
export function matcherText({ name, op, value }: Matcher): string {
  return `${isLegacyLabelName(name) ? name : goQuoted(name)}${op}${goQuoted(value)}`
}

// --- reading ----------------------------------------------------------------------------------------------------------

export type ParsedMatchers =
  | { ok: true; value: readonly Matcher[] }
  /** `at`: of the character at which it goes wrong, from 0. */
  | { ok: false; at: number; because: string }

/**
 * `{a="b", c=~"d.*"}`, `a=b`, `"with.dots"!="x"`: Alertmanager's classic form and its UTF-8 form. Braces and quotes may
 * be left out, and a comma may follow the last.
 */
export function parseMatchers(text: string): ParsedMatchers {
  return new Reader(text).matchers()
}

class Unreadable extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

class Reader {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  matchers(): ParsedMatchers {
    try {
      return { ok: true, value: this.list() }
    } catch (error) {
      if (error instanceof Unreadable) return { ok: false, at: error.at, because: error.message }
      throw error
    }
  }

  private list(): readonly Matcher[] {
    const matchers: Matcher[] = []
    const isBraced = this.take('{')
    for (;;) {
      this.space()
      if (this.isDone(isBraced)) return matchers
      matchers.push(this.matcher())
      this.space()
      if (this.isDone(isBraced)) return matchers
      if (!this.take(',')) this.fail('a comma is missing between two matchers')
    }
  }

  private isDone(isBraced: boolean): boolean {
    if (isBraced && this.take('}')) {
      this.space()
      if (this.at < this.text.length) this.fail('there is something after the closing brace')
      return true
    }
    if (this.at < this.text.length) return false
    if (isBraced) this.fail('the closing brace is missing')
    return true
  }

  private matcher(): Matcher {
    const name = this.name()
    this.space()
    const op = (['=~', '!~', '!=', '='] as const).find((each) => this.take(each))
    if (!op) this.fail('one of =, !=, =~, !~ is missing after the name')
    this.space()
    return { name, op, value: this.value() }
  }

  private name(): string {
    const began = this.at
    if (this.text[this.at] === '"') {
      const name = this.quoted()
      if (!isLabelName(name)) throw new Unreadable(began, 'a name is missing')
      return name
    }
    const [name = ''] = /^[^\s=!~,{}"'`\\]*/.exec(this.text.slice(this.at)) ?? []
    if (name === '') this.fail('a name is missing')
    this.at += name.length
    return name
  }

  private value(): string {
    if (this.text[this.at] === '"') return this.quoted()
    const [value = ''] = /^[^\s,{}"]*/.exec(this.text.slice(this.at)) ?? []
    this.at += value.length
    return value
  }

  private quoted(): string {
    const began = this.at
    let value = ''
    for (this.at += 1; this.at < this.text.length; this.at++) {
      const character = this.text[this.at] ?? ''
      if (character === '"') {
        this.at += 1
        return value
      }
      value += character === '\\' ? this.escaped() : character
    }
    throw new Unreadable(began, 'the quote is never closed')
  }

  /** Others than these stand for themselves, with their backslash: regular expressions are full of them. */
  private escaped(): string {
    this.at += 1
    const character = this.text[this.at] ?? ''
    if (character === 'n') return '\n'
    if (character === '"' || character === '\\') return character
    return `\\${character}`
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false
    this.at += token.length
    return true
  }

  private fail(because: string): never {
    throw new Unreadable(this.at, because)
  }
}
