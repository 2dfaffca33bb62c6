import type { Platform, Verb } from '../platform/platform.ts'
import { card, says, text } from './cards/build.ts'
import type { Card } from './cards/card.ts'
import { formCard } from './cards/form-card.ts'
import { deniedCard, problemCard, readOnlyCard, strangerCard } from './cards/problem-cards.ts'
import type { Command, GuardedCommand, MemberTurn, Replies, Reply, Target, Turn } from './commands/command.ts'
import { readArgs } from './commands/read-args.ts'
import { parse, type RawValues, write } from './grammar/parse.ts'
import { type Args, commandKey } from './grammar/spec.ts'
import { offersFor } from './offers.ts'
import type { Outcome } from './session.ts'

export interface Answer {
  /** `job restart`, or `-` when there was none. */
  command: string
  outcome: Outcome
  replies: Replies
}

/** From words to what is shown: parse, read, find, authorise, run. */
export interface Answers {
  say(turn: Turn, text: string, where: { direct: boolean }): Promise<Answer>
  /** People talking to each other: no slash, and no words of ours. */
  isTalk(text: string): boolean
  /** A command with its values, from a form or a button. */
  run(turn: Turn, key: string, values: RawValues): Promise<Answer>
}

export interface AnswersDependencies {
  platform: Platform
  commands: readonly Command[]
}

// A SQL script may be said; a heap dump may not.
const LONGEST = 250_000

export function createAnswers({ platform, commands }: AnswersDependencies): Answers {
  async function say(turn: Turn, said: string, { direct }: { direct: boolean }): Promise<Answer> {
    const { voice } = turn
    if (said.length > LONGEST) return misunderstood(card('warning', voice.t.say.tooLong(LONGEST)))
    const parsed = parse(said, commands)
    if (parsed.is === 'command') return runCommand(turn, parsed.command, parsed.values)
    if (parsed.is === 'talk' && !direct) return { command: '-', outcome: 'answered', replies: [] }
    return misunderstood(problemCard(parsed, voice))
  }

  async function run(turn: Turn, key: string, values: RawValues): Promise<Answer> {
    const command = commands.find((one) => commandKey(one) === key)
    if (!command) throw new Error(`A button stands for a command that there is not: ${key}`)
    return runCommand(turn, command, values)
  }

  async function runCommand(turn: Turn, command: Command, given: RawValues): Promise<Answer> {
    const key = commandKey(command)
    const values = await withChatDefaults(turn, command.args, given)
    if (!isMember(turn)) {
      if (command.needs !== null || !command.forStrangers)
        return answered(key, { card: strangerCard(turn.voice) })
    }
    const read = readArgs(command.args, values)
    if (read.is !== 'read') {
      const problem = read.is === 'bad' ? badValue(turn, command, read) : null
      return {
        command: key,
        outcome: 'not-understood',
        replies: { card: await form(turn, command, values, problem) },
      }
    }
    if (command.needs === null) return answered(key, await command.run(turn, read.args))
    return isMember(turn) ? runGuarded(turn, command, { values, args: read.args }) : answered(key, [])
  }

  /** What the chat is bound to stands in for what was left out. */
  async function withChatDefaults({ chat }: Turn, args: Args, values: RawValues): Promise<RawValues> {
    const open = Object.entries(args).filter(([, { ofChat }]) => ofChat)
    if (open.length === 0) return values
    const filled: Record<string, string> = { ...values }
    // A job is of one team anyhow, and the next page of a list is of what the first one was.
    const isSettled = Boolean(values.job || values.cursor)
    for (const [name, { kind }] of open) {
      const own = isSettled || filled[name] ? null : await boundTo(chat, kind)
      if (own !== null) filled[name] = own
      if (ALL.test(filled[name] ?? '')) delete filled[name]
    }
    return filled
  }

  async function boundTo({ teamId, environments }: Turn['chat'], kind: string): Promise<string | null> {
    if (kind === 'environment') return environments.length === 1 ? (environments[0] ?? null) : null
    if (kind !== 'team' || teamId === null) return null
    return (await platform.access.teams()).find(({ id }) => id === teamId)?.name ?? null
  }

  async function runGuarded(
    turn: MemberTurn,
    command: GuardedCommand,
    { values, args }: { values: RawValues; args: Readonly<Record<string, unknown>> },
  ): Promise<Answer> {
    const key = commandKey(command)
    if (turn.chat.readOnly && !isLooking(command.needs) && !command.inReadOnly) {
      return { command: key, outcome: 'denied', replies: { card: readOnlyCard(turn.voice), aside: true } }
    }
    const target = await command.find(turn, args)
    if (!target.ok) return answered(key, missed(turn, command, values, target))

    const asked = await platform.access.permit(turn.by, command.needs, target.subject)
    if (!asked.ok) {
      const denied = { because: asked.because, whoCan: asked.whoCan, verb: command.needs as Verb }
      const replies = { card: deniedCard({ ...denied, words: write(command, values) }, turn.voice) }
      return { command: key, outcome: 'denied', replies }
    }
    return answered(key, await command.run(turn, { args, found: target.found, permit: asked.permit }))
  }

  async function form(
    turn: Turn,
    command: Command,
    values: RawValues,
    problem: string | null,
  ): Promise<Card> {
    const choices = turn.by ? await offersFor(platform, turn.by, command.args, values) : {}
    return formCard({ command, values, choices, problem }, turn.voice)
  }

  return { say, run, isTalk: (text) => text.length > LONGEST || parse(text, commands).is === 'talk' }
}

const ALL = /^(all|全部|所有|\*)$/i

function isLooking(verb: Verb): boolean {
  return /:(view|logs)$/.test(verb)
}

export function isMember(turn: Turn): turn is MemberTurn {
  return turn.by !== null
}

function answered(command: string, replies: Replies): Answer {
  return { command, outcome: 'answered', replies }
}

function misunderstood(drawn: Card): Answer {
  return { command: '-', outcome: 'not-understood', replies: { card: drawn } }
}

function badValue(
  { voice }: Turn,
  command: Command,
  { name, value }: { name: string; value: string },
): string {
  const arg = command.args[name]
  return arg ? voice.t.say.badValue(value, voice.pick(arg.expects)) : voice.t.say.notUnderstood
}

/** The name means nothing: near names as buttons that say the whole command with the other name. */
function missed(
  { voice }: MemberTurn,
  command: Command,
  values: RawValues,
  target: Extract<Target<unknown>, { ok: false }>,
): Reply {
  if ('reply' in target) return target.reply
  const { arg, title, near } = target.unknown
  const buttons = near.map((name) => says(name, write(command, { ...values, [arg]: name })))
  if (buttons.length > 0)
    return { card: card('warning', title, { body: [text(voice.t.say.which)], buttons }) }
  const look = arg === 'job' ? [says(voice.t.button.jobs, '/job list')] : []
  return { card: card('warning', title, { buttons: look }) }
}
