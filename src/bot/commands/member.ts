import { card, says, text } from '../cards/build.ts'
import { stillOpen } from '../cards/left-card.ts'
import { write } from '../grammar/parse.ts'
import { cursorArg, flagArg, nameArg, optional, textArg } from './args.ts'
import { type Command, command, type MemberTurn, type Reply } from './command.ts'
import { onPlatform } from './find.ts'
import { roleTitles } from './role-titles.ts'
import { languageArg } from './team.ts'

export const memberList: Command = command({
  name: ['member', 'list'],
  zh: ['成员', '列表'],
  aliases: [['members'], ['member'], ['成员']],
  group: 'team',
  summary: { zh: '有哪些成员', en: 'the members' },
  examples: ['/member list', '/members lin', '/成员'],
  needs: 'member:view',
  args: {
    like: optional(textArg({ zh: '名字的一部分', en: 'part of the name' }, { place: 'word' })),
    cursor: cursorArg,
  },
  find: onPlatform('members'),
  async run({ platform, voice }, { args: { like, cursor } }) {
    const { t } = voice
    const titles = await roleTitles(platform, voice)
    const page = await platform.access.members({ cursor, limit: 20, ...(like !== null && { like }) })
    const rows = page.items.map(({ name, displayName, teams, isAdmin, disabled }) => [
      displayName,
      name,
      [
        ...(isAdmin ? [t.member.admin] : []),
        ...teams.map(({ team, role }) => `${voice.team(team)}: ${titles(role)}`),
      ].join(' · '),
      disabled ? t.member.disabled : '',
    ])
    const columns = [t.label.member, t.label.name, t.label.role, t.label.state]
    const more = page.next === null ? null : write(memberList, { like: like ?? '', cursor: page.next })
    return {
      card: card('neutral', t.member.listTitle(page.items.length), {
        body: rows.length === 0 ? [] : [{ is: 'table', columns, rows }],
        buttons: more === null ? [] : [says(t.button.next, more)],
      }),
    }
  },
})

export const memberAdd = command({
  name: ['member', 'add'],
  zh: ['成员', '添加'],
  aliases: [],
  group: 'team',
  summary: { zh: '添加成员', en: 'add a member' },
  examples: ['/member add lin Lin email=lin@example.com', '/成员 添加 lin 林'],
  needs: 'member:manage',
  args: {
    name: nameArg('text', { zh: '名称', en: 'name' }),
    title: optional(textArg({ zh: '显示名', en: 'display name' }, { place: 'word', names: ['显示名'] })),
    email: optional(textArg({ zh: '邮箱', en: 'e-mail' }, { names: ['邮箱'] })),
    language: optional(languageArg()),
    admin: flagArg({ zh: '管理员', en: 'as an administrator' }, { names: ['管理员'] }),
  },
  find: onPlatform('members'),
  async run({ platform, voice }, { args: { name, title, email, language, admin }, permit }) {
    const { t } = voice
    const added = await platform.access.addMember(permit, {
      name,
      displayName: title ?? name,
      ...(email !== null && { email }),
      ...(language !== null && { language }),
      ...(admin && { admin }),
    })
    if (added.ok) {
      return {
        card: card('good', t.member.added(name), { body: [text(t.member.addedText(name))] }),
        did: true,
      }
    }
    return {
      card: card('warning', added.why === 'name-taken' ? t.member.nameTaken(name) : t.member.badName(name)),
    }
  },
})

const memberArg = nameArg('member', { zh: '成员', en: 'member' })

export const memberDisable = command({
  name: ['member', 'disable'],
  zh: ['成员', '停用'],
  aliases: [],
  group: 'team',
  summary: { zh: '停用成员：立刻什么都不能做', en: 'let a member do nothing any more, at once' },
  examples: ['/member disable lin', '/成员 停用 lin'],
  needs: 'member:manage',
  args: { member: memberArg },
  find: onPlatform('members'),
  run: (turn, { args: { member }, permit }) => setDisabled(turn, { permit, member, disabled: true }),
})

export const memberEnable = command({
  name: ['member', 'enable'],
  zh: ['成员', '启用'],
  aliases: [],
  group: 'team',
  summary: { zh: '恢复被停用的成员', en: 'let a disabled member back in' },
  examples: ['/member enable lin', '/成员 启用 lin'],
  needs: 'member:manage',
  args: { member: memberArg },
  find: onPlatform('members'),
  run: (turn, { args: { member }, permit }) => setDisabled(turn, { permit, member, disabled: false }),
})

type Disable = Parameters<MemberTurn['platform']['access']['disableMember']>

async function setDisabled(
  { platform, voice }: MemberTurn,
  { permit, member, disabled }: { permit: Disable[0]; member: string; disabled: boolean },
): Promise<Reply> {
  const { t } = voice
  const done = await platform.access.disableMember(permit, member, disabled)
  if (done.ok) {
    const { id, displayName } = done.value
    if (!disabled) return { card: card('good', t.member.enabledDone(displayName)), did: true }
    // Somebody else must look after what they began.
    const open = await platform.operations.openBy(id)
    return { card: card('good', t.member.disabledDone(displayName), stillOpen(open, voice)), did: true }
  }
  return {
    card: card(
      'warning',
      done.why === 'last-admin' ? t.member.lastAdmin(member) : t.team.unknownMember(member),
    ),
  }
}
