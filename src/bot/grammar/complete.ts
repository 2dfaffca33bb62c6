import type { By, Platform } from '../../platform/platform.ts'
import type { Command } from '../commands/command.ts'
import { offeredFor } from '../offers.ts'
import { namesOf, parse } from './parse.ts'
import type { Arg } from './spec.ts'
import { quote, type Token, tokenize } from './tokens.ts'

export interface Completion {
  /** The part of the text that an item replaces. */
  from: number
  to: number
  items: readonly CompletionItem[]
}

export interface CompletionItem {
  insert: string
  label: string
  detail: string
}

const MOST = 12

/** What may come at the caret: names of commands, then values of the argument that is due. */
export async function complete(
  { text, caret, by }: { text: string; caret: number; by: By },
  { platform, commands }: { platform: Platform; commands: readonly Command[] },
): Promise<Completion> {
  const typed = text.slice(0, caret)
  const read = tokenize(typed)
  const last = read.tokens.at(-1)
  const current = last && last.end === typed.length ? last : null
  const from = current ? current.at : typed.length
  const nothing = { from, to: caret, items: [] }
  if (!read.ok) return nothing

  const before = current ? read.tokens.slice(0, -1) : read.tokens
  const named = completeName(before, current, { commands, by })
  if (named.length > 0) return { from, to: caret, items: named.slice(0, MOST) }
  const items = await completeValue(typed.slice(0, from), current?.text ?? '', { platform, commands, by })
  return { from, to: caret, items: items.slice(0, MOST) }
}

function completeName(
  before: readonly Token[],
  current: Token | null,
  { commands, by }: { commands: readonly Command[]; by: By },
): CompletionItem[] {
  const typed = [...before.map(({ text }) => text), current?.text ?? ''].map((word, i) =>
    i === 0 ? word.replace(/^\/+/, '') : word,
  )
  if (before.length === 0 && current?.text.startsWith('/') !== true && (current?.text ?? '') === '') return []
  const items = commands.flatMap((command) => {
    const path = pathFor(command, typed)
    if (!path) return []
    const word = path[typed.length - 1] ?? ''
    const insert = `${before.length === 0 ? '/' : ''}${word} `
    const isLast = path.length === typed.length
    return [
      {
        insert,
        label: `/${path.join(' ')}`,
        detail: isLast || before.length > 0 ? command.summary[by.member.language] : '',
      },
    ]
  })
  // Only the next word is inserted: of commands with the same one, the first stands for all until it is typed.
  return before.length === 0 ? unique(items) : items
}

/** The longer names first: what is typed may go on. */
function pathFor(command: Command, typed: readonly string[]): readonly string[] | null {
  const fits = namesOf(command).filter(
    (path) =>
      path.length >= typed.length &&
      typed.every((word, i) =>
        i === typed.length - 1
          ? (path[i] ?? '').startsWith(word.toLowerCase())
          : path[i] === word.toLowerCase(),
      ),
  )
  return fits[0] ?? null
}

function unique(items: readonly CompletionItem[]): CompletionItem[] {
  const seen = new Map<string, CompletionItem>()
  for (const item of items) {
    const former = seen.get(item.insert)
    if (!former) seen.set(item.insert, item)
    else seen.set(item.insert, { ...former, label: former.insert.trim(), detail: '' })
  }
  return [...seen.values()]
}

async function completeValue(
  before: string,
  current: string,
  { platform, commands, by }: { platform: Platform; commands: readonly Command[]; by: By },
): Promise<CompletionItem[]> {
  const [name, partial] = splitPair(current)
  const parsed = parse(before, commands)
  if (parsed.is === 'no-value') {
    const arg = parsed.command.args[parsed.name]
    return arg ? values(arg, current, '', { platform, by }) : []
  }
  if (parsed.is !== 'command') return []
  const { command, values: given } = parsed
  if (name !== null) {
    const arg = command.args[name]
    return arg ? values(arg, partial, `${name}=`, { platform, by }) : []
  }
  const due = Object.entries(command.args).find(
    ([key, arg]) => arg.place === 'word' && given[key] === undefined,
  )
  const offered = due ? await values(due[1], current, '', { platform, by }) : []
  return [...offered, ...names(command, given, current, by)]
}

async function values(
  arg: Arg,
  partial: string,
  prefix: string,
  { platform, by }: { platform: Platform; by: By },
): Promise<CompletionItem[]> {
  const offered =
    arg.choices.length > 0
      ? arg.choices.map(({ value, label }) => ({ value, label: label[by.member.language] }))
      : await offeredFor(platform, by, arg, partial)
  return offered
    .filter(({ value }) => value.toLowerCase().includes(partial.toLowerCase()))
    .map(({ value, label }) => ({ insert: `${prefix}${quote(value)} `, label: value, detail: label }))
}

/** Arguments that are given by name: `team=`, `--force`. */
function names(
  command: Command,
  given: Readonly<Record<string, string>>,
  current: string,
  { member }: By,
): CompletionItem[] {
  return Object.entries(command.args)
    .filter(
      ([key, { place }]) =>
        key !== 'cursor' && given[key] === undefined && (place === 'named' || place === 'flag'),
    )
    .map(([key, arg]) => ({
      insert: arg.place === 'flag' ? `--${key} ` : `${key}=`,
      label: arg.place === 'flag' ? `--${key}` : `${key}=`,
      detail: arg.label[member.language],
    }))
    .filter(({ insert }) => insert.startsWith(current))
}

function splitPair(word: string): readonly [string | null, string] {
  const at = word.indexOf('=')
  return at === -1 ? [null, word] : [word.slice(0, at), word.slice(at + 1)]
}
