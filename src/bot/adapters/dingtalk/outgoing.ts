import { z } from 'zod'
import type { ShownCard } from '../../cards/card.ts'
import type { Posted, Receiver, UrgentMeans } from '../adapter.ts'
import { directChat, personOf } from './decode.ts'
import { type CardParams, drawMarkdown, notification } from './render.ts'
import type { DingtalkSetup } from './settings.ts'

/** A group by its conversation, or a person; a conversation of two is the person. */
export type Place = { is: 'group'; id: string } | { is: 'person'; id: string }

export function placeOf(to: Receiver): Place {
  const person = to.is === 'person' ? to.id : personOf(to.id)
  return person === null ? { is: 'group', id: to.id } : { is: 'person', id: person }
}

/** As events name it. */
export function chatOf(place: Place): string {
  return place.is === 'group' ? place.id : directChat(place.id)
}

export interface NewCard {
  key: string
  shown: ShownCard
  place: Place
  params: CardParams
  /** Names by account. */
  mention: Readonly<Record<string, string>>
}

/** Body of `createAndDeliver`: the key makes a card that is posted twice one card. */
export function cardBody(
  { key, shown, place, params, mention }: NewCard,
  { cardTemplateId, robotCode, mode, clientId }: DingtalkSetup,
) {
  const space = {
    supportForward: false,
    lastMessageI18n: { ZH_CN: notification(shown), EN_US: notification(shown) },
    notification: { alertContent: notification(shown), notificationOff: false },
  }
  return {
    cardTemplateId,
    outTrackId: key,
    ...(mode === 'stream'
      ? { callbackType: 'STREAM' }
      : { callbackType: 'HTTP', callbackRouteKey: routeKey(clientId) }),
    cardData: { cardParamMap: params },
    userIdType: 1,
    ...(place.is === 'group'
      ? {
          openSpaceId: `dtv1.card//IM_GROUP.${place.id}`,
          imGroupOpenSpaceModel: space,
          imGroupOpenDeliverModel: {
            robotCode,
            ...(Object.keys(mention).length > 0 ? { atUserIds: mention } : {}),
          },
        }
      : {
          openSpaceId: `dtv1.card//IM_ROBOT.${place.id}`,
          imRobotOpenSpaceModel: space,
          imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT', robotCode },
        }),
  }
}

/** Every variable anew, beside those of a template that we do not know. */
export function changeBody(outTrackId: string, params: CardParams) {
  return {
    outTrackId,
    cardData: { cardParamMap: params },
    cardUpdateOptions: { updateCardDataByKey: true },
    userIdType: 1,
  }
}

/** What card callbacks over HTTP are registered under. */
export function routeKey(clientId: string): string {
  return `sluice-${clientId}`
}

const delivered = z.object({
  result: z.object({
    deliverResults: z.array(
      z.object({
        success: z.boolean(),
        errorMsg: z.string().nullish(),
        carrierId: z.string().nullish(),
      }),
    ),
  }),
})

/** A card can be created and yet be delivered nowhere, inside a call that says it went well. */
export function readDelivery(body: unknown, key: string): Posted {
  const read = delivered.safeParse(body)
  const results = read.success ? read.data.result.deliverResults : []
  const failed = results.find(({ success }) => !success)
  if (results.length > 0 && !failed) return { is: 'accepted', handle: { outTrackId: key } }
  return {
    is: 'refused',
    said: {
      code: 'not-delivered',
      message: failed?.errorMsg || 'The card was created, but delivered nowhere',
    },
  }
}

// --- markdown ------------------------------------------------------------------------------------------------------

export function markdownCall(
  place: Place,
  shown: ShownCard,
  { pictures, robotCode }: { pictures: readonly (string | null)[]; robotCode: string },
): { path: string; body: object } {
  const { msgKey, msgParam } = drawMarkdown(shown, pictures)
  const message = { robotCode, msgKey, msgParam }
  return place.is === 'group'
    ? { path: '/v1.0/robot/groupMessages/send', body: { ...message, openConversationId: place.id } }
    : { path: '/v1.0/robot/oToMessages/batchSend', body: { ...message, userIds: [place.id] } }
}

const sent = z.object({
  processQueryKey: z.string().nullish(),
  invalidStaffIdList: z.array(z.string()).nullish(),
  flowControlledStaffIdList: z.array(z.string()).nullish(),
})

const FLOW_MS = 10_000

export function readSending(body: unknown): Posted {
  const read = sent.safeParse(body)
  const { processQueryKey, invalidStaffIdList, flowControlledStaffIdList } = read.success ? read.data : {}
  if ((invalidStaffIdList ?? []).length > 0)
    return { is: 'refused', said: { code: 'invalid-staff', message: 'The person is not known here' } }
  if ((flowControlledStaffIdList ?? []).length > 0)
    return {
      is: 'limited',
      ms: FLOW_MS,
      scope: 'receiver',
      said: { code: 'flow-controlled', message: 'Too many messages to this person' },
    }
  return { is: 'accepted', handle: processQueryKey ? { processQueryKey } : {} }
}

// --- ringing -------------------------------------------------------------------------------------------------------

const REMIND = { app: 1, sms: 2, phone: 3 } as const satisfies Record<UrgentMeans, number>
/** Published: how many people one DING may ring. */
const MOST = { app: 200, sms: 20, phone: 20 } as const satisfies Record<UrgentMeans, number>

export function dingBodies(
  { people, means, text }: { people: readonly string[]; means: UrgentMeans; text: string },
  robotCode: string,
) {
  const most = MOST[means]
  return Array.from({ length: Math.ceil(people.length / most) }, (_, i) => ({
    robotCode,
    remindType: REMIND[means],
    receiverUserIdList: people.slice(i * most, (i + 1) * most),
    content: text,
  }))
}

const rung = z.object({
  openDingId: z.string().nullish(),
  failedList: z.record(z.string(), z.unknown()).nullish(),
})

/** Whether failures stand by person or by reason is not documented: both are read. */
export function readDing(body: unknown, people: readonly string[]): { id: string | null; missed: string[] } {
  const read = rung.safeParse(body)
  const failed = Object.entries((read.success ? read.data.failedList : null) ?? {}).flatMap(
    ([key, value]) => [key, ...(Array.isArray(value) ? value.map(String) : [String(value)])],
  )
  const named = new Set(failed)
  return {
    id: (read.success ? read.data.openDingId : null) ?? null,
    missed: people.filter((one) => named.has(one)),
  }
}
