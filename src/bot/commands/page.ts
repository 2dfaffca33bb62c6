import { card, says, text } from '../cards/build.ts'
import { choiceArg, longTextArg, nameArg, optional } from './args.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'

const MEANS = [
  { value: 'app', label: { zh: '应用内加急', en: 'in the app' }, also: ['应用', '加急'] },
  { value: 'sms', label: { zh: '短信', en: 'SMS' }, also: ['短信'] },
  { value: 'phone', label: { zh: '电话', en: 'phone' }, also: ['call', '电话'] },
] as const

export const page = command({
  name: ['page'],
  zh: ['呼叫'],
  aliases: [],
  group: 'team',
  summary: {
    zh: '马上联系一个人：单独发消息，并用聊天平台的加急方式提醒',
    en: 'reach somebody now: in their own chat, by the vendor’s urgent means',
  },
  examples: [
    '/page lin "orders-cdc is down"',
    '/page lin "orders-cdc is down" by=phone',
    '/呼叫 lin "订单作业挂了" 方式=电话',
  ],
  needs: 'member:page',
  args: {
    member: nameArg('member', { zh: '成员', en: 'member' }),
    text: longTextArg({ zh: '什么事', en: 'what for' }, { place: 'word', names: ['事由'] }),
    by: optional(choiceArg({ zh: '方式', en: 'by' }, MEANS, { place: 'named', names: ['方式'] })),
  },
  find: onPlatform('members'),
  async run({ platform, voice, by, chat, call }, { args }) {
    const { t } = voice
    const name = args.member.replace(/^@/, '')
    const member = await platform.access.memberByName(name)
    if (!member)
      return {
        card: card('warning', t.page.unknown(name), { buttons: [says(t.label.members, '/member list')] }),
      }
    const who = by.member.displayName
    const ways = await call({
      member,
      means: args.by ?? 'app',
      draw: (theirs) =>
        card('bad', theirs.t.page.title(who, args.text), { subtitle: [theirs.t.page.from(chat.title)] }),
    })
    if (ways.length === 0) {
      return { card: card('warning', t.page.noWay(member.displayName), { body: [text(t.page.noWayText)] }) }
    }
    const body = [text(t.page.sentText(t.and(ways.map((vendor) => t.vendor[vendor]))))]
    return { card: card('good', t.page.sent(member.displayName), { body }), did: true }
  },
})
