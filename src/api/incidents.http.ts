import { z } from 'zod'
import { parseDuration } from '../lib/duration.ts'
import {
  type Done,
  type IncidentView,
  type Permit,
  postmortemOf,
  type Subject,
  type TeamId,
} from '../platform/platform.ts'
import { incident } from './core-schemas.ts'
import { given, paged } from './paging.ts'
import { jobPermit, onPlatform, permit, teamSubject } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { byOf, type Call, ok, type Route, route } from './route.ts'
import { list, name, page, pageQuery, text, time } from './schemas.ts'

const about = 'Incidents'
const idParams = z.strictObject({ id: name })

const incidents = route({
  method: 'get',
  path: '/incidents',
  about,
  summary: 'What is wrong, the newest first; those that are open unless another state is asked for',
  for: 'member',
  query: z.strictObject({
    ...pageQuery,
    state: z.enum(['open', 'triggered', 'acknowledged', 'resolved']).optional(),
  }),
  responses: { 200: page(incident) },
  problems: ['unknown-cursor'],
  async run(call) {
    const { state = 'open', cursor, limit } = call.query
    return ok(
      await paged(call, `incidents ${state}`, given({ cursor, limit }), (ask) =>
        call.services.platform.incidents.list(byOf(call), { state, ...ask }),
      ),
    )
  },
})

const event = z.object({
  at: time,
  kind: z.string(),
  actor: z.string(),
  detail: z.record(z.string(), z.unknown()),
})

const show = route({
  method: 'get',
  path: '/incidents/{id}',
  about,
  summary: 'One incident with its timeline',
  for: 'member',
  params: idParams,
  responses: { 200: z.object({ incident, events: list(event) }) },
  problems: ['not-found'],
  async run(call) {
    const seen = await viewed(call, call.params.id)
    const timeline = await call.services.platform.incidents.timeline(seen.id)
    return ok({ incident: seen, events: timeline?.events ?? [] })
  },
})

const generation = z.int().min(0).max(2_000_000_000)

const acknowledge = route({
  method: 'post',
  path: '/incidents/{id}/acknowledge',
  about,
  summary: 'Say that one is looking after it, as it is now',
  for: 'member',
  params: idParams,
  body: z.strictObject({ generation }),
  responses: { 200: incident },
  problems: ['not-found', 'incident-closed', 'incident-stale'],
  run: (call) => taken(call, call.body.generation),
})

const ack = route({
  method: 'post',
  path: '/incidents/{id}/ack',
  about,
  summary: 'The same; without a generation it is taken as it is',
  for: 'member',
  params: idParams,
  body: z.strictObject({ generation: generation.optional() }).optional(),
  responses: { 200: incident },
  problems: ['not-found', 'incident-closed', 'incident-stale'],
  run: (call) => taken(call, call.body?.generation),
})

async function taken(call: Call<'member', { id: string }>, asked: number | undefined) {
  const found = await viewed(call, call.params.id)
  const allowed = await incidentPermit(call, found, 'incident:acknowledge')
  const { incidents } = call.services.platform
  return answered(found.id, await incidents.acknowledge(allowed, found.id, asked ?? found.generation))
}

/** Without a body of its own: one call, one word. */
function plain(
  verb: 'unack' | 'resolve' | 'escalate' | 'still',
  summary: string,
  act: (call: Call<'member', { id: string }>, found: IncidentView) => Promise<Done<IncidentView, string>>,
): Route {
  return route({
    method: 'post',
    path: `/incidents/{id}/${verb}`,
    about,
    summary,
    for: 'member',
    params: idParams,
    responses: { 200: incident },
    problems: ['not-found', 'incident-closed', 'incident-stale', 'incident-not-so'],
    async run(call) {
      const found = await viewed(call, call.params.id)
      return answered(found.id, await act(call, found))
    },
  })
}

const unack = plain('unack', 'Give it back', async (call, found) =>
  call.services.platform.incidents.unacknowledge(
    await incidentPermit(call, found, 'incident:acknowledge'),
    found.id,
  ),
)

const still = plain('still', 'Still on it: the acknowledgement goes on', async (call, found) =>
  call.services.platform.incidents.stillOnIt(
    await incidentPermit(call, found, 'incident:acknowledge'),
    found.id,
  ),
)

const escalate = plain('escalate', 'The next step of its escalation at once', async (call, found) =>
  call.services.platform.incidents.escalate(
    await incidentPermit(call, found, 'incident:acknowledge'),
    found.id,
  ),
)

const resolve = plain('resolve', 'Close it by hand', async (call, found) =>
  call.services.platform.incidents.resolve(await incidentPermit(call, found, 'incident:manage'), found.id),
)

const snooze = route({
  method: 'post',
  path: '/incidents/{id}/snooze',
  about,
  summary: 'Call nobody until then, or for so long',
  for: 'member',
  params: idParams,
  body: z
    .strictObject({ until: z.iso.datetime({ offset: true }).optional(), for: text(20, 1).optional() })
    .refine(
      ({ until, for: length }) => (until === undefined) !== (length === undefined),
      'until or for, one of the two',
    ),
  responses: { 200: incident },
  problems: ['not-found', 'incident-closed', 'incident-not-so'],
  async run(call) {
    const found = await viewed(call, call.params.id)
    const allowed = await incidentPermit(call, found, 'incident:acknowledge')
    const { until, for: length } = call.body
    const at =
      until === undefined ? call.services.clock.now() + (parseDuration(length ?? '') ?? 0) : Date.parse(until)
    return answered(found.id, await call.services.platform.incidents.snooze(allowed, found.id, at))
  },
})

const note = route({
  method: 'post',
  path: '/incidents/{id}/note',
  about,
  summary: 'Write into its timeline',
  for: 'member',
  params: idParams,
  body: z.strictObject({ text: text(4_000, 1) }),
  responses: { 200: incident },
  problems: ['not-found'],
  async run(call) {
    const found = await viewed(call, call.params.id)
    const allowed = await incidentPermit(call, found, 'incident:acknowledge')
    return answered(found.id, await call.services.platform.incidents.note(allowed, found.id, call.body.text))
  },
})

const tier = z.enum(['P0', 'P1', 'P2', 'P3'])

/** What its team's people decide about it, with a word of their own. */
function decided<Body>(
  verb: 'tier' | 'assign' | 'merge',
  { summary, body }: { summary: string; body: z.ZodType<Body> },
  act: (
    call: Call<'member', { id: string }, unknown, Body>,
    given: { found: IncidentView; allowed: Permit<'incident:manage'> },
  ) => Promise<Done<IncidentView, string>>,
): Route {
  return route({
    method: 'post',
    path: `/incidents/{id}/${verb}`,
    about,
    summary,
    for: 'member',
    params: idParams,
    body,
    responses: { 200: incident },
    problems: ['not-found', 'incident-closed', 'incident-stale', 'incident-not-so'],
    async run(call) {
      const found = await viewed(call, call.params.id)
      const allowed = await incidentPermit(call, found, 'incident:manage')
      return answered(found.id, await act(call, { found, allowed }))
    },
  })
}

const setTier = decided(
  'tier',
  { summary: 'Say how much it matters; alerts change that no more', body: z.strictObject({ tier }) },
  ({ services, body }, { found, allowed }) =>
    services.platform.incidents.setTier(allowed, found.id, body.tier),
)

const assign = decided(
  'assign',
  { summary: 'Give it to somebody', body: z.strictObject({ member: name }) },
  ({ services, body }, { found, allowed }) =>
    services.platform.incidents.assign(allowed, found.id, body.member),
)

const merge = decided(
  'merge',
  { summary: 'It is the same as another one, and goes on there', body: z.strictObject({ into: name }) },
  async (call, { found, allowed }) => {
    const into = await viewed(call, call.body.into)
    await incidentPermit(call, into, 'incident:manage')
    return call.services.platform.incidents.merge(allowed, found.id, into.id)
  },
)

const create = route({
  method: 'post',
  path: '/incidents',
  about,
  summary: 'Open one by hand: people are told as of any other',
  for: 'member',
  body: z.strictObject({
    title: text(200, 1),
    tier: tier.default('P2'),
    team: name.nullable().default(null),
    job: name.nullable().default(null),
  }),
  responses: { 201: incident },
  problems: ['not-found'],
  async run(call) {
    const { job, team } = call.body
    const allowed =
      job !== null
        ? (await jobPermit(call, job, 'incident:manage')).permit
        : await permit(
            call,
            'incident:manage',
            team === null ? onPlatform('incidents') : await teamSubject(call, team),
          )
    const made = await call.services.platform.incidents.create(allowed, call.body)
    if (made.ok) return { status: 201 as const, body: made.value }
    throw made.why === 'unknown-job' ? notFound('job', job ?? '') : notFound('team', team ?? '')
  },
})

const postmortem = route({
  method: 'get',
  path: '/incidents/{id}/postmortem',
  about,
  summary: 'The beginning of a postmortem, in Markdown: what is known, and what is to be found out',
  for: 'member',
  params: idParams,
  responses: { 200: z.object({ markdown: z.string() }) },
  problems: ['not-found'],
  async run(call) {
    const seen = await viewed(call, call.params.id)
    const timeline = await call.services.platform.incidents.timeline(seen.id)
    if (!timeline) throw notFound('incident', call.params.id)
    const { zone } = call.caller.member
    const markdown = postmortemOf(timeline, {
      ...{ language: call.language, zone, title: `${seen.tier} · ${seen.subject.name}` },
      sayEvent: ({ kind, detail }) =>
        [kind, detail.whom ?? detail.text ?? detail.to].filter(Boolean).join(' '),
    })
    return ok({ markdown })
  },
})

function answered(id: string, done: Done<IncidentView, string>): { status: 200; body: IncidentView } {
  if (done.ok) return ok(done.value)
  if (done.why === 'unknown') throw notFound('incident', id)
  if (done.why === 'closed') throw new Problem('incident-closed', {})
  if (done.why === 'stale') throw new Problem('incident-stale', {})
  throw new Problem('incident-not-so', { why: done.why })
}

/** Who may not look at its team's jobs does not learn that there is one. */
async function viewed(call: Call<'member'>, id: string): Promise<IncidentView> {
  const found = await call.services.platform.incidents.byId(id)
  if (!found) throw notFound('incident', id)
  const subject = await subjectOf(call, found)
  const { member, token } = call.caller
  const { access } = call.services.platform
  if (subject.of === 'team' && !access.mightDo(member, token, 'job:view', subject))
    throw notFound('incident', id)
  return found
}

/** An incident of a job is its team's to answer; of no team's, anybody's who answers for one. */
async function incidentPermit<V extends 'incident:acknowledge' | 'incident:manage'>(
  call: Call<'member'>,
  found: IncidentView,
  verb: V,
): Promise<Permit<V>> {
  if (found.subject.is === 'job') return (await jobPermit(call, found.subject.name, verb)).permit
  return permit(call, verb, await subjectOf(call, found))
}

async function subjectOf(call: Call<'member'>, { team, environment }: IncidentView): Promise<Subject> {
  const found = team === null ? null : await call.services.platform.access.team(team)
  if (!found?.ok) return onPlatform('incidents')
  // The platform gave this id out as a team's.
  const id = found.value.id as TeamId
  return { of: 'team', team: id, environment: environment === '' ? null : environment, job: null }
}

export const incidentRoutes: readonly Route[] = [
  ...[incidents, show, acknowledge, ack, unack, still, escalate, resolve, snooze, note],
  ...[setTier, assign, merge, create, postmortem],
]
