import express, { type NextFunction, type Request, type Response, type Router } from 'express'
import type { KnownSource, Platform } from '../../platform/platform.ts'
import { tokenOf } from '../alertmanager/token.ts'
import { readGeneric } from './generic.ts'
import { readGrafana } from './grafana.ts'
import type { ReadHook } from './hook-body.ts'

const BODY_LIMIT = '2mb'

export interface HooksDependencies {
  platform: Pick<Platform, 'outside'>
  clock: { now(): number }
}

/**
 * Where programs that do not speak Alertmanager's language tell alerts: by webhook, with the token of an alert source.
 * `/beat` says only that a source is alive.
 */
export function createHooksRouter({ platform, clock }: HooksDependencies): Router {
  const router = express.Router()
  const json = express.json({ limit: BODY_LIMIT, type: () => true })

  const from =
    (handler: (source: KnownSource, request: Request, response: Response) => Promise<void>) =>
    async (request: Request, response: Response) => {
      response.locals.passing.route = `/api/hooks${request.route.path}`
      const token = tokenOf(request)
      const source = token === null ? null : await platform.outside.sourceOf(token)
      if (source) return handler(source, request, response)
      response.setHeader('WWW-Authenticate', 'Basic realm="Sluice"')
      refuse(response, 401, 'The token of an alert source is needed.')
    }

  const taking = (read: (body: unknown, now: number) => ReadHook) =>
    from(async (source, request, response) => {
      const told = read(request.body, clock.now())
      if (!told.ok) return refuse(response, 400, told.because)
      if ((await platform.outside.take(source, told.alerts)) === 'too-many') {
        response.setHeader('Retry-After', '1')
        return refuse(response, 429, 'That is more alerts in a second than this source may tell.')
      }
      response.status(200).json({ taken: told.alerts.length })
    })

  const beat = from(async (source, _request, response) => {
    await platform.outside.beat(source)
    response.status(204).end()
  })

  router.post('/grafana', json, taking(readGrafana))
  router.post('/generic', json, taking(readGeneric))
  router.post('/beat', beat)
  router.get('/beat', beat)
  router.use((_request, response) => refuse(response, 404, 'There is nothing at this path.'))
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
    if (status < 400 || status >= 500) return next(error)
    refuse(response, status, `The body cannot be read: ${(error as Error).message}`)
  })
  return router
}

function refuse(response: Response, status: number, because: string): void {
  response.status(status).json({ error: because })
}
