import { card, says, text } from '../cards/build.ts'
import { flagArg, listArg, nameArg, optional } from './args.ts'
import { command, type MemberTurn, openCommand, type Reply, type Target, type Turn } from './command.ts'
import { findTeam } from './find.ts'

export const chatShow = openCommand({
  name: ['chat', 'show'],
  zh: ['聊天', '查看'],
  aliases: [['chat'], ['聊天']],
  group: 'team',
  summary: { zh: '这个聊天属于谁，能看什么', en: 'whose chat this is, and what is shown here' },
  examples: ['/chat show', '/聊天'],
  args: {},
  forStrangers: false,
  async run(turn) {
    const { t } = turn.voice
    const name = nameOf(turn)
    return { card: await chatCard(turn, name === t.chat.nameless ? name : t.chat.title(name)) }
  },
})

export const chatBind = command({
  name: ['chat', 'bind'],
  zh: ['聊天', '绑定'],
  aliases: [
    ['team', 'chat'],
    ['团队', '聊天'],
  ],
  group: 'team',
  summary: {
    zh: '把这个聊天绑定到团队（可以只绑定部分环境）：审批和告警发到这里，命令默认指这个团队',
    en: 'make this the chat of a team, or of some of its environments: its cards come here, commands mean it',
  },
  examples: ['/chat bind data', '/chat bind team=data env=prod,preprod', '/聊天 绑定 data 环境=prod'],
  needs: 'team:manage',
  inReadOnly: true,
  args: {
    team: nameArg('team', { zh: '团队', en: 'team' }),
    env: optional(
      listArg('environment', { zh: '环境', en: 'environments' }, { names: ['环境', 'environment'] }),
    ),
  },
  find: findTeam,
  async run(turn, { args: { env }, found }) {
    const { voice, platform, setChat } = turn
    const { t } = voice
    const known = (await platform.access.environments()).map(({ name }) => name)
    const unknown = (env ?? []).find((name) => !known.includes(name))
    if (unknown !== undefined)
      return { card: card('warning', t.chat.unknownEnvironment(unknown, t.and(known))) }
    await setChat({ teamId: found.id, environments: env ?? [] })
    const title = t.chat.bound(nameOf(turn), voice.team(found.name))
    return { card: card('good', title, { body: [text(t.chat.boundText)] }), did: true }
  },
})

export const chatUnbind = command({
  name: ['chat', 'unbind'],
  zh: ['聊天', '解绑'],
  aliases: [],
  group: 'team',
  summary: { zh: '这个聊天不再属于团队', en: 'this is no team’s chat any more' },
  examples: ['/chat unbind', '/聊天 解绑'],
  needs: 'team:manage',
  inReadOnly: true,
  args: {},
  find: findOwnTeam,
  async run(turn) {
    await turn.setChat({ teamId: null, environments: [] })
    return { card: card('good', turn.voice.t.chat.unbound(nameOf(turn))), did: true }
  },
})

export const chatSet = command({
  name: ['chat', 'set'],
  zh: ['聊天', '设置'],
  aliases: [],
  group: 'team',
  summary: {
    zh: '只读：在这里不能更改；公开：日志直接发到这里',
    en: 'read-only: nothing is changed from here; openly: logs are shown to everybody here',
  },
  examples: ['/chat set readonly=yes', '/chat set openly=yes readonly=no', '/聊天 设置 只读=是'],
  needs: 'team:manage',
  inReadOnly: true,
  args: {
    readonly: optional(flagged({ zh: '只读', en: 'read-only' }, ['只读'])),
    openly: optional(flagged({ zh: '公开', en: 'openly' }, ['公开'])),
  },
  find: findOwnTeam,
  async run(turn, { args: { readonly, openly } }) {
    const change = {
      ...(readonly !== null && { readOnly: readonly }),
      ...(openly !== null && { openly }),
    }
    await turn.setChat(change)
    const chat = { ...turn.chat, ...change }
    return { card: await chatCard({ ...turn, chat }, turn.voice.t.chat.changed), did: true }
  },
})

/** The team that the chat belongs to: who may manage it may set its chat. */
async function findOwnTeam(turn: MemberTurn): Promise<Target<{ id: string; name: string }>> {
  const { chat, platform, voice } = turn
  const team = (await platform.access.teams()).find(({ id }) => id === chat.teamId)
  if (team) return findTeam(turn, { team: team.name })
  return { ok: false, reply: { card: card('warning', voice.t.chat.notBound) } satisfies Reply }
}

/** Some vendors do not tell how a group is called; its id would tell nobody anything. */
function nameOf({ chat, voice }: Turn): string {
  return chat.vendor !== 'web' && chat.id === `${chat.vendor}:${chat.title}`
    ? voice.t.chat.nameless
    : chat.title
}

/** A flag that can be given as off. */
function flagged(label: { zh: string; en: string }, names: readonly string[]) {
  return { ...flagArg(label, { names }), place: 'named' as const }
}

async function chatCard({ voice, chat, platform }: Turn, title: string) {
  const { t } = voice
  const team = (await platform.access.teams()).find(({ id }) => id === chat.teamId)
  const whose = chat.direct ? t.chat.pair : team ? t.chat.ownOf(voice.team(team.name)) : t.chat.everybodys
  const environments =
    chat.environments.length === 0
      ? t.chat.allEnvironments
      : t.chat.environments(t.and(chat.environments.map(voice.environment)))
  return card('neutral', title, {
    subtitle: [whose, environments],
    body: [text(chat.readOnly && t.chat.readOnly, chat.openly ? t.chat.openly : t.chat.privately)],
    buttons: [says(t.button.jobs, '/job list')],
  })
}
