import type { Clock, Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import type { Pulse, Runtime } from '../runtimes/runtime.ts'
import type { Job } from './job.ts'
import type { Operation, Phase, Plan, Progress } from './operation.ts'
import type { Probe, ProbePoint } from './probe.ts'
import type { Step } from './step.ts'
import type { ClusterRecord, Stores, Transact } from './stores.ts'

/** How long we wait before a transient state becomes a question instead of a hope. */
export interface Deadlines {
  /** A savepoint of big state takes minutes; Flink's own checkpoint timeout is 10 min. */
  endMs: number
  savepointMs: number
  /** The first submit of a JobManager loads the planner, up to 20 s; a queue of submits comes on top. */
  submitMs: number
  /** From accepted to all tasks running. */
  upMs: number
  /** How long slots must be missing before we say so. */
  roomMs: number
  /**
   * From a new JobManager to all TaskManagers being back with their slots free. They let go of a lost job's slots after
   * heartbeat.timeout and taskmanager.slot.timeout: 60 s, unless somebody raised them.
   */
  comingBackMs: number
  /** How long we wait for a cluster that does not answer before we say so. */
  silentMs: number
}

export const DEADLINES: Deadlines = {
  endMs: 10 * 60_000,
  savepointMs: 10 * 60_000,
  submitMs: 5 * 60_000,
  upMs: 3 * 60_000,
  roomMs: 3_000,
  comingBackMs: 2 * 60_000,
  silentMs: 60_000,
}

/** Thrown when this worker must stop at once: its lease is gone or the server stops. Nothing is decided by it. */
export class LetGo extends Error {
  override name = 'LetGo'
}

export interface RunDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  log: Log
  probe: Probe
  deadlines: Deadlines
}

/** One operation in the hands of one worker: what it knows, and the few ways it may write. */
export interface Run extends RunDependencies {
  readonly operation: Operation
  readonly plan: Plan
  readonly job: Job
  readonly cluster: ClusterRecord
  readonly runtime: Runtime
  readonly fence: number
  readonly startedAt: Instant
  readonly signal: AbortSignal
  step(): Step
  /**
   * Commits how far we are, together with what `more` writes; steps that `more` returns are saved in the same commit.
   * Throws LetGo when somebody else holds the operation now.
   */
  save(change: Partial<Step>, more?: (stores: Stores) => Promise<Partial<Step> | undefined>): Promise<void>
  progress(phase: Phase, tasks?: Progress['tasks']): Promise<void>
  at(point: ProbePoint): Promise<void>
  /** Waits, and throws LetGo when this worker must stop. */
  pause(ms: number): Promise<void>
  cancelAsked(): Promise<boolean>
}

/** Fresh life signs of the cluster, remembered; null when it does not answer. */
export async function freshPulse({
  runtime,
  cluster,
  read,
}: Pick<Run, 'runtime' | 'cluster' | 'read'>): Promise<Pulse | null> {
  const known = await read.clusters.byId(cluster.id)
  const pulse = await runtime.pulse(known?.pulse ?? null)
  if (pulse) await read.clusters.savePulse(cluster.id, pulse)
  return pulse
}
