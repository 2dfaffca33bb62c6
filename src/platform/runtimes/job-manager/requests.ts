import type { FlinkJobId, RestorePlan } from '../runtime.ts'

/**
 * Request bodies per Flink version. Up to 1.19 Flink refuses a key it does not know; from 1.20 on it ignores it, so a
 * mis-spelt `savepointPath` would start a job without its state. Nothing here is left to the server's strictness.
 */
export interface FlinkMinor {
  major: number
  minor: number
}

/** Reads `1.20.3`, `1.14.0-csa1.7.0.0`, `2.3-SNAPSHOT`; null when it is no version. */
export function flinkMinor(version: string): FlinkMinor | null {
  const found = /^(\d+)\.(\d+)/.exec(version)
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : null
}

export interface Abilities {
  /** How the body of a run names what becomes of the files it restores from. */
  claim: 'claimMode' | 'restoreMode' | null
  /** Whether a run may carry Flink settings. */
  settings: boolean
  /** Whether savepoint and stop take our own trigger id. */
  ownTrigger: boolean
}

export function abilitiesOf(version: FlinkMinor): Abilities {
  const since = (major: number, minor: number) =>
    version.major > major || (version.major === major && version.minor >= minor)
  return {
    claim: since(1, 20) ? 'claimMode' : since(1, 15) ? 'restoreMode' : null,
    settings: since(1, 17),
    ownTrigger: since(1, 15),
  }
}

export interface RunBody {
  entryClass?: string
  programArgsList?: readonly string[]
  parallelism?: number
  jobId: FlinkJobId
  allowNonRestoredState?: boolean
  savepointPath?: string
  restoreMode?: 'CLAIM' | 'NO_CLAIM'
  claimMode?: 'CLAIM' | 'NO_CLAIM'
  flinkConfiguration?: Readonly<Record<string, string>>
}

export interface Run {
  jobId: FlinkJobId
  jobName: string
  entryClass: string | null
  args: readonly string[]
  parallelism: number | null
  settings: Readonly<Record<string, string>>
  restore: RestorePlan | null
}

/** `notSent`: what this version has no word for, so that the caller can say so. */
export interface Request<Body> {
  body: Body
  notSent: readonly string[]
}

export function runRequest(run: Run, version: FlinkMinor): Request<RunBody> {
  const can = abilitiesOf(version)
  return {
    body: { ...programBody(run, can), ...restoreBody(run.restore, can) },
    notSent: [...(can.settings ? [] : Object.keys(run.settings)), ...claimNotSent(run.restore, can)],
  }
}

export type PlanBody = Pick<
  RunBody,
  'entryClass' | 'programArgsList' | 'parallelism' | 'jobId' | 'flinkConfiguration'
>

export function planRequest(run: Run, version: FlinkMinor): Request<PlanBody> {
  const can = abilitiesOf(version)
  return { body: programBody(run, can), notSent: can.settings ? [] : Object.keys(run.settings) }
}

function programBody(run: Run, can: Abilities): PlanBody {
  return {
    ...(run.entryClass === null ? {} : { entryClass: run.entryClass }),
    ...(run.args.length === 0 ? {} : { programArgsList: run.args }),
    ...(run.parallelism === null ? {} : { parallelism: run.parallelism }),
    jobId: run.jobId,
    // The name is a wish: main() may give another one.
    ...(can.settings ? { flinkConfiguration: { 'pipeline.name': run.jobName, ...run.settings } } : {}),
  }
}

function restoreBody(restore: RestorePlan | null, can: Abilities): Partial<RunBody> {
  if (!restore) return {}
  const claim = restore.claim === 'claim' ? 'CLAIM' : 'NO_CLAIM'
  return {
    savepointPath: restore.path,
    allowNonRestoredState: restore.allowNonRestored,
    ...(can.claim === 'claimMode' ? { claimMode: claim } : {}),
    ...(can.claim === 'restoreMode' ? { restoreMode: claim } : {}),
  }
}

/** Before 1.15 Flink never takes files over, which is what `no-claim` asks for: only `claim` goes unsaid. */
function claimNotSent(restore: RestorePlan | null, can: Abilities): string[] {
  return restore?.claim === 'claim' && can.claim === null ? ['claim mode'] : []
}

export interface SavepointBody {
  'target-directory'?: string | null
  'cancel-job': false
  triggerId?: string
}

export interface StopBody {
  targetDirectory?: string | null
  drain: boolean
  triggerId?: string
}

/** Savepoints are spelt with dashes, stops in camel case. */
export function savepointRequest(
  order: { triggerId: string; directory: string | null },
  version: FlinkMinor,
): SavepointBody {
  const trigger = abilitiesOf(version).ownTrigger ? { triggerId: order.triggerId } : {}
  return { 'target-directory': order.directory, 'cancel-job': false, ...trigger }
}

export function stopRequest(
  order: { triggerId: string; directory: string | null; drain: boolean },
  version: FlinkMinor,
): StopBody {
  const trigger = abilitiesOf(version).ownTrigger ? { triggerId: order.triggerId } : {}
  return { targetDirectory: order.directory, drain: order.drain, ...trigger }
}
