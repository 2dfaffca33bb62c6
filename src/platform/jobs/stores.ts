import type { Instant } from '../../lib/clock.ts'
import type { Member, TeamId } from '../access/access.ts'
import type {
  Alarms,
  AlertStore,
  ChainStore,
  GroupStore,
  IncidentStore,
  MemberLookup,
  NoticeStore,
  OnCallStore,
  RoutingStore,
  SilenceStore,
  SourceStore,
  ToldStore,
  WindowStore,
} from '../alerts/ports.ts'
import type { RuleStore, SampleStore } from '../alerts/rules/ports.ts'
import type { DigestStore } from '../digests/ports.ts'
import type { Page, PageAsk } from '../paging.ts'
import type { ClusterRoom, FlinkJobId, Identity, Pulse } from '../runtimes/runtime.ts'
import type { YarnPlace } from '../runtimes/yarn/yarn-place.ts'
import type { Attempt, AttemptProof, Importance, Job, JobState, RestartPolicy, Savepoint } from './job.ts'
import type { Operation, OperationState, Order, Outcome, Plan, Progress } from './operation.ts'
import type { Release } from './release.ts'
import type { Step } from './step.ts'

/**
 * What must be true together is written together: every use case that changes something gets all its stores on one
 * transaction, the audit and the queue included.
 */
export type Transact = <T>(work: (stores: Stores) => Promise<T>) => Promise<T>

export interface Stores {
  jobs: JobStore
  releases: ReleaseStore
  attempts: AttemptStore
  operations: OperationStore
  savepoints: SavepointStore
  clusters: ClusterStore
  alerts: AlertStore
  groups: GroupStore
  incidents: IncidentStore
  notices: NoticeStore
  silences: SilenceStore
  onCall: OnCallStore
  chains: ChainStore
  members: MemberLookup
  told: ToldStore
  routings: RoutingStore
  sources: SourceStore
  windows: WindowStore
  rules: RuleStore
  digests: DigestStore
  samples: SampleStore
  artifacts: ArtifactStore
  flinkVersions: FlinkVersionStore
  environments: EnvironmentStore
  teams: TeamLookup
  /** What Sluice itself found wrong. */
  alarms: Alarms
  audit: { record(entry: AuditDraft): Promise<void> }
  work: WorkSender
  /** Tells watchers and waiters, after the commit. */
  tell(news: News): void
}

export interface EnvironmentStore {
  approvals(name: string): Promise<{ verbs: readonly string[]; expiresMin: number }>
  exists(name: string): Promise<boolean>
}

/** Teams belong to access; jobs only look them up. */
export interface TeamLookup {
  byName(name: string): Promise<{ id: TeamId; name: string } | null>
  ids(): Promise<readonly TeamId[]>
}

/** What happened, for whoever in any process waits for it. Carries ids only. */
export type News =
  | { of: 'cluster'; clusterId: string }
  | { of: 'operation'; operationId: string; ended: boolean }
  | { of: 'job'; jobId: string }
  /** Something of alerting may be due earlier than was thought, or its rules changed. */
  | { of: 'alerts'; changed: 'due' | 'routing' | 'rules' }

export interface WorkSender {
  runOperation(jobId: string, afterMs?: number): Promise<void>
  show(subject: string): Promise<void>
  expireApproval(operationId: string, afterMs: number): Promise<void>
  restartByPolicy(jobId: string, generation: number, afterMs: number): Promise<void>
  tell(noticeId: string, afterMs?: number): Promise<void>
  /** Notices that were added just now. */
  tellAll(noticeIds: readonly string[]): Promise<void>
}

/** Who, what, on what; `before` and `after` are masked by the audit itself. */
export interface AuditDraft {
  member: Pick<Member, 'id' | 'name'> | null
  via: string
  verb: string
  subject: string
  job: Job | null
  decision: string
  because?: string | null
  before?: unknown
  after?: unknown
  requestId: string
}

export interface NewJob {
  id: string
  name: string
  teamId: string
  environment: string
  clusterId: string
  kind: 'jar' | 'sql'
  note: string
  restartPolicy: RestartPolicy
  at: Instant
}

export interface JobFilter {
  /** Ids of the teams whose jobs may be seen; `environments` narrows them further, for tokens. */
  teams: readonly string[] | 'all'
  environments?: readonly string[]
  /** By name, as `cluster` below. */
  team?: string
  environment?: string
  state?: string
  cluster?: string
  like?: string
  archived?: boolean
}

export interface JobStore {
  byId(id: string): Promise<Job | null>
  byName(name: string): Promise<Job | null>
  /** Locks the job until the transaction ends: operations on one job are decided one after another. */
  lock(id: string): Promise<Job | null>
  insert(job: NewJob): Promise<'saved' | 'name-taken'>
  /** Every change of state raises the generation, which makes older buttons stale. */
  setState(
    id: string,
    state: JobState,
    at: Instant,
    more?: { desired?: Job['desired']; effectiveRelease?: number },
  ): Promise<void>
  setRestartPolicy(id: string, policy: RestartPolicy): Promise<void>
  setImportance(id: string, importance: Importance): Promise<void>
  /** Hands out the next attempt or release number. Numbers never repeat. */
  nextAttempt(id: string): Promise<number>
  nextRelease(id: string): Promise<number>
  archive(id: string, at: Instant): Promise<void>
  list(filter: JobFilter, ask: PageAsk): Promise<Page<Job>>
  counts(filter: JobFilter): Promise<Record<string, number>>
  names(limit: number): Promise<readonly string[]>
}

export interface ReleaseStore {
  insert(release: Release): Promise<void>
  byNumber(jobId: string, number: number): Promise<Release | null>
  list(jobId: string, ask: PageAsk): Promise<Page<Release>>
  /** Digests that some release still refers to. */
  usesArtifact(digest: string): Promise<boolean>
}

export interface NewAttempt {
  id: string
  jobId: string
  number: number
  release: number
  parallelism: number | null
  clusterId: string
  operationId: string | null
  fence: number
  identity: Identity
  restoredFrom: string | null
  at: Instant
}

/** A live attempt as watching needs it. */
export interface LiveAttempt {
  attempt: Attempt
  job: Pick<Job, 'id' | 'name' | 'state' | 'desired' | 'generation'> & { teamName: string }
  /** An operation works on the job: watching looks on and decides nothing. */
  operating: boolean
}

export interface AttemptStore {
  /** `another-lives`: the database refused, because one attempt of the job is not over. */
  open(attempt: NewAttempt): Promise<'opened' | 'another-lives'>
  byNumber(jobId: string, number: number): Promise<Attempt | null>
  live(jobId: string): Promise<Attempt | null>
  latest(jobId: string): Promise<Attempt | null>
  /** Writes only where the fence is not older than what wrote last; false: somebody newer acts. */
  move(
    id: string,
    fence: number,
    to: { is: 'submitting'; born: number | null } | { is: 'live'; at: Instant },
  ): Promise<boolean>
  close(id: string, proof: AttemptProof, at: Instant): Promise<void>
  /** Found alive although we held it for over. */
  reopen(id: string, at: Instant): Promise<'opened' | 'another-lives'>
  onCluster(clusterId: string): Promise<readonly LiveAttempt[]>
  list(jobId: string, ask: PageAsk): Promise<Page<Attempt>>
  byFlinkJobId(id: FlinkJobId): Promise<Attempt | null>
}

export interface NewOperation {
  id: string
  jobId: string
  order: Order
  mergeKey: string
  state: OperationState
  plan: Plan | null
  planDigest: string | null
  requester: { memberId: string | null; name: string }
  via: string
  reason: string | null
  force: boolean
  requestId: string
  at: Instant
}

/** An operation together with what only its worker needs. */
export interface HeldOperation {
  operation: Operation
  step: Step
  fence: number
  planDigest: string | null
  approvedDigest: string | null
}

export interface OperationStore {
  insert(operation: NewOperation): Promise<void>
  byId(id: string): Promise<Operation | null>
  held(id: string): Promise<HeldOperation | null>
  openByMergeKey(jobId: string, mergeKey: string): Promise<Operation | null>
  /** What this request asked for already, over or not. */
  ofRequest(jobId: string, mergeKey: string, requestId: string): Promise<Operation | null>
  /** The next to work on: one that was being worked on and let go, else the oldest queued. */
  next(
    jobId: string,
    now: Instant,
  ): Promise<{
    id: string
    state: OperationState
    leasedBy: string | null
    leaseUntil: Instant | null
  } | null>
  runningOn(clusterId: string, now: Instant): Promise<number>
  /** Ids of operations that are being worked on, by job, of these jobs. */
  workedOn(jobIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Raises the fence: whoever held it before can no longer write. */
  claim(id: string, by: string, until: Instant, at: Instant): Promise<HeldOperation>
  renew(id: string, fence: number, until: Instant): Promise<boolean>
  /** False: the fence was raised; stop working. */
  save(
    id: string,
    fence: number,
    change: { step?: Step; progress?: Progress; plan?: Plan; planDigest?: string },
  ): Promise<boolean>
  release(id: string, fence: number): Promise<void>
  end(
    id: string,
    fence: number,
    state: OperationState,
    outcome: Outcome | null,
    at: Instant,
  ): Promise<boolean>
  setState(id: string, state: OperationState, at: Instant | null): Promise<void>
  askCancel(id: string, by: string): Promise<void>
  /** Jobs with an operation that should run and that nobody holds. */
  abandoned(now: Instant, ownName: string | null): Promise<readonly { jobId: string }[]>
  openApproval(id: string, planDigest: string, expiresAt: Instant): Promise<void>
  decideApproval(
    id: string,
    state: 'approved' | 'rejected' | 'expired',
    by: { id: string; name: string } | null,
    note: string | null,
    at: Instant,
  ): Promise<void>
  replan(id: string, plan: Plan, planDigest: string): Promise<void>
  usualMs(jobId: string, verb: string): Promise<number | null>
  list(
    filter: {
      teams: readonly string[] | 'all'
      environments?: readonly string[]
      jobId?: string
      state?: OperationState
      open?: boolean
      requestedBy?: string
    },
    ask: PageAsk,
  ): Promise<Page<Operation>>
  openOf(jobId: string): Promise<Operation | null>
}

export interface NewSavepoint {
  id: string
  jobId: string
  attemptId: string | null
  release: number | null
  path: string
  origin: Savepoint['origin']
  at: Instant
  sizeBytes: number | null
}

export interface SavepointStore {
  /** The same path again is the same savepoint. */
  add(savepoint: NewSavepoint): Promise<Savepoint>
  byId(id: string): Promise<Savepoint | null>
  newest(jobId: string): Promise<readonly Savepoint[]>
  list(jobId: string, ask: PageAsk): Promise<Page<Savepoint>>
  setPresence(id: string, presence: Savepoint['presence'], at: Instant): Promise<void>
  recordReading(
    jobId: string,
    reading: {
      writer: number
      reader: number
      outcome: 'read' | 'refused'
      because: string | null
      at: Instant
    },
  ): Promise<void>
  readings(
    jobId: string,
  ): Promise<
    readonly { writer: number; reader: number; outcome: 'read' | 'refused'; because: string | null }[]
  >
}

export type ClusterRecord = ClusterFacts &
  ({ kind: 'session'; yarn: null } | { kind: 'yarn'; yarn: YarnPlace })

interface ClusterFacts {
  id: string
  name: string
  environment: string
  /** Of Flink's REST API; on YARN of the ResourceManager. */
  address: string
  managed: boolean
  sandbox: boolean
  flinkVersionId: string | null
  savepointDir: string | null
  checkpointDir: string | null
  archiveDir: string | null
  parallelOperations: number
  pulse: Pulse | null
  room: ClusterRoom | null
  reachableAt: Instant | null
  unreachableSince: Instant | null
  unreachableBecause: string | null
  removedAt: Instant | null
}

export interface ClusterStore {
  byId(id: string): Promise<ClusterRecord | null>
  byName(name: string): Promise<ClusterRecord | null>
  all(): Promise<readonly ClusterRecord[]>
  insert(
    cluster: Omit<
      ClusterRecord,
      'pulse' | 'room' | 'reachableAt' | 'unreachableSince' | 'unreachableBecause' | 'removedAt'
    >,
    at: Instant,
  ): Promise<'saved' | 'name-taken'>
  setAddress(id: string, address: string): Promise<void>
  savePulse(id: string, pulse: Pulse): Promise<void>
  saveRoom(id: string, room: ClusterRoom): Promise<void>
  saveReach(
    id: string,
    reach: { is: 'reachable'; at: Instant } | { is: 'silent'; since: Instant; because: string },
  ): Promise<void>
  remove(id: string, at: Instant): Promise<void>
  jobCounts(): Promise<ReadonlyMap<string, number>>
  jobCount(id: string): Promise<number>
}

export interface ArtifactRecord {
  digest: string
  fileName: string
  size: number
  entryClass: string | null
  createdAt: Instant
}

export interface ArtifactStore {
  byDigest(digest: string): Promise<ArtifactRecord | null>
  insert(artifact: ArtifactRecord & { uploadedBy: string; manifest: Record<string, string> }): Promise<void>
}

export interface FlinkVersionRecord {
  id: string
  name: string
  version: string
  vendor: string | null
  home: string
  confDir: string | null
  javaHome: string | null
  hadoopConfDir: string | null
  isDefault: boolean
}

export interface FlinkVersionStore {
  byName(name: string): Promise<FlinkVersionRecord | null>
  byId(id: string): Promise<FlinkVersionRecord | null>
  all(): Promise<readonly FlinkVersionRecord[]>
  /** A new default takes the place of the former one. */
  insert(version: FlinkVersionRecord, at: Instant): Promise<'saved' | 'name-taken'>
  remove(id: string): Promise<void>
  /** Clusters that are not removed, and the newest releases of jobs that are not archived. */
  uses(version: Pick<FlinkVersionRecord, 'id' | 'name'>): Promise<number>
}
