import { VENDORS, type Vendor } from '../adapters/adapter.ts'
import { card, text } from '../cards/build.ts'
import type { Cell } from '../cards/card.ts'
import type { ChatDesk } from '../chat-desk.ts'
import type { Voice } from '../texts/voice.ts'
import { choiceArg, optional } from './args.ts'
import { command } from './command.ts'
import { connectionWord } from './delivery.ts'
import { onPlatform } from './find.ts'

const CHOICES = [
  { value: 'feishu', label: { zh: '飞书', en: 'Feishu' }, also: ['飞书', 'lark'] },
  { value: 'dingtalk', label: { zh: '钉钉', en: 'DingTalk' }, also: ['钉钉'] },
  { value: 'wecom', label: { zh: '企业微信', en: 'WeCom' }, also: ['企业微信', '企微'] },
  { value: 'slack', label: { zh: 'Slack', en: 'Slack' }, also: [] },
  { value: 'email', label: { zh: '邮件', en: 'e-mail' }, also: ['邮件', '邮箱', 'mail'] },
] as const satisfies readonly { value: Vendor; label: object; also: readonly string[] }[]

export const setup = command({
  name: ['setup'],
  zh: ['接入'],
  aliases: [],
  group: 'sluice',
  summary: {
    zh: '各个聊天平台是否接通，以及在网页上设置它们的地方',
    en: 'which chat platforms are set up, and where on the page to set them up',
  },
  examples: ['/setup', '/setup feishu', '/接入 飞书'],
  needs: 'chat:manage',
  inReadOnly: true,
  args: { vendor: optional(choiceArg({ zh: '平台', en: 'platform' }, CHOICES, { names: ['平台'] })) },
  find: onPlatform('chats'),
  async run({ desk, voice }, { args: { vendor } }) {
    return { card: vendor === null ? allCard(desk, voice) : oneCard(vendor, desk, voice) }
  },
})

function allCard(desk: ChatDesk, voice: Voice) {
  const { t } = voice
  const rows = VENDORS.map((vendor): Cell[] => [
    { text: t.vendor[vendor], says: `/setup ${vendor}` },
    stateOf(vendor, desk, voice),
  ])
  const columns = [t.label.kind, t.label.state]
  return card('neutral', t.setup.title(desk.vendors().length), {
    body: [{ is: 'table', columns, rows }, text(t.setup.page(placeOf('/setup', desk)))],
  })
}

function oneCard(vendor: Vendor, desk: ChatDesk, voice: Voice) {
  const { t } = voice
  return card('neutral', t.setup.one(t.vendor[vendor], stateOf(vendor, desk, voice)), {
    body: [text(t.setup.page(placeOf(`/setup/${vendor}`, desk)))],
  })
}

function stateOf(vendor: Vendor, desk: ChatDesk, voice: Voice): string {
  const open = desk.vendors().find((one) => one.vendor === vendor)
  return open ? connectionWord(open.connection, voice) : voice.t.setup.notOpen
}

/** Whole where we know how people reach us; our own page makes a link of the rest too. */
function placeOf(path: string, { publicUrl }: ChatDesk): string {
  return `${publicUrl ?? ''}${path}`
}
