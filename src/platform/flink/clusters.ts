import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { nearNames } from '../../lib/near-names.ts'
import type { Permit } from '../access/access.ts'
import { demandPlatform } from '../access/demand.ts'
import { changeUnder } from '../jobs/change.ts'
import type { ClusterRecord, Stores, Transact } from '../jobs/stores.ts'
import type { ClustersApi, ClusterView, YarnDraft } from '../platform.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { HadoopConf } from '../runtimes/yarn/hadoop-conf.file.ts'
import { type HadoopFacts, hadoopFacts } from '../runtimes/yarn/hadoop-conf.ts'
import { readClusterAddress } from './cluster-address.ts'
import { yarnPlaceOf } from './yarn-candidate.ts'
import { explainYarnProblem, type YarnProblem } from './yarn-problems.ts'

export interface ClustersDependencies {
  transact: Transact
  read: Stores
  runtimes: {
    of(cluster: ClusterRecord): Runtime
    /** Lets go of the connections to a cluster. */
    forget(id: string): void
  }
  /** Clusters whose processes are ours. */
  managed: {
    scale(name: string, taskManagers: number): Promise<{ ok: true } | { ok: false; because: string }>
  }
  readHadoopConf(directory: string): Promise<HadoopConf>
  clock: Clock
  ids: Ids
}

type Draft = Parameters<ClustersApi['add']>[1]
type AddAnswer = Awaited<ReturnType<ClustersApi['add']>>

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
/** More on one machine than anybody means. */
const MOST_TASK_MANAGERS = 100

export function createClusters(dependencies: ClustersDependencies): ClustersApi {
  const { transact, read, runtimes, managed, clock } = dependencies
  return {
    async list() {
      const [all, counts] = await Promise.all([read.clusters.all(), read.clusters.jobCounts()])
      return all.map((cluster) => clusterView(cluster, counts.get(cluster.id) ?? 0))
    },

    async find(name) {
      const cluster = await read.clusters.byName(name.trim().toLowerCase())
      if (cluster) return { ok: true, value: await viewWithJobs(read, cluster) }
      const names = (await read.clusters.all()).map((each) => each.name)
      return { ok: false, near: nearNames(name, names) }
    },

    async add(permit, draft) {
      demandPlatform(permit)
      const candidate = await candidateOf(dependencies, draft)
      return candidate.ok ? await admit(dependencies, permit, candidate.value) : candidate
    },

    async addYarn(permit, draft) {
      demandPlatform(permit)
      const candidate = await yarnCandidateOf(dependencies, draft)
      return candidate.ok ? await admit(dependencies, permit, candidate.value) : candidate
    },

    async remove(permit, name) {
      demandPlatform(permit)
      const answer = await transact(async (stores): ReturnType<ClustersApi['remove']> => {
        const cluster = await stores.clusters.byName(name)
        if (!cluster) return { ok: false, why: { of: 'unknown' } }
        const view = await viewWithJobs(stores, cluster)
        if (view.jobs > 0) return { ok: false, why: { of: 'has-jobs', jobs: view.jobs } }
        await stores.clusters.remove(cluster.id, clock.now())
        await stores.audit.record(changeUnder(permit, { subject: `cluster ${cluster.name}`, before: view }))
        stores.tell({ of: 'cluster', clusterId: cluster.id })
        return { ok: true, value: view }
      })
      if (answer.ok) runtimes.forget(answer.value.id)
      return answer
    },

    async scale(permit, name, taskManagers) {
      demandPlatform(permit)
      const cluster = await read.clusters.byName(name)
      if (!cluster) return { ok: false, why: { of: 'unknown' } }
      if (!cluster.managed) return { ok: false, why: { of: 'not-managed' } }
      if (!Number.isInteger(taskManagers) || taskManagers < 1 || taskManagers > MOST_TASK_MANAGERS) {
        return { ok: false, why: { of: 'failed', because: `1 … ${MOST_TASK_MANAGERS} TaskManagers` } }
      }
      // Starting what runs already changes nothing, so the entry may follow the deed.
      const scaled = await managed.scale(name, taskManagers)
      const room = scaled.ok ? await runtimes.of(cluster).room() : null
      await transact(async (stores) => {
        if (room) await stores.clusters.saveRoom(cluster.id, room)
        await stores.audit.record({
          ...changeUnder(permit, {
            subject: `cluster ${name}`,
            before: cluster.room,
            after: { taskManagers, room },
          }),
          ...(!scaled.ok && { decision: 'failed', because: scaled.because }),
        })
        stores.tell({ of: 'cluster', clusterId: cluster.id })
      })
      if (!scaled.ok) return { ok: false, why: { of: 'failed', because: scaled.because } }
      return { ok: true, value: await viewWithJobs(read, { ...cluster, room: room ?? cluster.room }) }
    },
  }
}

type Admission = { ok: true; value: ClusterView } | { ok: false; why: NoAnswer | { of: 'name-taken' } }
interface NoAnswer {
  of: 'no-answer'
  because: string
}

/** Kept when it answers. */
async function admit(
  dependencies: ClustersDependencies,
  permit: Permit<'cluster:manage'>,
  candidate: ClusterRecord,
): Promise<Admission> {
  const { transact, runtimes, clock } = dependencies
  const seen = await askOnce(dependencies, candidate)
  if (!seen.ok) return seen

  const cluster = { ...candidate, ...seen.value }
  const view = clusterView(cluster, 0)
  const saved = await transact(async (stores) => {
    const answer = await stores.clusters.insert(stripped(cluster), clock.now())
    if (answer === 'name-taken') return answer
    await stores.clusters.saveReach(cluster.id, { is: 'reachable', at: clock.now() })
    if (cluster.room) await stores.clusters.saveRoom(cluster.id, cluster.room)
    await stores.audit.record(changeUnder(permit, { subject: `cluster ${cluster.name}`, after: view }))
    stores.tell({ of: 'cluster', clusterId: cluster.id })
    return answer
  })
  if (saved === 'saved') return { ok: true, value: view }
  runtimes.forget(cluster.id)
  return { ok: false, why: { of: 'name-taken' } }
}

async function candidateOf(
  dependencies: ClustersDependencies,
  draft: Draft,
): Promise<{ ok: true; value: ClusterRecord } | (AddAnswer & { ok: false })> {
  const base = await baseOf(dependencies, draft)
  if (!base.ok) return base
  const address = readClusterAddress(draft.address)
  if (address === null) return { ok: false, why: { of: 'bad-address' } }
  return {
    ok: true,
    value: {
      ...{ ...base.value, kind: 'session', yarn: null, address },
      managed: draft.managed ?? false,
      sandbox: draft.sandbox ?? false,
      savepointDir: draft.savepointDir ?? null,
      checkpointDir: draft.checkpointDir ?? null,
      archiveDir: draft.archiveDir ?? null,
      parallelOperations: PARALLEL_OPERATIONS,
    },
  }
}

type YarnAnswer = Awaited<ReturnType<ClustersApi['addYarn']>>

async function yarnCandidateOf(
  dependencies: ClustersDependencies,
  draft: YarnDraft,
): Promise<{ ok: true; value: ClusterRecord } | (YarnAnswer & { ok: false })> {
  let facts: HadoopFacts | null = null
  if (draft.hadoopConfDir !== undefined) {
    const read = await dependencies.readHadoopConf(draft.hadoopConfDir)
    if (!read.ok) return badYarn({ is: 'no-conf', file: read.file })
    facts = hadoopFacts(read.conf)
  }
  const verdict = yarnPlaceOf(draft, facts)
  if (!verdict.ok) return badYarn(verdict.problem)
  const base = await baseOf(dependencies, draft)
  if (!base.ok) return base
  const { place } = verdict
  // Every file of a job has a place that other machines see.
  const ours = (name: string) => `${place.fileSystem}/user/${place.user}/sluice/${name}`
  return {
    ok: true,
    value: {
      ...{ ...base.value, kind: 'yarn', yarn: place, address: place.resourceManagers[0] ?? '' },
      ...{ managed: false, sandbox: false },
      savepointDir: draft.savepointDir ?? ours('savepoints'),
      checkpointDir: draft.checkpointDir ?? ours('checkpoints'),
      archiveDir: draft.archiveDir ?? ours('archive'),
      parallelOperations: PARALLEL_ON_YARN,
    },
  }
}

function badYarn(problem: YarnProblem): YarnAnswer & { ok: false } {
  const because = { zh: explainYarnProblem(problem, 'zh'), en: explainYarnProblem(problem, 'en') }
  return { ok: false, why: { of: 'bad-yarn', because } }
}

/** What all kinds have. */
async function baseOf(
  { read, ids }: ClustersDependencies,
  draft: Pick<Draft, 'name' | 'environment' | 'flinkVersion'>,
) {
  const no = (of: 'bad-name' | 'unknown-environment' | 'name-taken' | 'unknown-flink-version') =>
    ({ ok: false, why: { of } }) as const
  const name = draft.name.trim().toLowerCase()
  if (!NAME.test(name)) return no('bad-name')
  if (!(await read.environments.exists(draft.environment))) return no('unknown-environment')
  if (await read.clusters.byName(name)) return no('name-taken')
  const version =
    draft.flinkVersion === undefined ? null : await read.flinkVersions.byName(draft.flinkVersion)
  if (draft.flinkVersion !== undefined && !version) return no('unknown-flink-version')
  const { environment } = draft
  const facts = { id: ids.next('cluster'), name, environment, flinkVersionId: version?.id ?? null }
  return { ok: true, value: { ...UNSEEN, ...facts } } as const
}

/** Each application has a JobManager of its own: what they share, the ResourceManager and HDFS, is quick. */
const PARALLEL_ON_YARN = 16

/** Submits of one session cluster share its JobManager: more at once only wait there. */
const PARALLEL_OPERATIONS = 4

const UNSEEN = {
  pulse: null,
  room: null,
  reachableAt: null,
  unreachableSince: null,
  unreachableBecause: null,
  removedAt: null,
} as const satisfies Partial<ClusterRecord>

/** An address with nothing behind it is more often a slip than a cluster that is down. */
async function askOnce({ runtimes, clock }: ClustersDependencies, candidate: ClusterRecord) {
  const runtime = runtimes.of(candidate)
  const silence = (because: string) => {
    runtimes.forget(candidate.id)
    return { ok: false as const, why: { of: 'no-answer' as const, because } }
  }
  const sight = await runtime.observe()
  if (sight.is === 'unreachable') return silence(sight.because)
  if (candidate.yarn) {
    const files = await runtime.stateExists(`${candidate.yarn.fileSystem}/user`)
    if (files === 'unknown') return silence(`the NameNode at ${candidate.yarn.nameNodes.join(', ')}`)
  }
  return { ok: true as const, value: { room: await runtime.room(), reachableAt: clock.now() } }
}

function stripped(cluster: ClusterRecord): Parameters<Stores['clusters']['insert']>[0] {
  const { pulse, room, reachableAt, unreachableSince, unreachableBecause, removedAt, ...rest } = cluster
  return rest
}

async function viewWithJobs(stores: Stores, cluster: ClusterRecord): Promise<ClusterView> {
  return clusterView(cluster, await stores.clusters.jobCount(cluster.id))
}

export function clusterView(cluster: ClusterRecord, jobs: number): ClusterView {
  const { id, name, kind, environment, address, managed, sandbox, room } = cluster
  const yarn = cluster.yarn && { queue: cluster.yarn.queue, user: cluster.yarn.user }
  const reach = reachOf(cluster)
  return { id, name, kind, yarn, environment, address, managed, sandbox, room, reach, jobs }
}

function reachOf(cluster: ClusterRecord): ClusterView['reach'] {
  const { reachableAt, unreachableSince, unreachableBecause } = cluster
  if (unreachableSince !== null) {
    return { is: 'silent', since: unreachableSince, because: unreachableBecause ?? '' }
  }
  return reachableAt === null ? { is: 'not-seen' } : { is: 'reachable', at: reachableAt }
}
