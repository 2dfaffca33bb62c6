import type { z } from 'zod'

export interface Both {
  zh: string
  en: string
}

/** What a value is of: decides completion and the form's field. */
export type ArgKind =
  | 'job'
  | 'release'
  | 'savepoint'
  | 'operation'
  | 'incident'
  | 'cluster'
  | 'environment'
  | 'team'
  | 'member'
  | 'role'
  | 'flink-version'
  | 'verb'
  | 'choice'
  | 'number'
  | 'flag'
  | 'text'
  | 'long-text'

/** One of a few values, with the words people use for it. */
export interface Choice {
  value: string
  label: Both
  also: readonly string[]
}

/** An argument of a command. Values stay strings until `schema` reads them. */
export interface Arg<T = unknown> {
  kind: ArgKind
  label: Both
  /** What a good value looks like: "a release number, such as 12". */
  expects: Both
  /** Further names for `name=value` and `--name value`. */
  names: readonly string[]
  /** Words that announce the value: `to 12`, `到 12`. */
  words: readonly string[]
  /**
   * `word`: by its place; `named`: only by name or announcing word; `flag`: there or not; `rest`: everything that is
   * left; `settings`: pairs `key=value` with any key.
   */
  place: 'word' | 'named' | 'flag' | 'rest' | 'settings'
  required: boolean
  choices: readonly Choice[]
  /** Left out, it is what the chat is bound to; `all` asks for everything. */
  ofChat?: boolean
  schema: z.ZodType<T, string | undefined>
}

export type Args = Readonly<Record<string, Arg>>
export type Values<A extends Args> = { [K in keyof A]: A[K] extends Arg<infer T> ? T : never }

/** What the parser, help and completion need of a command. */
export interface CommandShape {
  name: readonly string[]
  zh: readonly string[]
  /** Short forms, as sequences of words: `jobs`, `restart`. */
  aliases: readonly (readonly string[])[]
  args: Args
}

/** `job restart`: how a command is called among us. */
export function commandKey(command: Pick<CommandShape, 'name'>): string {
  return command.name.join(' ')
}
