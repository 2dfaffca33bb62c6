import type { Brand } from '../../lib/brand.ts'
import type { Instant } from '../../lib/clock.ts'

/** 32 lower-case hex digits. Flink cuts longer ids silently instead of refusing them, so we check before we send. */
export type FlinkJobId = Brand<'FlinkJobId'>

export function flinkJobId(text: string): FlinkJobId {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new Error(`Not a Flink job id (32 hex digits): ${text}`)
  return text as FlinkJobId
}

/** How an attempt is known in the outside world. Stored before the first call. */
export type Identity =
  | { on: 'session'; flinkJobId: FlinkJobId }
  /** `applicationId` was taken from the ResourceManager for this attempt alone. */
  | { on: 'yarn'; applicationId: string; flinkJobId: FlinkJobId }

/** `unknown`: the outside has to name it and did not answer. Nothing was begun. */
export type Reservation = { is: 'reserved'; identity: Identity } | { is: 'unknown'; because: string }

/** Where the bytes of an artifact are. */
export type ArtifactContent = { bytes: Uint8Array } | { path: string }

/**
 * One life of a cluster's control process. Without high availability a JobManager that was replaced has forgotten its
 * jobs, and its TaskManagers drop their tasks: an attempt born in an earlier generation, absent now, is over.
 */
export interface Pulse {
  generation: number
  /** A mark that every JobManager process makes anew when it starts. Null: not readable. */
  life: string | null
  /** CPU time of the JobManager's JVM, in ns. It only grows within one life. Null: not readable. */
  cpuNanos: number | null
  /** Null: not readable. With HA a job outlives its JobManager, so a new generation proves nothing. */
  highAvailability: boolean | null
  /** When this life was first seen; null for the first one we know of, which may be of any age. */
  replacedAt: Instant | null
  readAt: Instant
}

export type Program =
  | { is: 'jar'; digest: string; fileName: string; entryClass: string | null; args: readonly string[] }
  | { is: 'sql'; script: string }

export interface SubmitPlan {
  jobName: string
  program: Program
  parallelism: number | null
  flinkSettings: Readonly<Record<string, string>>
  restore: RestorePlan | null
  /** The name of a registered version; null or absent: the cluster's. A session cluster has its own whatever is said. */
  flinkVersion?: string | null
}

export interface RestorePlan {
  path: string
  /** `no-claim` leaves the files alone: always for state we may need again. */
  claim: 'no-claim' | 'claim'
  allowNonRestored: boolean
}

/** What a submit did. Only `refused` says that nothing new runs; `unknown` must be resolved by asking. */
export type SubmitAnswer =
  /** `notSent`: settings that this Flink version has no way to take with a submit. */
  | { is: 'accepted'; notSent?: readonly string[] }
  | { is: 'already-there' }
  | { is: 'refused'; because: string; cause: RuntimeCause | null }
  | { is: 'unknown'; because: string }

export type FlinkState =
  | 'INITIALIZING'
  | 'CREATED'
  | 'RUNNING'
  | 'FAILING'
  | 'FAILED'
  | 'CANCELLING'
  | 'CANCELED'
  | 'FINISHED'
  | 'RESTARTING'
  | 'SUSPENDED'
  | 'RECONCILING'

export type EndState = 'FAILED' | 'CANCELED' | 'FINISHED'

export interface TaskCounts {
  total: number
  running: number
  finished: number
  failed: number
}

/** One job of ours or of somebody else, as the cluster's listing tells it. */
export interface ListedJob {
  flinkJobId: FlinkJobId
  name: string
  state: FlinkState
  tasks: TaskCounts
  startedAt: Instant
  /** Null while it lives. */
  endedAt: Instant | null
}

/** One listing of everything on a cluster. */
export type ClusterSight =
  | { is: 'seen'; at: Instant; jobs: readonly ListedJob[] }
  | { is: 'unreachable'; at: Instant; because: string }

/** Why an attempt is over. Each member is a positive statement by the runtime; silence is never one. */
export type Proof =
  | { kind: 'flink-terminal'; state: EndState; endedAt: Instant | null }
  | { kind: 'archived'; state: EndState; endedAt: Instant | null }
  /** Flink refuses the id as already used, and its live listing does not have it. */
  | { kind: 'ended-and-forgotten' }
  /** No HA, a newer JobManager than the one the attempt was given to, and the job is absent from its listing. */
  | { kind: 'jobmanager-replaced'; born: number; now: number }
  /** A final state, read from the active ResourceManager. */
  | { kind: 'yarn-final'; applicationId: string; state: EndState; endedAt: Instant | null }
  /** A newer ResourceManager that keeps nothing over its restart does not know it, and had its nodes end what it left. */
  | { kind: 'resource-manager-replaced'; born: number; now: number }

export type AttemptSight =
  | { is: 'alive'; state: FlinkState; tasks: TaskCounts }
  | { is: 'over'; proof: Proof }
  /** Neither alive nor proved over. `absent` = the cluster answered and does not list it; `unreachable` = no answer. */
  | { is: 'unknown'; why: 'absent' | 'unreachable'; because: string }

export type TriggerAnswer =
  | { is: 'triggered' }
  | { is: 'refused'; because: string }
  | { is: 'unknown'; because: string }

export type TriggerSight =
  | { is: 'in-progress' }
  | { is: 'done'; path: string }
  | { is: 'failed'; because: string }
  /** Flink forgets results after 5 minutes and with its JobManager: look for the savepoint itself. */
  | { is: 'forgotten' }
  | { is: 'unknown'; because: string }

export interface RuntimeCause {
  /** Class name of the root exception, e.g. `java.lang.OutOfMemoryError`. */
  exception: string
  message: string
  at: Instant | null
  task: string | null
  /** The whole text, for "details". */
  stack: string
}

export interface CheckpointSight {
  id: number
  path: string | null
  at: Instant
  durationMs: number
  sizeBytes: number
  isSavepoint: boolean
}

/** What is asked for only where something changed or somebody looks. Null fields: the cluster did not tell. */
export interface JobDetail {
  state: FlinkState
  tasks: TaskCounts
  startedAt: Instant
  restarts: number | null
  lastCheckpoint: CheckpointSight | null
  /** Proof that state came back: what Flink says it restored from. A checkpoint that a submit named counts as a savepoint. */
  restored: { path: string; isSavepoint: boolean; at: Instant } | null
  failedCheckpoints: number | null
  /** What waits at the sources and how late it is, where their connector tells; asked for with the pressure. */
  lag: { records: number | null; ms: number | null }
  vertices: readonly VertexSight[]
}

export interface VertexSight {
  id: string
  name: string
  parallelism: number
  state: string
  readRecords: number | null
  writeRecords: number | null
  /** 0 to 1000 ms per second, worst subtask; null when not asked or not told. */
  backPressuredMsPerSecond: number | null
  busyMsPerSecond: number | null
}

/** How much still fits. */
export type ClusterRoom = SlotRoom | MemoryRoom

/** A session cluster has slots, and what finds none does not run. */
export interface SlotRoom {
  of: 'slots'
  flinkVersion: string
  taskManagers: number
  slotsTotal: number
  slotsFree: number
}

/** YARN has memory, and keeps what finds none waiting. */
export interface MemoryRoom {
  of: 'memory'
  nodes: number
  totalMb: number
  freeMb: number
  totalCores: number
  freeCores: number
}

export interface LogQuery {
  /** Plain text, not a regular expression: a reader at night types words. */
  grep: string | null
  /** Lines from the end to skip, for paging backwards. */
  skip: number
  lines: number
}

export interface LogPage {
  source: string
  lines: readonly string[]
  /** How many lines match before this page; 0 at the beginning. */
  more: number
}

/** What a plan call (compile without starting) found. */
export type CheckAnswer =
  | { is: 'good'; operators: readonly string[] }
  | { is: 'bad'; because: string; cause: RuntimeCause | null }
  | { is: 'unknown'; because: string }

/**
 * Where jobs run. One per cluster; session clusters, YARN and Kubernetes pass one contract suite.
 * No method throws for what the outside world does: refusals, silence and nonsense are answers.
 */
export interface Runtime {
  /** The identity an attempt will have; stored by the caller before `submit`. Session: computed. YARN: asked for. */
  reserve(attempt: { jobUid: string; attempt: number }): Promise<Reservation>
  /** May be repeated with the same identity: the outside refuses or ignores the second. */
  submit(identity: Identity, plan: SubmitPlan): Promise<SubmitAnswer>
  /** Compiles the program on the cluster without starting it. */
  check(plan: SubmitPlan): Promise<CheckAnswer>
  /** One request: everything that runs or ran on the cluster. */
  observe(): Promise<ClusterSight>
  /** `born`: the generation in which the attempt was submitted. `pulse`: a fresh one, or null when there is none. */
  ask(identity: Identity, life: { born: number | null; pulse: Pulse | null }): Promise<AttemptSight>
  /** Reads the cluster's life signs; the generation grows when the control process was replaced since `former`. */
  pulse(former: Pulse | null): Promise<Pulse | null>
  /** `triggerId` is ours and stored before the call: within 5 minutes a repeat is the same operation. */
  savepoint(
    identity: Identity,
    order: { triggerId: string; directory: string | null },
  ): Promise<TriggerAnswer>
  stop(
    identity: Identity,
    order: { triggerId: string; directory: string | null; drain: boolean },
  ): Promise<TriggerAnswer>
  triggered(identity: Identity, triggerId: string): Promise<TriggerSight>
  /** Plain end without a savepoint. `already-over` when Flink says the job had ended. */
  cancel(identity: Identity): Promise<TriggerAnswer | { is: 'already-over' }>
  detail(identity: Identity, want: { pressure: boolean }): Promise<JobDetail | null>
  /** Root causes, newest first, deduplicated by class and first user frame. */
  causes(identity: Identity): Promise<readonly RuntimeCause[]>
  logs(identity: Identity, query: LogQuery): Promise<readonly LogPage[]>
  room(): Promise<ClusterRoom | null>
  /** The newest retained checkpoint of an attempt whose cluster forgot it; null when none is found or none can be looked for. */
  newestRetained(
    identity: Identity,
    checkpointDirectory: string | null,
  ): Promise<{ path: string; at: Instant } | null>
  /** Is the savepoint or checkpoint still where it was? `unknown` when its file system cannot be read from here. */
  stateExists(path: string): Promise<'there' | 'gone' | 'unknown'>
}
