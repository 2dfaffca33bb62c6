import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Environment } from '../settings.ts'

/** What a command ends with; `docs/cli.md` and `--help` tell the same. */
export const EXIT = { done: 0, notDone: 1, usage: 2, settings: 3, server: 4 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

export type Language = 'zh' | 'en'
export type Said = Readonly<Record<Language, string>>

export interface OptionSpec {
  /** What stands for the value in the help; an option without it takes none. */
  value?: Said
  /** What a value must be; any text where nothing is said. */
  is?: 'port' | 'count' | readonly string[]
  /** May be given several times. */
  many?: boolean
  meaning: Said
}

export interface ArgumentSpec {
  name: Said
  required: boolean
  /** Takes all that is left. */
  many?: boolean
}

/** A command as data: parsing, checks and help follow from it. */
export interface CommandSpec {
  summary: Said
  /** What the summary leaves out. */
  about?: Said
  argument?: ArgumentSpec
  options: Readonly<Record<string, OptionSpec>>
  examples: readonly string[]
}

/** What was typed behind the command, checked against its spec. */
export interface Given<Option extends string = string> {
  has(option: Option): boolean
  text(option: Option): string | null
  texts(option: Option): readonly string[]
  number(option: Option): number | null
  readonly words: readonly string[]
}

/** What a command has of the process around it. */
export interface Context {
  readonly language: Language
  readonly environment: Environment
  readonly cwd: string
  readonly clock: Clock
  readonly ids: Ids
  /** What was asked for, for pipes too. */
  out(line: string): void
  /** Everything said beside it. */
  err(line: string): void
  /** Null where nobody watches: then lines are for a log. */
  readonly screen: { rewrite(line: string): void; readonly columns: number } | null
  /** Whether what is written to `out` is read in colour. */
  readonly isTerminal: boolean
}

export type Run<Option extends string = string> = (given: Given<Option>, context: Context) => Promise<Exit>

/** Ends a command with a sentence for whoever typed it; caught in one place, as in the API. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly exit: Exit

  constructor(exit: Exit, sentence: string) {
    super(sentence)
    this.exit = exit
  }
}
