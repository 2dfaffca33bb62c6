import type { Instant } from '../../../lib/clock.ts'
import type { FlinkState } from '../runtime.ts'

/** Where a simulated job stands; Flink's own state hides whether its tasks run. */
export type Phase =
  | 'initializing'
  | 'created'
  | 'waiting'
  | 'deploying'
  | 'up'
  | 'restarting'
  | 'cancelling'
  | 'over'

export interface SimulatedCheckpoint {
  id: number
  at: Instant
  counter: number
  path: string | null
  isSavepoint: boolean
}

/** What a program would do: read from its arguments, which are those of `examples/counter-job`. */
export interface Behaviour {
  name: string
  ratePerSecond: number
  step: number
  checkpointIntervalMs: number
  breakWhen: string | null
  breakNow: boolean
  restarts: boolean
  /** Calls execute() twice: Flink runs the first job and answers with an error. */
  executesTwice: boolean
  /** Two programs whose shapes differ cannot read each other's state. */
  shape: string
}

export interface SimulatedFailure {
  at: Instant
  stack: string
  task: string | null
}

export interface SimulatedJob {
  id: string
  behaviour: Behaviour
  parallelism: number
  state: FlinkState
  phase: Phase
  startedAt: Instant
  endedAt: Instant
  changedAt: Instant
  reached: Partial<Record<FlinkState, Instant>>
  /** When the next phase begins by itself. */
  dueAt: Instant
  /** How many slots it holds, per TaskManager. */
  slots: Map<string, number>
  /** The number that its state holds, as of `upSince`. */
  counter: number
  startedFrom: number
  upSince: Instant
  checkpointsSeen: number
  nextCheckpointId: number
  completed: number
  latest: SimulatedCheckpoint | null
  latestSavepoint: SimulatedCheckpoint | null
  restored: (SimulatedCheckpoint & { restoredAt: Instant }) | null
  restarts: number
  failures: SimulatedFailure[]
  /** Told by a test: throws this as soon as it is up, until mended. */
  broken: string | null
  /** The row of the listing, built anew only after a change. */
  row: string | null
}

export function isOver(job: SimulatedJob): boolean {
  return job.phase === 'over'
}

export function tasksTotal(job: SimulatedJob): number {
  return job.parallelism + 1
}

export function counterAt(job: SimulatedJob, now: Instant): number {
  if (job.phase !== 'up') return job.counter
  const ticks = Math.floor(((now - job.upSince) * job.behaviour.ratePerSecond) / 1_000)
  return job.counter + ticks * job.behaviour.step
}

/** How many periodic checkpoints were completed since the job came up. */
export function checkpointsDue(job: SimulatedJob, now: Instant): number {
  const { checkpointIntervalMs } = job.behaviour
  if (job.phase !== 'up' || checkpointIntervalMs <= 0) return 0
  return Math.floor((now - job.upSince) / checkpointIntervalMs)
}

export type ProgramRead = { is: 'program'; behaviour: Behaviour } | { is: 'throws'; stack: string }

/** Reads arguments as the example does, complaints included. */
export function readProgram(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  shape: string,
): ProgramRead {
  const options = new Map<string, string>()
  for (let at = 0; at < args.length; at += 2) {
    const name = args[at] ?? ''
    const value = args[at + 1]
    if (!name.startsWith('--') || value === undefined) return thrown(`expected --name value, got ${name}`)
    options.set(name.slice(2), value)
  }
  if (options.has('exit')) return { is: 'throws', stack: EXIT }
  const message = options.get('throw')
  if (message !== undefined) return thrown(message)
  const strategy =
    options.get('restarts') ?? settings['restart-strategy.type'] ?? settings['restart-strategy']
  return {
    is: 'program',
    behaviour: {
      name: options.get('name') ?? settings['pipeline.name'] ?? 'counter-job',
      ratePerSecond: Number(options.get('rate') ?? 10),
      step: Number(options.get('step') ?? 1),
      checkpointIntervalMs: Number(options.get('interval') ?? intervalOf(settings) ?? 2_000),
      breakWhen: options.get('break-when') ?? null,
      breakNow: options.get('break') === 'now',
      restarts: !/^(none|off|disable)$/.test(strategy ?? ''),
      executesTwice: options.get('execute') === 'twice',
      shape: options.get('shape') ?? shape,
    },
  }
}

/** What `cluster.intercept-user-system-exit: THROW` makes of it. */
const EXIT =
  'org.apache.flink.core.security.FlinkSecurityManager$UserSystemExitException: Flink user code attempted to exit JVM.\n\tat org.apache.flink.core.security.FlinkSecurityManager.checkExit(FlinkSecurityManager.java:207)'

function thrown(message: string): ProgramRead {
  return {
    is: 'throws',
    stack: `java.lang.IllegalArgumentException: ${message}\n\tat sluice.examples.CounterJob.main(CounterJob.java:42)`,
  }
}

/** `10 s`, `10s`, `2000` (ms), `1 min`: the spellings people use for this key. */
function intervalOf(settings: Readonly<Record<string, string>>): number | null {
  const text = settings['execution.checkpointing.interval']
  const found = text === undefined ? null : /^(\d+)\s*(ms|s|m|min)?$/.exec(text.trim())
  if (!found) return null
  const unit = { ms: 1, s: 1_000, m: 60_000, min: 60_000 }[found[2] ?? 'ms'] ?? 1
  return Number(found[1]) * unit
}
