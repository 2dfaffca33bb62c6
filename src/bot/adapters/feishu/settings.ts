import { z } from 'zod'
import { Secret } from '../../../lib/secret.ts'

export interface FeishuSetup {
  appId: string
  appSecret: Secret
  /** Null in webhook mode: nothing could be verified, so nothing is heard. */
  encryptKey: Secret | null
  verificationToken: Secret | null
  /** `socket`: we open a connection and events come over it; `webhook`: Feishu calls us. */
  mode: 'socket' | 'webhook'
  /** Without a slash at its end. */
  baseUrl: string
}

const given = z.preprocess((value) => (value === '' ? undefined : value), z.string().trim().min(1).optional())
const secret = given.transform((text) => (text === undefined ? null : new Secret(text)))

/** From the fields of the guide, by name, to what the adapter is built from. */
export const feishuSetup = z.object({
  appId: z
    .string()
    .trim()
    .regex(/^cli_[0-9a-fA-F]{16}$/, 'The App ID is "cli_" and 16 letters a to f or digits.'),
  appSecret: z
    .string()
    .trim()
    .min(1, 'The App Secret is missing.')
    .transform((text) => new Secret(text)),
  encryptKey: secret,
  verificationToken: secret,
  mode: given.pipe(z.enum(['socket', 'webhook']).default('socket')),
  baseUrl: given
    .pipe(z.url({ protocol: /^https?$/ }).default('https://open.feishu.cn'))
    .transform((url) => url.replace(/\/+$/, '')),
}) satisfies z.ZodType<FeishuSetup>
