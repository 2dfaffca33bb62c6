import type { AdapterParts, ChatAdapter, Webhooks } from '../bot/adapters/adapter.ts'
import { never } from '../lib/never.ts'
import type { OpenSetup } from './setups.ts'

export type OpenAdapter = ChatAdapter & { webhooks?: Webhooks }

/** Imports a vendor's own kit when that vendor is set up, and not before: what is not used costs nothing. */
export async function openAdapter(
  open: OpenSetup,
  parts: Omit<AdapterParts<unknown>, 'setup'>,
): Promise<OpenAdapter> {
  switch (open.vendor) {
    case 'feishu': {
      const { createFeishu } = await import('../bot/adapters/feishu/feishu.http.ts')
      return createFeishu({ ...parts, setup: open.setup })
    }
    case 'dingtalk': {
      const { createDingtalk } = await import('../bot/adapters/dingtalk/dingtalk.http.ts')
      return createDingtalk({ ...parts, setup: open.setup })
    }
    case 'wecom': {
      const { createWecom } = await import('../bot/adapters/wecom/wecom.http.ts')
      return createWecom({ ...parts, setup: open.setup })
    }
    case 'slack': {
      const { createSlack } = await import('../bot/adapters/slack/slack.http.ts')
      return createSlack({ ...parts, setup: open.setup })
    }
    case 'email': {
      const { createEmail } = await import('../bot/adapters/email/email.smtp.ts')
      return createEmail({ ...parts, setup: open.setup })
    }
    default:
      return never(open)
  }
}
