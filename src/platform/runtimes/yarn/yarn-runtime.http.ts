import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import { minorOf } from '../../flink/flink-version.ts'
import { flinkJobIdOf } from '../job-manager/flink-job-id.ts'
import * as manager from '../job-manager/job-manager.http.ts'
import { readLogs } from '../job-manager/log-reader.http.ts'
import type {
  AttemptSight,
  ClusterSight,
  Identity,
  ListedJob,
  LogPage,
  LogQuery,
  MemoryRoom,
  Pulse,
  Reservation,
  Runtime,
  RuntimeCause,
  SubmitAnswer,
  SubmitPlan,
  TriggerAnswer,
  TriggerSight,
} from '../runtime.ts'
import { clusterTag, proofOf, stageOf } from './applications.ts'
import { type EndedApplications, endedApplications } from './ended-applications.http.ts'
import type { ShippedAnswer } from './flink-files.file.ts'
import { failureReason, type HadoopFailure } from './hadoop-rest.http.ts'
import { createHdfsShelf, type HdfsShelf } from './hdfs-shelf.http.ts'
import { newestRetained, stateExists } from './hdfs-state.http.ts'
import { createJobManagers, type JobManagers } from './job-managers.http.ts'
import { createResourceManager, type ResourceManager, type YarnApplication } from './resource-manager.http.ts'
import { type StagingTools, stage } from './staging.http.ts'
import { submissionContext } from './submission.ts'
import { createWebHdfs, type WebHdfs } from './web-hdfs.http.ts'

export interface YarnRuntimeOptions extends Omit<StagingTools, 'shelf'> {
  /** The Flink that a release asks for by its name, or that of the cluster. */
  flink(version: string | null): Promise<ShippedAnswer>
  clock: Clock
  log: Log
  onRequest?: () => void
}

export interface YarnRuntime extends Runtime {
  close(): Promise<void>
}

/**
 * Flink minors whose launch was compared with that of their own client. Another version might expect other words in
 * its containers, and would fail in ways nobody understands.
 */
export const PROVED_MINORS: ReadonlySet<string> = new Set(['1.20'])

/**
 * Applications in application mode, submitted by the ResourceManager's REST API under an id that is taken and stored
 * before: the same submit again changes nothing, so that a job cannot run twice.
 */
export function createYarnRuntime(options: YarnRuntimeOptions): YarnRuntime {
  const { place, clock } = options
  const resourceManager = createResourceManager({ addresses: place.resourceManagers, user: place.user })
  const hdfs = createWebHdfs({ addresses: place.nameNodes, user: place.user })
  const yarn: Yarn = {
    ...options,
    resourceManager,
    hdfs,
    shelf: createHdfsShelf(hdfs, options.unique),
    jobManagers: createJobManagers(clock),
    ended: endedApplications({
      ...{ hdfs, user: place.user, logDirectory: place.logDirectory },
      archiveDirectory: options.directories.archive,
    }),
  }
  const { checkpoints } = options.directories
  return {
    reserve: (attempt) => reserve(yarn, attempt),
    submit: (identity, plan) => submit(yarn, identity, plan),
    check: async () => ({ is: 'unknown', because: 'a job in application mode is compiled where it runs' }),
    observe: () => observe(yarn),
    ask: (identity, life) => ask(yarn, identity, life),
    pulse: (former) => pulse(yarn, former),
    savepoint: (identity, order) =>
      told(yarn, identity, (jm) => manager.savepoint(jm, identity.flinkJobId, order)),
    stop: (identity, order) => told(yarn, identity, (jm) => manager.stop(jm, identity.flinkJobId, order)),
    triggered: (identity, triggerId) => triggered(yarn, identity, triggerId),
    cancel: (identity) => cancel(yarn, identity),
    async detail(identity, want) {
      const found = await jobManagerOf(yarn, identity)
      if (found.is !== 'found') return null
      return await manager.detail(found.jobManager, identity.flinkJobId, want)
    },
    causes: (identity) => causes(yarn, identity),
    logs: (identity, query) => logs(yarn, identity, query),
    room: () => room(yarn),
    newestRetained: (identity, directory) =>
      newestRetained(hdfs, directory ?? checkpoints, identity.flinkJobId),
    stateExists: (path) => stateExists(hdfs, path),
    async close() {
      await Promise.all([resourceManager.close(), hdfs.close(), yarn.jobManagers.close()])
    },
  }
}

/** What one runtime knows of its cluster between calls; all of it can be lost without harm. */
interface Yarn extends YarnRuntimeOptions {
  resourceManager: ResourceManager
  hdfs: WebHdfs
  shelf: HdfsShelf
  jobManagers: JobManagers
  ended: EndedApplications
}

function applicationOf(identity: Identity): string {
  if (identity.on !== 'yarn') throw new Error(`Not an application on YARN: ${JSON.stringify(identity)}`)
  return identity.applicationId
}

// --- submit -------------------------------------------------------------------------------------------------------

async function reserve(
  { resourceManager }: Yarn,
  { jobUid, attempt }: { jobUid: string; attempt: number },
): Promise<Reservation> {
  const answer = await resourceManager.newApplication()
  if (answer.is !== 'answered') return { is: 'unknown', because: reasonOf(answer) }
  const flinkJobId = flinkJobIdOf(jobUid, attempt)
  return { is: 'reserved', identity: { on: 'yarn', applicationId: answer.body, flinkJobId } }
}

async function submit(yarn: Yarn, identity: Identity, plan: SubmitPlan): Promise<SubmitAnswer> {
  const applicationId = applicationOf(identity)
  const known = await yarn.resourceManager.application(applicationId)
  if (known.is === 'answered') return { is: 'already-there' }
  if (!isForgotten(known)) return { is: 'unknown', because: reasonOf(known) }
  const risk = await mayHaveForgotten(yarn, applicationId)
  if (risk) return { is: 'unknown', because: risk }

  const wanted = await yarn.flink(plan.flinkVersion ?? null)
  if (!wanted.ok) return refused(wanted.because)
  const { version } = wanted.flink
  if (!PROVED_MINORS.has(minorOf(version))) {
    return refused(
      `Flink ${version.text} was not proved on YARN; these were: ${[...PROVED_MINORS].join(', ')}`,
    )
  }
  const staged = await stage(yarn, { applicationId, identity, plan, flink: wanted.flink })
  if (staged.is === 'refused') return refused(staged.because)
  if (staged.is === 'failed') return { is: 'unknown', because: staged.because }
  const answer = await yarn.resourceManager.submit(submissionContext(staged.launch))
  if (answer.is === 'refused' && answer.status < 500) return refused(answer.message)
  return await confirmed(yarn, applicationId, answer.is === 'answered' ? null : reasonOf(answer))
}

/**
 * A ResourceManager that keeps nothing over its restart does not know what the former one was given, while that still
 * runs: until its nodes have ended it, "not known" does not say "never submitted".
 */
async function mayHaveForgotten(yarn: Yarn, applicationId: string): Promise<string | null> {
  const answer = await yarn.resourceManager.info()
  if (answer.is !== 'answered') return reasonOf(answer)
  const { id, startedOn, rmStateStoreName } = answer.body
  const [, givenBy] = applicationId.split('_')
  if (givenBy === String(id) || keepsApplications(rmStateStoreName) === true) return null
  const age = yarn.clock.now() - startedOn
  if (age > FORGOTTEN_MS && !(await yarn.jobManagers.answers(applicationId))) return null
  return `the ResourceManager began anew ${Math.round(age / 1000)} s ago and does not know what ran before`
}

/** A yes to a submit says little: an unknown queue is told only by the application itself. */
async function confirmed(yarn: Yarn, applicationId: string, unsure: string | null): Promise<SubmitAnswer> {
  const application = await yarn.resourceManager.application(applicationId)
  if (application.is !== 'answered') {
    return unsure === null ? { is: 'accepted' } : { is: 'unknown', because: unsure }
  }
  const { state, amContainerLogs, diagnostics } = application.body
  // Failed without ever having had a container: nothing of it ran.
  if (state === 'FAILED' && amContainerLogs === undefined)
    return refused(diagnostics?.trim() ?? 'YARN refused it')
  return { is: 'accepted' }
}

function refused(because: string): SubmitAnswer {
  return { is: 'refused', because, cause: null }
}

// --- watching -----------------------------------------------------------------------------------------------------

async function observe(yarn: Yarn): Promise<ClusterSight> {
  const answer = await yarn.resourceManager.tagged(clusterTag(yarn.clusterId))
  yarn.onRequest?.()
  const at = yarn.clock.now()
  if (answer.is !== 'answered') return { is: 'unreachable', at, because: reasonOf(answer) }
  return { is: 'seen', at, jobs: await yarn.jobManagers.jobsOf(answer.body) }
}

/**
 * How long after a node was given up its processes may still run: a JobManager ends when it hears of it, its
 * TaskManagers when they miss it.
 */
const LOST_NODE_MS = 10 * 60_000
/** Nodes end what a ResourceManager that forgot everything does not know once they have found it: 11 s were seen. */
const FORGOTTEN_MS = 2 * 60_000

async function ask(
  yarn: Yarn,
  identity: Identity,
  { born, pulse }: { born: number | null; pulse: Pulse | null },
): Promise<AttemptSight> {
  const applicationId = applicationOf(identity)
  const answer = await yarn.resourceManager.application(applicationId)
  if (answer.is !== 'answered') {
    if (!isForgotten(answer)) return { is: 'unknown', why: 'unreachable', because: reasonOf(answer) }
    return await forgotten(yarn, applicationId, { born, pulse })
  }
  const stage = stageOf(answer.body)
  if (stage.is === 'over') return { is: 'over', proof: proofOf(stage, applicationId) }
  if (stage.is === 'lost') {
    const stillThere = await yarn.jobManagers.answers(applicationId)
    if (!stillThere && yarn.clock.now() - stage.endedAt > LOST_NODE_MS) {
      const proof = { kind: 'yarn-final', applicationId, state: 'FAILED', endedAt: stage.endedAt } as const
      return { is: 'over', proof }
    }
    return { is: 'unknown', why: 'absent', because: 'its node was lost; its processes may live on' }
  }
  return aliveSight(await yarn.jobManagers.jobOf(answer.body, { fresh: true }))
}

/** A job that has ended by itself is over only with its application: until then YARN holds its containers. */
function aliveSight(job: ListedJob): AttemptSight {
  return { is: 'alive', state: job.state, tasks: job.tasks }
}

async function forgotten(
  yarn: Yarn,
  applicationId: string,
  { born, pulse }: { born: number | null; pulse: Pulse | null },
): Promise<AttemptSight> {
  const isNew = born !== null && pulse !== null && pulse.highAvailability === false && pulse.generation > born
  const waited = isNew && yarn.clock.now() - (pulse.replacedAt ?? pulse.readAt) > FORGOTTEN_MS
  if (isNew && waited && !(await yarn.jobManagers.answers(applicationId))) {
    return { is: 'over', proof: { kind: 'resource-manager-replaced', born, now: pulse.generation } }
  }
  return { is: 'unknown', why: 'absent', because: 'the ResourceManager does not know the application' }
}

function isForgotten(failure: HadoopFailure): boolean {
  return failure.is === 'refused' && failure.status === 404
}

async function room({ resourceManager }: Yarn): Promise<MemoryRoom | null> {
  const answer = await resourceManager.metrics()
  if (answer.is !== 'answered') return null
  const { activeNodes, totalMB, availableMB, totalVirtualCores, availableVirtualCores } = answer.body
  return {
    of: 'memory',
    nodes: activeNodes,
    ...{ totalMb: totalMB, freeMb: availableMB },
    ...{ totalCores: totalVirtualCores, freeCores: availableVirtualCores },
  }
}

/** One life of a ResourceManager. What it keeps over a restart makes it highly available in our sense. */
async function pulse(yarn: Yarn, former: Pulse | null): Promise<Pulse | null> {
  const answer = await yarn.resourceManager.info()
  if (answer.is !== 'answered') return null
  const { startedOn, rmStateStoreName } = answer.body
  const life = String(startedOn)
  const replaced = former?.life != null && former.life !== life
  const now = yarn.clock.now()
  return {
    generation: (former?.generation ?? 1) + (replaced ? 1 : 0),
    life,
    cpuNanos: null,
    highAvailability: keepsApplications(rmStateStoreName),
    replacedAt: replaced ? now : (former?.replacedAt ?? null),
    readAt: now,
  }
}

/** Null: it does not say. */
function keepsApplications(stateStore: string): boolean | null {
  return stateStore === '' ? null : !/NullRMStateStore/.test(stateStore)
}

// --- what its JobManager is asked ---------------------------------------------------------------------------------

type Found =
  | { is: 'found'; jobManager: manager.JobManager }
  /** `over` and `not-known` are what the ResourceManager said; `silent`: it may run, and cannot be asked. */
  | { is: 'over' | 'not-known' | 'silent'; because: string }

/** Where it was last, or where the ResourceManager says it is. */
async function jobManagerOf(yarn: Yarn, identity: Identity): Promise<Found> {
  const known = yarn.jobManagers.known(applicationOf(identity))
  return known ? { is: 'found', jobManager: known } : await lookUp(yarn, identity)
}

async function lookUp(yarn: Yarn, identity: Identity): Promise<Found> {
  const applicationId = applicationOf(identity)
  const answer = await yarn.resourceManager.application(applicationId)
  if (answer.is !== 'answered') {
    return isForgotten(answer)
      ? { is: 'not-known', because: `YARN does not know ${applicationId}` }
      : { is: 'silent', because: reasonOf(answer) }
  }
  const stage = stageOf(answer.body)
  if (stage.is === 'running' && stage.address) {
    return { is: 'found', jobManager: yarn.jobManagers.at(applicationId, stage.address) }
  }
  return { is: stage.is === 'over' ? 'over' : 'silent', because: `its application is ${answer.body.state}` }
}

async function told(
  yarn: Yarn,
  identity: Identity,
  tell: (jobManager: manager.JobManager) => Promise<TriggerAnswer>,
): Promise<TriggerAnswer> {
  const found = await jobManagerOf(yarn, identity)
  if (found.is === 'found') return await tell(found.jobManager)
  return { is: found.is === 'silent' ? 'unknown' : 'refused', because: found.because }
}

/** Results go with their JobManager; it waits with its end until that of a stop was read. */
async function triggered(yarn: Yarn, identity: Identity, triggerId: string): Promise<TriggerSight> {
  const known = yarn.jobManagers.known(applicationOf(identity))
  if (known) {
    const sight = await manager.triggered(known, identity.flinkJobId, triggerId)
    if (sight.is !== 'unknown') return sight
  }
  const found = await lookUp(yarn, identity)
  if (found.is === 'found') return await manager.triggered(found.jobManager, identity.flinkJobId, triggerId)
  return found.is === 'silent' ? { is: 'unknown', because: found.because } : { is: 'forgotten' }
}

/** By Flink, so that the end is clean; by YARN, where no JobManager answers. */
async function cancel(yarn: Yarn, identity: Identity): Promise<TriggerAnswer | { is: 'already-over' }> {
  const found = await jobManagerOf(yarn, identity)
  if (found.is === 'over') return { is: 'already-over' }
  if (found.is === 'not-known') return { is: 'refused', because: found.because }
  if (found.is === 'found') {
    const answer = await manager.cancel(found.jobManager, identity.flinkJobId)
    if (answer.is === 'triggered') return answer
  }
  return await kill(yarn, applicationOf(identity))
}

async function kill(
  { resourceManager }: Yarn,
  applicationId: string,
): Promise<TriggerAnswer | { is: 'already-over' }> {
  const application = await resourceManager.application(applicationId)
  if (application.is !== 'answered') return notDone(application)
  if (stageOf(application.body).is === 'over') return { is: 'already-over' }
  const killed = await resourceManager.kill(applicationId, 'ended by Sluice')
  return killed.is === 'answered' ? { is: 'triggered' } : notDone(killed)
}

function notDone(failure: HadoopFailure): TriggerAnswer {
  return failure.is === 'refused'
    ? { is: 'refused', because: failure.message }
    : { is: 'unknown', because: reasonOf(failure) }
}

async function causes(yarn: Yarn, identity: Identity): Promise<readonly RuntimeCause[]> {
  const found = await jobManagerOf(yarn, identity)
  if (found.is === 'found') {
    const live = await manager.causes(found.jobManager, identity.flinkJobId)
    if (live.length > 0) return live
  }
  const of = { applicationId: applicationOf(identity), flinkJobId: identity.flinkJobId }
  const application = await untilGathered(yarn, of.applicationId)
  const left = await yarn.ended.causes(of)
  return left.length > 0 || !application ? left : diagnosticsOf(application)
}

/** YARN gathers the logs of an application in seconds after its end; its own words say less than they do. */
const GATHERING_MS = 15_000
const GATHERING_EVERY_MS = 500

async function untilGathered(
  { resourceManager, clock }: Yarn,
  applicationId: string,
): Promise<YarnApplication | null> {
  const deadline = clock.now() + GATHERING_MS
  for (;;) {
    const answer = await resourceManager.application(applicationId)
    if (answer.is !== 'answered') return null
    const isOver = stageOf(answer.body).is === 'over'
    const isGathering = /^(?:NOT_START|RUNNING)/.test(answer.body.logAggregationStatus ?? '')
    // Without a JobManager that ran there is nothing to gather.
    const ran = answer.body.state === 'FINISHED' || /exitCode/.test(answer.body.diagnostics ?? '')
    if (!isOver || !ran || !isGathering || clock.now() >= deadline) return answer.body
    await clock.sleep(GATHERING_EVERY_MS)
  }
}

/** Why YARN ended it, where YARN knows: a queue, a limit, a signal. */
function diagnosticsOf({ diagnostics }: YarnApplication): readonly RuntimeCause[] {
  const text = (diagnostics ?? '').trim()
  if (text === '') return []
  return [{ exception: '', message: text.split('\n')[0] ?? '', at: null, task: null, stack: text }]
}

async function logs(yarn: Yarn, identity: Identity, query: LogQuery): Promise<readonly LogPage[]> {
  const found = await jobManagerOf(yarn, identity)
  const live = found.is === 'found' ? await readLogs(found.jobManager.rest, query) : []
  if (live.length > 0) return live
  return await yarn.ended.logs(
    { applicationId: applicationOf(identity), flinkJobId: identity.flinkJobId },
    query,
  )
}

function reasonOf(failure: HadoopFailure): string {
  return failureReason('the ResourceManager', failure)
}
