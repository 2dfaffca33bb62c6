import type { Instant } from '../../lib/clock.ts'
import type { TeamId } from '../access/access.ts'
import type { EndState, FlinkJobId, Identity, Proof, RuntimeCause, TaskCounts } from '../runtimes/runtime.ts'

/**
 * What we know of a job. `starting` and `stopping` are transient and carry a deadline, past which we ask the runtime
 * again instead of guessing. A cluster that does not answer changes none of these: that is a fact about the cluster.
 */
export type JobState =
  | { is: 'new' }
  | { is: 'stopped'; savepointId: string | null }
  | { is: 'starting'; attempt: number; deadline: Instant }
  | { is: 'running'; attempt: number; tasks: TaskCounts }
  /** Flink itself restarts it, or its tasks wait for slots. */
  | { is: 'recovering'; attempt: number; flink: string; tasks: TaskCounts }
  | { is: 'stopping'; attempt: number; deadline: Instant }
  | { is: 'failed'; attempt: number; cause: RuntimeCause | null }
  /** It ended by itself: a bounded job, or somebody ended it outside Sluice. */
  | { is: 'ended'; attempt: number; as: EndState; outside: boolean }
  /** Its attempt is neither seen nor proved over. Nothing is started until that is known. */
  | { is: 'lost'; attempt: number; since: Instant; because: string }

export type JobStateTag = JobState['is']

export type RestartPolicy =
  | { is: 'none' }
  /** At most `limit` restarts per `windowMs`; the n-th waits `backoffMs` · 2^(n-1), at most `backoffCapMs`. */
  | { is: 'on-failure'; limit: number; windowMs: number; backoffMs: number; backoffCapMs: number }

/** How much the company depends on it: of two that fail, which is told louder. */
export const IMPORTANCES = ['critical', 'normal', 'minor'] as const
export type Importance = (typeof IMPORTANCES)[number]

export const DEFAULT_RESTART_POLICY: RestartPolicy = { is: 'none' }

export interface Job {
  id: string
  name: string
  team: { id: TeamId; name: string }
  environment: string
  cluster: { id: string; name: string; sandbox: boolean }
  kind: 'jar' | 'sql'
  note: string
  state: JobState
  stateSince: Instant
  desired: 'running' | 'stopped'
  effectiveRelease: number | null
  releases: number
  attempts: number
  /** Dates buttons: a button of an earlier generation is stale. */
  generation: number
  restartPolicy: RestartPolicy
  importance: Importance
  createdAt: Instant
  archivedAt: Instant | null
}

/** Why an attempt is over: the runtime's proof, or that it was never given away, or a person's word. */
export type AttemptProof =
  | Proof
  | { kind: 'never-submitted' }
  | { kind: 'forced'; by: string; reason: string }

export interface Attempt {
  id: string
  jobId: string
  number: number
  release: number
  parallelism: number | null
  clusterId: string
  operationId: string | null
  identity: Identity
  flinkJobId: FlinkJobId
  state: 'intended' | 'submitting' | 'live' | 'over'
  born: number | null
  restoredFrom: string | null
  proof: AttemptProof | null
  intendedAt: Instant
  liveAt: Instant | null
  overAt: Instant | null
}

/** Savepoints and retained checkpoints: places to start from. */
export interface Savepoint {
  id: string
  jobId: string
  path: string
  origin: 'savepoint' | 'stop' | 'checkpoint' | 'adopted' | 'typed'
  at: Instant
  sizeBytes: number | null
  release: number | null
  attempt: number | null
  presence: 'there' | 'gone' | 'unknown'
  /** Releases proved to read it (they did), and proved not to (Flink refused). Others: not known until tried. */
  readableBy: readonly number[]
  notReadableBy: readonly number[]
}
