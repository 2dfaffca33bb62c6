import { card, says } from '../cards/build.ts'
import { helpCard, helpOfCard } from '../cards/help-card.ts'
import { namesOf } from '../grammar/parse.ts'
import { optional, textArg } from './args.ts'
import { type Command, openCommand, type Turn } from './command.ts'

export const help = openCommand({
  name: ['help'],
  zh: ['帮助'],
  aliases: [['?'], ['man']],
  group: 'sluice',
  summary: { zh: '能做什么，某个命令怎么用', en: 'what you can ask, and how' },
  examples: ['/help', '/help job restart', '/帮助', '/帮助 作业 重启'],
  args: {
    command: optional(textArg({ zh: '命令', en: 'command' }, { place: 'rest', names: ['命令'] })),
  },
  forStrangers: true,
  async run(turn, { command: words }) {
    if (words === null) return { card: helpCard(turn.commands, { linked: turn.by !== null }, turn.voice) }
    const asked = words.replace(/^\//, '').toLowerCase()
    const found = commandNamed(asked, turn.commands)
    if (found) return { card: helpOfCard(found, turn.voice) }
    const group = turn.commands.filter(({ name, zh }) => name[0] === asked || zh[0] === asked)
    if (group.length > 0) return { card: helpCard(group, { linked: turn.by !== null }, turn.voice) }
    return { card: noSuch(asked, turn) }
  },
})

function commandNamed(asked: string, commands: readonly Command[]): Command | undefined {
  return commands.find((command) => namesOf(command).some((path) => path.join(' ').toLowerCase() === asked))
}

function noSuch(asked: string, { voice: { t } }: Turn) {
  return card('warning', t.help.unknown(asked), { buttons: [says(t.button.help, '/help')] })
}
