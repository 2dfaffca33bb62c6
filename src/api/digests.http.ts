import { z } from 'zod'
import type { Permit } from '../platform/platform.ts'
import { cause, OWN_KINDS } from './core-schemas.ts'
import { permit, teamSubject } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { type Call, ok, type Route, route } from './route.ts'
import { list, name, text, time } from './schemas.ts'

const about = 'Summaries'

const ms = z.number().nullable()
const answered = { count: z.int(), answeredMs: ms, solvedMs: ms }
const tier = z.enum(['P0', 'P1', 'P2', 'P3'])

const facts = z.object({
  team: z.string(),
  zone: z.string(),
  from: time,
  to: time,
  jobs: z.object({
    running: z.int(),
    stopped: z.int(),
    failing: list(z.object({ name: z.string(), cause: cause.nullable() })),
  }),
  incidents: z.object({
    ...answered,
    before: z.object(answered),
    open: z.int(),
    gravest: list(
      z.object({
        ...{ id: z.string(), kind: z.enum([...OWN_KINDS, 'outside', 'manual']), name: z.string(), tier },
        ...{ cause: cause.nullable(), openedAt: time, lastedMs: ms },
      }),
    ),
    days: list(z.object({ date: z.string(), tiers: z.record(tier, z.int()) })),
  }),
  restarts: z.object({ asked: z.int(), byPolicy: z.int(), failed: list(z.string()) }),
  changes: list(
    z.object({
      ...{ job: z.string(), verb: z.enum(['release', 'rollback']), from: z.int().nullable() },
      ...{ to: z.int(), by: z.string(), at: time },
    }),
  ),
  noisy: list(
    z.object({
      ...{ rule: z.string(), job: z.string(), times: z.int(), acted: z.int() },
      suggestion: z.string().nullable(),
    }),
  ),
  slowest: list(z.object({ job: z.string(), longestMs: z.number(), usualMs: z.number() })),
  expiring: z.object({
    tokens: list(z.object({ name: z.string(), owner: z.string(), at: time })),
    savepoints: list(z.object({ job: z.string(), at: time })),
  }),
  onCall: z.object({ now: list(z.string()), tomorrow: list(z.string()), isPlanned: z.boolean() }),
})

const digest = z
  .object({
    ...{ id: z.string(), team: z.string(), date: z.string(), kind: z.enum(['daily', 'asked']) },
    ...{ version: z.int(), createdAt: time, facts },
  })
  .meta({ id: 'Digest' })

const team = z.strictObject({ team: name })

const ofDay = route({
  method: 'get',
  path: '/digests/{team}/{date}',
  about,
  summary: 'What a team was told of a day; the date is that of its zone on which it was told',
  for: 'member',
  params: z.strictObject({ team: name, date: z.iso.date() }),
  responses: { 200: digest },
  problems: ['not-found'],
  async run(call) {
    await mayView(call)
    const { team: wanted, date } = call.params
    const found = await call.services.platform.digests.ofDay(wanted, date)
    if (!found) throw notFound('digest', `${wanted} ${date}`)
    return ok(found)
  },
})

const now = route({
  method: 'post',
  path: '/digests/{team}',
  about,
  summary: 'Sum up the last days of a team until now',
  for: 'member',
  params: team,
  body: z.strictObject({ days: z.int().min(1).max(31).default(1) }),
  responses: { 201: digest },
  problems: ['not-found'],
  async run(call) {
    const allowed = await mayView(call)
    const { days } = call.body
    const made = await call.services.platform.digests.now(allowed, call.params.team, days)
    if (!made) throw notFound('team', call.params.team)
    return { status: 201 as const, body: made }
  },
})

const setTime = route({
  method: 'put',
  path: '/digests/{team}',
  about,
  summary: 'When a team’s day is summed up: a time of its zone, off, or null as everywhere',
  for: 'member',
  params: team,
  body: z.strictObject({ at: text(5).nullable() }),
  responses: { 200: z.object({ at: z.string().nullable(), zone: z.string() }) },
  problems: ['not-found'],
  async run(call) {
    const allowed = await permit(call, 'team:manage', await teamSubject(call, call.params.team))
    const { at } = call.body
    const set = await call.services.platform.digests.setTime(allowed, call.params.team, at)
    if (set.ok) return ok(set.value)
    if (set.why === 'unknown') throw notFound('team', call.params.team)
    throw new Problem('not-valid', { issues: [{ path: 'at', message: 'a time such as 08:30, or off' }] })
  },
})

async function mayView(call: Call<'member', { team: string }>): Promise<Permit<'job:view'>> {
  return permit(call, 'job:view', await teamSubject(call, call.params.team))
}

export const digestRoutes: readonly Route[] = [ofDay, now, setTime]
