import { createHash } from 'node:crypto'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type {
  AttemptSight,
  CheckAnswer,
  ClusterRoom,
  ClusterSight,
  FlinkJobId,
  Identity,
  JobDetail,
  ListedJob,
  Program,
  Pulse,
  Runtime,
  RuntimeCause,
  SubmitAnswer,
  SubmitPlan,
  TriggerAnswer,
  TriggerSight,
} from '../runtime.ts'
import * as answers from './answers.ts'
import {
  createFlinkRest,
  type FlinkRest,
  type FlinkRestOptions,
  type RestFailure,
  type RestOutcome,
} from './flink-rest.http.ts'
import { sessionFlinkJobId } from './identity.ts'
import { type ArtifactContent, createJarShelf, type Jar, type JarShelf } from './jar-shelf.http.ts'
import { readLogs } from './log-reader.http.ts'
import * as requests from './requests.ts'
import * as schemas from './schemas.ts'
import { readArchivedEnd, readNewestRetained, readStateExists } from './state-files.file.ts'

export interface SessionRuntimeOptions {
  /** REST address of the session cluster, `http://host:8081`. */
  address: string
  artifacts: { open(digest: string): Promise<ArtifactContent | null> }
  /** The jar that runs this SQL script. */
  sqlJar: (script: string) => Uint8Array
  clock: Clock
  log: Log
  /** `jobmanager.archive.fs.dir`, when it can be read from here. */
  archiveDirectory?: string | null
  checkpointDirectory?: string | null
  onRequest?: FlinkRestOptions['onRequest']
}

export interface SessionRuntime extends Runtime {
  /** Lets go of the connections. */
  close(): Promise<void>
}

/** main() runs inside the request, and the first SQL script of a JobManager loads the planner: minutes on a busy host. */
const RUN_TIMEOUT_MS = 180_000
/** 10,000 jobs in one listing are 4 MB. */
const MAX_LISTING_BYTES = 64 * 1024 * 1024
/** The version is asked for anew before each submit; other calls may use one this old. */
const VERSION_AGE_MS = 60_000
/**
 * A duplicate refusal may come from a submit that is still on its way into the listing, so the id counts as "ended and
 * forgotten" only when it is absent this long after the refusal.
 */
const SETTLE_MS = 15_000
const CPU_TIME = 'Status.JVM.CPU.Time'

export function createSessionRuntime(options: SessionRuntimeOptions): SessionRuntime {
  const rest = createFlinkRest({
    address: options.address,
    ...(options.onRequest ? { onRequest: options.onRequest } : {}),
  })
  const cluster: Cluster = {
    ...options,
    rest,
    shelf: createJarShelf(rest),
    version: null,
    highAvailability: null,
    duplicates: new Map(),
    foreignTriggers: new Map(),
    lagMetrics: new Map(),
  }
  return {
    reserve: async ({ jobUid, attempt }) => ({
      on: 'session',
      flinkJobId: sessionFlinkJobId(jobUid, attempt),
    }),
    submit: (identity, plan) => submit(cluster, identity, plan),
    check: (plan) => check(cluster, plan),
    observe: () => observe(cluster),
    ask: (identity, life) => ask(cluster, identity, life),
    pulse: (former) => pulse(cluster, former),
    savepoint: (identity, order) => savepoint(cluster, identity, order),
    stop: (identity, order) => stop(cluster, identity, order),
    triggered: (identity, triggerId) => triggered(cluster, identity, triggerId),
    cancel: (identity) => cancel(cluster, identity),
    detail: (identity, want) => detail(cluster, identity, want),
    causes: (identity) => causes(cluster, identity),
    logs: (_identity, query) => readLogs(rest, query),
    room: () => room(cluster),
    async newestRetained(identity, checkpointDirectory) {
      const directory = checkpointDirectory ?? options.checkpointDirectory ?? null
      return directory === null ? null : await readNewestRetained(directory, identity.flinkJobId)
    },
    stateExists: readStateExists,
    close: () => rest.close(),
  }
}

/** What one runtime knows of its cluster between calls; all of it can be lost without harm. */
interface Cluster extends SessionRuntimeOptions {
  rest: FlinkRest
  shelf: JarShelf
  version: { is: requests.FlinkMinor; readAt: number } | null
  highAvailability: { generation: number; on: boolean } | null
  /** Ids that Flink refused as used, and when it did so first. */
  duplicates: Map<FlinkJobId, number>
  /** Flink 1.14 names triggers itself. */
  foreignTriggers: Map<string, string>
  /** By source vertex: the metrics that tell how far it is behind. They stay the same as long as a job lives. */
  lagMetrics: Map<string, answers.LagMetrics>
}

type Versioned = { is: 'known'; version: requests.FlinkMinor } | { is: 'unknown'; because: string }

async function readVersion(cluster: Cluster, maxAgeMs: number): Promise<Versioned> {
  const now = cluster.clock.now()
  if (cluster.version && now - cluster.version.readAt < maxAgeMs) {
    return { is: 'known', version: cluster.version.is }
  }
  const answer = await cluster.rest.call({ path: '/config', route: '/config', answer: schemas.config })
  if (answer.is !== 'answered') return { is: 'unknown', because: reasonOf(answer) }
  const version = requests.flinkMinor(answer.body['flink-version'])
  if (!version) return { is: 'unknown', because: `unreadable Flink version ${answer.body['flink-version']}` }
  cluster.version = { is: version, readAt: now }
  return { is: 'known', version }
}

// --- submit -------------------------------------------------------------------------------------------------------

async function submit(cluster: Cluster, { flinkJobId }: Identity, plan: SubmitPlan): Promise<SubmitAnswer> {
  const versioned = await readVersion(cluster, 0)
  if (versioned.is === 'unknown') return { is: 'unknown', because: versioned.because }
  const jar = jarOf(cluster, plan.program)
  const shelved = await cluster.shelf.put(jar)
  if (shelved.is === 'no-artifact')
    return await refusedUnlessThere(cluster, flinkJobId, missingArtifact(plan.program))
  if (shelved.is === 'failed') return await notShelved(cluster, flinkJobId, shelved.failure)

  const request = requests.runRequest(runOf(flinkJobId, plan), versioned.version)
  let answer = await run(cluster, shelved.jarId, request.body)
  if (answer.is === 'refused' && answers.saysJarIsGone(answer.error)) {
    const again = await cluster.shelf.put(jar, { fresh: true })
    if (again.is === 'there') answer = await run(cluster, again.jarId, request.body)
  }
  return await conclude(cluster, flinkJobId, { answer, notSent: request.notSent })
}

function run(cluster: Cluster, jarId: string, body: requests.RunBody) {
  return cluster.rest.call({
    method: 'POST',
    path: `/jars/${encodeURIComponent(jarId)}/run`,
    route: '/jars/:id/run',
    json: body,
    answer: schemas.ran,
    timeoutMs: RUN_TIMEOUT_MS,
  })
}

/** An error answer never means "no job": whatever was not a clean yes is settled by looking at the listing. */
async function conclude(
  cluster: Cluster,
  id: FlinkJobId,
  { answer, notSent }: { answer: RestOutcome<{ jobid: string }>; notSent: readonly string[] },
): Promise<SubmitAnswer> {
  const accepted: SubmitAnswer = notSent.length > 0 ? { is: 'accepted', notSent } : { is: 'accepted' }
  if (answer.is === 'answered') {
    if (answer.body.jobid === id) return accepted
    cluster.log.error(
      { address: cluster.address, wanted: id, got: answer.body.jobid },
      'Flink started a job under another id',
    )
    return { is: 'unknown', because: `Flink started job ${answer.body.jobid} instead of ${id}` }
  }
  const duplicate = answer.is === 'refused' && answers.saysDuplicate(answer.error)
  if (duplicate) {
    noteDuplicate(cluster, id)
    return { is: 'already-there' }
  }
  const look = await find(cluster, id)
  if (look.is === 'unreachable')
    return { is: 'unknown', because: `${reasonOf(answer)}; then ${look.because}` }
  if (look.is === 'listed') return await concludeListed(cluster, look.job, { answer, accepted })
  return concludeAbsent(answer)
}

async function concludeListed(
  cluster: Cluster,
  job: ListedJob,
  { answer, accepted }: { answer: RestFailure; accepted: SubmitAnswer },
): Promise<SubmitAnswer> {
  // A job that failed before its first task is what a bad savepoint leaves behind: nothing runs, and the id is spent.
  if (answer.is !== 'refused' || job.state !== 'FAILED') return accepted
  const [cause] = await causes(cluster, { on: 'session', flinkJobId: job.flinkJobId })
  const told = cause ?? answers.causeOf(answer.error)
  return { is: 'refused', because: answers.sentenceOf(told), cause: told }
}

function concludeAbsent(answer: RestFailure): SubmitAnswer {
  if (answer.is !== 'refused' || answers.leavesOpen(answer.status, answer.error)) {
    return { is: 'unknown', because: reasonOf(answer) }
  }
  return { is: 'refused', because: answers.sentenceOf(answer.error), cause: answers.causeOf(answer.error) }
}

/** Nothing was sent now, but an earlier submit of the same attempt may have gone through. */
async function refusedUnlessThere(cluster: Cluster, id: FlinkJobId, because: string): Promise<SubmitAnswer> {
  const look = await find(cluster, id)
  if (look.is === 'unreachable') return { is: 'unknown', because: look.because }
  return look.is === 'listed' ? { is: 'already-there' } : { is: 'refused', because, cause: null }
}

async function notShelved(cluster: Cluster, id: FlinkJobId, failure: RestFailure): Promise<SubmitAnswer> {
  if (failure.is !== 'refused' || failure.status >= 500) return { is: 'unknown', because: reasonOf(failure) }
  return await refusedUnlessThere(cluster, id, answers.sentenceOf(failure.error))
}

function noteDuplicate(cluster: Cluster, id: FlinkJobId) {
  if (!cluster.duplicates.has(id)) cluster.duplicates.set(id, cluster.clock.now())
}

function missingArtifact(program: Program): string {
  return program.is === 'jar'
    ? `The artifact ${program.fileName} is no longer kept`
    : 'No jar for this script'
}

function jarOf(cluster: Cluster, program: Program): Jar {
  if (program.is === 'jar') {
    return { digest: program.digest, open: () => cluster.artifacts.open(program.digest) }
  }
  const bytes = cluster.sqlJar(program.script)
  return { digest: createHash('sha256').update(bytes).digest('hex'), open: async () => ({ bytes }) }
}

function runOf(jobId: FlinkJobId, plan: SubmitPlan): requests.Run {
  return {
    jobId,
    jobName: plan.jobName,
    entryClass: plan.program.is === 'jar' ? plan.program.entryClass : null,
    args: plan.program.is === 'jar' ? plan.program.args : [],
    parallelism: plan.parallelism,
    settings: plan.flinkSettings,
    restore: plan.restore,
  }
}

/** Compiling needs some id; it names nothing that ever runs. */
const PLAN_ID = sessionFlinkJobId('plan', 0)

async function check(cluster: Cluster, plan: SubmitPlan): Promise<CheckAnswer> {
  const versioned = await readVersion(cluster, VERSION_AGE_MS)
  if (versioned.is === 'unknown') return { is: 'unknown', because: versioned.because }
  const shelved = await cluster.shelf.put(jarOf(cluster, plan.program))
  if (shelved.is === 'no-artifact') return { is: 'bad', because: missingArtifact(plan.program), cause: null }
  if (shelved.is === 'failed') return { is: 'unknown', because: reasonOf(shelved.failure) }
  const answer = await cluster.rest.call({
    method: 'POST',
    path: `/jars/${encodeURIComponent(shelved.jarId)}/plan`,
    route: '/jars/:id/plan',
    json: requests.planRequest(runOf(PLAN_ID, plan), versioned.version).body,
    answer: schemas.planned,
    timeoutMs: RUN_TIMEOUT_MS,
  })
  if (answer.is === 'answered') return { is: 'good', operators: answers.operatorsOf(answer.body) }
  if (answer.is !== 'refused' || answers.leavesOpen(answer.status, answer.error)) {
    return { is: 'unknown', because: reasonOf(answer) }
  }
  return { is: 'bad', because: answers.sentenceOf(answer.error), cause: answers.causeOf(answer.error) }
}

// --- watching -----------------------------------------------------------------------------------------------------

async function observe(cluster: Cluster): Promise<ClusterSight> {
  const answer = await cluster.rest.call({
    path: '/jobs/overview',
    route: '/jobs/overview',
    answer: schemas.listing,
    maxBytes: MAX_LISTING_BYTES,
  })
  const at = cluster.clock.now()
  if (answer.is !== 'answered') return { is: 'unreachable', at, because: reasonOf(answer) }
  return { is: 'seen', at, jobs: answers.listedJobs(answer.body) }
}

type Look = { is: 'listed'; job: ListedJob } | { is: 'absent' } | { is: 'unreachable'; because: string }

/** The listing and not `/jobs/:id`: the latter answers from a cache that may be seconds old. */
async function find(cluster: Cluster, id: FlinkJobId): Promise<Look> {
  const sight = await observe(cluster)
  if (sight.is === 'unreachable') return sight
  const job = sight.jobs.find((job) => job.flinkJobId === id)
  return job ? { is: 'listed', job } : { is: 'absent' }
}

async function ask(
  cluster: Cluster,
  { flinkJobId }: Identity,
  life: { born: number | null; pulse: Pulse | null },
): Promise<AttemptSight> {
  const look = await find(cluster, flinkJobId)
  if (look.is === 'listed') return sightOf(look.job)
  const archived = await archivedEnd(cluster, flinkJobId)
  if (archived) return { is: 'over', proof: { kind: 'archived', ...archived } }
  if (look.is === 'unreachable') return { is: 'unknown', why: 'unreachable', because: look.because }
  const refusedAt = cluster.duplicates.get(flinkJobId)
  if (refusedAt !== undefined && cluster.clock.now() - refusedAt >= SETTLE_MS) {
    return { is: 'over', proof: { kind: 'ended-and-forgotten' } }
  }
  const { born, pulse } = life
  if (born !== null && pulse !== null && pulse.highAvailability === false && pulse.generation > born) {
    return { is: 'over', proof: { kind: 'jobmanager-replaced', born, now: pulse.generation } }
  }
  return { is: 'unknown', why: 'absent', because: 'the cluster answers and does not list the job' }
}

function sightOf(job: ListedJob): AttemptSight {
  const state = answers.endState(job.state)
  if (state) return { is: 'over', proof: { kind: 'flink-terminal', state, endedAt: job.endedAt } }
  return { is: 'alive', state: job.state, tasks: job.tasks }
}

async function archivedEnd(cluster: Cluster, id: FlinkJobId) {
  return cluster.archiveDirectory ? await readArchivedEnd(cluster.archiveDirectory, id) : null
}

/**
 * A new JobManager shows by its own mark. Where that cannot be read, by its CPU time, which only grows within one life
 * of a JVM; alone it would miss one that was replaced when it was young. A reading that is missing (Flink fetches
 * metrics in the background) keeps the former one, so that the next reading still has something to be compared with.
 */
async function pulse(cluster: Cluster, former: Pulse | null): Promise<Pulse | null> {
  const [metrics, config] = await Promise.all([readCpuTime(cluster), readConfig(cluster)])
  if (metrics.is !== 'answered') return null
  const value = Number(metrics.body.find((metric) => metric.id === CPU_TIME)?.value ?? Number.NaN)
  const read = { cpuNanos: Number.isFinite(value) ? value : null, life: config && answers.lifeOf(config) }
  const replaced = former !== null && isReplaced(former, read)
  const generation = (former?.generation ?? 1) + (replaced ? 1 : 0)
  const now = cluster.clock.now()
  return {
    generation,
    life: read.life ?? former?.life ?? null,
    cpuNanos: read.cpuNanos ?? former?.cpuNanos ?? null,
    highAvailability: highAvailability(cluster, generation, config),
    replacedAt: replaced ? now : (former?.replacedAt ?? null),
    readAt: now,
  }
}

function isReplaced(former: Pulse, read: Pick<Pulse, 'life' | 'cpuNanos'>): boolean {
  if (former.life !== null && read.life !== null) return former.life !== read.life
  return former.cpuNanos !== null && read.cpuNanos !== null && read.cpuNanos < former.cpuNanos
}

function readCpuTime(cluster: Cluster) {
  return cluster.rest.call({
    path: `/jobmanager/metrics?get=${CPU_TIME}`,
    route: '/jobmanager/metrics',
    answer: schemas.metrics,
  })
}

async function readConfig(cluster: Cluster): Promise<schemas.KeyValues | null> {
  const answer = await cluster.rest.call({
    path: '/jobmanager/config',
    route: '/jobmanager/config',
    answer: schemas.keyValues,
  })
  return answer.is === 'answered' ? answer.body : null
}

/** It does not change within one life: what was read once holds when it cannot be read now. */
function highAvailability(
  cluster: Cluster,
  generation: number,
  config: schemas.KeyValues | null,
): boolean | null {
  const on = config && answers.highAvailabilityOf(config)
  if (on !== null) cluster.highAvailability = { generation, on }
  return cluster.highAvailability?.generation === generation ? cluster.highAvailability.on : null
}

// --- savepoint, stop, cancel --------------------------------------------------------------------------------------

async function savepoint(
  cluster: Cluster,
  identity: Identity,
  order: { triggerId: string; directory: string | null },
): Promise<TriggerAnswer> {
  return await trigger(cluster, identity, {
    triggerId: order.triggerId,
    kind: 'savepoints',
    body: (version) => requests.savepointRequest(order, version),
  })
}

async function stop(
  cluster: Cluster,
  identity: Identity,
  order: { triggerId: string; directory: string | null; drain: boolean },
): Promise<TriggerAnswer> {
  return await trigger(cluster, identity, {
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

async function trigger(cluster: Cluster, { flinkJobId }: Identity, order: Trigger): Promise<TriggerAnswer> {
  const versioned = await readVersion(cluster, VERSION_AGE_MS)
  if (versioned.is === 'unknown') return { is: 'unknown', because: versioned.because }
  if (cluster.foreignTriggers.has(order.triggerId)) return { is: 'triggered' }
  const answer = await cluster.rest.call({
    method: 'POST',
    path: `/jobs/${flinkJobId}/${order.kind}`,
    route: `/jobs/:id/${order.kind}`,
    json: order.body(versioned.version),
    answer: schemas.accepted,
  })
  if (answer.is !== 'answered') return triggerFailed(answer)
  const named = answer.body['request-id']
  if (named !== order.triggerId) cluster.foreignTriggers.set(order.triggerId, named)
  return { is: 'triggered' }
}

function triggerFailed(failure: RestFailure): TriggerAnswer {
  if (failure.is === 'refused' && failure.status < 500) {
    return { is: 'refused', because: answers.sentenceOf(failure.error) }
  }
  return { is: 'unknown', because: reasonOf(failure) }
}

async function triggered(
  cluster: Cluster,
  { flinkJobId }: Identity,
  triggerId: string,
): Promise<TriggerSight> {
  const named = cluster.foreignTriggers.get(triggerId) ?? triggerId
  const answer = await cluster.rest.call({
    path: `/jobs/${flinkJobId}/savepoints/${named}`,
    route: '/jobs/:id/savepoints/:trigger',
    answer: schemas.trigger,
  })
  if (answer.is === 'answered') return answers.triggerSight(answer.body)
  if (answer.is === 'refused' && answer.status === 404) return { is: 'forgotten' }
  return { is: 'unknown', because: reasonOf(answer) }
}

async function cancel(
  cluster: Cluster,
  { flinkJobId }: Identity,
): Promise<TriggerAnswer | { is: 'already-over' }> {
  const answer = await cluster.rest.call({
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

async function detail(
  cluster: Cluster,
  { flinkJobId }: Identity,
  want: { pressure: boolean },
): Promise<JobDetail | null> {
  const path = `/jobs/${flinkJobId}`
  const [job, checkpoints, restarts] = await Promise.all([
    cluster.rest.call({ path, route: '/jobs/:id', answer: schemas.job }),
    cluster.rest.call({
      path: `${path}/checkpoints`,
      route: '/jobs/:id/checkpoints',
      answer: schemas.checkpoints,
    }),
    readRestarts(cluster, path),
  ])
  if (job.is !== 'answered') return null
  return answers.jobDetail(job.body, {
    checkpoints: checkpoints.is === 'answered' ? checkpoints.body : null,
    restarts,
    pressure: want.pressure ? await readPressure(cluster, path, job.body) : new Map(),
    lag: want.pressure ? await readLag(cluster, path, job.body) : answers.NO_LAG,
  })
}

async function readRestarts(cluster: Cluster, path: string): Promise<number | null> {
  const answer = await cluster.rest.call({
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

async function readPressure(cluster: Cluster, path: string, job: schemas.Job) {
  const read = async (vertex: string): Promise<[string, answers.Pressure]> => {
    const answer = await cluster.rest.call({
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
async function readLag(cluster: Cluster, path: string, job: schemas.Job): Promise<answers.Lag> {
  const sources = job.vertices.filter(answers.isSource)
  return answers.lagSum(await Promise.all(sources.map((vertex) => readLagOf(cluster, path, vertex.id))))
}

async function readLagOf(cluster: Cluster, path: string, vertex: string): Promise<answers.Lag> {
  const metrics = `${path}/vertices/${vertex}/subtasks/metrics`
  const known = cluster.lagMetrics.get(metrics) ?? (await findLagMetrics(cluster, metrics))
  if (known.records === null && known.time === null) return answers.NO_LAG
  const names = [known.records, known.time].flatMap((name) => name ?? [])
  const answer = await cluster.rest.call({
    path: `${metrics}?get=${names.map(encodeURIComponent).join(',')}&agg=sum,max`,
    route: '/jobs/:id/vertices/:vertex/subtasks/metrics',
    answer: schemas.aggregated,
  })
  return answer.is === 'answered' ? answers.lagOf(answer.body, known) : answers.NO_LAG
}

/** Flink fills its list of metrics in the background: an empty one is asked for again. */
async function findLagMetrics(cluster: Cluster, path: string): Promise<answers.LagMetrics> {
  const answer = await cluster.rest.call({
    path,
    route: '/jobs/:id/vertices/:vertex/subtasks/metrics',
    answer: schemas.metricNames,
  })
  if (answer.is !== 'answered' || answer.body.length === 0) return { records: null, time: null }
  const found = answers.lagMetrics(answer.body.map(({ id }) => id))
  const [oldest] = cluster.lagMetrics.keys()
  if (cluster.lagMetrics.size >= MOST_LAG_METRICS && oldest !== undefined) cluster.lagMetrics.delete(oldest)
  cluster.lagMetrics.set(path, found)
  return found
}

const MAX_EXCEPTIONS = 16

async function causes(cluster: Cluster, { flinkJobId }: Identity): Promise<readonly RuntimeCause[]> {
  const answer = await cluster.rest.call({
    path: `/jobs/${flinkJobId}/exceptions?maxExceptions=${MAX_EXCEPTIONS}`,
    route: '/jobs/:id/exceptions',
    answer: schemas.exceptions,
  })
  return answer.is === 'answered' ? answers.causesFrom(answer.body) : []
}

async function room(cluster: Cluster): Promise<ClusterRoom | null> {
  const answer = await cluster.rest.call({ path: '/overview', route: '/overview', answer: schemas.overview })
  if (answer.is !== 'answered') return null
  return {
    flinkVersion: answer.body['flink-version'],
    taskManagers: answer.body.taskmanagers,
    slotsTotal: answer.body['slots-total'],
    slotsFree: answer.body['slots-available'],
  }
}

/** A failure in one clause, for "because". */
function reasonOf(failure: RestFailure): string {
  if (failure.is === 'refused')
    return `Flink answered ${failure.status}: ${answers.sentenceOf(failure.error)}`
  return failure.because
}
