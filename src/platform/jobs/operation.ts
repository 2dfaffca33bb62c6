import type { Instant } from '../../lib/clock.ts'
import type { FlinkJobId, RuntimeCause } from '../runtimes/runtime.ts'
import type { ReleaseChange } from './release.ts'

export const OPERATION_VERBS = [
  'start',
  'stop',
  'restart',
  'rollback',
  'savepoint',
  'scale',
  'cancel',
  'adopt',
] as const
export type OperationVerb = (typeof OPERATION_VERBS)[number]

/** Which state to start from. `latest`: the newest that this release can read. */
export type StartFrom = { is: 'latest' } | { is: 'none' } | { is: 'savepoint'; id: string }

/** What somebody asked for. */
export type Order =
  | { verb: 'start'; release: number | null; from: StartFrom }
  | { verb: 'stop'; how: 'savepoint' | 'drain' | 'plain' }
  /** `release` null: the one that is effective. `how` plain: no savepoint first, from the last checkpoint. */
  | { verb: 'restart'; release: number | null; how: 'savepoint' | 'plain'; from: StartFrom }
  /** `to` null: the release before the effective one. */
  | { verb: 'rollback'; to: number | null; from: StartFrom }
  | { verb: 'savepoint' }
  | { verb: 'scale'; parallelism: number }
  | { verb: 'cancel' }
  | { verb: 'adopt'; flinkJobId: FlinkJobId; release: number | null }

export type OperationState =
  | 'waiting-approval'
  | 'queued'
  | 'running'
  | 'done'
  | 'failed'
  | 'refused'
  | 'cancelled'

export function isOpen(state: OperationState): boolean {
  return state === 'waiting-approval' || state === 'queued' || state === 'running'
}

/** Where a job will start from, as shown before it is done. */
export type RestoreChoice =
  | { is: 'nothing' }
  /** The savepoint that this very operation takes when it stops the job. */
  | { is: 'taken-now' }
  /** The newest retained checkpoint at the moment the running attempt ends. */
  | { is: 'newest-checkpoint' }
  | { is: 'savepoint'; id: string; path: string; at: Instant; origin: string; release: number | null }

/** Exactly what will be done; approval is given to this. */
export interface Plan {
  verb: OperationVerb
  fromRelease: number | null
  toRelease: number | null
  parallelism: number | null
  /** How the attempt that runs now is ended; null: none runs, or it goes on. */
  stop: 'savepoint' | 'drain' | 'plain' | null
  restore: RestoreChoice | null
  changes: readonly ReleaseChange[]
  warnings: readonly PlanWarning[]
  /** The job's attempt counter when this was planned: a changed one makes the plan stale. */
  attempts: number
}

export type PlanWarning =
  | { of: 'replays'; sinceMs: number }
  | { of: 'state-not-proved'; writer: number | null; reader: number }
  | { of: 'sql-changed' }
  | { of: 'no-state' }
  | { of: 'cluster-silent'; since: Instant }
  | { of: 'flink-major-changed'; from: string; to: string }

/** Where an operation is, for its card. */
export type Phase =
  | 'queued'
  | 'checking'
  | 'stopping-with-savepoint'
  | 'stopping'
  | 'taking-savepoint'
  | 'submitting'
  | 'waiting-for-tasks'
  | 'asking-runtime'
  | 'going-back'

export interface Progress {
  phase: Phase
  since: Instant
  tasks: { running: number; total: number } | null
}

/** How it ended. What is now true, never just "success" or "failed". */
export type Outcome =
  | {
      is: 'running'
      release: number
      attempt: number
      tookMs: number
      restoredFrom: string | null
      tasks: { running: number; total: number }
      parallelism: number | null
    }
  | { is: 'stopped'; savepoint: { id: string; path: string } | null; tookMs: number }
  | { is: 'savepoint-taken'; savepoint: { id: string; path: string }; tookMs: number }
  | { is: 'adopted'; attempt: number; release: number }
  /** A bounded job that was through before we could see it run. */
  | { is: 'finished'; release: number; attempt: number; tookMs: number }
  /** It did not work; `now` says what remains true. */
  | {
      is: 'not-done'
      why: NotDone
      now: NowTrue
      cause: RuntimeCause | null
      release: number | null
    }

/** What remains true after something could not be done. `still-trying`: its tasks are not all up, Flink goes on. */
export type NowTrue =
  | 'running-as-before'
  | 'running-former-release'
  | 'still-trying'
  | 'stopped'
  | 'failed'
  | 'unclear'

export type NotDone =
  | 'cluster-silent'
  | 'no-room'
  | 'refused-by-flink'
  | 'state-not-readable'
  | 'restore-not-seen'
  | 'savepoint-failed'
  | 'did-not-start'
  | 'failed-after-start'
  | 'artifact-missing'
  | 'plan-changed'
  | 'nothing-runs'
  | 'already-runs'
  | 'cancelled'
  | 'not-seen-in-time'
  | 'not-found-on-cluster'
  | 'our-fault'

export interface Operation {
  id: string
  job: { id: string; name: string; environment: string; team: string; sandbox: boolean }
  order: Order
  state: OperationState
  plan: Plan | null
  progress: Progress | null
  outcome: Outcome | null
  requester: { memberId: string | null; name: string }
  via: string
  reason: string | null
  force: boolean
  approval: Approval | null
  cancelAskedBy: string | null
  requestId: string
  version: number
  createdAt: Instant
  startedAt: Instant | null
  endedAt: Instant | null
  /** Median duration of the same verb on this job lately; null: never done. */
  usualMs: number | null
}

export interface Approval {
  state: 'open' | 'approved' | 'rejected' | 'expired'
  expiresAt: Instant
  decider: string | null
  decidedAt: Instant | null
  note: string | null
}

/** What became of asking for an operation. */
export type RequestAnswer =
  | { ok: true; operation: Operation; joined: boolean }
  | { ok: false; why: RequestRefusal }

export type RequestRefusal =
  | { of: 'no-release' }
  | { of: 'unknown-release'; asked: number; newest: number }
  | { of: 'no-former-release' }
  | { of: 'already-runs'; release: number }
  | { of: 'not-running'; state: string }
  | { of: 'archived' }
  | { of: 'unknown-savepoint'; asked: string }
  | { of: 'savepoint-gone'; path: string }
  | {
      of: 'state-not-readable'
      reader: number
      writer: number | null
      because: string
      alternatives: readonly Alternative[]
    }
  | { of: 'same-release'; release: number }
  | { of: 'same-parallelism'; parallelism: number }
  | { of: 'lost'; since: Instant; because: string }
  | { of: 'force-needs-reason' }
  | { of: 'force-not-allowed' }
  | { of: 'cluster-removed' }
  | { of: 'attempt-elsewhere'; flinkJobId: string }

/** A way out that is offered with a refusal. */
export type Alternative =
  | { of: 'rollback'; to: number }
  | { of: 'start-from'; release: number; savepointId: string; at: Instant }
  | { of: 'start-without-state'; release: number }
