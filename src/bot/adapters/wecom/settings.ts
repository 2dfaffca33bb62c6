import { z } from 'zod'
import { Secret } from '../../../lib/secret.ts'

export interface WecomSetup {
  corpId: string
  agentId: number
  secret: Secret
  /** Null: nobody can be heard in the app, and its cards have no buttons. */
  callback: { token: Secret; aesKey: Secret } | null
  /** Null: there is no robot, so no groups that speak. */
  bot: { id: string; secret: Secret; url: string } | null
  /** Without a slash at its end. */
  baseUrl: string
}

/** A field left empty is a field left out. */
const given = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), schema)

const text = z.string().trim().min(1)
const address = (protocol: RegExp, fallback: string) =>
  given(
    z
      .url({ protocol })
      .trim()
      .default(fallback)
      .transform((url) => url.replace(/\/+$/, '')),
  )

/** The fields of the guide, by name. */
const fields = z.object({
  corpId: given(
    text.regex(/^[A-Za-z0-9_-]{6,64}$/, 'The corp ID is letters and digits, usually beginning with ww.'),
  ),
  agentId: given(text.regex(/^[0-9]{1,15}$/, 'The AgentId is a number.')),
  secret: given(text),
  token: given(text.regex(/^[A-Za-z0-9]{3,32}$/, 'The Token is at most 32 letters and digits.').optional()),
  aesKey: given(text.regex(/^[A-Za-z0-9]{43}$/, 'The EncodingAESKey has 43 letters and digits.').optional()),
  baseUrl: address(/^https?$/, 'https://qyapi.weixin.qq.com'),
  botId: given(text.optional()),
  botSecret: given(text.optional()),
  botUrl: address(/^wss?$/, 'wss://openws.work.weixin.qq.com'),
})

export const wecomSetup = fields
  .superRefine(({ token, aesKey, botId, botSecret }, context) => {
    const pairs = [
      ['token', token, 'aesKey', aesKey],
      ['botId', botId, 'botSecret', botSecret],
    ] as const
    for (const [one, first, other, second] of pairs) {
      if ((first === undefined) === (second === undefined)) continue
      const path = [first === undefined ? one : other]
      context.addIssue({ code: 'custom', path, message: `is needed: ${one} and ${other} belong together` })
    }
  })
  .transform(
    ({ corpId, agentId, secret, token, aesKey, baseUrl, botId, botSecret, botUrl }): WecomSetup => ({
      corpId,
      agentId: Number(agentId),
      secret: new Secret(secret),
      callback:
        token !== undefined && aesKey !== undefined
          ? { token: new Secret(token), aesKey: new Secret(aesKey) }
          : null,
      bot:
        botId !== undefined && botSecret !== undefined
          ? { id: botId, secret: new Secret(botSecret), url: botUrl }
          : null,
      baseUrl,
    }),
  )
