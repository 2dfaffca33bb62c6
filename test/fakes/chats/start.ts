import type { Vendor } from '../../../src/bot/adapters/adapter.ts'
import { CHAT_SETTINGS } from '../../../src/chats/chat-settings.ts'
import { startFakeDingtalk } from './dingtalk.ts'
import { startFakeEmail } from './email.ts'
import type { FakeChat } from './fake-chat.ts'
import { startFakeFeishu } from './feishu.ts'
import { startFakeSlack } from './slack.ts'
import { startFakeWecom } from './wecom.ts'

export const START_FAKE = {
  feishu: startFakeFeishu,
  dingtalk: startFakeDingtalk,
  wecom: startFakeWecom,
  slack: startFakeSlack,
  email: startFakeEmail,
} as const satisfies Record<Vendor, unknown>

/** What the server is started with to reach it, as somebody without a page would set it up. */
export function environmentOf(vendor: Vendor, fake: FakeChat): Record<string, string> {
  const names = CHAT_SETTINGS.filter((each) => each.vendor === vendor)
  return Object.fromEntries(
    Object.entries(fake.setup()).flatMap(([name, value]) => {
      const env = names.find(({ field }) => field.name === name)?.env
      return env ? [[env, value]] : []
    }),
  )
}
