import { parseArgs } from 'node:util'
import { nearNames } from '../lib/near-names.ts'
import type { CommandSpec, Given, OptionSpec, Said } from './cli.ts'
import { COMMAND_NAMES, type CommandName, commandsOf, groupOf, specOf } from './commands.ts'

export type Parsed =
  | { is: 'run'; command: CommandName; given: Given }
  | {
      is: 'help'
      of: { is: 'all' } | { is: 'group'; group: string } | { is: 'command'; command: CommandName }
    }
  | { is: 'version' }
  | { is: 'wrong'; problem: UsageProblem; command: CommandName | null }

export type UsageProblem =
  | { why: 'unknown-command'; typed: string; near: readonly string[] }
  | { why: 'which'; group: string; choices: readonly string[] }
  | { why: 'unknown-option'; typed: string; near: readonly string[] }
  | { why: 'needs-value'; option: string; value: Said }
  | { why: 'takes-no-value'; option: string }
  | { why: 'given-twice'; option: string }
  | { why: 'not-a-port' | 'not-a-count'; option: string; value: string }
  | { why: 'not-a-choice'; option: string; value: string; choices: readonly string[] }
  | { why: 'missing'; argument: Said }
  | { why: 'too-many'; typed: string }

const HELP = ['-h', '--help']
const VERSION = ['-V', '-v', '--version']

/** What a command line asks for. */
export function parseArguments(argv: readonly string[]): Parsed {
  const [first, second] = argv
  if (first === undefined || HELP.includes(first)) return { is: 'help', of: { is: 'all' } }
  if (VERSION.includes(first)) return { is: 'version' }
  if (first === 'help') return helpOn(argv.slice(1))

  const command = commandNamed(`${first} ${second ?? ''}`) ?? commandNamed(first)
  if (command) return parseCommand(command, argv.slice(command.split(' ').length))
  if (commandsOf(first).length > 0) return inGroup(first, second)
  const problem = { why: 'unknown-command', typed: first, near: nearCommands(argv) } as const
  return { is: 'wrong', problem, command: null }
}

function commandNamed(words: string): CommandName | null {
  return COMMAND_NAMES.find((name) => name === words.trim()) ?? null
}

function helpOn(words: readonly string[]): Parsed {
  const asked = parseArguments(words)
  if (asked.is === 'run') return { is: 'help', of: { is: 'command', command: asked.command } }
  if (asked.is !== 'wrong') return asked
  if (asked.command) return { is: 'help', of: { is: 'command', command: asked.command } }
  return asked.problem.why === 'which'
    ? { is: 'help', of: { is: 'group', group: asked.problem.group } }
    : asked
}

function inGroup(group: string, second: string | undefined): Parsed {
  if (second !== undefined && HELP.includes(second)) return { is: 'help', of: { is: 'group', group } }
  if (second !== undefined && VERSION.includes(second)) return { is: 'version' }
  const choices = commandsOf(group).map((name) => name.slice(group.length + 1))
  if (second === undefined || second.startsWith('-')) {
    return { is: 'wrong', problem: { why: 'which', group, choices }, command: null }
  }
  const near = nearNames(second, choices).map((name) => `${group} ${name}`)
  const problem = near.length
    ? ({ why: 'unknown-command', typed: `${group} ${second}`, near } as const)
    : ({ why: 'which', group, choices } as const)
  return { is: 'wrong', problem, command: null }
}

/** Both words may be mistyped: `flnik instal` is `flink install`. */
function nearCommands([first = '', second = '']: readonly string[]): string[] {
  const firsts = new Set(COMMAND_NAMES.map((name) => groupOf(name) ?? name))
  return nearNames(first, [...firsts]).flatMap((word) => {
    const choices = commandsOf(word).map((name) => name.slice(word.length + 1))
    const [nearest] = nearNames(second, choices)
    return nearest ? `${word} ${nearest}` : word
  })
}

type Token =
  | {
      kind: 'option'
      name: string
      rawName: string
      value: string | undefined
      inlineValue: boolean | undefined
    }
  | { kind: 'positional'; value: string }
  | { kind: 'option-terminator' }

function parseCommand(command: CommandName, args: readonly string[]): Parsed {
  const spec = specOf(command)
  const tokens = tokensOf(spec, args)
  const options = tokens.filter((token) => token.kind === 'option')
  if (options.some(({ rawName }) => HELP.includes(rawName)))
    return { is: 'help', of: { is: 'command', command } }
  if (options.some(({ rawName }) => rawName === '--version')) return { is: 'version' }

  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const problem = problemOfOptions(spec, options) ?? problemOfWords(spec, words)
  if (problem) return { is: 'wrong', problem, command }
  return { is: 'run', command, given: givenFrom(options, words) }
}

/** Not strict: what is wrong is said in our own words. */
function tokensOf(spec: CommandSpec, args: readonly string[]): Token[] {
  const options = Object.fromEntries(
    Object.entries(spec.options).map(([name, { value }]) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const) },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  return tokens as Token[]
}

type OptionToken = Extract<Token, { kind: 'option' }>

function problemOfOptions(spec: CommandSpec, tokens: readonly OptionToken[]): UsageProblem | null {
  const seen = new Set<string>()
  for (const token of tokens) {
    const option = Object.hasOwn(spec.options, token.name) ? spec.options[token.name] : undefined
    if (!option || !token.rawName.startsWith('--')) return unknownOption(spec, token)
    if (seen.has(token.name) && !option.many) return { why: 'given-twice', option: token.rawName }
    seen.add(token.name)
    const problem = problemOfValue(option, token)
    if (problem) return problem
  }
  return null
}

function unknownOption(spec: CommandSpec, { name, rawName }: OptionToken): UsageProblem {
  const near = nearNames(name, [...Object.keys(spec.options), 'help', 'version'])
  return { why: 'unknown-option', typed: rawName, near: near.map((one) => `--${one}`) }
}

function problemOfValue(
  option: OptionSpec,
  { rawName, value, inlineValue }: OptionToken,
): UsageProblem | null {
  if (!option.value) return inlineValue ? { why: 'takes-no-value', option: rawName } : null
  // An option behind an option is a forgotten value; one that really begins so is written --from=-x.
  const forgotten = value === undefined || value === '' || (!inlineValue && value.startsWith('-'))
  if (forgotten) return { why: 'needs-value', option: rawName, value: option.value }
  if (option.is === 'port') return isPort(value) ? null : { why: 'not-a-port', option: rawName, value }
  if (option.is === 'count')
    return /^[1-9]\d{0,4}$/.test(value) ? null : { why: 'not-a-count', option: rawName, value }
  if (option.is && !option.is.includes(value)) {
    return { why: 'not-a-choice', option: rawName, value, choices: option.is }
  }
  return null
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
}

function problemOfWords({ argument }: CommandSpec, words: readonly string[]): UsageProblem | null {
  const [first, second] = words
  if (argument?.required && (first === undefined || first.trim() === '')) {
    return { why: 'missing', argument: argument.name }
  }
  if (!argument && first !== undefined) return { why: 'too-many', typed: first }
  if (!argument?.many && second !== undefined) return { why: 'too-many', typed: second }
  return null
}

function givenFrom(tokens: readonly OptionToken[], words: readonly string[]): Given {
  const texts = (option: string) =>
    tokens.flatMap(({ name, value }) => (name === option && value !== undefined ? [value] : []))
  const text = (option: string) => texts(option)[0] ?? null
  return {
    has: (option) => tokens.some(({ name }) => name === option),
    text,
    texts,
    number: (option) => {
      const found = text(option)
      return found === null ? null : Number(found)
    },
    words,
  }
}
