import { never } from '../../lib/never.ts'
import type { Because, Language, Verb } from '../../platform/platform.ts'
import type { Command } from '../commands/command.ts'
import type { Parsed } from '../grammar/parse.ts'
import { quote } from '../grammar/tokens.ts'
import type { Voice } from '../texts/voice.ts'
import { card, says, text } from './build.ts'
import type { Button, Card } from './card.ts'
import { typedName } from './help-card.ts'

type Problem = Exclude<Parsed<Command>, { is: 'command' }>

/** What was wrong with the words, where, and what would be right. */
export function problemCard(problem: Problem, voice: Voice): Card {
  const { t } = voice
  switch (problem.is) {
    case 'nothing':
      return card('neutral', t.say.nothing, { body: [text(t.say.nothingText)], buttons: [helpButton(voice)] })
    case 'talk':
      return problem.near.length > 0
        ? guessCard(t.say.notUnderstood, problem.near, voice)
        : card('neutral', t.say.notUnderstood, {
            body: [text(t.say.notUnderstoodText)],
            buttons: [helpButton(voice)],
          })
    case 'unknown':
      return guessCard(t.say.unknown(problem.word), problem.near, voice, problem.group)
    case 'unclosed-quote':
      return card('warning', t.say.unclosedQuote(problem.at + 1), {
        body: [{ is: 'code', text: pointed(problem.text, problem.at), rest: 0 }],
      })
    case 'surplus':
      return card('warning', t.say.surplus(problem.word, problem.at + 1), {
        body: examplesOf(problem.command),
        buttons: [helpButton(voice, problem.command)],
      })
    case 'unknown-name':
      return card('warning', t.say.unknownName(problem.name, typedName(problem.command, voice)), {
        body: [text(takesLine(problem, voice))],
        buttons: [helpButton(voice, problem.command)],
      })
    case 'no-value':
      return card('warning', t.say.noValue(problem.name), {
        body: examplesOf(problem.command),
        buttons: [helpButton(voice, problem.command)],
      })
    default:
      return never(problem)
  }
}

function guessCard(title: string, near: readonly string[], voice: Voice, group: string | null = null): Card {
  const { t } = voice
  const [best] = near
  const helpHere = says(t.button.help, group === null ? '/help' : `/help ${group}`)
  if (!best) return card('warning', title, { body: [text(t.say.notUnderstoodText)], buttons: [helpHere] })
  const buttons = near.map((words, i) =>
    says(t.button.yes(words), words, { style: i === 0 ? 'primary' : 'plain' }),
  )
  return card('warning', title, { body: [text(t.say.didYouMean(best))], buttons: [...buttons, helpHere] })
}

function helpButton({ t }: Voice, command?: Command): Button {
  return says(t.button.help, command ? `/help ${command.name.join(' ')}` : '/help')
}

function examplesOf(command: Command) {
  return [{ is: 'code', text: command.examples.join('\n'), rest: 0 } as const]
}

function takesLine({ command, near }: Extract<Problem, { is: 'unknown-name' }>, { t }: Voice): string {
  const [best] = near
  return best ? t.say.didYouMean(`${best}=…`) : t.say.itTakes(t.and(Object.keys(command.args)))
}

const AROUND = 60

/** The place in the text, with a mark under it. */
function pointed(said: string, at: number): string {
  const from = Math.max(0, at - AROUND)
  const shown = said.slice(from, at + AROUND).replaceAll(/\s/g, ' ')
  return `${shown}\n${' '.repeat(at - from)}^`
}

// --- refusals -----------------------------------------------------------------------------------------------------

export interface DeniedView {
  because: Because
  verb: Verb
  whoCan: readonly { name: string; displayName: string }[]
  /** The words that were refused. */
  words: string
}

export function deniedCard({ because, verb, whoCan, words }: DeniedView, voice: Voice): Card {
  const { t } = voice
  const names = t.and(whoCan.map(({ displayName }) => displayName))
  const ask = `/ask ${quote(words)} who=${quote(names)}`
  const helps = because.why !== 'disabled' && because.why !== 'token-scope'
  return card('warning', deniedTitle(because, verb, voice), {
    body: helps ? [text(whoCan.length > 0 ? t.denied.whoCan(names) : t.denied.nobody)] : [],
    buttons: helps && whoCan.length > 0 ? [says(t.button.askTeam, ask)] : [],
  })
}

function deniedTitle(because: Because, verb: Verb, voice: Voice): string {
  const { t } = voice
  const doing = t.doing[verb]
  switch (because.why) {
    case 'disabled':
      return t.denied.title.disabled
    case 'not-in-team':
      return t.denied.title.notInTeam(voice.team(because.team))
    case 'role-lacks':
      return t.denied.title.roleLacks(doing, because.team === null ? null : voice.team(because.team))
    case 'admins-only':
      return t.denied.title.adminsOnly(doing)
    case 'token-scope':
      return t.denied.title.token(doing)
    default:
      return never(because)
  }
}

export function readOnlyCard({ t }: Voice): Card {
  return card('warning', t.chat.readOnlyHere, { body: [text(t.chat.readOnlyText)] })
}

export interface TooLate {
  /** Null: it was a tap. */
  said: string | null
  ageMs: number
  /** Whoever worked it died of something: nobody knows how far it came. */
  begun: boolean
}

export function tooLateCard({ said, ageMs, begun }: TooLate, { t, f }: Voice): Card {
  const age = f.duration(ageMs)
  if (begun) {
    const title = said === null ? t.chat.interruptedTap(age) : t.chat.interrupted(said, age)
    const buttons = [says(t.button.operations, '/op list')]
    return card('warning', title, { body: [text(t.chat.interruptedText)], buttons })
  }
  const title = said === null ? t.chat.tooLateTap(age) : t.chat.tooLate(said, age)
  return card('warning', title, { body: [text(t.chat.tooLateText)] })
}

export function faultCard(requestId: string, { t }: Voice): Card {
  return card('bad', t.fault.title(requestId), { body: [text(t.fault.text)], footer: [t.request(requestId)] })
}

export function strangerCard({ t }: Voice): Card {
  return card('neutral', t.link.needed, { body: [text(t.link.neededText)] })
}

export function disabledCard(name: string, { t }: Voice): Card {
  return card('warning', t.link.disabled(name), { body: [text(t.link.disabledText)] })
}

/** In which language to greet somebody we do not know. */
export function languageOf(vendor: string): Language {
  return vendor === 'feishu' || vendor === 'dingtalk' || vendor === 'wecom' ? 'zh' : 'en'
}
