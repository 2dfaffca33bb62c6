import type { FlinkVersion } from './flink-version.ts'
import { flinkFeatures } from './flink-version.ts'

/** What a local session cluster shall be. */
export interface LocalClusterSpec {
  /** Also the name of its directory: small letters, digits and dashes. */
  readonly name: string
  readonly flinkHome: string
  /** Null: the Java that is found on the search path. */
  readonly javaHome: string | null
  readonly taskManagers: number
  readonly slotsPerTaskManager: number
  readonly memory: { readonly jobManagerMb: number; readonly taskManagerMb: number }
  /** Further Flink config; may not touch addresses, ports and directories, which the cluster's owner keeps. */
  readonly config: Readonly<Record<string, string>>
}

/** Measured: with less, a TaskManager of SQL jobs runs out of heap or does not start. */
export const LOCAL_MEMORY = { jobManagerMb: 1024, taskManagerMb: 1280 } as const

export interface ClusterPorts {
  readonly rest: number
  readonly rpc: number
  readonly blob: number
}

export interface ClusterDirs {
  readonly root: string
  readonly conf: string
  readonly log: string
  readonly pid: string
  readonly tmp: string
  readonly upload: string
  readonly checkpoints: string
  readonly savepoints: string
  readonly archive: string
}

export interface ConfRequest {
  readonly version: FlinkVersion
  readonly javaMajor: number
  readonly spec: LocalClusterSpec
  readonly ports: ClusterPorts
  readonly dirs: ClusterDirs
}

export type SpecProblem =
  | { readonly why: 'bad-name'; readonly name: string }
  | { readonly why: 'bad-number'; readonly field: string; readonly value: number }
  | { readonly why: 'bad-config'; readonly key: string; readonly because: 'owned' | 'value' | 'key' }

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/
const LOOPBACK = '127.0.0.1'

/** What is wrong with the request; null when nothing is. */
export function problemOfSpec(spec: LocalClusterSpec): SpecProblem | null {
  if (!NAME.test(spec.name)) return { why: 'bad-name', name: spec.name }
  return badNumber(spec) ?? badConfig(spec.config)
}

function badNumber({ taskManagers, slotsPerTaskManager, memory }: LocalClusterSpec): SpecProblem | null {
  const limits = {
    taskManagers: [taskManagers, 1, 64],
    slotsPerTaskManager: [slotsPerTaskManager, 1, 256],
    jobManagerMb: [memory.jobManagerMb, 700, 1_000_000],
    taskManagerMb: [memory.taskManagerMb, 900, 1_000_000],
  } as const
  for (const [field, [value, from, to]] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < from || value > to) return { why: 'bad-number', field, value }
  }
  return null
}

function badConfig(config: Readonly<Record<string, string>>): SpecProblem | null {
  for (const [key, value] of Object.entries(config)) {
    if (!/^[\w$.-]+$/.test(key)) return { why: 'bad-config', key, because: 'key' }
    if (OWNED.some((owned) => key === owned || key.startsWith(`${owned}.`))) {
      return { why: 'bad-config', key, because: 'owned' }
    }
    // A line break would start another key; the older file cuts a value at '#'.
    if (/[\r\n#]/.test(value)) return { why: 'bad-config', key, because: 'value' }
  }
  return null
}

// What makes the cluster ours, private and safe; and what the spec says by other fields.
const OWNED: readonly string[] = [
  'jobmanager.rpc',
  'jobmanager.bind-host',
  'blob.server.port',
  'rest.address',
  'rest.bind-address',
  'rest.port',
  'rest.bind-port',
  'taskmanager.host',
  'taskmanager.bind-host',
  'taskmanager.rpc.port',
  'taskmanager.data.port',
  'taskmanager.numberOfTaskSlots',
  'jobmanager.memory.process.size',
  'taskmanager.memory.process.size',
  'io.tmp.dirs',
  'web.upload.dir',
  'cluster.intercept-user-system-exit',
  'env',
]

/** The keys and values of the cluster's config, in the order in which they are written. */
export function localClusterConfig(request: ConfRequest): Record<string, string> {
  const { spec, ports, dirs, version } = request
  const { keys } = flinkFeatures(version)
  return {
    'jobmanager.rpc.address': LOOPBACK,
    'jobmanager.rpc.port': String(ports.rpc),
    'jobmanager.bind-host': LOOPBACK,
    'blob.server.port': String(ports.blob),
    'rest.address': LOOPBACK,
    'rest.bind-address': LOOPBACK,
    'rest.port': String(ports.rest),
    'rest.bind-port': String(ports.rest),
    'taskmanager.host': LOOPBACK,
    'taskmanager.bind-host': LOOPBACK,
    // Any number of TaskManagers shares this file, so the system picks their ports.
    'taskmanager.rpc.port': '0',
    'taskmanager.data.port': '0',
    'taskmanager.numberOfTaskSlots': String(spec.slotsPerTaskManager),
    'jobmanager.memory.process.size': `${spec.memory.jobManagerMb}m`,
    'taskmanager.memory.process.size': `${spec.memory.taskManagerMb}m`,
    // The default of 0.4 leaves a small TaskManager 26 MB of heap for jobs; only RocksDB and batch need managed memory.
    'taskmanager.memory.managed.fraction': '0.1',
    'io.tmp.dirs': dirs.tmp,
    // Without its own directory uploaded jars are gone when the JobManager comes back.
    'web.upload.dir': dirs.upload,
    [keys.checkpointsDir]: `file://${dirs.checkpoints}`,
    [keys.savepointsDir]: `file://${dirs.savepoints}`,
    'jobmanager.archive.fs.dir': `file://${dirs.archive}`,
    // A cancelled job keeps the place to start from.
    'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
    // A job that calls System.exit() in main() would take the JobManager and all other jobs along.
    'cluster.intercept-user-system-exit': 'THROW',
    // What metrics over REST may lag behind; the default is 10 s.
    'metrics.fetcher.update-interval': '3000',
    ...javaOptions(request),
    ...spec.config,
  }
}

// Java 8 knows neither modules nor these options, and does not start with them.
function javaOptions({ version, javaMajor }: ConfRequest): Record<string, string> {
  const { javaOptions: options, javaOptionsKey } = flinkFeatures(version)
  return javaMajor < 9 ? {} : { [javaOptionsKey]: options.join(' ') }
}

/** The config file that this version of Flink reads: its name and text. */
export function localClusterConfFile(request: ConfRequest): { name: string; text: string } {
  const { configFile } = flinkFeatures(request.version)
  const write = configFile === 'config.yaml' ? yamlValue : (value: string) => value
  const lines = Object.entries(localClusterConfig(request)).map(([key, value]) => `${key}: ${write(value)}`)
  return {
    name: configFile,
    text: `# Written by Sluice at each start; changes are lost.\n${lines.join('\n')}\n`,
  }
}

// Plain where YAML reads the text as it stands; the shell scripts of Flink cope with that best.
function yamlValue(value: string): string {
  const plain =
    /^[A-Za-z0-9/.+-][\w ./:,=+@;$-]*$/.test(value) && !value.includes(': ') && !/[\s:]$/.test(value)
  return plain ? value : `'${value.replaceAll("'", "''")}'`
}

/** One log file per process, at most 5 × 50 MB, whatever the distribution ships. */
export const LOG4J_PROPERTIES = `rootLogger.level = INFO
rootLogger.appenderRef.file.ref = MainAppender
appender.main.name = MainAppender
appender.main.type = RollingFile
appender.main.append = true
appender.main.fileName = \${sys:log.file}
appender.main.filePattern = \${sys:log.file}.%i
appender.main.layout.type = PatternLayout
appender.main.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
appender.main.policies.type = Policies
appender.main.policies.size.type = SizeBasedTriggeringPolicy
appender.main.policies.size.size = 50MB
appender.main.strategy.type = DefaultRolloverStrategy
appender.main.strategy.max = 5
logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
logger.netty.level = OFF
`
