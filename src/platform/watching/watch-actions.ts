import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import { never } from '../../lib/never.ts'
import type { AttemptProof, Job, JobState } from '../jobs/job.ts'
import { freshPulse } from '../jobs/run.ts'
import { newSavepoint, type Place, settledStateLeft, stateLeft } from '../jobs/state-left.ts'
import type { ClusterRecord, LiveAttempt, Stores, Transact } from '../jobs/stores.ts'
import type { EndState, Runtime, RuntimeCause } from '../runtimes/runtime.ts'
import type { WatchEvent, WatchRules } from './reducer.ts'
import { followPolicy } from './restart-by-policy.ts'

export interface WatchActionsDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  log: Log
  rules: WatchRules
  /** Work that must not hold up the next listing; the watcher waits for it when it stops. */
  later(task: () => Promise<void>): void
}

export interface Watching extends WatchActionsDependencies {
  cluster: ClusterRecord
  runtime: Runtime
}

/** What a watcher saw, written down: one commit per event, guarded against an operation that came in between. */
export async function act(watching: Watching, event: WatchEvent): Promise<void> {
  switch (event.of) {
    case 'cluster-silent':
      return clusterSilent(watching, event)
    case 'cluster-back':
      return clusterBack(watching)
    case 'running':
      return onUntouched(watching, event.live, (stores, job) => running(watching, stores, job, event))
    case 'recovering':
      return onUntouched(watching, event.live, (stores, job) => {
        const { flink, tasks, live } = event
        return setState(watching, stores, job, {
          is: 'recovering',
          attempt: live.attempt.number,
          flink,
          tasks,
        })
      })
    case 'looping':
      return looping(watching, event)
    case 'over':
      return over(watching, event.live, {
        kind: 'flink-terminal',
        state: event.state,
        endedAt: event.endedAt,
      })
    case 'absent':
      return absent(watching, event)
    default:
      return never(event)
  }
}

/** Runs only when the attempt is still the live one and no operation has begun meanwhile. */
async function onUntouched(
  { transact }: Watching,
  live: LiveAttempt,
  write: (stores: Stores, job: Job) => Promise<void>,
): Promise<void> {
  await transact(async (stores) => {
    const job = await stores.jobs.lock(live.job.id)
    const now = await stores.attempts.live(live.job.id)
    const operation = await stores.operations.openOf(live.job.id)
    if (!job || now?.id !== live.attempt.id || operation?.state === 'running') return
    await write(stores, job)
    stores.tell({ of: 'job', jobId: job.id })
  })
}

async function setState(
  { clock }: Watching,
  stores: Stores,
  job: Job,
  state: JobState,
  desired?: Job['desired'],
): Promise<void> {
  await stores.jobs.setState(job.id, state, clock.now(), desired ? { desired } : {})
}

async function running(
  watching: Watching,
  stores: Stores,
  job: Job,
  { live, tasks }: Extract<WatchEvent, { of: 'running' }>,
): Promise<void> {
  if (live.attempt.state !== 'live') {
    await stores.attempts.move(live.attempt.id, Number.MAX_SAFE_INTEGER, {
      is: 'live',
      at: watching.clock.now(),
    })
  }
  await setState(watching, stores, job, { is: 'running', attempt: live.attempt.number, tasks })
  await stores.alarms.settle({ jobId: job.id }, { as: 'recovered', at: watching.clock.now() })
  stores.tell({ of: 'cluster', clusterId: watching.cluster.id })
}

async function looping(
  watching: Watching,
  { live, falls }: Extract<WatchEvent, { of: 'looping' }>,
): Promise<void> {
  const { runtime, clock } = watching
  const identity = live.attempt.identity
  const [cause = null] = await runtime.causes(identity)
  const detail = await runtime.detail(identity, { pressure: false })
  const { place } = await stateLeft(watching, live.attempt)
  await onUntouched(watching, live, async (stores, job) => {
    const savepointId = await keepPlace(watching, stores, { job, live, place })
    const facts = { cause, savepointId, restarts: detail?.restarts ?? falls }
    const about = { is: 'job', id: job.id } as const
    await stores.alarms.raise({ kind: 'restart-loop', about, facts, at: clock.now() })
  })
}

async function keepPlace(
  { ids }: Watching,
  stores: Stores,
  { job, live, place }: { job: Job; live: LiveAttempt; place: Place | null },
): Promise<string | null> {
  if (!place) return (await stores.savepoints.newest(job.id))[0]?.id ?? null
  return (await stores.savepoints.add(newSavepoint({ ids, job }, live.attempt, place))).id
}

/** An attempt that the runtime proved to be over, without any of us having ended it. */
async function over(watching: Watching, live: LiveAttempt, proof: AttemptProof): Promise<void> {
  const end: EndState = 'state' in proof ? proof.state : 'FAILED'
  const cause = end === 'FAILED' ? await causeOf(watching, live, proof) : null
  const { place, sure } = await stateLeft(watching, live.attempt)
  await onUntouched(watching, live, async (stores, job) => {
    const now = watching.clock.now()
    await stores.attempts.close(live.attempt.id, proof, now)
    stores.tell({ of: 'cluster', clusterId: watching.cluster.id })
    const savepointId = await keepPlace(watching, stores, { job, live, place })
    if (!sure) watching.later(() => keepSettled(watching, live, place))
    if (end === 'FAILED') {
      if (!cause) watching.later(() => tellCause(watching, live))
      return failed(watching, stores, { job, live, cause, savepointId })
    }
    const outside = end === 'CANCELED'
    await setState(
      watching,
      stores,
      job,
      { is: 'ended', attempt: live.attempt.number, as: end, outside },
      'stopped',
    )
    await stores.alarms.settle({ jobId: job.id }, { as: 'stopped', at: now })
    if (outside) {
      const about = { is: 'job', id: job.id } as const
      await stores.alarms.raise({ kind: 'job-ended-outside', about, facts: { savepointId }, at: now })
    }
  })
}

/** What Flink told at the end may have been old; what it tells once that cannot be counts as well. */
async function keepSettled(watching: Watching, live: LiveAttempt, known: Place | null): Promise<void> {
  const settled = await settledStateLeft(watching, live.attempt, known)
  if (!settled || settled.path === known?.path) return
  await watching.transact(async (stores) => {
    await stores.savepoints.add(newSavepoint({ ids: watching.ids, job: live.job }, live.attempt, settled))
    stores.tell({ of: 'job', jobId: live.job.id })
  })
}

async function causeOf(
  { runtime }: Watching,
  { attempt }: LiveAttempt,
  proof: AttemptProof,
): Promise<RuntimeCause | null> {
  // The new JobManager knows nothing of the job: what ended it is that there is a new one.
  if (proof.kind === 'jobmanager-replaced')
    return { exception: '', message: JOBMANAGER_REPLACED, at: null, task: null, stack: JOBMANAGER_REPLACED }
  const [cause = null] = await runtime.causes(attempt.identity)
  return cause
}

/** A text that the rules of diagnosis know, as they know Flink's own. */
const JOBMANAGER_REPLACED =
  'The JobManager was replaced by another, and without high availability its jobs ended'

/** Flink serves its exceptions from a view up to 3 s old: right after a failure there may be none yet. */
const CAUSE_TRIES = 6
const CAUSE_PAUSE_MS = 1_000

/** The alert went out at once; why it happened is added to its card as soon as Flink tells. */
async function tellCause(
  { transact, runtime, clock }: Watching,
  { attempt, job }: LiveAttempt,
): Promise<void> {
  for (let tries = 0; tries < CAUSE_TRIES; tries++) {
    await clock.sleep(CAUSE_PAUSE_MS)
    const [cause] = await runtime.causes(attempt.identity)
    if (!cause) continue
    await transact(async (stores) => {
      const now = await stores.jobs.lock(job.id)
      if (now?.state.is === 'failed' && now.state.attempt === attempt.number && now.state.cause === null) {
        await stores.jobs.setState(job.id, { ...now.state, cause }, now.stateSince)
      }
      await stores.alarms.explain(job.id, { cause }, clock.now())
      stores.tell({ of: 'job', jobId: job.id })
    })
    return
  }
}

interface Failure {
  job: Job
  live: LiveAttempt
  cause: RuntimeCause | null
  savepointId: string | null
}

async function failed(
  watching: Watching,
  stores: Stores,
  { job, live, cause, savepointId }: Failure,
): Promise<void> {
  const at = watching.clock.now()
  await setState(watching, stores, job, { is: 'failed', attempt: live.attempt.number, cause })
  // What became of it is known now.
  await stores.alarms.settle({ jobId: job.id }, { as: 'stopped', at, kinds: ['job-lost'] })
  await followPolicy(stores, { job, at, facts: { cause, savepointId } })
}

/** The cluster answers and does not list it. Proof closes it; without proof it is lost, and nothing is started. */
async function absent(
  watching: Watching,
  { live, since }: Extract<WatchEvent, { of: 'absent' }>,
): Promise<void> {
  const { runtime, clock, rules } = watching
  const pulse = await freshPulse(watching)
  const sight = await runtime.ask(live.attempt.identity, { born: live.attempt.born, pulse })
  if (sight.is === 'over') return over(watching, live, sight.proof)
  if (sight.is === 'alive' || live.job.state.is === 'lost') return
  if (clock.now() - since < rules.silentMs) return
  await onUntouched(watching, live, async (stores, job) => {
    const state = { is: 'lost', attempt: live.attempt.number, since, because: sight.because } as const
    await setState(watching, stores, job, state)
    const newest = (await stores.savepoints.newest(job.id))[0]
    const facts = { savepointId: newest?.id ?? null }
    const about = { is: 'job', id: job.id } as const
    await stores.alarms.raise({ kind: 'job-lost', about, facts, at: clock.now() })
  })
}

async function clusterSilent(
  watching: Watching,
  { since, because, tell }: Extract<WatchEvent, { of: 'cluster-silent' }>,
): Promise<void> {
  const { transact, cluster, clock, log } = watching
  log.warn(
    { cluster: cluster.name, because, since: new Date(since).toISOString() },
    'A cluster does not answer',
  )
  await transact(async (stores) => {
    await stores.clusters.saveReach(cluster.id, { is: 'silent', since, because })
    if (!tell) return
    const jobs = (await stores.attempts.onCluster(cluster.id)).length
    const cause = { exception: '', message: because, at: clock.now(), task: null, stack: because }
    const about = { is: 'cluster', id: cluster.id } as const
    await stores.alarms.raise({ kind: 'cluster-silent', about, facts: { jobs, cause }, at: clock.now() })
  })
}

async function clusterBack(watching: Watching): Promise<void> {
  const { transact, cluster, clock } = watching
  await transact(async (stores) => {
    await stores.clusters.saveReach(cluster.id, { is: 'reachable', at: clock.now() })
    await stores.alarms.settle({ clusterId: cluster.id }, { as: 'recovered', at: clock.now() })
  })
  // It may be another JobManager than before: its life signs are read before anything is concluded.
  await freshPulse(watching)
}
