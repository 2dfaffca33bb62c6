import { card, says } from '../bot/cards/build.ts'
import { type Command, openCommand } from '../bot/commands/command.ts'
import { DEMO_JOBS } from './seed.ts'

const WORDS = {
  zh: {
    title: `已让 ${DEMO_JOBS.fragile} 出故障`,
    text: '几秒后它会失败，团队的聊天里会出现一张告警卡片；在卡片上点“重启”即可恢复。',
    show: '查看',
  },
  en: {
    title: `${DEMO_JOBS.fragile} was told to break`,
    text: 'It fails within seconds, and a card about it appears in the team’s chat; tap Restart there to bring it back.',
    show: 'Show',
  },
} as const

/** Only in the demo: one job breaks when told, so that a visitor sees what happens then. */
export function breakCommand(breakFragile: () => Promise<void>): Command {
  return openCommand({
    name: ['demo', 'break'],
    zh: ['演示', '故障'],
    aliases: [],
    group: 'sluice',
    summary: { zh: '让演示作业 fragile 出一次故障', en: 'have the demo’s job fragile fail once' },
    examples: ['/demo break', '/演示 故障'],
    args: {},
    forStrangers: false,
    async run({ voice }) {
      await breakFragile()
      const words = WORDS[voice.language]
      const buttons = [says(words.show, `/job show ${DEMO_JOBS.fragile}`)]
      return { card: card('warning', words.title, { body: [{ is: 'text', text: words.text }], buttons }) }
    },
  })
}
