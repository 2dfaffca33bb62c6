import { nearest } from './near.ts'
import type { Arg, CommandShape } from './spec.ts'
import { quote, type Token, tokenize } from './tokens.ts'

export type RawValues = Readonly<Record<string, string>>

export type Parsed<C extends CommandShape> =
  | { is: 'nothing' }
  /** No slash and no word of ours: people talking. `near`: a command it might have been. */
  | { is: 'talk'; near: readonly string[] }
  | { is: 'command'; command: C; values: RawValues }
  | { is: 'unclosed-quote'; at: number; text: string }
  /** `near`: whole commands as they should have been typed. `group`: the first word was right. */
  | { is: 'unknown'; word: string; near: readonly string[]; group: string | null }
  | { is: 'surplus'; command: C; word: string; at: number }
  | { is: 'unknown-name'; command: C; name: string; at: number; near: readonly string[] }
  | { is: 'no-value'; command: C; name: string; at: number }

/** Reads what was said. Never throws. */
export function parse<C extends CommandShape>(text: string, commands: readonly C[]): Parsed<C> {
  const read = tokenize(text)
  const addressed = withoutMentions(read.tokens)
  const [first] = addressed
  if (!read.ok) {
    return first && !startsCommand(first, commands)
      ? { is: 'talk', near: [] }
      : { is: 'unclosed-quote', at: read.at, text }
  }
  if (!first) return { is: 'nothing' }

  const slashed = !first.quoted && first.text.startsWith('/')
  const words = slashed ? withoutSlash(addressed) : addressed
  if (words.length === 0) return { is: 'nothing' }
  const match = matchName(words, commands)
  if (match) return readArgs(match.command, words.slice(match.length))

  const unknown = suggest(words, commands)
  return slashed || unknown.group ? unknown : { is: 'talk', near: unknown.near }
}

/** A command as it is typed, so that `parse` gives the same command and values back. */
export function write(command: CommandShape, values: RawValues): string {
  const words = [`/${command.name.join(' ')}`]
  let inPlace = true
  const last: string[] = []
  for (const [name, arg] of Object.entries(command.args)) {
    const value = values[name]
    if (value === undefined || value === '') {
      if (arg.place === 'word' || arg.place === 'rest') inPlace = false
      continue
    }
    if (arg.place === 'flag') words.push(`--${name}`)
    else if (arg.place === 'settings') words.push(value)
    else if (arg.place === 'rest' && inPlace) last.push(safeRest(value, command))
    else if (arg.place === 'word' && inPlace && !isSpoken(value, command)) words.push(quote(value))
    else words.push(`${name}=${quote(value)}`)
  }
  return [...words, ...last].join(' ')
}

/** All words by which the command is called, shortest path last. */
export function namesOf({ name, zh, aliases }: CommandShape): readonly (readonly string[])[] {
  return [name, zh, ...aliases]
}

function withoutMentions(tokens: readonly Token[]): readonly Token[] {
  const first = tokens.findIndex(({ text, quoted }) => quoted || !/^(@|<@)/.test(text))
  return first === -1 ? [] : tokens.slice(first)
}

function withoutSlash([first, ...rest]: readonly Token[]): readonly Token[] {
  if (!first) return []
  const text = first.text.replace(/^\/+/, '')
  return text === '' ? rest : [{ ...first, text, at: first.at + first.text.length - text.length }, ...rest]
}

function startsCommand(first: Token, commands: readonly CommandShape[]): boolean {
  if (first.text.startsWith('/')) return true
  return commands.some((command) => namesOf(command).some(([word]) => same(word, first.text)))
}

interface Match<C> {
  command: C
  length: number
}

/** The longest name wins: `/job list` before an alias `/job`. */
function matchName<C extends CommandShape>(words: readonly Token[], commands: readonly C[]): Match<C> | null {
  let best: Match<C> | null = null
  for (const command of commands) {
    for (const length of matchLengths(command, words)) {
      if (length > (best?.length ?? 0)) best = { command, length }
    }
  }
  return best
}

function matchLengths(command: CommandShape, words: readonly Token[]): readonly number[] {
  const mixed = command.name.every((name, i) => isWord(words[i], name) || isWord(words[i], command.zh[i]))
  const aliases = command.aliases.filter(
    (alias) =>
      alias.every((name, i) => isWord(words[i], name)) && !(isGroup(alias, command) && isName(words[1])),
  )
  return [...(mixed ? [command.name.length] : []), ...aliases.map(({ length }) => length)]
}

/** `/job` alone lists jobs, but `/job restrat` is a verb misspelt. */
function isGroup([word, ...more]: readonly string[], { name, zh }: CommandShape): boolean {
  return more.length === 0 && name.length > 1 && (same(word, name[0]) || same(word, zh[0]))
}

function isName(token: Token | undefined): boolean {
  return token !== undefined && !token.text.startsWith('--') && !token.text.includes('=')
}

function isWord(token: Token | undefined, name: string | undefined): boolean {
  return token !== undefined && !token.quoted && same(name, token.text)
}

function same(a: string | undefined, b: string | undefined): boolean {
  // The length first: the word may be a log file that somebody pasted.
  return a !== undefined && a.length === b?.length && a.toLowerCase() === b.toLowerCase()
}

/** The nearest names, with the arguments kept as they were typed. */
function suggest<C extends CommandShape>(
  words: readonly Token[],
  commands: readonly C[],
): Extract<Parsed<C>, { is: 'unknown' }> {
  const [first, second] = words.map(({ text }) => text)
  const group = commands.find(
    ({ name, zh }) => name.length > 1 && (same(name[0], first) || same(zh[0], first)),
  )
  const paths = commands
    .flatMap((command) => namesOf(command).map((path) => ({ path, key: path.join(' ') })))
    .filter(({ key }) => key.length > 1)
  const oneWord = nearest(
    first ?? '',
    paths.filter(({ path }) => path.length === 1).map(({ key }) => key),
  )
  const twoWords =
    second === undefined
      ? []
      : nearest(
          `${first} ${second}`,
          paths.filter(({ path }) => path.length === 2).map(({ key }) => key),
        )
  const close =
    group || twoWords.length > 0
      ? twoWords.map((key) => typed(key, words, 2))
      : oneWord.map((key) => typed(key, words, 1))
  // `/job orders-cdc`: no verb is near, so the word is a name.
  const shows = group && commands.some(({ name }) => name[0] === group.name[0] && name[1] === 'show')
  const near =
    close.length === 0 && shows && second !== undefined ? [typed(`${group.name[0]} show`, words, 1)] : close
  return {
    is: 'unknown',
    word: (group ? second : first) ?? '',
    near: [...new Set(near)].slice(0, 3),
    group: group?.name[0] ?? null,
  }
}

function typed(name: string, words: readonly Token[], skip: number): string {
  const rest = words.slice(skip).map(({ text, quoted }) => (quoted ? quote(text) : text))
  return [`/${name}`, ...rest].join(' ')
}

// --- arguments ----------------------------------------------------------------------------------------------------

class Reading<C extends CommandShape> {
  readonly values: Record<string, string> = {}
  readonly #command: C
  readonly #args: readonly (readonly [string, Arg])[]

  constructor(command: C) {
    this.#command = command
    this.#args = Object.entries(command.args)
  }

  /** How many tokens were taken, or what is wrong with the first. */
  take(tokens: readonly Token[]): number | Parsed<C> {
    const [token] = tokens
    if (!token) return 0
    if (token.literal) return this.#inPlace(tokens, token)
    if (token.text.startsWith('--') && token.text.length > 2) return this.#dashed(tokens, token)
    const pair = /^([^\s=]+)=(.*)$/s.exec(token.text)
    if (pair) return this.#pair(tokens, token, pair[1] ?? '', pair[2] ?? '')
    return this.#announced(tokens, token) ?? this.#inPlace(tokens, token)
  }

  #dashed(tokens: readonly Token[], token: Token): number | Parsed<C> {
    const [name = '', inline] = splitOnce(token.text.slice(2))
    const found = this.#named(name)
    if (!found) return this.#unknownName(name, token.at)
    const [key, arg] = found
    if (arg.place === 'flag') return this.#set(key, 'yes', 1)
    if (inline !== undefined) return this.#set(key, inline, 1)
    const next = tokens[1]
    return next
      ? this.#set(key, next.text, 2)
      : { is: 'no-value', command: this.#command, name: key, at: token.at }
  }

  #pair(tokens: readonly Token[], token: Token, name: string, value: string): number | Parsed<C> {
    const found = this.#named(name)
    if (found) return this.#set(found[0], value, 1)
    const settings = this.#args.find(([, arg]) => arg.place === 'settings')
    if (settings) {
      const pair = `${name}=${quote(value)}`
      const before = this.values[settings[0]]
      return this.#set(settings[0], before === undefined ? pair : `${before} ${pair}`, 1)
    }
    const rest = this.#rest()
    return rest && !this.#wordLeft() ? this.#inPlace(tokens, token) : this.#unknownName(name, token.at)
  }

  /** `to 12`, `到 12`, also `到12`; an announced text goes on to the end unless it is quoted. */
  #announced(tokens: readonly Token[], token: Token): number | Parsed<C> | null {
    for (const [key, arg] of this.#args) {
      if (this.values[key] !== undefined) continue
      for (const word of arg.words) {
        const glued = gluedValue(token.text, word)
        if (glued !== null) return this.#set(key, glued, 1)
        if (!same(word, token.text)) continue
        const next = tokens[1]
        if (!next) return { is: 'no-value', command: this.#command, name: key, at: token.at }
        if (arg.kind !== 'long-text' || next.quoted) return this.#set(key, next.text, 2)
        const sentence = untilOption(tokens.slice(1))
        return this.#set(key, sentence.map(({ text }) => text).join(' '), 1 + sentence.length)
      }
    }
    return null
  }

  #inPlace(tokens: readonly Token[], token: Token): number | Parsed<C> {
    const word = this.#wordLeft()
    if (word) return this.#set(word, token.text, 1)
    const rest = this.#rest()
    if (!rest) return { is: 'surplus', command: this.#command, word: token.text, at: token.at }
    const taken = token.quoted ? [token] : untilOption(tokens)
    const before = this.values[rest]
    const text = taken.map(({ text }) => text).join(' ')
    return this.#set(rest, before === undefined ? text : `${before} ${text}`, Math.max(taken.length, 1))
  }

  #wordLeft(): string | undefined {
    return this.#args.find(([key, arg]) => arg.place === 'word' && this.values[key] === undefined)?.[0]
  }

  #rest(): string | undefined {
    return this.#args.find(([, arg]) => arg.place === 'rest')?.[0]
  }

  #named(name: string): readonly [string, Arg] | undefined {
    return this.#args.find(([key, arg]) => [key, ...arg.names].some((known) => same(known, name)))
  }

  #unknownName(name: string, at: number): Parsed<C> {
    const known = this.#args.flatMap(([key, arg]) => [key, ...arg.names])
    return { is: 'unknown-name', command: this.#command, name, at, near: nearest(name, known) }
  }

  #set(key: string, value: string, taken: number): number {
    this.values[key] = value
    return taken
  }
}

function readArgs<C extends CommandShape>(command: C, tokens: readonly Token[]): Parsed<C> {
  const reading = new Reading(command)
  let left = tokens
  while (left.length > 0) {
    const taken = reading.take(left)
    if (typeof taken !== 'number') return taken
    left = left.slice(taken)
  }
  return { is: 'command', command, values: reading.values }
}

function splitOnce(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=')
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function untilOption(tokens: readonly Token[]): readonly Token[] {
  const end = tokens.findIndex(({ text, quoted }, i) => i > 0 && !quoted && /^--\S/.test(text))
  return end === -1 ? tokens : tokens.slice(0, end)
}

/** Chinese needs no space: `到12`. An English word does, else `top` would read as `to p`. */
function gluedValue(text: string, word: string): string | null {
  if (!/^\p{Script=Han}+$/u.test(word) || !text.startsWith(word)) return null
  const value = text.slice(word.length)
  return /^v?\d+$/i.test(value) ? value : null
}

/** Would an unquoted value be taken for a word of the language? */
function isSpoken(value: string, { args }: CommandShape): boolean {
  return Object.values(args).some((arg) =>
    arg.words.some((word) => same(word, value) || gluedValue(value, word) !== null),
  )
}

function safeRest(value: string, command: CommandShape): string {
  const { tokens, ok } = tokenize(value)
  const plain =
    ok &&
    tokens.length > 0 &&
    tokens.map(({ text }) => text).join(' ') === value &&
    tokens.every(({ text, quoted }) => !quoted && !/^--|=/.test(text)) &&
    !isSpoken(tokens[0]?.text ?? '', command)
  return plain ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
