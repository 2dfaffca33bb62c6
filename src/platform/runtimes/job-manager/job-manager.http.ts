import type { Clock } from '../../../lib/clock.ts'
import type {
  ClusterSight,
  FlinkJobId,
  JobDetail,
  RuntimeCause,
  SlotRoom,
  TriggerAnswer,
  TriggerSight,
} from '../runtime.ts'
import * as answers from './answers.ts'
import type { FlinkRest, RestFailure } from './flink-rest.http.ts'
import * as requests from './requests.ts'
import * as schemas from './schemas.ts'

/**
 * What can be asked of a JobManager and told to it, whoever runs it: a session cluster has one for many jobs, an
 * application one of its own. All that is remembered here can be lost without harm.
 */
export interface JobManager {
  rest: FlinkRest
  clock: Clock
  version: { is: requests.FlinkMinor; readAt: number } | null
  /** Flink 1.14 names triggers itself. */
  foreignTriggers: Map<string, string>
  /** By source vertex: the metrics that tell how far it is behind. They stay the same as long as a job lives. */
  lagMetrics: Map<string, answers.LagMetrics>
}

export function jobManagerAt(rest: FlinkRest, clock: Clock): JobManager {
  return { rest, clock, version: null, foreignTriggers: new Map(), lagMetrics: new Map() }
}

/** 10,000 jobs in one listing are 4 MB. */
const MAX_LISTING_BYTES = 64 * 1024 * 1024
/** The version is asked for anew before each submit; other calls may use one this old. */
export const VERSION_AGE_MS = 60_000

export type Versioned = { is: 'known'; version: requests.FlinkMinor } | { is: 'unknown'; because: string }

export async function readVersion(at: JobManager, maxAgeMs: number): Promise<Versioned> {
  const now = at.clock.now()
  if (at.version && now - at.version.readAt < maxAgeMs) {
    return { is: 'known', version: at.version.is }
  }
  const answer = await at.rest.call({ path: '/config', route: '/config', answer: schemas.config })
  if (answer.is !== 'answered') return { is: 'unknown', because: reasonOf(answer) }
  const version = requests.flinkMinor(answer.body['flink-version'])
  if (!version) return { is: 'unknown', because: `unreadable Flink version ${answer.body['flink-version']}` }
  at.version = { is: version, readAt: now }
  return { is: 'known', version }
}

/** One request: everything that runs or ran behind one JobManager. */
export async function listJobs(at: JobManager): Promise<ClusterSight> {
  const answer = await at.rest.call({
    path: '/jobs/overview',
    route: '/jobs/overview',
    answer: schemas.listing,
    maxBytes: MAX_LISTING_BYTES,
  })
  const now = at.clock.now()
  if (answer.is !== 'answered') return { is: 'unreachable', at: now, because: reasonOf(answer) }
  return { is: 'seen', at: now, jobs: answers.listedJobs(answer.body) }
}

// --- savepoint, stop, cancel --------------------------------------------------------------------------------------

export async function savepoint(
  at: JobManager,
  flinkJobId: FlinkJobId,
  order: { triggerId: string; directory: string | null },
): Promise<TriggerAnswer> {
  return await trigger(at, flinkJobId, {
    triggerId: order.triggerId,
    kind: 'savepoints',
    body: (version) => requests.savepointRequest(order, version),
  })
}

export async function stop(
  at: JobManager,
  flinkJobId: FlinkJobId,
  order: { triggerId: string; directory: string | null; drain: boolean },
): Promise<TriggerAnswer> {
  return await trigger(at, flinkJobId, {
    triggerId: order.triggerId,
    kind: 'stop',
    body: (version) => requests.stopRequest(order, version),
  })
}

interface Trigger {
  triggerId: string
  kind: 'savepoints' | 'stop'
  body: (version: requests.FlinkMinor) => requests.SavepointBody | requests.StopBody
}

async function trigger(at: JobManager, flinkJobId: FlinkJobId, order: Trigger): Promise<TriggerAnswer> {
  const versioned = await readVersion(at, VERSION_AGE_MS)
  if (versioned.is === 'unknown') return { is: 'unknown', because: versioned.because }
  if (at.foreignTriggers.has(order.triggerId)) return { is: 'triggered' }
  const answer = await at.rest.call({
    method: 'POST',
    path: `/jobs/${flinkJobId}/${order.kind}`,
    route: `/jobs/:id/${order.kind}`,
    json: order.body(versioned.version),
    answer: schemas.accepted,
  })
  if (answer.is !== 'answered') return triggerFailed(answer)
  const named = answer.body['request-id']
  if (named !== order.triggerId) at.foreignTriggers.set(order.triggerId, named)
  return { is: 'triggered' }
}

function triggerFailed(failure: RestFailure): TriggerAnswer {
  if (failure.is === 'refused' && failure.status < 500) {
    return { is: 'refused', because: answers.sentenceOf(failure.error) }
  }
  return { is: 'unknown', because: reasonOf(failure) }
}

export async function triggered(
  at: JobManager,
  flinkJobId: FlinkJobId,
  triggerId: string,
): Promise<TriggerSight> {
  const named = at.foreignTriggers.get(triggerId) ?? triggerId
  const answer = await at.rest.call({
    path: `/jobs/${flinkJobId}/savepoints/${named}`,
    route: '/jobs/:id/savepoints/:trigger',
    answer: schemas.trigger,
  })
  if (answer.is === 'answered') return answers.triggerSight(answer.body)
  if (answer.is === 'refused' && answer.status === 404) return { is: 'forgotten' }
  return { is: 'unknown', because: reasonOf(answer) }
}

export async function cancel(
  at: JobManager,
  flinkJobId: FlinkJobId,
): Promise<TriggerAnswer | { is: 'already-over' }> {
  const answer = await at.rest.call({
    method: 'PATCH',
    path: `/jobs/${flinkJobId}?mode=cancel`,
    route: '/jobs/:id cancel',
    answer: schemas.anything,
  })
  if (answer.is === 'answered') return { is: 'triggered' }
  if (answer.is === 'refused' && answer.status === 409) return { is: 'already-over' }
  return triggerFailed(answer)
}

// --- details ------------------------------------------------------------------------------------------------------

export async function detail(
  at: JobManager,
  flinkJobId: FlinkJobId,
  want: { pressure: boolean },
): Promise<JobDetail | null> {
  const path = `/jobs/${flinkJobId}`
  const [job, checkpoints, restarts] = await Promise.all([
    at.rest.call({ path, route: '/jobs/:id', answer: schemas.job }),
    at.rest.call({
      path: `${path}/checkpoints`,
      route: '/jobs/:id/checkpoints',
      answer: schemas.checkpoints,
    }),
    readRestarts(at, path),
  ])
  if (job.is !== 'answered') return null
  return answers.jobDetail(job.body, {
    checkpoints: checkpoints.is === 'answered' ? checkpoints.body : null,
    restarts,
    pressure: want.pressure ? await readPressure(at, path, job.body) : new Map(),
    lag: want.pressure ? await readLag(at, path, job.body) : answers.NO_LAG,
  })
}

async function readRestarts(at: JobManager, path: string): Promise<number | null> {
  const answer = await at.rest.call({
    path: `${path}/metrics?get=numRestarts`,
    route: '/jobs/:id/metrics',
    answer: schemas.metrics,
  })
  const value =
    answer.is === 'answered' ? answer.body.find((metric) => metric.id === 'numRestarts')?.value : undefined
  const restarts = Number(value ?? Number.NaN)
  return Number.isFinite(restarts) ? restarts : null
}

const BACK_PRESSURED = 'backPressuredTimeMsPerSecond'
const BUSY = 'busyTimeMsPerSecond'

async function readPressure(at: JobManager, path: string, job: schemas.Job) {
  const read = async (vertex: string): Promise<[string, answers.Pressure]> => {
    const answer = await at.rest.call({
      path: `${path}/vertices/${vertex}/subtasks/metrics?get=${BACK_PRESSURED},${BUSY}&agg=max`,
      route: '/jobs/:id/vertices/:vertex/subtasks/metrics',
      answer: schemas.aggregated,
    })
    const value = (id: string) =>
      answer.is === 'answered' ? (answer.body.find((metric) => metric.id === id)?.max ?? null) : null
    return [vertex, { backPressured: value(BACK_PRESSURED), busy: value(BUSY) }]
  }
  return new Map(await Promise.all(job.vertices.map((vertex) => read(vertex.id))))
}

/** So many source vertices are remembered. */
const MOST_LAG_METRICS = 20_000

/** How far the sources are behind, where their connector tells: the sum of what waits, the longest delay. */
async function readLag(at: JobManager, path: string, job: schemas.Job): Promise<answers.Lag> {
  const sources = job.vertices.filter(answers.isSource)
  return answers.lagSum(await Promise.all(sources.map((vertex) => readLagOf(at, path, vertex.id))))
}

async function readLagOf(at: JobManager, path: string, vertex: string): Promise<answers.Lag> {
  const metrics = `${path}/vertices/${vertex}/subtasks/metrics`
  const known = at.lagMetrics.get(metrics) ?? (await findLagMetrics(at, metrics))
  if (known.records === null && known.time === null) return answers.NO_LAG
  const names = [known.records, known.time].flatMap((name) => name ?? [])
  const answer = await at.rest.call({
    path: `${metrics}?get=${names.map(encodeURIComponent).join(',')}&agg=sum,max`,
    route: '/jobs/:id/vertices/:vertex/subtasks/metrics',
    answer: schemas.aggregated,
  })
  return answer.is === 'answered' ? answers.lagOf(answer.body, known) : answers.NO_LAG
}

/** Flink fills its list of metrics in the background: an empty one is asked for again. */
async function findLagMetrics(at: JobManager, path: string): Promise<answers.LagMetrics> {
  const answer = await at.rest.call({
    path,
    route: '/jobs/:id/vertices/:vertex/subtasks/metrics',
    answer: schemas.metricNames,
  })
  if (answer.is !== 'answered' || answer.body.length === 0) return { records: null, time: null }
  const found = answers.lagMetrics(answer.body.map(({ id }) => id))
  const [oldest] = at.lagMetrics.keys()
  if (at.lagMetrics.size >= MOST_LAG_METRICS && oldest !== undefined) at.lagMetrics.delete(oldest)
  at.lagMetrics.set(path, found)
  return found
}

const MAX_EXCEPTIONS = 16

export async function causes(at: JobManager, flinkJobId: FlinkJobId): Promise<readonly RuntimeCause[]> {
  const answer = await at.rest.call({
    path: `/jobs/${flinkJobId}/exceptions?maxExceptions=${MAX_EXCEPTIONS}`,
    route: '/jobs/:id/exceptions',
    answer: schemas.exceptions,
  })
  return answer.is === 'answered' ? answers.causesFrom(answer.body) : []
}

export async function room(at: JobManager): Promise<SlotRoom | null> {
  const answer = await at.rest.call({ path: '/overview', route: '/overview', answer: schemas.overview })
  if (answer.is !== 'answered') return null
  return {
    of: 'slots',
    flinkVersion: answer.body['flink-version'],
    taskManagers: answer.body.taskmanagers,
    slotsTotal: answer.body['slots-total'],
    slotsFree: answer.body['slots-available'],
  }
}

/** A failure in one clause, for "because". */
export function reasonOf(failure: RestFailure): string {
  if (failure.is === 'refused')
    return `Flink answered ${failure.status}: ${answers.sentenceOf(failure.error)}`
  return failure.because
}
