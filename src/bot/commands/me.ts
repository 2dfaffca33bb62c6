import { card, facts, text } from '../cards/build.ts'
import { openCommand } from './command.ts'
import { roleTitles } from './role-titles.ts'

export const me = openCommand({
  name: ['me'],
  zh: ['我'],
  aliases: [['whoami'], ['我是谁']],
  group: 'sluice',
  summary: { zh: '我是谁，在哪些团队', en: 'who you are, in which teams' },
  examples: ['/me', '/我'],
  args: {},
  forStrangers: false,
  async run({ by, voice, platform }) {
    if (!by) return []
    const { t } = voice
    const { member } = by
    const titles = await roleTitles(platform, voice)
    const roles = [...member.roles.values()].map(({ team, role }) => `${voice.team(team)}: ${titles(role)}`)
    return {
      card: card('neutral', t.me.title(member.displayName), {
        subtitle: member.isAdmin ? [t.member.admin] : [],
        body: [
          ...(roles.length === 0 && !member.isAdmin ? [text(t.me.noTeams)] : []),
          ...facts(
            [t.label.name, member.name],
            [t.label.team, roles.join(' · ')],
            [t.label.language, member.language === 'zh' ? '中文' : 'English'],
            [t.label.zone, member.zone],
          ),
        ],
      }),
      private: true,
    }
  },
})
