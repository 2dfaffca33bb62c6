import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { nearNames } from '../../lib/near-names.ts'
import type { By, Permit } from '../access/access.ts'
import { createCache } from '../access/cache.ts'
import { demandJob, demandTeam } from '../access/demand.ts'
import type { JobReach } from '../access/job-reach.ts'
import { foldName, isGoodName } from '../access/names.ts'
import type { FlushContext } from '../alerts/flushing.ts'
import { openIncidentOf } from '../alerts/incident-view.ts'
import { clusterView } from '../flink/clusters.ts'
import type { Done, JobDraft, JobPage, JobRefusal, JobsApi } from '../platform.ts'
import type { FlinkState, Runtime } from '../runtimes/runtime.ts'
import type { Artifacts } from './artifacts.ts'
import { changeUnder } from './change.ts'
import { DEFAULT_RESTART_POLICY, type Job, type Savepoint } from './job.ts'
import { maskCause, maskLogs } from './mask-runtime.ts'
import type { Release, ReleaseDraft } from './release.ts'
import { maskedRelease, releaseChanges } from './release-diff.ts'
import { completeDraft, type ReleaseContent } from './release-draft.ts'
import type { ClusterRecord, Stores, Transact } from './stores.ts'

export interface JobsDependencies {
  alerting: FlushContext
  transact: Transact
  read: Stores
  runtimeOf(cluster: ClusterRecord): Runtime
  artifacts: Artifacts
  reach(by: By): JobReach
  clock: Clock
  ids: Ids
}

/** Names are compared with what was typed; more than this no company has. */
const MOST_NAMES = 20_000
/** Looking again at files that were there a moment ago tells nothing new. */
const PRESENCE_KEPT_MS = 30_000
const ENDED: readonly FlinkState[] = ['FAILED', 'CANCELED', 'FINISHED']

/** Everything about jobs but their operations. */
export function createJobs(dependencies: JobsDependencies): JobsApi {
  const { read, reach, artifacts } = dependencies
  const outside = lookOutside(dependencies)
  return {
    async list(by, ask) {
      const { cursor = null, limit, ...asked } = ask
      const filter = { ...asked, ...reach(by) }
      const [page, counts] = await Promise.all([
        read.jobs.list(filter, { cursor, ...(limit !== undefined && { limit }) }),
        read.jobs.counts(filter),
      ])
      return { ...page, counts }
    },

    async find(name) {
      const folded = foldName(name)
      const job = await read.jobs.byName(folded)
      if (job) return { ok: true, value: job }
      return { ok: false, near: nearNames(folded, await read.jobs.names(MOST_NAMES)) }
    },

    create: (permit, draft) => createJob(dependencies, permit, draft),
    release: (permit, jobId, draft) => makeRelease(dependencies, permit, jobId, draft),

    async releases(permit, jobId, ask) {
      await demandedJob(read, permit, jobId)
      return read.releases.list(jobId, ask)
    },
    async releaseByNumber(permit, jobId, number) {
      await demandedJob(read, permit, jobId)
      return read.releases.byNumber(jobId, number)
    },
    async diff(permit, jobId, from, to) {
      await demandedJob(read, permit, jobId)
      const before = await read.releases.byNumber(jobId, from)
      if (!before) return { ok: false, why: { of: 'unknown-release', asked: from } }
      const after = await read.releases.byNumber(jobId, to)
      if (!after) return { ok: false, why: { of: 'unknown-release', asked: to } }
      const names = await clusterNames(read, [before.clusterId, after.clusterId])
      return { ok: true, value: releaseChanges(before, after, (id) => names.get(id) ?? id) }
    },

    setRestartPolicy: (permit, jobId, policy) =>
      changeJob(dependencies, permit, jobId, async (stores, job) => {
        await stores.jobs.setRestartPolicy(jobId, policy)
        return { before: job.restartPolicy, after: policy }
      }),

    setImportance: (permit, jobId, importance) =>
      changeJob(dependencies, permit, jobId, async (stores, job) => {
        await stores.jobs.setImportance(jobId, importance)
        return { before: job.importance, after: importance }
      }),

    archive: (permit, jobId) => archiveJob(dependencies, permit, jobId),

    async attempts(permit, jobId, ask) {
      await demandedJob(read, permit, jobId)
      return read.attempts.list(jobId, ask)
    },

    ...outside,
    upload: (permit, file) => artifacts.upload(permit, file),
  }
}

// --- changes ------------------------------------------------------------------------------------------------------

async function createJob(
  { transact, read, clock, ids }: JobsDependencies,
  permit: Permit<'job:create'>,
  draft: JobDraft,
): Promise<Done<{ job: Job; release: Release }, JobRefusal>> {
  const name = foldName(draft.name)
  if (!isGoodName(name)) return { ok: false, why: { of: 'bad-name' } }
  const team = await read.teams.byName(foldName(draft.team))
  if (!team) return { ok: false, why: { of: 'unknown-team' } }
  const cluster = await read.clusters.byName(draft.cluster.trim().toLowerCase())
  if (!cluster) return { ok: false, why: { of: 'unknown-cluster', near: await nearClusters(read, draft) } }
  demandTeam(permit, team, cluster.environment)

  const { member } = permit.by
  const { kind, note = '', restartPolicy = DEFAULT_RESTART_POLICY } = draft
  const content = await completeDraft(read, draft.release, { kind, former: null, language: member.language })
  if (!content.ok) return content

  const id = ids.next('job')
  const at = clock.now()
  return transact(async (stores) => {
    const answer = await stores.jobs.insert({
      id,
      name,
      teamId: team.id,
      environment: cluster.environment,
      clusterId: cluster.id,
      kind,
      note,
      restartPolicy,
      at,
    })
    if (answer === 'name-taken') return { ok: false, why: { of: 'name-taken' } }
    const release = await saveRelease(stores, content.value, { jobId: id, clusterId: cluster.id, permit, at })
    const job = await mustBeThere(stores, id)
    await stores.audit.record(
      changeUnder(permit, { subject: name, job, after: { job, release: maskedRelease(release) } }),
    )
    stores.tell({ of: 'job', jobId: id })
    return { ok: true, value: { job, release } }
  })
}

async function makeRelease(
  { transact, clock }: JobsDependencies,
  permit: Permit<'job:release'>,
  jobId: string,
  draft: ReleaseDraft,
): Promise<Done<Release, JobRefusal>> {
  return transact(async (stores) => {
    const job = await lockedJob(stores, permit, jobId)
    if (job.archivedAt !== null) return { ok: false, why: { of: 'archived' } }
    const former = await stores.releases.byNumber(jobId, job.releases)
    const { language } = permit.by.member
    const content = await completeDraft(stores, draft, { kind: job.kind, former, language })
    if (!content.ok) return content

    const clusterId = job.cluster.id
    const release = await saveRelease(stores, content.value, { jobId, clusterId, permit, at: clock.now() })
    const changes = former && releaseChanges(former, release)
    await stores.audit.record(
      changeUnder(permit, { subject: job.name, job, after: { release: release.number, changes } }),
    )
    stores.tell({ of: 'job', jobId })
    return { ok: true, value: release }
  })
}

async function saveRelease(
  stores: Stores,
  content: ReleaseContent,
  { jobId, clusterId, permit, at }: { jobId: string; clusterId: string; permit: Permit; at: number },
): Promise<Release> {
  const release: Release = {
    ...content,
    jobId,
    number: await stores.jobs.nextRelease(jobId),
    clusterId,
    author: permit.by.member.displayName,
    createdAt: at,
  }
  await stores.releases.insert(release)
  return release
}

async function archiveJob(
  dependencies: JobsDependencies,
  permit: Permit<'job:archive'>,
  jobId: string,
): Promise<Done<Job, JobRefusal>> {
  const { transact, clock } = dependencies
  return transact(async (stores) => {
    const job = await lockedJob(stores, permit, jobId)
    if (job.archivedAt !== null) return { ok: true, value: job }
    const busy = (await stores.attempts.live(jobId)) ?? (await stores.operations.openOf(jobId))
    if (busy || job.desired === 'running') return { ok: false, why: { of: 'not-stopped' } }
    await stores.jobs.archive(jobId, clock.now())
    const after = await mustBeThere(stores, jobId)
    const what = {
      subject: job.name,
      job,
      before: { state: job.state },
      after: { archivedAt: after.archivedAt },
    }
    await stores.audit.record(changeUnder(permit, what))
    stores.tell({ of: 'job', jobId })
    return { ok: true, value: after }
  })
}

function changeJob(
  { transact }: JobsDependencies,
  permit: Permit,
  jobId: string,
  change: (stores: Stores, job: Job) => Promise<{ before: unknown; after: unknown }>,
): Promise<Job> {
  return transact(async (stores) => {
    const job = await lockedJob(stores, permit, jobId)
    const what = await change(stores, job)
    await stores.audit.record(changeUnder(permit, { subject: job.name, job, ...what }))
    stores.tell({ of: 'job', jobId })
    return mustBeThere(stores, jobId)
  })
}

// --- looking at what runs -----------------------------------------------------------------------------------------

type Outside = Pick<JobsApi, 'page' | 'savepoints' | 'logs' | 'causes' | 'check' | 'strangers'>

function lookOutside({ read, runtimeOf, clock, alerting }: JobsDependencies): Outside {
  const presence = createCache<Savepoint['presence']>(clock, PRESENCE_KEPT_MS)

  async function clusterOf(job: Job): Promise<ClusterRecord> {
    const cluster = await read.clusters.byId(job.cluster.id)
    if (!cluster) throw new Error(`Job ${job.name} runs on a cluster that never was.`)
    return cluster
  }

  /** Looked at through the cluster's eyes; what cannot be seen from here keeps what was known. */
  async function checked(runtime: Runtime, savepoint: Savepoint): Promise<Savepoint> {
    const seen = await presence.get(savepoint.path, () => runtime.stateExists(savepoint.path))
    if (seen === null || seen === 'unknown' || seen === savepoint.presence) return savepoint
    await read.savepoints.setPresence(savepoint.id, seen, clock.now())
    return { ...savepoint, presence: seen }
  }

  return {
    async page(permit, jobId): Promise<JobPage> {
      const job = await demandedJob(read, permit, jobId)
      const [cluster, live, savepoints, operation, incident, jobs] = await Promise.all([
        clusterOf(job),
        read.attempts.live(jobId),
        read.savepoints.list(jobId, { limit: 1 }),
        read.operations.openOf(jobId),
        openIncidentOf(read, alerting, jobId, clock.now()),
        read.clusters.jobCount(job.cluster.id),
      ])
      // A cluster that is silent would keep the page waiting for what it will not say.
      const detail =
        live && cluster.unreachableSince === null
          ? await runtimeOf(cluster).detail(live.identity, { pressure: true })
          : null
      return {
        job,
        detail,
        cluster: clusterView(cluster, jobs),
        savepoint: savepoints.items[0] ?? null,
        operation,
        incident,
      }
    },

    async savepoints(permit, jobId, ask) {
      const job = await demandedJob(read, permit, jobId)
      const page = await read.savepoints.list(jobId, ask)
      const runtime = runtimeOf(await clusterOf(job))
      return { ...page, items: await Promise.all(page.items.map((each) => checked(runtime, each))) }
    },

    async logs(permit, jobId, query) {
      const job = await demandedJob(read, permit, jobId)
      const attempt = await read.attempts.latest(jobId)
      if (!attempt) return { ok: false, why: 'never-ran' }
      const cluster = await clusterOf(job)
      const pages = await runtimeOf(cluster).logs(attempt.identity, query)
      if (pages.length === 0 && cluster.unreachableSince !== null) return { ok: false, why: 'cluster-silent' }
      return { ok: true, value: pages.map(maskLogs) }
    },

    async causes(permit, jobId) {
      const job = await demandedJob(read, permit, jobId)
      const attempt = await read.attempts.latest(jobId)
      if (!attempt) return []
      const causes = await runtimeOf(await clusterOf(job)).causes(attempt.identity)
      return causes.map(maskCause)
    },

    async check(permit, jobId) {
      const job = await demandedJob(read, permit, jobId)
      const release = await read.releases.byNumber(jobId, job.releases)
      if (!release) throw new Error(`Job ${job.name} has no release ${job.releases}.`)
      const { program, parallelism, flinkSettings } = release
      const plan = { jobName: job.name, program, parallelism, flinkSettings, restore: null }
      return runtimeOf(await clusterOf(job)).check(plan)
    },

    async strangers(permit, clusterName) {
      if (permit.subject.of !== 'team') throw new Error('Strangers are looked for on behalf of a team.')
      const cluster = await read.clusters.byName(clusterName)
      if (cluster?.kind !== 'session') return []
      const sight = await runtimeOf(cluster).observe()
      if (sight.is === 'unreachable') return []
      const ours = new Set(
        (await read.attempts.onCluster(cluster.id)).map(({ attempt }) => attempt.flinkJobId),
      )
      const others = sight.jobs.filter((job) => !ENDED.includes(job.state) && !ours.has(job.flinkJobId))
      // Few are left; one that we hold for over, and that lives, is no stranger either.
      const known = await Promise.all(others.map((job) => read.attempts.byFlinkJobId(job.flinkJobId)))
      return others
        .filter((_, i) => !known[i])
        .map(({ flinkJobId, name, state, startedAt }) => ({ flinkJobId, name, state, startedAt }))
    },
  }
}

// --- helpers ------------------------------------------------------------------------------------------------------

async function demandedJob(stores: Stores, permit: Permit, jobId: string): Promise<Job> {
  const job = await mustBeThere(stores, jobId)
  demandJob(permit, job)
  return job
}

async function lockedJob(stores: Stores, permit: Permit, jobId: string): Promise<Job> {
  const job = await stores.jobs.lock(jobId)
  if (!job) throw new Error(`There is no job ${jobId}.`)
  demandJob(permit, job)
  return job
}

async function mustBeThere(stores: Stores, jobId: string): Promise<Job> {
  const job = await stores.jobs.byId(jobId)
  if (!job) throw new Error(`There is no job ${jobId}.`)
  return job
}

async function nearClusters(stores: Stores, { cluster }: JobDraft): Promise<readonly string[]> {
  const all = await stores.clusters.all()
  return nearNames(
    cluster,
    all.map(({ name }) => name),
  )
}

async function clusterNames(stores: Stores, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all([...new Set(ids)].map((id) => stores.clusters.byId(id)))
  return new Map(found.flatMap((cluster) => (cluster ? [[cluster.id, cluster.name] as const] : [])))
}
