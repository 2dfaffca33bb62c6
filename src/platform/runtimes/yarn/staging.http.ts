import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { type FlinkVersion, flinkFeatures } from '../../flink/flink-version.ts'
import type { ArtifactContent, Identity, SubmitPlan } from '../runtime.ts'
import { applicationConf, confText, isHighlyAvailable } from './application-conf.ts'
import { tagsOf } from './applications.ts'
import type { ShippedFlink } from './flink-files.file.ts'
import type { HdfsShelf, ShelvedFile, WantedFile } from './hdfs-shelf.http.ts'
import { jobManagerMemory } from './job-manager-memory.ts'
import type { Resource, submissionContext } from './submission.ts'
import type { YarnPlace } from './yarn-place.ts'

export interface StagingTools {
  clusterId: string
  place: YarnPlace
  directories: { checkpoints: string | null; savepoints: string | null; archive: string | null }
  artifacts: { open(digest: string): Promise<ArtifactContent | null> }
  /** The jar that runs this SQL script. */
  sqlJar: (script: string) => Uint8Array
  /** Makes names that are used once. */
  unique: () => string
  shelf: HdfsShelf
}

export type Staged =
  | { is: 'staged'; launch: Parameters<typeof submissionContext>[0] }
  | { is: 'refused'; because: string }
  | { is: 'failed'; because: string }

/** What is to run, and as what. */
export interface Staging {
  applicationId: string
  identity: Identity
  plan: SubmitPlan
  flink: ShippedFlink
}

/** Puts everything a container needs onto HDFS, and tells how it is launched. */
export async function stage(
  tools: StagingTools,
  { applicationId, identity, plan, flink }: Staging,
): Promise<Staged> {
  const { place, directories, shelf } = tools
  const { version } = flink
  const jar = jarOf(tools, plan)
  const home = `/user/${place.user}`
  const base = `${home}/sluice`
  const bundle = await flink.files()
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
  const shelved = await shelf.put(wanted)
  if (shelved.is === 'failed') return shelved

  const settings = { ...place.settings, ...plan.flinkSettings }
  const url = (path: string) => `${place.fileSystem}${path}`
  const tags = tagsOf(tools.clusterId, identity.flinkJobId)
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
  // Each submit has files of its own: YARN refuses one that was written again since, and another submit of the same
  // application may be on its way.
  const mine = `${staging}/${tools.unique()}`
  const own = await shelf.write([
    { path: `${mine}/${configFile}`, text: confText(version, conf) },
    { path: `${mine}/log4j.properties`, text: await flink.log4j() },
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
      conf: resource(configFile, `${mine}/${configFile}`, 'APPLICATION'),
      log4j: resource('log4j.properties', `${mine}/log4j.properties`, 'APPLICATION'),
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

function jarOf(tools: StagingTools, { program }: SubmitPlan): Jar {
  if (program.is === 'jar') {
    const { digest } = program
    // A name that a class path or a shell would read in its own way is not passed on.
    const fileName = program.fileName.replaceAll(/[^\w.-]/g, '_')
    return { fileName, digest, size: null, open: () => tools.artifacts.open(digest) }
  }
  const bytes = tools.sqlJar(program.script)
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { fileName: 'sql-job.jar', digest, size: bytes.length, open: async () => ({ bytes }) }
}

async function sizeOf(content: ArtifactContent): Promise<number> {
  return 'bytes' in content ? content.bytes.length : (await stat(content.path)).size
}
