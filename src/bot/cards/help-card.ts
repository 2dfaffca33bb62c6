import type { Command, Group } from '../commands/command.ts'
import { namesOf } from '../grammar/parse.ts'
import type { Arg } from '../grammar/spec.ts'
import type { Voice } from '../texts/voice.ts'
import { card, facts, says, text } from './build.ts'
import type { Block, Card } from './card.ts'

const GROUPS: readonly Group[] = ['job', 'op', 'cluster', 'team', 'sluice']

export function helpCard(commands: readonly Command[], { linked }: { linked: boolean }, voice: Voice): Card {
  const { t } = voice
  return card('neutral', t.help.title, {
    body: [
      text(linked ? t.help.intro : t.help.unlinked),
      ...GROUPS.flatMap((group) => groupTable(group, commands, voice)),
    ],
    buttons: linked ? [says(t.button.jobs, '/job list')] : [],
  })
}

function groupTable(group: Group, commands: readonly Command[], voice: Voice): Block[] {
  const own = commands.filter((command) => command.group === group)
  if (own.length === 0) return []
  const rows = own.map((command) => [
    { text: typedName(command, voice), says: `/help ${command.name.join(' ')}` },
    voice.pick(command.summary),
  ])
  return [{ is: 'table', columns: [voice.t.help.group[group], ''], rows }]
}

export function helpOfCard(command: Command, voice: Voice): Card {
  const { t } = voice
  const typed = typedName(command, voice)
  const others = namesOf(command)
    .map((path) => `/${path.join(' ')}`)
    .filter((name) => name !== typed)
  return card('neutral', t.help.of(typed), {
    subtitle: command.needs === null ? [] : [t.help.needs(t.doing[command.needs])],
    body: [
      text(voice.pick(command.summary)),
      { is: 'code', text: command.examples.join('\n'), rest: 0 },
      ...facts(...Object.entries(command.args).map(([name, arg]) => [name, argText(arg, voice)] as const)),
      ...(others.length > 0 ? [text(`${t.help.alsoCalled} ${t.and(others)}`)] : []),
    ],
  })
}

export function typedName(command: Command, { language }: Voice): string {
  return `/${(language === 'zh' ? command.zh : command.name).join(' ')}`
}

export function argText({ label, required, words, choices }: Arg, voice: Voice): string {
  const spoken = words.length > 0 ? ` (${words.slice(0, 2).join(', ')} …)` : ''
  const choice = choices.length > 0 ? `: ${choices.map(({ value }) => value).join(' | ')}` : ''
  return `${voice.pick(label)}${spoken}${choice}${required ? '' : ` · ${voice.t.help.optional}`}`
}
