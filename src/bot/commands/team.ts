import type { TeamView } from '../../platform/platform.ts'
import { card, says, to } from '../cards/build.ts'
import type { Card } from '../cards/card.ts'
import type { Voice } from '../texts/voice.ts'
import { choiceArg, nameArg, optional, textArg } from './args.ts'
import { command, type MemberTurn, type Reply } from './command.ts'
import { findTeam, onPlatform } from './find.ts'
import { roleTitles } from './role-titles.ts'

const teamArg = nameArg('team', { zh: '团队', en: 'team' })
const memberArg = nameArg('member', { zh: '成员', en: 'member' })

export const teamList = command({
  name: ['team', 'list'],
  zh: ['团队', '列表'],
  aliases: [['teams'], ['team'], ['团队']],
  group: 'team',
  summary: { zh: '有哪些团队', en: 'the teams' },
  examples: ['/team list', '/teams', '/团队'],
  needs: 'team:view',
  args: {},
  find: onPlatform('teams'),
  async run({ platform, voice }) {
    const { t } = voice
    const teams = await platform.access.teams()
    const rows = teams.map(({ name, title, members, zone }) => [
      { text: name, says: to('team show', name) },
      title,
      t.team.members(members.length),
      zone,
    ])
    const columns = [t.label.team, t.label.name, t.label.members, t.label.zone]
    const body = teams.length === 0 ? [] : [{ is: 'table', columns, rows } as const]
    return { card: card('neutral', t.team.listTitle(teams.length), { body }) }
  },
})

export const teamShow = command({
  name: ['team', 'show'],
  zh: ['团队', '查看'],
  aliases: [],
  group: 'team',
  summary: { zh: '一个团队的成员和角色', en: 'who is in a team, as what' },
  examples: ['/team show data', '/团队 查看 data'],
  needs: 'team:view',
  args: { team: teamArg },
  find: findTeam,
  async run({ platform, voice }, { found }) {
    const [team, titles] = await Promise.all([platform.access.team(found.name), roleTitles(platform, voice)])
    return {
      card: team.ok ? teamCard(team.value, titles, voice) : card('warning', voice.t.team.unknown(found.name)),
    }
  },
})

export const teamCreate = command({
  name: ['team', 'create'],
  zh: ['团队', '新建'],
  aliases: [['团队', '创建']],
  group: 'team',
  summary: { zh: '建立团队', en: 'make a team' },
  examples: ['/team create data "Data platform" zone=Asia/Shanghai', '/团队 新建 data 数据组'],
  needs: 'team:manage',
  args: {
    name: nameArg('text', { zh: '名称', en: 'name' }),
    title: optional(textArg({ zh: '显示名', en: 'title' }, { place: 'word', names: ['显示名'] })),
    zone: optional(textArg({ zh: '时区', en: 'time zone' }, { names: ['时区'] })),
    language: optional(languageArg()),
  },
  find: onPlatform('teams'),
  async run({ platform, voice }, { args: { name, title, zone, language }, permit }) {
    const { t } = voice
    const made = await platform.access.createTeam(permit, {
      name,
      title: title ?? name,
      ...(zone !== null && { zone }),
      ...(language !== null && { language }),
    })
    if (made.ok)
      return { card: card('good', t.team.created(name), { buttons: [showTeam(name, voice)] }), did: true }
    return {
      card: card('warning', made.why === 'name-taken' ? t.team.nameTaken(name) : t.team.badName(name)),
    }
  },
})

export const teamAdd = command({
  name: ['team', 'add'],
  zh: ['团队', '加入'],
  aliases: [
    ['team', 'role'],
    ['团队', '添加'],
    ['团队', '角色'],
  ],
  group: 'team',
  summary: { zh: '让成员加入团队，或改变他的角色', en: 'give a member a role in a team' },
  examples: ['/team add data lin operator', '/团队 加入 data lin operator'],
  needs: 'team:manage',
  args: {
    team: teamArg,
    member: memberArg,
    role: nameArg('role', { zh: '角色', en: 'role' }, { words: ['as', '为'] }),
  },
  find: findTeam,
  run: (turn, { args: { member, role }, found, permit }) =>
    setRole(turn, { permit, team: found.name, member, role }),
})

export const teamDrop = command({
  name: ['team', 'drop'],
  zh: ['团队', '移出'],
  aliases: [['team', 'remove']],
  group: 'team',
  summary: { zh: '把成员移出团队', en: 'take a member out of a team' },
  examples: ['/team drop data lin', '/团队 移出 data lin'],
  needs: 'team:manage',
  args: { team: teamArg, member: memberArg },
  find: findTeam,
  run: (turn, { args: { member }, found, permit }) =>
    setRole(turn, { permit, team: found.name, member, role: null }),
})

type SetRole = Parameters<MemberTurn['platform']['access']['setRole']>

async function setRole(
  { platform, voice }: MemberTurn,
  { permit, ...change }: { permit: SetRole[0] } & SetRole[1],
): Promise<Reply> {
  const { t } = voice
  const { team, member, role } = change
  const done = await platform.access.setRole(permit, change)
  if (done.ok) {
    const titles = await roleTitles(platform, voice)
    const title =
      role === null
        ? t.team.roleTaken(member, voice.team(team))
        : t.team.roleSet(member, titles(role), voice.team(team))
    return { card: card('good', title, { buttons: [showTeam(team, voice)] }), did: true }
  }
  switch (done.why) {
    case 'unknown-team':
      return { card: card('warning', t.team.unknown(team)) }
    case 'unknown-member':
      return {
        card: card('warning', t.team.unknownMember(member), {
          buttons: [says(t.label.members, '/member list')],
        }),
      }
    case 'beyond-own-rights':
      return { card: card('warning', t.team.beyondOwnRights) }
    case 'unknown-role': {
      const roles = await platform.access.roles()
      return { card: card('warning', t.team.unknownRole(role ?? '', t.and(roles.map(({ name }) => name)))) }
    }
  }
}

function teamCard(
  { name, title, members, zone }: TeamView,
  titles: (role: string) => string,
  voice: Voice,
): Card {
  const { t } = voice
  const columns = [t.label.member, t.label.role, t.label.state]
  const rows = members.map(({ displayName, role, disabled }) => [
    displayName,
    titles(role),
    disabled ? t.member.disabled : '',
  ])
  return card('neutral', t.team.title(voice.team(name)), {
    subtitle: [title, t.team.members(members.length), zone],
    body: members.length === 0 ? [] : [{ is: 'table', columns, rows }],
    buttons: [says(t.button.jobs, `/job list team=${name}`)],
  })
}

function showTeam(name: string, { t }: Voice) {
  return says(t.button.show, to('team show', name))
}

export function languageArg() {
  return choiceArg(
    { zh: '语言', en: 'language' },
    [
      { value: 'zh', label: { zh: '中文', en: 'Chinese' }, also: ['中文'] },
      { value: 'en', label: { zh: '英文', en: 'English' }, also: ['英文'] },
    ] as const,
    { place: 'named', names: ['语言', 'lang'] },
  )
}
