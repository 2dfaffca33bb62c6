import type { ShownCard } from '../../cards/card.ts'
import type {
  AdapterParts,
  ChatAdapter,
  Edit,
  Finding,
  Post,
  Posted,
  SaidThere,
  Urge,
  Webhooks,
} from '../adapter.ts'
import { DINGTALK_PACE, dingtalkAbilities } from './abilities.ts'
import { cardIsGone, cardIsThere, failureOf } from './answers.ts'
import { createApi } from './api.http.ts'
import { createDirectory } from './directory.http.ts'
import { findingsOf } from './findings.ts'
import { createIncoming } from './incoming.http.ts'
import { createListeners } from './listeners.ts'
import {
  cardBody,
  changeBody,
  chatOf,
  dingBodies,
  markdownCall,
  placeOf,
  readDelivery,
  readDing,
  readSending,
} from './outgoing.ts'
import { createPictures, pngsOf } from './pictures.http.ts'
import { remembered } from './remembered.ts'
import { drawCard, drawMarkdown } from './render.ts'
import type { DingtalkSetup } from './settings.ts'

/** As long as any that was seen: a card's size is asked for before its chat and its pictures' names are known. */
const LONGEST_CHAT = 'c'.repeat(64)
const LONGEST_PICTURE = `@${'l'.repeat(63)}`

const CARDS = '/v1.0/card/instances'
const NOT_A_CARD = { code: 'not-a-card', message: 'A message of text cannot be edited' }

export function createDingtalk(parts: AdapterParts<DingtalkSetup>): ChatAdapter & { webhooks?: Webhooks } {
  const { setup, inbox, clock, log } = parts
  const cards = setup.cardTemplateId !== null
  const api = createApi({ setup, clock })
  const pictures = createPictures(api)
  const names = remembered()
  const listeners = createListeners({ inbox, clock, log, robotCode: setup.robotCode, heard })
  const incoming = createIncoming({ ...parts, api, listeners })

  return {
    vendor: 'dingtalk',
    abilities: dingtalkAbilities(setup),
    pace: DINGTALK_PACE,
    start: incoming.start,
    async stop() {
      await Promise.all([incoming.stop(), api.close()])
    },
    connection: incoming.connection,
    fits,
    post: cards ? postCard : postMarkdown,
    edit,
    urge,
    directory: createDirectory(api),
    check,
    ...(incoming.webhooks ? { webhooks: incoming.webhooks } : {}),
  }

  function heard({ from }: SaidThere): void {
    if (from.name !== null) names.keep(from.id, from.name)
  }

  function fits(shown: ShownCard): boolean {
    const named = pngsOf(shown).map(() => LONGEST_PICTURE)
    return cards
      ? drawCard(shown, { chat: LONGEST_CHAT, pictures: named }).fits
      : drawMarkdown(shown, named).fits
  }

  async function postCard({ shown, key, mention, to }: Post): Promise<Posted> {
    const uploaded = await pictures.upload(shown)
    if (uploaded.is === 'failed') return failureOf(uploaded.failure)
    const place = placeOf(to)
    const { params } = drawCard(shown, { chat: chatOf(place), pictures: uploaded.names })
    const called = Object.fromEntries(mention.map((id) => [id, names.of(id) ?? id]))
    const body = cardBody({ key, shown, place, params, mention: called }, setup)
    const answer = await api.call({ path: `${CARDS}/createAndDeliver`, body })
    if (cardIsThere(answer)) return { is: 'accepted', handle: { outTrackId: key }, asFirst: true }
    return answer.is === 'ok' ? readDelivery(answer.body, key) : failureOf(answer)
  }

  async function postMarkdown({ shown, to }: Post): Promise<Posted> {
    const uploaded = await pictures.upload(shown)
    if (uploaded.is === 'failed') return failureOf(uploaded.failure)
    const { robotCode } = setup
    const answer = await api.call(markdownCall(placeOf(to), shown, { pictures: uploaded.names, robotCode }))
    return answer.is === 'ok' ? readSending(answer.body) : failureOf(answer)
  }

  async function edit({ at, shown, to }: Edit): Promise<Posted> {
    const { outTrackId } = at
    if (!outTrackId || !cards) return { is: 'fixed', said: NOT_A_CARD, asked: false }
    const uploaded = await pictures.upload(shown)
    if (uploaded.is === 'failed') return failureOf(uploaded.failure)
    const { params } = drawCard(shown, { chat: chatOf(placeOf(to)), pictures: uploaded.names })
    const answer = await api.call({ method: 'PUT', path: CARDS, body: changeBody(outTrackId, params) })
    if (answer.is === 'ok') return { is: 'accepted', handle: at }
    const failure = failureOf(answer)
    return cardIsGone(answer) ? { is: 'fixed', said: failure.said } : failure
  }

  async function urge(wanted: Urge): Promise<Posted> {
    const missed: string[] = []
    let handle = {}
    for (const body of dingBodies(wanted, setup.robotCode)) {
      const answer = await api.call({ path: '/v1.0/robot/ding/send', body })
      if (answer.is !== 'ok') return failureOf(answer)
      const read = readDing(answer.body, body.receiverUserIdList)
      missed.push(...read.missed)
      if (read.id !== null) handle = { openDingId: read.id }
    }
    return { is: 'accepted', handle, ...(missed.length > 0 ? { missed } : {}) }
  }

  /** The card that is changed here was never made: that it is not there is the answer wanted. */
  async function check(): Promise<readonly Finding[]> {
    const token = await api.token()
    const works = token.is === 'ok'
    const change = { method: 'PUT', path: CARDS, body: changeBody('sluice_check', { title: '' }) } as const
    const root = { host: 'old', path: '/topapi/v2/department/listsubid', body: { dept_id: 1 } } as const
    const card = works && cards ? await api.call(change) : null
    const directory = works ? await api.call(root) : null
    return findingsOf({ token, card, directory, connection: incoming.connection() }, setup)
  }
}
