import { z } from 'zod'
import {
  chainBody,
  type OnCallRefusal,
  type Permit,
  personalRules,
  scheduleBody,
} from '../platform/platform.ts'
import { onPlatform, permit, teamSubject } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { byOf, type Call, ok, type Route, route } from './route.ts'
import { list, name, nothing, text, time } from './schemas.ts'

const about = 'On call'
const nameParams = z.strictObject({ name })

const layerOut = scheduleBody.shape.layers.readonly()
const schedule = z
  .object({
    name: z.string(),
    team: z.string(),
    zone: z.string(),
    layers: layerOut,
    version: z.int(),
    updatedBy: z.string(),
    updatedAt: time,
  })
  .meta({ id: 'OnCallSchedule' })

const schedules = route({
  method: 'get',
  path: '/oncall/schedules',
  about,
  summary: 'All schedules',
  for: 'member',
  responses: { 200: list(schedule) },
  run: async (call) => ok(await call.services.platform.onCall.schedules()),
})

const showSchedule = route({
  method: 'get',
  path: '/oncall/schedules/{name}',
  about,
  summary: 'One schedule',
  for: 'member',
  params: nameParams,
  responses: { 200: schedule },
  problems: ['not-found'],
  run: async (call) => ok(await found(call)),
})

const putSchedule = route({
  method: 'put',
  path: '/oncall/schedules/{name}',
  about,
  summary: 'Make a schedule, or change it whole',
  for: 'member',
  params: nameParams,
  body: scheduleBody,
  responses: { 200: schedule },
  problems: ['not-found', 'name-taken', 'on-call-refused'],
  async run(call) {
    const allowed = await teamPermit(call, 'oncall:manage', call.body.team)
    const draft = { name: call.params.name, ...call.body, version: null }
    const saved = await call.services.platform.onCall.save(allowed, draft)
    if (saved.ok) return ok(saved.value)
    throw refused(saved.why, call.params.name)
  },
})

const dropSchedule = route({
  method: 'delete',
  path: '/oncall/schedules/{name}',
  about,
  summary: 'Take a schedule away',
  for: 'member',
  params: nameParams,
  responses: { 204: nothing },
  problems: ['not-found'],
  async run(call) {
    const { team, name: of } = await found(call)
    const allowed = await teamPermit(call, 'oncall:manage', team)
    await call.services.platform.onCall.remove(allowed, of)
    return { status: 204 as const, body: null }
  },
})

/** With any offset; an instant inside. */
const instant = z.iso.datetime({ offset: true }).transform((at) => Date.parse(at))
const window = z.strictObject({ from: instant, to: instant })

const shift = z.object({ from: time, to: time, members: list(z.string()), source: z.string() })

const shifts = route({
  method: 'get',
  path: '/oncall/schedules/{name}/shifts',
  about,
  summary: 'Who is on call when, without holes: a gap is said',
  for: 'member',
  params: nameParams,
  query: window,
  responses: { 200: list(shift) },
  problems: ['not-found', 'on-call-refused'],
  async run(call) {
    const { from, to } = call.query
    if (to <= from || to - from > LONGEST_MS)
      throw new Problem('on-call-refused', { why: { of: 'bad-span' } })
    const all = await call.services.platform.onCall.shifts(call.params.name, { from, to })
    if (!all) throw notFound('schedule', call.params.name)
    return ok(all)
  },
})

const LONGEST_MS = 400 * 86_400_000

const override = z.object({
  id: z.string(),
  kind: z.enum(['add', 'remove', 'replace']),
  from: time,
  to: time,
  member: z.string(),
  instead: z.string().nullable(),
  createdBy: z.string(),
})

const overrides = route({
  method: 'get',
  path: '/oncall/schedules/{name}/overrides',
  about,
  summary: 'What differs from the layers within a span',
  for: 'member',
  params: nameParams,
  query: window,
  responses: { 200: list(override) },
  problems: ['not-found'],
  async run(call) {
    await found(call)
    return ok(await call.services.platform.onCall.overrides(call.params.name, call.query))
  },
})

const addOverride = route({
  method: 'post',
  path: '/oncall/schedules/{name}/overrides',
  about,
  summary: 'Somebody else, or somebody more or less, for a while',
  for: 'member',
  params: nameParams,
  body: z.strictObject({
    kind: z.enum(['add', 'remove', 'replace']),
    from: instant,
    to: instant,
    member: name,
    instead: name.nullable().optional(),
  }),
  responses: { 201: override },
  problems: ['not-found', 'on-call-refused'],
  async run(call) {
    const { team } = await found(call)
    const allowed = await teamPermit(call, 'oncall:override', team)
    const draft = { ...call.body, instead: call.body.instead ?? null }
    const made = await call.services.platform.onCall.override(allowed, call.params.name, draft)
    if (made.ok) return { status: 201 as const, body: made.value }
    throw refused(made.why, call.params.name)
  },
})

const dropOverride = route({
  method: 'delete',
  path: '/oncall/schedules/{name}/overrides/{id}',
  about,
  summary: 'As the layers say again',
  for: 'member',
  params: z.strictObject({ name, id: name }),
  responses: { 204: nothing },
  problems: ['not-found'],
  async run(call) {
    const { team } = await found(call)
    const allowed = await teamPermit(call, 'oncall:override', team)
    const { name: of, id } = call.params
    const gone = await call.services.platform.onCall.removeOverride(allowed, of, id)
    if (!gone.ok) throw notFound('override', id)
    return { status: 204 as const, body: null }
  },
})

const calendarLink = route({
  method: 'get',
  path: '/oncall/schedules/{name}/calendar',
  about,
  summary: 'The address under which calendars subscribe to a schedule; whoever has it can read it',
  for: 'member',
  params: nameParams,
  responses: { 200: z.object({ path: z.string() }) },
  problems: ['not-found'],
  async run(call) {
    await found(call)
    return ok({ path: call.services.calendarPath(call.params.name) })
  },
})

const importCalendar = route({
  method: 'put',
  path: '/oncall/schedules/{name}/calendar',
  about,
  summary:
    'Take shifts from a calendar (iCalendar text); they go before the layers, and replace those taken before',
  for: 'member',
  params: nameParams,
  body: z.strictObject({ text: text(2_000_000, 1) }),
  responses: { 200: z.object({ shifts: z.int() }) },
  problems: ['not-found', 'on-call-refused'],
  async run(call) {
    const { team } = await found(call)
    const allowed = await teamPermit(call, 'oncall:override', team)
    const done = await call.services.platform.onCall.importCalendar(allowed, call.params.name, call.body.text)
    if (done.ok) return ok(done.value)
    throw refused(done.why, call.params.name)
  },
})

const onCallNow = z.object({
  schedule: z.string(),
  team: z.string(),
  members: list(z.object({ name: z.string(), displayName: z.string() })),
  source: z.string(),
  until: time.nullable(),
  next: z.object({ members: list(z.string()), at: time }).nullable(),
})

const now = route({
  method: 'get',
  path: '/oncall/now',
  about,
  summary: 'Who is on call now, or at another time: of one team, or of all',
  for: 'member',
  query: z.strictObject({ team: name.optional(), at: instant.optional() }),
  responses: { 200: list(onCallNow) },
  problems: ['not-found'],
  async run(call) {
    const { team, at } = call.query
    if (team !== undefined) await teamSubject(call, team)
    return ok(await call.services.platform.onCall.now(team ?? null, at))
  },
})

const chain = z.object({ name: z.string(), team: z.string(), body: chainBody })

const chains = route({
  method: 'get',
  path: '/oncall/chains',
  about,
  summary: 'Who is told in which order when nobody answers',
  for: 'member',
  responses: { 200: list(chain) },
  run: async (call) => ok(await call.services.platform.onCall.chains()),
})

const putChain = route({
  method: 'put',
  path: '/oncall/chains/{name}',
  about,
  summary: 'Make a chain, or change it whole; incidents that are open keep theirs',
  for: 'member',
  params: nameParams,
  body: z.strictObject({ team: name, body: chainBody }),
  responses: { 204: nothing },
  problems: ['not-found', 'name-taken', 'on-call-refused'],
  async run(call) {
    const allowed = await teamPermit(call, 'oncall:manage', call.body.team)
    const saved = await call.services.platform.onCall.saveChain(allowed, {
      name: call.params.name,
      ...call.body,
    })
    if (!saved.ok) throw refused(saved.why, call.params.name)
    return { status: 204 as const, body: null }
  },
})

const rules = route({
  method: 'get',
  path: '/oncall/rules',
  about,
  summary: 'How the caller wants to be called',
  for: 'member',
  responses: { 200: personalRules.nullable() },
  run: async (call) => ok(await call.services.platform.onCall.rules(call.caller.member.id)),
})

const putRules = route({
  method: 'put',
  path: '/oncall/rules',
  about,
  summary: 'Say how one wants to be called',
  for: 'member',
  body: personalRules,
  responses: { 204: nothing },
  async run(call) {
    await call.services.platform.onCall.saveRules(byOf(call), call.body)
    return { status: 204 as const, body: null }
  },
})

async function found(call: Call<'member', { name: string }>) {
  const seen = await call.services.platform.onCall.schedule(call.params.name)
  if (!seen) throw notFound('schedule', call.params.name)
  return seen
}

async function teamPermit<V extends 'oncall:manage' | 'oncall:override'>(
  call: Call<'member'>,
  verb: V,
  team: string,
): Promise<Permit<V>> {
  return permit(call, verb, team === '' ? onPlatform('on call') : await teamSubject(call, team))
}

function refused(why: OnCallRefusal, name: string): Problem {
  if (why.of === 'unknown-schedule') return notFound('schedule', name, why.near)
  if (why.of === 'unknown-member') return notFound('member', why.member)
  if (why.of === 'name-taken') return new Problem('name-taken', { name })
  return new Problem('on-call-refused', { why })
}

export const onCallRoutes: readonly Route[] = [
  ...[schedules, showSchedule, putSchedule, dropSchedule, shifts, overrides, addOverride, dropOverride],
  ...[calendarLink, importCalendar, now, chains, putChain, rules, putRules],
]
