import { z } from 'zod'
import type { Subject } from '../platform/platform.ts'
import { given, paged } from './paging.ts'
import { jobPermit, maySee, onPlatform, permit } from './permits.ts'
import { notFound } from './problem.ts'
import { ok, type Route, route } from './route.ts'
import { list, name, nothing, page, pageQuery, text, time } from './schemas.ts'

/** What happened, and what is waiting. */

const auditEntry = z
  .object({
    id: z.string(),
    at: time,
    actor: z.string(),
    via: z.string(),
    verb: z.string(),
    subject: z.string(),
    decision: z.string(),
    because: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    requestId: z.string(),
  })
  .meta({ id: 'AuditEntry' })

const audit = route({
  method: 'get',
  path: '/audit',
  about: 'Audit',
  summary: 'Who did what, newest first, as far as the caller may see',
  for: 'member',
  query: z.strictObject({
    ...pageQuery,
    job: name.optional(),
    member: text(100, 1).optional(),
    team: name.optional(),
    verb: text(100, 1).optional(),
  }),
  responses: { 200: page(auditEntry) },
  problems: ['not-found', 'unknown-cursor'],
  async run(call) {
    const { cursor, limit, ...filters } = call.query
    const allowed =
      filters.job === undefined
        ? await permit(call, 'audit:view', onPlatform('audit'))
        : (await jobPermit(call, filters.job, 'audit:view')).permit
    return ok(
      await paged(call, `audit ${JSON.stringify(filters)}`, { cursor, limit }, (ask) =>
        call.services.platform.audit.list(allowed, { ...given(filters), ...ask }),
      ),
    )
  },
})

const WORK: Subject = { of: 'platform', what: 'work' }

const work = route({
  method: 'get',
  path: '/work',
  about: 'Work',
  summary: 'How much waits and runs, by kind',
  for: 'member',
  responses: {
    200: list(
      z.object({ kind: z.string(), waiting: z.int(), running: z.int(), oldestMs: z.number().nullable() }),
    ),
  },
  async run(call) {
    await maySee(call, 'work:view', WORK)
    return ok(await call.services.platform.work.depth())
  },
})

const deadWork = route({
  method: 'get',
  path: '/work/dead',
  about: 'Work',
  summary: 'What was given up after its last try',
  for: 'member',
  query: z.strictObject(pageQuery),
  responses: {
    200: page(
      z.object({ id: z.string(), kind: z.string(), payload: z.unknown(), error: z.string(), at: time }),
    ),
  },
  problems: ['unknown-cursor'],
  async run(call) {
    const allowed = await permit(call, 'work:view', WORK)
    return ok(
      await paged(call, 'dead work', call.query, (ask) => call.services.platform.work.dead(allowed, ask)),
    )
  },
})

const replay = route({
  method: 'post',
  path: '/work/dead/{id}/replay',
  about: 'Work',
  summary: 'Try it again',
  for: 'member',
  params: z.strictObject({ id: name }),
  responses: { 204: nothing },
  problems: ['not-found'],
  async run(call) {
    const allowed = await permit(call, 'work:manage', WORK)
    const replayed = await call.services.platform.work.replay(allowed, call.params.id)
    if (!replayed.ok) throw notFound('work', call.params.id)
    return { status: 204 as const, body: null }
  },
})

export const upkeepRoutes: readonly Route[] = [audit, work, deadWork, replay]
