import { z } from 'zod'
import { Secret } from '../../../lib/secret.ts'

export interface DingtalkSetup {
  clientId: string
  clientSecret: Secret
  /** Null: no template was published yet, so cards go out as markdown. */
  cardTemplateId: string | null
  robotCode: string
  mode: 'stream' | 'http'
  apiUrl: string
  oapiUrl: string
  /** Where DingTalk reaches us, without a slash at its end; for taps in `http` mode. The app adds it. */
  publicUrl: string | null
}

/** A field left empty is a field left out. */
const given = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), schema)

const text = z.string().trim().min(1)
const address = z
  .url({ protocol: /^https?$/ })
  .trim()
  .transform((url) => url.replace(/\/+$/, ''))

/** The fields of the guide by name, and what the app adds: `publicUrl`. */
export const dingtalkSetup = z
  .object({
    clientId: given(text),
    clientSecret: given(text),
    cardTemplateId: given(text.optional()),
    robotCode: given(text.optional()),
    mode: given(z.enum(['stream', 'http']).default('stream')),
    apiUrl: given(address.default('https://api.dingtalk.com')),
    oapiUrl: given(address.default('https://oapi.dingtalk.com')),
    publicUrl: given(address.nullish()),
  })
  .superRefine(({ mode, cardTemplateId, publicUrl }, context) => {
    if (mode !== 'http' || cardTemplateId === undefined || publicUrl) return
    context.addIssue({
      code: 'custom',
      path: ['publicUrl'],
      message: 'PUBLIC_URL is needed where the mode is http, or taps on cards reach nobody',
    })
  })
  .transform(
    ({ clientSecret, cardTemplateId, robotCode, publicUrl, ...rest }): DingtalkSetup => ({
      ...rest,
      clientSecret: new Secret(clientSecret),
      cardTemplateId: cardTemplateId ?? null,
      robotCode: robotCode ?? rest.clientId,
      publicUrl: publicUrl ?? null,
    }),
  )
