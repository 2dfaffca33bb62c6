import { card, text } from '../cards/build.ts'
import { digestCard, digestDetailsCard } from '../cards/digest-card.ts'
import { digestChart } from '../pictures/digest-chart.ts'
import { choiceArg, nameArg, optional, textArg } from './args.ts'
import { command, type MemberTurn, type Target } from './command.ts'
import { findTeam } from './find.ts'

const SPANS = [
  { value: 'day', label: { zh: '一天', en: 'day' }, also: ['天', '日', '今天', 'today'] },
  { value: 'week', label: { zh: '一周', en: 'week' }, also: ['周', '本周', 'weekly'] },
] as const

const DAYS = { day: 1, week: 7 } as const

interface FoundTeam {
  id: string
  name: string
}

/** The team that was named; that of the chat; the only one of the asker. */
async function findOwnTeam(turn: MemberTurn, { team }: { team: string | null }): Promise<Target<FoundTeam>> {
  const { chat, by, platform, voice } = turn
  if (team !== null) return findTeam(turn, { team })
  const ofChat = (await platform.access.teams()).find(({ id }) => id === chat.teamId)?.name
  const [only, another] = [...by.member.roles.values()]
  const name = ofChat ?? (only && !another ? only.team : null)
  if (name !== null) return findTeam(turn, { team: name })
  return { ok: false, reply: { card: card('warning', voice.t.digest.whichTeam) } }
}

export const digestNow = command({
  name: ['digest', 'now'],
  zh: ['日报', '现在'],
  aliases: [['digest'], ['日报']],
  group: 'op',
  summary: {
    zh: '团队过去一天（或一周）的小结：作业、问题、重启、变更、值班',
    en: 'the last day, or week, of a team: jobs, incidents, restarts, changes, who is on call',
  },
  examples: ['/digest now', '/digest now week team=data', '/日报 现在 周 团队=data'],
  needs: 'job:view',
  args: {
    span: optional(choiceArg({ zh: '多久', en: 'span' }, SPANS, { place: 'word' })),
    team: optional(nameArg('team', { zh: '团队', en: 'team' }, { place: 'named' })),
  },
  find: findOwnTeam,
  async run({ platform, voice, pictures }, { args, found, permit }) {
    const digest = await platform.digests.now(permit, found.name, DAYS[args.span ?? 'day'])
    if (!digest) return { card: card('warning', voice.t.digest.unknown) }
    const png = pictures && (await pictures.png(digestChart(digest.facts, voice)))
    return { card: digestCard(digest, png, voice) }
  },
})

export const digestShow = command({
  name: ['digest', 'show'],
  zh: ['日报', '查看'],
  aliases: [],
  group: 'op',
  summary: { zh: '一份小结的全部内容', en: 'all of a summary' },
  examples: ['/digest show dig_8f3k2m9x1c4b', '/日报 查看 dig_8f3k2m9x1c4b'],
  needs: 'job:view',
  args: { digest: textArg({ zh: '日报', en: 'summary' }, { place: 'word', names: ['日报', 'id'] }) },
  async find(turn, { digest: id }): Promise<Target<string>> {
    const digest = await turn.platform.digests.byId(id)
    if (!digest) return { ok: false, reply: { card: card('warning', turn.voice.t.digest.unknown) } }
    const team = await findTeam(turn, { team: digest.team })
    return team.ok ? { ...team, found: id } : team
  },
  async run({ platform, voice }, { found }) {
    const digest = await platform.digests.byId(found)
    return { card: digest ? digestDetailsCard(digest, voice) : card('warning', voice.t.digest.unknown) }
  },
})

export const digestAt = command({
  name: ['digest', 'at'],
  zh: ['日报', '时间'],
  aliases: [],
  group: 'op',
  summary: {
    zh: '团队的日报每天几点发；off 表示不发',
    en: 'at what time of its day a team gets its summary; off: never',
  },
  examples: ['/digest at 08:30 team=data', '/digest at off team=data', '/日报 时间 08:30 团队=data'],
  needs: 'team:manage',
  args: {
    at: textArg({ zh: '几点', en: 'time' }, { place: 'word', names: ['时间'] }),
    team: optional(nameArg('team', { zh: '团队', en: 'team' }, { place: 'named' })),
  },
  find: findOwnTeam,
  async run({ platform, voice }, { args, found, permit }) {
    const { t } = voice
    const at = args.at === '关闭' ? 'off' : args.at
    const set = await platform.digests.setTime(permit, found.name, at)
    if (!set.ok) return { card: card('warning', t.digest.badTime(args.at)) }
    const title =
      set.value.at === null
        ? t.digest.off(found.name)
        : t.digest.set(found.name, set.value.at, set.value.zone)
    return {
      card: card('good', title, { body: [text(set.value.at === null ? t.digest.offText : null)] }),
      did: true,
    }
  },
})
