import { z } from 'zod'
import type { Job, JobRefusal, Release } from '../platform/platform.ts'
import {
  attempt,
  cause,
  cluster,
  incident,
  job,
  jobDetail,
  operation,
  release,
  releaseChange,
  restartPolicy,
  savepoint,
} from './core-schemas.ts'
import { jobBody, releaseBody, releaseDraft } from './job-bodies.ts'
import { maskedRelease } from './masked-release.ts'
import { given, paged } from './paging.ts'
import { jobPermit, permit, subjectOf } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { byOf, type Call, ok, type Route, route } from './route.ts'
import { flag, list, name, page, pageQuery, text, time, wholeNumber } from './schemas.ts'

const about = 'Jobs'
const jobParams = z.strictObject({ name })
const releaseNumber = wholeNumber(1, 1_000_000)

/** What the caller sees of a release: secrets masked; the SQL text whole for who may make a release of it. */
function releaseOut(call: Call<'member'>, { job, release }: { job: Job; release: Release }): Release {
  const { member, token } = call.caller
  const { access } = call.services.platform
  const mayEdit = access.mightDo(member, token, 'job:release', subjectOf(job))
  return maskedRelease(release, { sql: mayEdit ? 'whole' : 'masked' })
}

function refused(jobName: string, why: JobRefusal): Problem {
  if (why.of === 'name-taken' || why.of === 'bad-name') return new Problem(why.of, { name: jobName })
  return new Problem('job-refused', { job: jobName, why })
}

const listJobs = route({
  method: 'get',
  path: '/jobs',
  about,
  summary: 'The jobs that the caller may look at',
  for: 'member',
  query: z.strictObject({
    ...pageQuery,
    team: name.optional(),
    environment: name.optional(),
    cluster: name.optional(),
    state: z
      .enum(['new', 'stopped', 'starting', 'running', 'recovering', 'stopping', 'failed', 'ended', 'lost'])
      .optional(),
    like: text(100, 1).optional(),
    archived: flag.optional(),
  }),
  responses: {
    200: page(job).extend({ counts: z.record(z.string(), z.number()).readonly() }),
  },
  problems: ['unknown-cursor'],
  async run(call) {
    const { cursor, limit, ...filters } = call.query
    const read = await paged(call, `jobs ${JSON.stringify(filters)}`, { cursor, limit }, (ask) =>
      call.services.platform.jobs.list(byOf(call), { ...given(filters), ...ask }),
    )
    return ok(read)
  },
})

const createJob = route({
  method: 'post',
  path: '/jobs',
  about,
  summary: 'Make a job with its first release; nothing runs yet',
  for: 'member',
  body: jobBody,
  responses: { 201: z.object({ job, release }) },
  problems: ['not-found', 'job-refused', 'name-taken', 'bad-name'],
  async run(call) {
    const { services, body } = call
    const { access, clusters, jobs } = services.platform
    const team = await access.team(body.team)
    if (!team.ok) throw notFound('team', body.team, team.near)
    const where = await clusters.find(body.cluster)
    if (!where.ok) throw notFound('cluster', body.cluster, where.near)
    const subject = {
      of: 'team' as const,
      team: team.value.id as Job['team']['id'],
      environment: where.value.environment,
      job: null,
    }
    const allowed = await permit(call, 'job:create', subject)
    const { restartPolicy, release, note, ...rest } = body
    const draft = { ...rest, ...given({ note, restartPolicy }), release: releaseDraft(release) }
    const made = await jobs.create(allowed, draft)
    if (!made.ok) throw refused(body.name, made.why)
    return {
      status: 201 as const,
      headers: { Location: `/api/v1/jobs/${encodeURIComponent(made.value.job.name)}` },
      body: { job: made.value.job, release: releaseOut(call, made.value) },
    }
  },
})

const showJob = route({
  method: 'get',
  path: '/jobs/{name}',
  about,
  summary: 'Everything about one job',
  for: 'member',
  params: jobParams,
  responses: {
    200: z
      .object({
        job,
        detail: jobDetail.nullable(),
        cluster,
        savepoint: savepoint.nullable(),
        operation: operation.nullable(),
        incident: incident.nullable(),
      })
      .meta({ id: 'JobPage' }),
  },
  problems: ['not-found'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:view')
    return ok(await call.services.platform.jobs.page(permit, job.id))
  },
})

const releases = route({
  method: 'get',
  path: '/jobs/{name}/releases',
  about,
  summary: 'Releases, newest first',
  for: 'member',
  params: jobParams,
  query: z.strictObject(pageQuery),
  responses: { 200: page(release) },
  problems: ['not-found', 'unknown-cursor'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:view')
    const read = await paged(call, `releases ${job.id}`, call.query, (ask) =>
      call.services.platform.jobs.releases(permit, job.id, ask),
    )
    return ok({ ...read, items: read.items.map((one) => maskedRelease(one, { sql: 'masked' })) })
  },
})

const createRelease = route({
  method: 'post',
  path: '/jobs/{name}/releases',
  about,
  summary: 'Make a release; what is left out is taken from the newest one',
  for: 'member',
  params: jobParams,
  body: releaseBody,
  responses: { 201: release },
  problems: ['not-found', 'job-refused'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:release')
    const made = await call.services.platform.jobs.release(permit, job.id, releaseDraft(call.body))
    if (!made.ok) throw refused(job.name, made.why)
    return {
      status: 201 as const,
      headers: { Location: `/api/v1/jobs/${encodeURIComponent(job.name)}/releases/${made.value.number}` },
      body: releaseOut(call, { job, release: made.value }),
    }
  },
})

const showRelease = route({
  method: 'get',
  path: '/jobs/{name}/releases/{number}',
  about,
  summary: 'One release',
  for: 'member',
  params: z.strictObject({ name, number: releaseNumber }),
  responses: { 200: release },
  problems: ['not-found'],
  async run(call) {
    const { name, number } = call.params
    const { job, permit } = await jobPermit(call, name, 'job:view')
    const found = await call.services.platform.jobs.releaseByNumber(permit, job.id, number)
    if (!found) throw notFound('release', String(number))
    return ok(releaseOut(call, { job, release: found }))
  },
})

const diff = route({
  method: 'get',
  path: '/jobs/{name}/diff',
  about,
  summary: 'What is different between two releases; the texts of SQL are read with the releases',
  for: 'member',
  params: jobParams,
  query: z.strictObject({ from: releaseNumber, to: releaseNumber }),
  responses: { 200: z.object({ from: z.int(), to: z.int(), changes: list(releaseChange) }) },
  problems: ['not-found'],
  async run(call) {
    const { from, to } = call.query
    const { job, permit } = await jobPermit(call, call.params.name, 'job:view')
    const found = await call.services.platform.jobs.diff(permit, job.id, from, to)
    if (!found.ok) throw notFound('release', String(found.why.asked))
    return ok({ from, to, changes: found.value })
  },
})

const savepoints = route({
  method: 'get',
  path: '/jobs/{name}/savepoints',
  about,
  summary: 'Savepoints and retained checkpoints, newest first',
  for: 'member',
  params: jobParams,
  query: z.strictObject(pageQuery),
  responses: { 200: page(savepoint) },
  problems: ['not-found', 'unknown-cursor'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:view')
    return ok(
      await paged(call, `savepoints ${job.id}`, call.query, (ask) =>
        call.services.platform.jobs.savepoints(permit, job.id, ask),
      ),
    )
  },
})

const attempts = route({
  method: 'get',
  path: '/jobs/{name}/attempts',
  about,
  summary: 'Every try to have the job run, newest first',
  for: 'member',
  params: jobParams,
  query: z.strictObject(pageQuery),
  responses: { 200: page(attempt) },
  problems: ['not-found', 'unknown-cursor'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:view')
    return ok(
      await paged(call, `attempts ${job.id}`, call.query, (ask) =>
        call.services.platform.jobs.attempts(permit, job.id, ask),
      ),
    )
  },
})

const logs = route({
  method: 'get',
  path: '/jobs/{name}/logs',
  about,
  summary: 'Log lines of the JobManager and the TaskManagers, from the end backwards',
  for: 'member',
  params: jobParams,
  query: z.strictObject({
    grep: text(200, 1).optional(),
    skip: wholeNumber(0, 1_000_000).optional(),
    lines: wholeNumber(1, 2000).optional(),
  }),
  responses: {
    200: list(z.object({ source: z.string(), lines: list(z.string()), more: z.int() })),
  },
  problems: ['not-found', 'never-ran', 'cluster-silent'],
  async run(call) {
    const { grep, skip, lines } = call.query
    const { job, permit } = await jobPermit(call, call.params.name, 'job:logs')
    const query = { grep: grep ?? null, skip: skip ?? 0, lines: lines ?? 100 }
    const found = await call.services.platform.jobs.logs(permit, job.id, query)
    if (found.ok) return ok(found.value)
    if (found.why === 'never-ran') throw new Problem('never-ran', { job: job.name })
    throw new Problem('cluster-silent', { name: job.name })
  },
})

const causes = route({
  method: 'get',
  path: '/jobs/{name}/causes',
  about,
  summary: 'Why it failed: root causes, newest first',
  for: 'member',
  params: jobParams,
  responses: { 200: list(cause) },
  problems: ['not-found'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:view')
    return ok(await call.services.platform.jobs.causes(permit, job.id))
  },
})

const check = route({
  method: 'post',
  path: '/jobs/{name}/check',
  about,
  summary: 'Compile the newest release on its cluster without starting it',
  for: 'member',
  params: jobParams,
  keyed: false,
  responses: {
    200: z.discriminatedUnion('is', [
      z.object({ is: z.literal('good'), operators: list(z.string()) }),
      z.object({ is: z.literal('bad'), because: z.string(), cause: cause.nullable() }),
      z.object({ is: z.literal('unknown'), because: z.string() }),
    ]),
  },
  problems: ['not-found'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:view')
    return ok(await call.services.platform.jobs.check(permit, job.id))
  },
})

const archive = route({
  method: 'post',
  path: '/jobs/{name}/archive',
  about,
  summary: 'Put a stopped job away; its history stays',
  for: 'member',
  params: jobParams,
  responses: { 200: job },
  problems: ['not-found', 'job-refused'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:archive')
    const archived = await call.services.platform.jobs.archive(permit, job.id)
    if (!archived.ok) throw refused(job.name, archived.why)
    return ok(archived.value)
  },
})

const setRestartPolicy = route({
  method: 'put',
  path: '/jobs/{name}/restart-policy',
  about,
  summary: 'What Sluice does by itself when the job fails',
  for: 'member',
  params: jobParams,
  body: restartPolicy,
  responses: { 200: job },
  problems: ['not-found'],
  async run(call) {
    const { job, permit } = await jobPermit(call, call.params.name, 'job:release')
    return ok(await call.services.platform.jobs.setRestartPolicy(permit, job.id, call.body))
  },
})

const strangers = route({
  method: 'get',
  path: '/clusters/{name}/strangers',
  about,
  summary: 'Jobs on a cluster that are not ours: what `adopt` may take over',
  for: 'member',
  params: jobParams,
  query: z.strictObject({ team: name }),
  responses: {
    200: list(z.object({ flinkJobId: z.string(), name: z.string(), state: z.string(), startedAt: time })),
  },
  problems: ['not-found'],
  async run(call) {
    const { access, clusters, jobs } = call.services.platform
    const where = await clusters.find(call.params.name)
    if (!where.ok) throw notFound('cluster', call.params.name, where.near)
    const team = await access.team(call.query.team)
    if (!team.ok) throw notFound('team', call.query.team, team.near)
    const { environment } = where.value
    const id = team.value.id as Job['team']['id']
    const allowed = await permit(call, 'job:view', { of: 'team', team: id, environment, job: null })
    return ok(await jobs.strangers(allowed, where.value.name))
  },
})

export const jobRoutes: readonly Route[] = [
  listJobs,
  createJob,
  showJob,
  releases,
  createRelease,
  showRelease,
  diff,
  savepoints,
  attempts,
  logs,
  causes,
  check,
  archive,
  setRestartPolicy,
  strangers,
]
