import { createHash } from 'node:crypto'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import * as answers from '../job-manager/answers.ts'
import { flinkJobIdOf } from '../job-manager/flink-job-id.ts'
import {
  createFlinkRest,
  type FlinkRest,
  type FlinkRestOptions,
  type RestFailure,
  type RestOutcome,
} from '../job-manager/flink-rest.http.ts'
import {
  cancel,
  causes,
  detail,
  type JobManager,
  jobManagerAt,
  listJobs,
  readVersion,
  reasonOf,
  room,
  savepoint,
  stop,
  triggered,
  VERSION_AGE_MS,
} from '../job-manager/job-manager.http.ts'
import { readLogs } from '../job-manager/log-reader.http.ts'
import * as requests from '../job-manager/requests.ts'
import * as schemas from '../job-manager/schemas.ts'
import type {
  ArtifactContent,
  AttemptSight,
  CheckAnswer,
  FlinkJobId,
  Identity,
  ListedJob,
  Program,
  Pulse,
  Runtime,
  SubmitAnswer,
  SubmitPlan,
} from '../runtime.ts'
import { createJarShelf, type Jar, type JarShelf } from './jar-shelf.http.ts'
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
  const jobManager = jobManagerAt(rest, options.clock)
  const cluster: Cluster = {
    ...options,
    rest,
    jobManager,
    shelf: createJarShelf(rest),
    highAvailability: null,
    duplicates: new Map(),
  }
  return {
    reserve: async ({ jobUid, attempt }) => ({
      is: 'reserved',
      identity: { on: 'session', flinkJobId: flinkJobIdOf(jobUid, attempt) },
    }),
    submit: (identity, plan) => submit(cluster, identity, plan),
    check: (plan) => check(cluster, plan),
    observe: () => listJobs(cluster.jobManager),
    ask: (identity, life) => ask(cluster, identity, life),
    pulse: (former) => pulse(cluster, former),
    savepoint: ({ flinkJobId }, order) => savepoint(jobManager, flinkJobId, order),
    stop: ({ flinkJobId }, order) => stop(jobManager, flinkJobId, order),
    triggered: ({ flinkJobId }, triggerId) => triggered(jobManager, flinkJobId, triggerId),
    cancel: ({ flinkJobId }) => cancel(jobManager, flinkJobId),
    detail: ({ flinkJobId }, want) => detail(jobManager, flinkJobId, want),
    causes: ({ flinkJobId }) => causes(jobManager, flinkJobId),
    logs: (_identity, query) => readLogs(rest, query),
    room: () => room(jobManager),
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
  jobManager: JobManager
  shelf: JarShelf
  highAvailability: { generation: number; on: boolean } | null
  /** Ids that Flink refused as used, and when it did so first. */
  duplicates: Map<FlinkJobId, number>
}

// --- submit -------------------------------------------------------------------------------------------------------

async function submit(cluster: Cluster, { flinkJobId }: Identity, plan: SubmitPlan): Promise<SubmitAnswer> {
  const versioned = await readVersion(cluster.jobManager, 0)
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
  const [cause] = await causes(cluster.jobManager, job.flinkJobId)
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
const PLAN_ID = flinkJobIdOf('plan', 0)

async function check(cluster: Cluster, plan: SubmitPlan): Promise<CheckAnswer> {
  const versioned = await readVersion(cluster.jobManager, VERSION_AGE_MS)
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

type Look = { is: 'listed'; job: ListedJob } | { is: 'absent' } | { is: 'unreachable'; because: string }

/** The listing and not `/jobs/:id`: the latter answers from a cache that may be seconds old. */
async function find(cluster: Cluster, id: FlinkJobId): Promise<Look> {
  const sight = await listJobs(cluster.jobManager)
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
