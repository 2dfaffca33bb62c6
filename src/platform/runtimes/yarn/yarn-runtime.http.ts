import { createHash } from 'node:crypto'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import { type FlinkVersion, flinkFeatures, minorOf } from '../../flink/flink-version.ts'
import { flinkJobIdOf } from '../job-manager/flink-job-id.ts'
import * as manager from '../job-manager/job-manager.http.ts'
import { readLogs } from '../job-manager/log-reader.http.ts'
import type {
  ArtifactContent,
  AttemptSight,
  ClusterSight,
  Identity,
  ListedJob,
  Pulse,
  Reservation,
  Runtime,
  RuntimeCause,
  SubmitAnswer,
  SubmitPlan,
  TriggerAnswer,
} from '../runtime.ts'
import { applicationConf, confText, isHighlyAvailable } from './application-conf.ts'
import { clusterTag, proofOf, stageOf, tagsOf } from './applications.ts'
import type { FlinkFiles } from './flink-files.file.ts'
import { failureReason, type HadoopFailure } from './hadoop-rest.http.ts'
import { createHdfsShelf, type HdfsShelf, type ShelvedFile, type WantedFile } from './hdfs-shelf.http.ts'
import { type ArchivedJob, newestRetained, readArchive, stateExists } from './hdfs-state.http.ts'
import { jobManagerMemory } from './job-manager-memory.ts'
import { createJobManagers, type JobManagers } from './job-managers.http.ts'
import { createResourceManager, type ResourceManager } from './resource-manager.http.ts'
import { type Resource, submissionContext } from './submission.ts'
import { createWebHdfs, type WebHdfs } from './web-hdfs.http.ts'

/** A YARN cluster, as somebody describes it. */
export interface YarnPlace {
  /** `http://host:8088`; both of a pair. */
  resourceManagers: readonly string[]
  /** `http://host:9870`; both of a pair. */
  nameNodes: readonly string[]
  /** `hdfs://nn:8020`, as containers write it. */
  fileSystem: string
  user: string
  queue: string
  /** Where containers find Hadoop: `yarn.application.classpath`. */
  hadoopClasspath: readonly string[]
  /** Flink settings of all jobs here. */
  settings: Readonly<Record<string, string>>
}

export interface YarnRuntimeOptions {
  clusterId: string
  place: YarnPlace
  flink: { version: FlinkVersion; files(): Promise<FlinkFiles>; log4j(): Promise<string> }
  directories: { checkpoints: string | null; savepoints: string | null; archive: string | null }
  artifacts: { open(digest: string): Promise<ArtifactContent | null> }
  /** The jar that runs this SQL script. */
  sqlJar: (script: string) => Uint8Array
  clock: Clock
  log: Log
  /** Makes names that are used once. */
  unique: () => string
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
    files: null,
  }
  const { archive, checkpoints } = options.directories
  const archived = (identity: Identity) => readArchive(hdfs, archive, identity.flinkJobId)
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
    async triggered(identity, triggerId) {
      const jm = await jobManagerOf(yarn, identity)
      if ('because' in jm) return { is: 'unknown', because: jm.because }
      return await manager.triggered(jm.jobManager, identity.flinkJobId, triggerId)
    },
    cancel: (identity) => cancel(yarn, identity),
    async detail(identity, want) {
      const jm = await jobManagerOf(yarn, identity)
      return 'because' in jm ? null : await manager.detail(jm.jobManager, identity.flinkJobId, want)
    },
    causes: (identity) => causes(yarn, identity, archived),
    async logs(identity, query) {
      const jm = await jobManagerOf(yarn, identity)
      return 'because' in jm ? [] : await readLogs(jm.jobManager.rest, query)
    },
    room: async () => null,
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
  files: Promise<FlinkFiles> | null
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

  const { version } = yarn.flink
  if (!PROVED_MINORS.has(minorOf(version))) {
    return refused(
      `Flink ${version.text} was not proved on YARN; these were: ${[...PROVED_MINORS].join(', ')}`,
    )
  }
  const staged = await stage(yarn, { applicationId, identity, plan })
  if (staged.is === 'refused') return refused(staged.because)
  if (staged.is === 'failed') return { is: 'unknown', because: staged.because }
  const answer = await yarn.resourceManager.submit(submissionContext(staged.launch))
  if (answer.is === 'refused' && answer.status < 500) return refused(answer.message)
  return await confirmed(yarn, applicationId, answer.is === 'answered' ? null : reasonOf(answer))
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

type Staged =
  | { is: 'staged'; launch: Parameters<typeof submissionContext>[0] }
  | { is: 'refused'; because: string }
  | { is: 'failed'; because: string }

interface Staging {
  applicationId: string
  identity: Identity
  plan: SubmitPlan
}

/** Puts everything a container needs onto HDFS, and tells how it is launched. */
async function stage(yarn: Yarn, { applicationId, identity, plan }: Staging): Promise<Staged> {
  const { place, flink, directories } = yarn
  const { version } = flink
  const jar = jarOf(yarn, plan)
  const home = `/user/${place.user}`
  const base = `${home}/sluice`
  yarn.files ??= flink.files()
  const bundle = await yarn.files
  const libraries = bundle.files.map((file) => ({
    ...file,
    at: `${base}/flink/${bundle.digest}/${file.key}`,
  }))
  const content = await jar.open()
  if (!content) return { is: 'refused', because: `The artifact ${jar.fileName} is no longer kept` }
  const jarFile = {
    path: `${base}/artifacts/${jar.digest}/${jar.fileName}`,
    size: jar.size ?? (await sizeOf(content)),
  }
  const wanted: WantedFile[] = [
    ...libraries.map(({ at, path, size }) => ({ path: at, size, open: async () => ({ path }) })),
    { ...jarFile, open: async () => content },
  ]
  const shelved = await yarn.shelf.put(wanted)
  if (shelved.is === 'failed') return shelved

  const settings = { ...place.settings, ...plan.flinkSettings }
  const url = (path: string) => `${place.fileSystem}${path}`
  const tags = tagsOf(yarn.clusterId, identity.flinkJobId)
  const conf = applicationConf({
    ...{ version, applicationId, tags, settings, directories },
    ...{ flinkJobId: identity.flinkJobId, jobName: plan.jobName, queue: place.queue },
    jar: url(jarFile.path),
    entryClass: plan.program.is === 'jar' ? plan.program.entryClass : null,
    args: plan.program.is === 'jar' ? plan.program.args : [],
    ...{ parallelism: plan.parallelism, restore: plan.restore },
  })
  const memory = jobManagerMemory(textsOf(conf))
  if (!memory.ok) return { is: 'refused', because: `${memory.key} is ${memory.because}` }
  const javaOptions = javaOptionsOf(version, textsOf(conf))
  if (!javaOptions.ok) return { is: 'refused', because: `${javaOptions.key} holds characters of a shell` }

  const staging = `${home}/.flink/${applicationId}`
  const { configFile } = flinkFeatures(version)
  const own = await yarn.shelf.write([
    { path: `${staging}/${configFile}`, text: confText(version, conf) },
    { path: `${staging}/log4j.properties`, text: await flink.log4j() },
  ])
  if (own.is === 'failed') return own
  const found = new Map([...shelved.value, ...own.value].map((file) => [file.path, file]))
  const resource = (key: string, path: string, visibility: Resource['visibility']): Resource => {
    const { size, modifiedAt } = found.get(path) as ShelvedFile
    return { key, url: url(path), size, modifiedAt, visibility }
  }
  const all = libraries.map(({ key, at }) => resource(key, at, 'PUBLIC'))
  const dist = all.find(({ key }) => /^lib\/flink-dist[^/]*\.jar$/.test(key))
  if (!dist) return { is: 'refused', because: 'The Flink home has no flink-dist jar' }
  return {
    is: 'staged',
    launch: {
      ...{ applicationId, name: plan.jobName, queue: place.queue, tags, user: place.user },
      attempts: isHighlyAvailable(settings) ? 2 : 1,
      ...{ memory: memory.memory, virtualCores: 1, javaOptions: javaOptions.options },
      ...{ userHome: url(home), staging: url(staging) },
      libraries: all.filter((each) => each !== dist),
      dist: { ...dist, key: dist.key.replace('lib/', '') },
      jar: resource(jar.fileName, jarFile.path, 'APPLICATION'),
      conf: resource(configFile, `${staging}/${configFile}`, 'APPLICATION'),
      log4j: resource('log4j.properties', `${staging}/log4j.properties`, 'APPLICATION'),
      hadoopClasspath: place.hadoopClasspath,
    },
  }
}

function textsOf(conf: ReturnType<typeof applicationConf>): Readonly<Record<string, string>> {
  const texts = Object.entries(conf).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value]] : [],
  )
  return Object.fromEntries(texts) as Record<string, string>
}

/** They stand in a shell's command: what a shell would read in its own way is not taken. */
function javaOptionsOf(
  version: FlinkVersion,
  conf: Readonly<Record<string, string>>,
): { ok: true; options: readonly string[] } | { ok: false; key: string } {
  const keys = [flinkFeatures(version).javaOptionsKey, 'env.java.opts.jobmanager']
  const wrong = keys.find((key) => /[`$"'\\;&|<>()\r\n]/.test(conf[key] ?? ''))
  if (wrong) return { ok: false, key: wrong }
  return { ok: true, options: keys.flatMap((key) => conf[key] ?? []).filter((text) => text !== '') }
}

interface Jar {
  fileName: string
  digest: string
  size: number | null
  open(): Promise<ArtifactContent | null>
}

function jarOf(yarn: Yarn, { program }: SubmitPlan): Jar {
  if (program.is === 'jar') {
    const { digest } = program
    // A name that a class path or a shell would read in its own way is not passed on.
    const fileName = program.fileName.replaceAll(/[^\w.-]/g, '_')
    return { fileName, digest, size: null, open: () => yarn.artifacts.open(digest) }
  }
  const bytes = yarn.sqlJar(program.script)
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { fileName: 'sql-job.jar', digest, size: bytes.length, open: async () => ({ bytes }) }
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
    highAvailability: rmStateStoreName === '' ? null : !/NullRMStateStore/.test(rmStateStoreName),
    replacedAt: replaced ? now : (former?.replacedAt ?? null),
    readAt: now,
  }
}

// --- what its JobManager is asked ---------------------------------------------------------------------------------

type Found = { jobManager: manager.JobManager } | { because: string; over: boolean }

async function jobManagerOf(yarn: Yarn, identity: Identity): Promise<Found> {
  const applicationId = applicationOf(identity)
  const known = yarn.jobManagers.known(applicationId)
  if (known) return { jobManager: known }
  const answer = await yarn.resourceManager.application(applicationId)
  if (answer.is !== 'answered') return { because: reasonOf(answer), over: false }
  const stage = stageOf(answer.body)
  if (stage.is === 'running' && stage.address) {
    return { jobManager: yarn.jobManagers.at(applicationId, stage.address) }
  }
  return { because: `its application is ${answer.body.state}`, over: stage.is === 'over' }
}

async function told(
  yarn: Yarn,
  identity: Identity,
  tell: (jobManager: manager.JobManager) => Promise<TriggerAnswer>,
): Promise<TriggerAnswer> {
  const found = await jobManagerOf(yarn, identity)
  if ('because' in found) return { is: found.over ? 'refused' : 'unknown', because: found.because }
  return await tell(found.jobManager)
}

/** By Flink, so that the end is clean; by YARN, where no JobManager answers. */
async function cancel(yarn: Yarn, identity: Identity): Promise<TriggerAnswer | { is: 'already-over' }> {
  const found = await jobManagerOf(yarn, identity)
  if ('because' in found && found.over) return { is: 'already-over' }
  if ('jobManager' in found) {
    const answer = await manager.cancel(found.jobManager, identity.flinkJobId)
    if (answer.is === 'triggered') return answer
  }
  const applicationId = applicationOf(identity)
  const application = await yarn.resourceManager.application(applicationId)
  if (application.is !== 'answered') {
    // Never submitted, or long gone.
    return isForgotten(application)
      ? { is: 'already-over' }
      : { is: 'unknown', because: reasonOf(application) }
  }
  if (stageOf(application.body).is === 'over') return { is: 'already-over' }
  const killed = await yarn.resourceManager.kill(applicationId, 'ended by Sluice')
  if (killed.is === 'answered') return { is: 'triggered' }
  return killed.is === 'refused'
    ? { is: 'refused', because: killed.message }
    : { is: 'unknown', because: reasonOf(killed) }
}

async function causes(
  yarn: Yarn,
  identity: Identity,
  archived: (identity: Identity) => Promise<ArchivedJob | null>,
): Promise<readonly RuntimeCause[]> {
  const found = await jobManagerOf(yarn, identity)
  if ('jobManager' in found) {
    const live = await manager.causes(found.jobManager, identity.flinkJobId)
    if (live.length > 0) return live
  }
  const left = await archived(identity)
  if (left && left.causes.length > 0) return left.causes
  const application = await yarn.resourceManager.application(applicationOf(identity))
  const text = application.is === 'answered' ? (application.body.diagnostics ?? '').trim() : ''
  return text === ''
    ? []
    : [{ exception: '', message: text.split('\n')[0] ?? '', at: null, task: null, stack: text }]
}

function reasonOf(failure: HadoopFailure): string {
  return failureReason('the ResourceManager', failure)
}

async function sizeOf(content: ArtifactContent): Promise<number> {
  if ('bytes' in content) return content.bytes.length
  const { stat } = await import('node:fs/promises')
  return (await stat(content.path)).size
}
