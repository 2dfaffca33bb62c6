import * as calls from './calls.ts'
import { isReachable, type Spot, type Staff, type Stored, type World } from './world.ts'

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  header(name: string): string | null
  /** Null: no JSON. */
  json: unknown
  raw: Buffer
}

export interface Reply {
  status: number
  body: object | string
}

type Act = (world: World, asked: Asked) => Reply

const TOKEN_S = 7_200
const QPS = 20
const PAGE = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>'
const BANNED = '{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"fake"}'
const REMIND = { 1: 'app', 2: 'sms', 3: 'phone' } as const

const ROUTES: Record<string, { act: Act; old?: boolean; shows?: 'post' | 'edit' | 'other' }> = {
  'POST /v1.0/card/instances/createAndDeliver': { act: createCard, shows: 'post' },
  'PUT /v1.0/card/instances': { act: changeCard, shows: 'edit' },
  'POST /v1.0/card/callbacks/register': { act: registerRoute },
  'POST /v1.0/robot/groupMessages/send': { act: sendToGroup, shows: 'post' },
  'POST /v1.0/robot/oToMessages/batchSend': { act: sendToPeople, shows: 'post' },
  'POST /v1.0/robot/ding/send': { act: ring, shows: 'other' },
  'POST /media/upload': { act: upload, old: true },
  'POST /topapi/v2/user/get': { act: getUser, old: true },
  'POST /topapi/v2/user/list': { act: listUsers, old: true },
  'POST /topapi/v2/department/listsubid': { act: listDepartments, old: true },
}

/** Null: accepted, and never answered. */
export function answer(world: World, asked: Asked): Reply | null {
  if (asked.path === '/v1.0/oauth2/accessToken') return giveToken(world, asked)
  const name = `${asked.method} ${asked.path}`
  const route = ROUTES[name]
  if (!route) return error(404, 'InvalidAction.NotFound', 'Specified api is not found')
  const refusal = refusalOf(world, asked, { name, ...route })
  if (refusal) return refusal
  if (route.shows === 'post') world.counts.posts += 1
  if (route.shows === 'edit') world.counts.edits += 1
  const reply = route.act(world, asked)
  return route.shows ? fated(world, reply) : reply
}

function refusalOf(
  world: World,
  asked: Asked,
  { name, old = false, shows }: { name: string; old?: boolean; shows?: string },
): Reply | null {
  const { knobs } = world
  if (knobs.ban) return { status: 200, body: BANNED }
  const token = old ? asked.query.get('access_token') : asked.header('x-acs-dingtalk-access-token')
  if (!isGood(world, token)) return badToken(old)
  if (knobs.permissionDenied) return denied(old)
  if (knobs.quotaSpent)
    return old
      ? errcode(90020, 'api count limit for org')
      : error(403, 'Forbidden.AccessDenied.ApiCountLimitForOrg', 'The monthly quota is spent')
  if (isTooFast(world, name)) return tooFast(world, old)
  if (!shows) return null
  if (knobs.limit > 0 && knobs.limit-- > 0) {
    world.counts.limited += 1
    return limited(old)
  }
  if (knobs.garbage > 0 && knobs.garbage-- > 0) return { status: 502, body: PAGE }
  if (knobs.chance?.('limited')) {
    world.counts.limited += 1
    return limited(old)
  }
  return null
}

/** What was done is done; whether its answer arrives is another matter. */
function fated({ knobs }: World, reply: Reply): Reply | null {
  if (reply.status !== 200) return reply
  if (knobs.drop > 0 && knobs.drop-- > 0) return null
  if (knobs.chance?.('dropped')) return null
  if (knobs.lateButDone > 0 && knobs.lateButDone-- > 0)
    return error(504, 'ServiceTimeout', 'The backend did not answer within 3 s')
  return reply
}

// --- tokens and limits ---------------------------------------------------------------------------------------------

function giveToken(world: World, { json }: Asked): Reply {
  const { appKey, appSecret } = (json ?? {}) as { appKey?: unknown; appSecret?: unknown }
  if (appKey !== world.clientId || appSecret !== world.clientSecret)
    return error(400, 'invalidClientIdOrSecret', `The secret ${String(appSecret)} is wrong`)
  const token = world.next('fake-access-token-')
  world.tokens.set(token, world.now() + TOKEN_S * 1_000)
  world.counts.tokens += 1
  world.issued.add(token)
  return ok({ accessToken: token, expireIn: TOKEN_S })
}

function isGood({ tokens, now }: World, token: string | null): boolean {
  return token !== null && (tokens.get(token) ?? 0) > now()
}

/** Published: 20 calls a second for each API and app. */
function isTooFast({ calls: made, now, pace }: World, name: string): boolean {
  const recent = (made.get(name) ?? []).filter((at) => at > now() - 1_000)
  made.set(name, [...recent, now()])
  return pace && recent.length >= QPS
}

function tooFast({ counts }: World, old: boolean): Reply {
  counts.limited += 1
  counts.overLimit += 1
  return limited(old)
}

function limited(old: boolean): Reply {
  return old
    ? errcode(90018, 'qps limit')
    : error(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'Too fast for this API')
}

function badToken(old: boolean): Reply {
  return old
    ? errcode(40014, 'invalid access_token')
    : error(401, 'InvalidAuthentication', 'The access token is not valid')
}

function denied(old: boolean): Reply {
  return old
    ? { status: 200, body: { errcode: 88, sub_code: '60011', errmsg: 'no permission' } }
    : error(403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied', 'The app lacks the permission')
}

// --- cards ---------------------------------------------------------------------------------------------------------

function createCard(world: World, { json }: Asked): Reply {
  const read = calls.newCard.safeParse(json)
  if (!read.success) return invalid(world, read.error.message)
  const card = read.data
  if (card.cardTemplateId !== world.templateId)
    return error(400, 'param.templateNotExist', 'param.templateNotExist')
  if (world.messages.some(({ outTrackId }) => outTrackId === card.outTrackId))
    return error(400, 'param.cardAlreadyExist', 'param.cardAlreadyExist')
  if (card.callbackType === 'HTTP' && !world.routes.has(card.callbackRouteKey ?? ''))
    return error(400, 'param.invalid', 'callbackRouteKey is not registered')
  const [type = '', id = ''] = split(card.openSpaceId.replace('dtv1.card//', ''), '.')
  const spot: Spot = { is: type === 'IM_GROUP' ? 'group' : 'person', id }
  const model =
    type === 'IM_GROUP'
      ? card.imGroupOpenSpaceModel && card.imGroupOpenDeliverModel
      : card.imRobotOpenSpaceModel && card.imRobotOpenDeliverModel
  if (!model) return error(400, 'param.openDeliverModelEmpty', 'param.openDeliverModelEmpty')
  if (model.robotCode !== undefined && model.robotCode !== world.robotCode) return wrongRobot()

  const reachable = isReachable(world, spot)
  const delivered = {
    spaceType: type,
    spaceId: id,
    success: reachable,
    ...(reachable ? { carrierId: world.next('carrier') } : { errorMsg: 'SPACE_NOT_EXIST' }),
  }
  if (reachable)
    show(world, {
      spot,
      outTrackId: card.outTrackId,
      callback: card.callbackType,
      params: card.cardData.cardParamMap,
      mentions: Object.keys(card.imGroupOpenDeliverModel?.atUserIds ?? {}),
    })
  return ok({ success: true, result: { outTrackId: card.outTrackId, deliverResults: [delivered] } })
}

function changeCard(world: World, { json }: Asked): Reply {
  const read = calls.changedCard.safeParse(json)
  if (!read.success) return invalid(world, read.error.message)
  const { outTrackId, cardData, cardUpdateOptions } = read.data
  const card = world.messages.find((one) => one.outTrackId === outTrackId)
  if (!card) return error(400, 'param.cardNotExist', 'param.cardNotExist')
  card.params = cardUpdateOptions?.updateCardDataByKey
    ? { ...card.params, ...cardData.cardParamMap }
    : cardData.cardParamMap
  card.edits += 1
  return ok({ success: true, result: true })
}

function registerRoute(world: World, { json }: Asked): Reply {
  const read = calls.route.safeParse(json)
  if (!read.success) return invalid(world, read.error.message)
  const { callbackRouteKey, callbackUrl, apiSecret } = read.data
  world.routes.set(callbackRouteKey, { url: callbackUrl, apiSecret })
  return ok({ success: true, result: { callbackUrl, apiSecret } })
}

// --- markdown ------------------------------------------------------------------------------------------------------

function sendToGroup(world: World, { json }: Asked): Reply {
  const read = calls.groupMessage.safeParse(json)
  if (!read.success) return invalid(world, read.error.message)
  const { robotCode, msgParam, openConversationId: id } = read.data
  const markdown = calls.markdownOf(msgParam)
  if (robotCode !== world.robotCode) return wrongRobot()
  if (!markdown) return error(400, 'invalidParameter.msgParam.invalid', 'msgParam is not valid')
  if (!isReachable(world, { is: 'group', id }))
    return error(400, 'invalidParameter.openConversationId.invalid', 'The conversation is not known')
  show(world, { spot: { is: 'group', id }, markdown })
  return ok({ processQueryKey: world.next('pqk') })
}

function sendToPeople(world: World, { json }: Asked): Reply {
  const read = calls.personMessage.safeParse(json)
  if (!read.success) return invalid(world, read.error.message)
  const { robotCode, msgParam, userIds } = read.data
  const markdown = calls.markdownOf(msgParam)
  if (robotCode !== world.robotCode) return wrongRobot()
  if (!markdown) return error(400, 'invalidParameter.msgParam.invalid', 'msgParam is not valid')
  const unknown = userIds.filter((id) => !isReachable(world, { is: 'person', id }))
  const held = userIds.filter((id) => world.knobs.flowControlled.has(id))
  for (const id of userIds)
    if (!unknown.includes(id) && !held.includes(id)) show(world, { spot: { is: 'person', id }, markdown })
  return ok({
    processQueryKey: world.next('pqk'),
    invalidStaffIdList: unknown,
    flowControlledStaffIdList: held,
  })
}

function ring(world: World, { json }: Asked): Reply {
  const read = calls.ding.safeParse(json)
  if (!read.success) return invalid(world, read.error.message)
  const { robotCode, remindType, receiverUserIdList: people } = read.data
  if (robotCode !== world.robotCode) return wrongRobot()
  const failed = people.filter((id) => world.knobs.dingFailed.has(id) || !world.staff.get(id)?.active)
  const reached = people.filter((id) => !failed.includes(id))
  world.messages.at(-1)?.urged.push({ means: REMIND[remindType], people: reached })
  return ok({
    openDingId: world.next('ding'),
    failedList: Object.fromEntries(failed.map((id) => [id, 'user.unreachable'])),
  })
}

function show(world: World, what: Pick<Stored, 'spot'> & Partial<Stored>): void {
  world.messages.push({
    id: world.next('msg'),
    outTrackId: null,
    callback: null,
    params: {},
    markdown: null,
    mentions: [],
    edits: 0,
    urged: [],
    at: world.now(),
    ...what,
  })
}

// --- media and people ----------------------------------------------------------------------------------------------

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

function upload(world: World, { query, header, raw }: Asked): Reply {
  const isForm = header('content-type')?.startsWith('multipart/form-data; boundary=')
  if (query.get('type') !== 'image' || !isForm || !raw.includes('name="media"') || !raw.includes(PNG)) {
    world.counts.refused += 1
    return errcode(40004, 'invalid media type')
  }
  const id = world.next('@lADPDfake')
  world.media.add(id)
  return ok({ errcode: 0, errmsg: 'ok', media_id: id, created_at: world.now(), type: 'image' })
}

function getUser(world: World, { json }: Asked): Reply {
  const person = world.staff.get(String((json as { userid?: unknown } | null)?.userid))
  return person ? ok({ errcode: 0, errmsg: 'ok', result: userOf(person) }) : errcode(60121, 'user not found')
}

/** Everybody is in department 2, below the root. */
function listUsers(world: World, { json }: Asked): Reply {
  const { dept_id: department, cursor = 0, size = 100 } = json as Record<string, number>
  const all = department === 2 ? [...world.staff.values()].filter(({ active }) => active) : []
  const list = all.slice(cursor, cursor + size).map(userOf)
  const next = cursor + list.length
  const more = next < all.length
  return ok({
    errcode: 0,
    result: { has_more: more, ...(more ? { next_cursor: next } : {}), list },
  })
}

function listDepartments(_world: World, { json }: Asked): Reply {
  const root = (json as { dept_id?: unknown } | null)?.dept_id === 1
  return ok({ errcode: 0, result: { dept_id_list: root ? [2] : [] } })
}

function userOf({ id, name, email, staffNumber, active }: Staff) {
  return {
    userid: id,
    unionid: `union_${id}`,
    name,
    active,
    ...(email ? { org_email: email } : {}),
    ...(staffNumber ? { job_number: staffNumber } : {}),
  }
}

// --- replies -------------------------------------------------------------------------------------------------------

function ok(body: object): Reply {
  return { status: 200, body }
}

export function error(status: number, code: string, message: string): Reply {
  return { status, body: { code, message, requestid: 'FAKE-REQUEST' } }
}

function errcode(code: number, errmsg: string): Reply {
  return { status: 200, body: { errcode: code, errmsg, request_id: 'fake' } }
}

function invalid(world: World, message: string): Reply {
  world.counts.refused += 1
  return error(400, 'param.invalid', message)
}

function wrongRobot(): Reply {
  return error(400, 'invalidParameter.robotCode.auth', 'robotCode does not belong to the app')
}

function split(text: string, at: string): [string, string] {
  const i = text.indexOf(at)
  return [text.slice(0, i), text.slice(i + 1)]
}
