import type { z } from 'zod'
import type { SetupField, SetupGuide, Vendor } from '../bot/adapters/adapter.ts'
import { DINGTALK_GUIDE } from '../bot/adapters/dingtalk/guide.ts'
import { type DingtalkSetup, dingtalkSetup } from '../bot/adapters/dingtalk/settings.ts'
import { EMAIL_GUIDE } from '../bot/adapters/email/guide.ts'
import { type EmailSetup, emailSetup } from '../bot/adapters/email/settings.ts'
import { FEISHU_GUIDE } from '../bot/adapters/feishu/guide.ts'
import { type FeishuSetup, feishuSetup } from '../bot/adapters/feishu/settings.ts'
import { SLACK_GUIDE } from '../bot/adapters/slack/guide.ts'
import { type SlackSetup, slackSetup } from '../bot/adapters/slack/settings.ts'
import { WECOM_GUIDE } from '../bot/adapters/wecom/guide.ts'
import { type WecomSetup, wecomSetup } from '../bot/adapters/wecom/settings.ts'
import type { Secret } from '../lib/secret.ts'

/** Every vendor's guide; what can be entered for it follows from its fields. */
export const GUIDES: Readonly<Record<Vendor, SetupGuide>> = {
  feishu: FEISHU_GUIDE,
  dingtalk: DINGTALK_GUIDE,
  wecom: WECOM_GUIDE,
  slack: SLACK_GUIDE,
  email: EMAIL_GUIDE,
}

/** What an adapter is built from, by its vendor. */
export type OpenSetup =
  | { vendor: 'feishu'; setup: FeishuSetup }
  | { vendor: 'dingtalk'; setup: DingtalkSetup }
  | { vendor: 'wecom'; setup: WecomSetup }
  | { vendor: 'slack'; setup: SlackSetup }
  | { vendor: 'email'; setup: EmailSetup }

/** What every vendor may be told about us. */
export interface Ours {
  publicUrl: string | null
  /** Signs links in mails. */
  linkKey: Secret
}

export interface FieldProblem {
  /** Null: not one field's. */
  field: SetupField | null
  says: { zh: string; en: string }
}

export type ReadSetup = { ok: true; open: OpenSetup } | { ok: false; problems: readonly FieldProblem[] }

const SCHEMAS = {
  feishu: feishuSetup,
  dingtalk: dingtalkSetup,
  wecom: wecomSetup,
  slack: slackSetup,
  email: emailSetup,
} satisfies Record<Vendor, z.ZodType>

/** From fields by name, as entered, to what the adapter is built from; or everything that is wrong with them. */
export function readSetup(vendor: Vendor, fields: Readonly<Record<string, string>>, ours: Ours): ReadSetup {
  const guide = GUIDES[vendor]
  const missing = guide.fields.filter(({ name, required }) => required && !fields[name]?.trim())
  if (missing.length > 0) {
    return { ok: false, problems: missing.map((field) => ({ field, says: MISSING })) }
  }
  const read = SCHEMAS[vendor].safeParse({
    publicUrl: ours.publicUrl ?? undefined,
    linkKey: ours.linkKey,
    ...fields,
  })
  // The schema of a vendor makes the setup of that vendor.
  if (read.success) return { ok: true, open: { vendor, setup: read.data } as OpenSetup }
  const problems = read.error.issues.map(({ path, message }: z.core.$ZodIssue): FieldProblem => {
    const field = guide.fields.find(({ name }) => name === path[0]) ?? null
    return { field, says: wrong(field, message) }
  })
  return { ok: false, problems }
}

const MISSING = { zh: '没有填写', en: 'is missing' }

// What was entered is never repeated: it may be a secret.
function wrong(field: SetupField | null, message: string): FieldProblem['says'] {
  if (!field) return { zh: `不完整：${message}`, en: `is incomplete: ${message}` }
  return { zh: `的格式不对。${field.hint.zh}`, en: `is not right: ${message}. ${field.hint.en}` }
}
