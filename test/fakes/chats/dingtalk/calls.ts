import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What calls may look like: anything else is refused, as the documents say or more strictly. */

const MAX_VALUE = 1_024
const MAX_CARD = 100 * 1_024
const MAX_PARAM = 15_000

const TEMPLATE = join(import.meta.dirname, '../../../../deploy/dingtalk/sluice-card.json')
const template = z
  .object({ editorData: z.string(), widgetInfo: z.string(), type: z.literal('im'), mode: z.literal('card') })
  .parse(JSON.parse(readFileSync(TEMPLATE, 'utf8')))
const editor = z
  .object({ variableList: z.array(z.object({ name: z.string(), type: z.string() })) })
  .parse(JSON.parse(template.editorData))
/** Variables of the template that we ship, by name. */
const VARIABLES = new Map(editor.variableList.map(({ name, type }) => [name, type]))

const button = z.strictObject({
  text: z.string().min(1),
  color: z.enum(['blue', 'gray', 'red', 'green', 'orange']),
  status: z.enum(['normal', 'disabled']),
  event: z.strictObject({
    type: z.literal('sendCardRequest'),
    params: z.strictObject({ actionId: z.string().min(1), params: z.record(z.string(), z.string()) }),
  }),
})
const buttons = z.array(button)
export type DrawnButton = z.infer<typeof button>

const paramMap = z.record(z.string().max(100), z.string()).superRefine((params, context) => {
  const problem = problemOf(params)
  if (problem !== null) context.addIssue({ code: 'custom', message: problem })
})
const cardData = z.strictObject({ cardParamMap: paramMap })

function problemOf(params: Record<string, string>): string | null {
  const sizes = Object.values(params).map((value) => Buffer.byteLength(value))
  if (sizes.some((size) => size > MAX_VALUE)) return 'a value is longer than 1 KB'
  if (sizes.reduce((sum, size) => sum + size, 0) > MAX_CARD) return 'the card is larger than 100 KB'
  const unknown = Object.keys(params).find((name) => !VARIABLES.has(name))
  if (unknown !== undefined) return `the template has no variable ${unknown}`
  const wrong = Object.entries(params).find(
    ([name, value]) => VARIABLES.get(name) === 'buttonGroup' && readButtons(value) === null,
  )
  return wrong === undefined ? null : `${wrong[0]} is no row of buttons`
}

export function readButtons(value: string): DrawnButton[] | null {
  try {
    const read = buttons.safeParse(JSON.parse(value))
    return read.success ? read.data : null
  } catch {
    return null
  }
}

const space = z.strictObject({
  supportForward: z.boolean(),
  lastMessageI18n: z.record(z.enum(['ZH_CN', 'EN_US']), z.string()).optional(),
  notification: z
    .strictObject({ alertContent: z.string().max(200), notificationOff: z.boolean() })
    .optional(),
})

export const newCard = z.strictObject({
  cardTemplateId: z.string(),
  outTrackId: z.string().min(1).max(100),
  callbackType: z.enum(['STREAM', 'HTTP']),
  callbackRouteKey: z.string().optional(),
  cardData,
  userIdType: z.literal(1).optional(),
  openSpaceId: z.string().regex(/^dtv1\.card\/\/(IM_GROUP|IM_ROBOT)\.[^;]+$/),
  imGroupOpenSpaceModel: space.optional(),
  imGroupOpenDeliverModel: z
    .strictObject({ robotCode: z.string(), atUserIds: z.record(z.string(), z.string()).optional() })
    .optional(),
  imRobotOpenSpaceModel: space.optional(),
  imRobotOpenDeliverModel: z
    .strictObject({ spaceType: z.literal('IM_ROBOT'), robotCode: z.string().optional() })
    .optional(),
})

export const changedCard = z.strictObject({
  outTrackId: z.string().min(1),
  cardData,
  cardUpdateOptions: z
    .strictObject({
      updateCardDataByKey: z.boolean().optional(),
      updatePrivateDataByKey: z.boolean().optional(),
    })
    .optional(),
  userIdType: z.literal(1).optional(),
})

/** A JSON text, of a few kinds. */
const message = {
  robotCode: z.string(),
  msgKey: z.literal('sampleMarkdown'),
  msgParam: z.string().refine((text) => Buffer.byteLength(text) <= MAX_PARAM, 'longer than 15,000 bytes'),
}
export const groupMessage = z.strictObject({ ...message, openConversationId: z.string() })
export const personMessage = z.strictObject({ ...message, userIds: z.array(z.string()).min(1).max(20) })
export const markdownParam = z.strictObject({ title: z.string().min(1), text: z.string().min(1) })

export const ding = z
  .strictObject({
    robotCode: z.string(),
    remindType: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    receiverUserIdList: z.array(z.string()).min(1),
    content: z.string().min(1),
  })
  .refine(({ remindType, receiverUserIdList: people }) => people.length <= (remindType === 1 ? 200 : 20))

export const route = z.strictObject({
  callbackRouteKey: z.string().min(1),
  callbackUrl: z.url(),
  apiSecret: z.string().min(1),
  forceUpdate: z.boolean(),
})

export const gatewayCall = z.strictObject({
  clientId: z.string(),
  clientSecret: z.string(),
  ua: z.string(),
  subscriptions: z.array(z.strictObject({ type: z.enum(['EVENT', 'CALLBACK']), topic: z.string() })),
})

export function markdownOf(msgParam: string): z.infer<typeof markdownParam> | null {
  try {
    const read = markdownParam.safeParse(JSON.parse(msgParam))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
