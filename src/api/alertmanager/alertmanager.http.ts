import express, { type NextFunction, type Request, type Response, type Router } from 'express'
import type { AlertFilter, By, GettableAlert, KnownSource, Platform } from '../../platform/platform.ts'
import { readAlerts, readFilters, readSilence } from './read.ts'
import { alertShape, groupShape, silenceShape, statusShape } from './shapes.ts'
import { tokenOf } from './token.ts'

export interface AlertmanagerDependencies {
  platform: Pick<Platform, 'outside' | 'routes' | 'access'>
  version: string
  startedAt: number
}

/** Who calls: a source tells and reads; a member reads what is their teams', and silences as far as they may. */
type Caller = { is: 'source'; source: KnownSource } | { is: 'member'; by: By }

interface Exchange {
  request: Request
  response: Response
  caller: Caller
}

type Handler = (exchange: Exchange, dependencies: AlertmanagerDependencies) => Promise<void>

/** A batch of some thousand alerts. */
const BODY_LIMIT = '8mb'

/**
 * Alertmanager's API v2, so that what speaks with it speaks with us unchanged: Prometheus, amtool, Grafana's data source.
 * They say who they are by a token, as a bearer's or as the password of basic authentication.
 */
export function createAlertmanagerRouter(dependencies: AlertmanagerDependencies): Router {
  const router = express.Router()
  const json = express.json({ limit: BODY_LIMIT, type: () => true })
  const on = (handler: Handler) => async (request: Request, response: Response) => {
    response.locals.passing.route = `/api/v2${request.route.path}`
    const caller = await callerOf(request, dependencies, response.locals.passing.requestId)
    if (caller) return handler({ request, response, caller }, dependencies)
    response.setHeader('WWW-Authenticate', 'Basic realm="Sluice"')
    refuse(response, 401, 'a token is needed: of an alert source, or of a member')
  }

  router.get('/alerts', on(getAlerts))
  router.post('/alerts', json, on(postAlerts))
  router.get('/alerts/groups', on(getGroups))
  router.get('/receivers', on(getReceivers))
  router.get('/status', on(getStatus))
  router.get('/silences', on(getSilences))
  router.post('/silences', json, on(postSilence))
  router.get('/silence/:id', on(getSilence))
  router.delete('/silence/:id', on(deleteSilence))
  router.use((_request, response) => refuse(response, 404, 'there is nothing at this path'))
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (!isUnreadable(error)) return next(error)
    refuse(response, 400, `parsing body body from "" failed, because ${error.message}`)
  })
  return router
}

function isUnreadable(error: unknown): error is Error {
  return (
    error instanceof Error && 'status' in error && Number(error.status) >= 400 && Number(error.status) < 500
  )
}

async function callerOf(
  request: Request,
  { platform }: AlertmanagerDependencies,
  requestId: string,
): Promise<Caller | null> {
  const token = tokenOf(request)
  if (token === null) return null
  const source = await platform.outside.sourceOf(token)
  if (source) return { is: 'source', source }
  const known = await platform.access.byToken(token)
  if (!known.ok) return null
  const { member, token: scope } = known.value
  return { is: 'member', by: { member, token: scope, via: `api:${scope.tokenId}`, requestId } }
}

/** Errors are JSON strings here, as Alertmanager's are. */
function refuse(response: Response, status: number, because: string): void {
  response.status(status).json(because)
}

// --- alerts -----------------------------------------------------------------------------------------------------------

const postAlerts: Handler = async ({ request, response, caller }, { platform }) => {
  if (caller.is !== 'source')
    return refuse(response, 403, 'alerts are told with the token of an alert source')
  const read = readAlerts(request.body)
  if (!read) return refuse(response, 400, 'the body should be a list of alerts')
  const answer = await platform.outside.take(caller.source, read.alerts)
  if (answer === 'too-many') {
    response.setHeader('Retry-After', '1')
    return refuse(response, 429, 'too many alerts in a second for this source')
  }
  if (read.problems.length > 0) return refuse(response, 400, read.problems.join('; '))
  response.status(200).end()
}

const getAlerts: Handler = async ({ request, response, caller }, { platform }) => {
  const filter = filterOf(request)
  if (typeof filter === 'string') return refuse(response, 400, filter)
  const alerts = await platform.outside.alerts(filter)
  response.json(alerts.filter((alert) => maySee(caller, alert)).map(alertShape))
}

const getGroups: Handler = async ({ request, response, caller }, { platform }) => {
  const filter = filterOf(request)
  if (typeof filter === 'string') return refuse(response, 400, filter)
  const groups = await platform.outside.groups(filter)
  const seen = groups.map((group) => ({
    ...group,
    alerts: group.alerts.filter((alert) => maySee(caller, alert)),
  }))
  response.json(seen.filter(({ alerts }) => alerts.length > 0).map(groupShape))
}

/** What is no team's is everybody's. */
function maySee(caller: Caller, { labels }: GettableAlert): boolean {
  if (caller.is === 'source' || caller.by.member.isAdmin || labels.team === undefined) return true
  return [...caller.by.member.roles.values()].some(({ team }) => team === labels.team)
}

function filterOf({ query }: Request): AlertFilter | string {
  const matchers = readFilters(query.filter)
  if (typeof matchers === 'string') return matchers
  const flag = (name: string) => query[name] === undefined || query[name] === 'true'
  return {
    ...{ active: flag('active'), silenced: flag('silenced'), inhibited: flag('inhibited') },
    ...{ unprocessed: flag('unprocessed'), matchers },
    receiver: typeof query.receiver === 'string' && query.receiver !== '' ? query.receiver : null,
  }
}

// --- about us ---------------------------------------------------------------------------------------------------------

const getReceivers: Handler = async ({ response }, { platform }) => {
  response.json(platform.outside.receivers().map((name) => ({ name })))
}

const getStatus: Handler = async ({ response }, { platform, version, startedAt }) => {
  response.json(statusShape({ version, startedAt, config: platform.routes.current().text }))
}

// --- silences ---------------------------------------------------------------------------------------------------------

const getSilences: Handler = async ({ request, response }, { platform }) => {
  const wanted = readFilters(request.query.filter)
  if (typeof wanted === 'string') return refuse(response, 400, wanted)
  const silences = (await platform.outside.silences()).filter(({ matchers }) =>
    wanted.every(({ name, value }) => matchers.some((each) => each.name === name && each.value === value)),
  )
  response.json(silences.map(silenceShape))
}

const getSilence: Handler = async ({ request, response }, { platform }) => {
  const found = await platform.outside.silence(String(request.params.id))
  if (found) response.json(silenceShape(found))
  else refuse(response, 404, 'there is no such silence')
}

const postSilence: Handler = async ({ request, response, caller }, { platform }) => {
  if (caller.is !== 'member')
    return refuse(response, 403, 'a silence is made with the token of a member who may')
  const read = readSilence(request.body)
  if (typeof read === 'string') return refuse(response, 422, read)
  const saved = await platform.outside.saveSilence(caller.by, read)
  if (saved.ok) response.json({ silenceID: saved.value })
  else if (saved.why === 'unknown') refuse(response, 404, 'there is no such silence')
  else if (saved.why === 'not-allowed') refuse(response, 403, NOT_ALLOWED)
  else refuse(response, 400, `the silence was not taken: ${saved.why}`)
}

const deleteSilence: Handler = async ({ request, response, caller }, { platform }) => {
  if (caller.is !== 'member')
    return refuse(response, 403, 'a silence is ended with the token of a member who may')
  const ended = await platform.outside.expireSilence(caller.by, String(request.params.id))
  if (ended.ok) response.status(200).end()
  else if (ended.why === 'unknown') refuse(response, 404, 'there is no such silence')
  else if (ended.why === 'not-allowed') refuse(response, 403, NOT_ALLOWED)
  else refuse(response, 500, 'the silence has ended already')
}

const NOT_ALLOWED = 'this member may silence the alerts of their own teams: name one by the matcher team="…"'
