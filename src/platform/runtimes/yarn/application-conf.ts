import { type FlinkVersion, flinkFeatures, isAtLeast } from '../../flink/flink-version.ts'
import type { FlinkJobId, RestorePlan } from '../runtime.ts'

export type ConfValue = string | readonly string[]

export interface ApplicationConf {
  version: FlinkVersion
  applicationId: string
  flinkJobId: FlinkJobId
  jobName: string
  queue: string
  tags: readonly string[]
  /** Where the job's jar lies, `hdfs://…`. */
  jar: string
  entryClass: string | null
  args: readonly string[]
  parallelism: number | null
  restore: RestorePlan | null
  directories: { checkpoints: string | null; savepoints: string | null; archive: string | null }
  /** What the cluster's owner wants for all jobs, then what the release wants. */
  settings: Readonly<Record<string, string>>
}

/**
 * What a job finds in its config, by key. What makes it ours (its id, its place, what it starts from) cannot be
 * overridden; what is only a good default can.
 */
export function applicationConf(app: ApplicationConf): Readonly<Record<string, ConfValue>> {
  const { version, directories, parallelism } = app
  const { keys, javaOptionsKey, javaOptions } = flinkFeatures(version)
  const given = (key: string, value: string | null) => (value === null ? {} : { [key]: value })
  return {
    'jobmanager.memory.process.size': '1600m',
    'taskmanager.memory.process.size': '1728m',
    'taskmanager.numberOfTaskSlots': '1',
    ...given(keys.checkpointsDir, directories.checkpoints),
    ...given(keys.savepointsDir, directories.savepoints),
    ...given('jobmanager.archive.fs.dir', directories.archive),
    // A cancelled or killed job keeps the place to start from.
    'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
    [javaOptionsKey]: javaOptions.join(' '),
    ...app.settings,
    ...(parallelism !== null && { 'parallelism.default': String(parallelism) }),
    'execution.target': 'yarn-application',
    'execution.attached': 'true',
    'internal.cluster.execution-mode': 'NORMAL',
    'high-availability.cluster-id': app.applicationId,
    'pipeline.jars': [app.jar],
    'yarn.application.name': app.jobName,
    'yarn.application.queue': app.queue,
    'yarn.tags': app.tags.join(','),
    // A second JobManager without high availability starts empty in the same checkpoint directory.
    'yarn.application-attempts': isHighlyAvailable(app.settings) ? '2' : '1',
    ...internal(app),
    ...restored(app.restore, version),
  }
}

export function isHighlyAvailable(settings: Readonly<Record<string, string>>): boolean {
  const type = settings['high-availability.type'] ?? settings['high-availability'] ?? 'NONE'
  return type.toUpperCase() !== 'NONE'
}

/** Flink's private words for what its client hands to the JobManager. */
function internal({ flinkJobId, entryClass, args }: ApplicationConf): Record<string, ConfValue> {
  return {
    '$internal.pipeline.job-id': flinkJobId,
    '$internal.application.program-args': args,
    ...(entryClass !== null && { '$internal.application.main': entryClass }),
    '$internal.yarn.log-config-file': 'log4j.properties',
  }
}

function restored(restore: RestorePlan | null, version: FlinkVersion): Record<string, ConfValue> {
  if (!restore) return {}
  const claim = restore.claim === 'claim' ? 'CLAIM' : 'NO_CLAIM'
  const ignore = String(restore.allowNonRestored)
  if (isAtLeast(version, 1, 20)) {
    return {
      'execution.state-recovery.path': restore.path,
      'execution.state-recovery.claim-mode': claim,
      'execution.state-recovery.ignore-unclaimed-state': ignore,
    }
  }
  return {
    'execution.savepoint.path': restore.path,
    'execution.savepoint.ignore-unclaimed-state': ignore,
    // Before 1.15 Flink never takes over what it starts from.
    ...(isAtLeast(version, 1, 15) && { 'execution.savepoint-restore-mode': claim }),
  }
}

/** The file as this version reads it: YAML from 1.19 on, before that lines in which quotes are kept literally. */
export function confText(version: FlinkVersion, conf: Readonly<Record<string, ConfValue>>): string {
  const isYaml = flinkFeatures(version).configFile === 'config.yaml'
  const line = ([key, value]: [string, ConfValue]) =>
    isYaml
      ? `${JSON.stringify(key)}: ${JSON.stringify(value)}`
      : `${key}: ${typeof value === 'string' ? value : listText(value)}`
  return `${Object.entries(conf).map(line).join('\n')}\n`
}

/** A list in one line: parted by semicolons, and what holds one or a quote is quoted with its quotes doubled. */
function listText(values: readonly string[]): string {
  return values.map((value) => (/[;'"]/.test(value) ? `'${value.replaceAll("'", "''")}'` : value)).join(';')
}
