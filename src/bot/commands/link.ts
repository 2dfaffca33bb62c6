import { card, text } from '../cards/build.ts'
import { optional, textArg } from './args.ts'
import { openCommand, type Reply, type Turn } from './command.ts'
import { platformSubject } from './find.ts'

export const link = openCommand({
  name: ['link'],
  zh: ['绑定'],
  aliases: [],
  group: 'sluice',
  summary: {
    zh: '把另一个聊天里的账号绑定到我：不带参数获取绑定码，在那边发送绑定码',
    en: 'make another chat know you: without a code you get one, there you send it',
  },
  examples: ['/link', '/link 7F3A-92KD', '/绑定 7F3A-92KD'],
  args: { code: optional(textArg({ zh: '绑定码', en: 'code' }, { place: 'word', names: ['绑定码'] })) },
  forStrangers: true,
  run: (turn, { code }) => (code === null ? giveCode(turn) : useCode(turn, code)),
})

async function giveCode({ by, platform, voice }: Turn): Promise<Reply> {
  const { t, f, language } = voice
  if (!by) return { card: card('neutral', t.link.needed, { body: [text(t.link.neededText)] }) }
  // A token may be narrower than its member; the linked account would not be.
  if (by.token) return { card: card('warning', t.link.onlyAccounts) }
  const asked = await platform.access.permit(by, 'member:view', platformSubject('members'))
  if (!asked.ok) return { card: card('warning', t.denied.title.roleLacks(t.doing['member:view'], null)) }
  const { code, expiresAt } = await platform.access.linkCode(asked.permit)
  const command = `/${language === 'zh' ? '绑定' : 'link'} ${code}`
  return {
    card: card('neutral', t.link.codeTitle, { body: [text(t.link.codeHidden)] }),
    once: card('neutral', t.link.codeTitle, {
      body: [text(t.link.codeText(command, f.when(expiresAt))), { is: 'code', text: command, rest: 0 }],
    }),
    private: true,
    did: true,
  }
}

async function useCode({ account, by, platform, voice, requestId }: Turn, code: string): Promise<Reply> {
  const { t } = voice
  if (!account) return { card: card('warning', t.link.onlyAccounts) }
  const linked = await platform.access.link(account, code.trim(), requestId)
  if (!linked.ok) return { card: card('warning', t.link[linked.why]) }
  if (by?.member.id === linked.value.id)
    return { card: card('neutral', t.link.already(linked.value.displayName)) }
  return {
    card: card('good', t.link.linked(linked.value.displayName), { body: [text(t.link.linkedText)] }),
    did: true,
  }
}
