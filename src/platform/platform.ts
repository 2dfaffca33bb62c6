/**
 * What the bot and the HTTP API may ask of the core, and nothing else. Types only flow out of here; everything is
 * built in src/app.ts.
 */

import type { Instant } from '../lib/clock.ts'
import type { Asked, By, Language, Member, Permit, Subject, TokenScope, Verb } from './access/access.ts'
import type { IncidentsApi, IncidentView } from './alerts/incidents-api.ts'
import type { OnCallApi } from './alerts/on-call-api.ts'
import type { OutsideApi } from './alerts/outside-api.ts'
import type { RoutesApi } from './alerts/routes-api.ts'
import type { RulesApi } from './alerts/rules-api.ts'
import type { SilencesApi } from './alerts/silences-api.ts'
import type { DigestsApi } from './digests/digests-api.ts'
import type { Done, Found } from './found.ts'
import type { Attempt, Importance, Job, JobStateTag, RestartPolicy, Savepoint } from './jobs/job.ts'
import type { Operation, OperationState, OperationVerb, Order, RequestAnswer } from './jobs/operation.ts'
import type { Release, ReleaseChange, ReleaseDraft } from './jobs/release.ts'
import type { Page, PageAsk } from './paging.ts'
import type {
  CheckAnswer,
  ClusterRoom,
  JobDetail,
  LogPage,
  LogQuery,
  RuntimeCause,
} from './runtimes/runtime.ts'

export type * from './access/access.ts'
export { VERBS } from './access/access.ts'
export type * from './alerts/alert.ts'
export { OWN_ALERTS, TIERS } from './alerts/alert.ts'
export type * from './alerts/incidents-api.ts'
export type { Labels } from './alerts/labels.ts'
export { isLegacyLabelName, labelsText } from './alerts/labels.ts'
export type * from './alerts/life/escalation.ts'
export { chainBody } from './alerts/life/escalation.ts'
export type { ClosedAs } from './alerts/life/incident-life.ts'
export type { PersonalRules } from './alerts/life/personal.ts'
export { personalRules } from './alerts/life/personal.ts'
export type { WindowSpan, WindowTimes } from './alerts/maintenance/window-times.ts'
export { windowTimes } from './alerts/maintenance/window-times.ts'
export type { Matcher } from './alerts/matcher.ts'
export { compileMatchers, globMatcher, matcherText, parseMatchers } from './alerts/matcher.ts'
export type * from './alerts/on-call-api.ts'
export { scheduleBody } from './alerts/oncall/schedule.ts'
export type { Shift } from './alerts/oncall/shifts.ts'
export type * from './alerts/outside-api.ts'
export type { IncidentEvent, Notice, NoticeContent } from './alerts/ports.ts'
export { postmortemOf } from './alerts/postmortem.ts'
export type * from './alerts/routes-api.ts'
export type { RoutingNote } from './alerts/routing/config.ts'
export type { Condition } from './alerts/rules/condition.ts'
export { condition as ruleCondition } from './alerts/rules/condition.ts'
export type { MetricName, Unit } from './alerts/rules/metric.ts'
export { METRIC_NAMES } from './alerts/rules/metric.ts'
export type { RuleDraft, RuleScope } from './alerts/rules/rule.ts'
export { ruleDraft, ruleScope } from './alerts/rules/rule.ts'
export { parseValue } from './alerts/rules/values.ts'
export type * from './alerts/rules-api.ts'
export type * from './alerts/silences-api.ts'
export { isSecretKey, maskText, maskWhole } from './audit/mask-secrets.ts'
export type { Leases } from './coordination/leases.ts'
export type * from './digests/digest.ts'
export type * from './digests/digests-api.ts'
export { diagnose } from './flink/diagnosis.ts'
export type * from './found.ts'
export type * from './jobs/job.ts'
export type * from './jobs/operation.ts'
export { isOpen, OPERATION_VERBS } from './jobs/operation.ts'
export type * from './jobs/release.ts'
export type * from './paging.ts'
export type * from './runtimes/runtime.ts'
/** For the bot's own stores, and for nothing else of it. */
export type { Database, Db, Tx } from './storage/database.prisma.ts'

export interface Platform {
  access: AccessApi
  jobs: JobsApi
  operations: OperationsApi
  clusters: ClustersApi
  flink: FlinkApi
  incidents: IncidentsApi
  silences: SilencesApi
  onCall: OnCallApi
  routes: RoutesApi
  rules: RulesApi
  digests: DigestsApi
  outside: OutsideApi
  audit: AuditApi
  work: WorkApi
  chatSetups: ChatSetupsApi
}

// --- access -------------------------------------------------------------------------------------------------------

export interface AccountRef {
  /** web, feishu, dingtalk, wecom, slack, email */
  vendor: string
  externalId: string
  displayName: string
}

export interface Reach {
  accounts: readonly { vendor: string; externalId: string }[]
  email: string | null
}

export interface TeamView {
  id: string
  name: string
  title: string
  zone: string
  language: Language
  members: readonly { name: string; displayName: string; role: string; disabled: boolean }[]
}

export interface MemberView {
  id: string
  name: string
  displayName: string
  email: string | null
  language: Language
  zone: string
  isAdmin: boolean
  disabled: boolean
  teams: readonly { team: string; role: string }[]
  accounts: readonly { vendor: string; externalId: string; displayName: string }[]
}

export interface RoleView {
  name: string
  title: { zh: string; en: string }
  permissions: readonly Verb[]
  builtIn: boolean
}

export interface EnvironmentView {
  name: string
  title: { zh: string; en: string }
  approvals: readonly Verb[]
  expiresMin: number
}

export interface TokenView {
  id: string
  name: string
  member: string
  verbs: readonly Verb[]
  teams: readonly string[]
  environments: readonly string[]
  createdAt: Instant
  expiresAt: Instant
  revokedAt: Instant | null
  lastUsedAt: Instant | null
}

export interface AccessApi {
  /** The one way to a permit: decides, writes the decision to the audit, answers. */
  permit<V extends Verb>(by: By, verb: V, subject: Subject): Promise<Asked<V>>
  /** The same rule without an audit entry: for choosing which buttons to show. Never a ground to act. */
  mightDo(member: Member, token: TokenScope | null, verb: Verb, subject: Subject): boolean
  /** The member behind an account, or null: then only linking is possible. Makes the account known. */
  memberOf(account: AccountRef): Promise<Member | null>
  /** Ways to a member: their accounts on chats, and their e-mail. Null: no such member. */
  reachOf(memberId: string): Promise<Reach | null>
  /**
   * Links an account to the one enabled member whose e-mail or staff number it has by the vendor's own directory, when
   * nobody is linked to it yet. Audited. Null: nobody, or several.
   */
  linkByDirectory(
    account: AccountRef,
    person: { email: string | null; staffNumber: string | null },
    requestId: string,
  ): Promise<Member | null>
  /** The account can do nothing any more, whatever its member may. The member, when it had one. */
  accountLeft(account: Pick<AccountRef, 'vendor' | 'externalId'>, requestId: string): Promise<Member | null>
  /** Makes known who is in a vendor's directory: new people become members without any role, known ones get the account. */
  importPerson(
    permit: Permit<'member:manage'>,
    person: { account: AccountRef; email: string | null; staffNumber: string | null },
  ): Promise<'added' | 'linked' | 'known'>
  memberByName(name: string): Promise<Member | null>
  memberById(id: string): Promise<Member | null>
  /**
   * A one-time code that links whoever says `/link CODE`. Good for 10 minutes. Throws an AccessError `limited-token`
   * for a token that is limited: the linked account would outgrow it.
   */
  linkCode(permit: Permit<'member:view'>): Promise<{ code: string; expiresAt: Instant }>
  link(
    account: AccountRef,
    code: string,
    requestId: string,
  ): Promise<Done<Member, 'unknown-code' | 'expired' | 'used' | 'throttled'>>
  setLanguage(member: Member, language: Language): Promise<void>

  teams(): Promise<readonly TeamView[]>
  team(name: string): Promise<Found<TeamView>>
  createTeam(
    permit: Permit<'team:manage'>,
    draft: { name: string; title: string; zone?: string; language?: Language },
  ): Promise<Done<TeamView, 'name-taken' | 'bad-name'>>
  setRole(
    permit: Permit<'team:manage'>,
    change: { team: string; member: string; role: string | null },
  ): Promise<Done<TeamView, 'unknown-team' | 'unknown-member' | 'unknown-role' | 'beyond-own-rights'>>
  members(ask: PageAsk & { like?: string }): Promise<Page<MemberView>>
  addMember(
    permit: Permit<'member:manage'>,
    draft: { name: string; displayName: string; email?: string; admin?: boolean; language?: Language },
  ): Promise<Done<MemberView, 'name-taken' | 'bad-name'>>
  disableMember(
    permit: Permit<'member:manage'>,
    name: string,
    disabled: boolean,
  ): Promise<Done<MemberView, 'unknown-member' | 'last-admin'>>
  roles(): Promise<readonly RoleView[]>
  createRole(
    permit: Permit<'member:manage'>,
    draft: { name: string; title: { zh: string; en: string }; permissions: readonly Verb[] },
  ): Promise<Done<RoleView, 'name-taken' | 'bad-name' | 'not-grantable'>>
  environments(): Promise<readonly EnvironmentView[]>
  saveEnvironment(permit: Permit<'cluster:manage'>, environment: EnvironmentView): Promise<EnvironmentView>

  tokens(by: By): Promise<readonly TokenView[]>
  /** `secret` is shown once and kept only as a hash. */
  createToken(
    permit: Permit<'token:create'>,
    draft: {
      name: string
      verbs: readonly Verb[]
      teams?: readonly string[]
      environments?: readonly string[]
      days: number
    },
  ): Promise<
    Done<
      { token: TokenView; secret: string },
      'beyond-own-rights' | 'bad-days' | 'unknown-team' | 'unknown-environment'
    >
  >
  revokeToken(by: By, id: string): Promise<Done<TokenView, 'unknown-token' | 'not-allowed'>>
  byToken(
    secret: string,
  ): Promise<Done<{ member: Member; token: TokenScope }, 'unknown' | 'expired' | 'revoked' | 'disabled'>>

  /** Web sign-in. Codes come from `signInLink`; passwords are throttled per member and per address. */
  signInLink(
    memberName: string,
    minutes: number,
  ): Promise<Done<{ code: string; expiresAt: Instant }, 'unknown-member'>>
  signInByCode(
    code: string,
    from: string,
  ): Promise<Done<WebSignIn, 'unknown-code' | 'expired' | 'used' | 'throttled' | 'disabled'>>
  signInByPassword(
    name: string,
    password: string,
    from: string,
  ): Promise<Done<WebSignIn, 'wrong' | 'throttled' | 'disabled'>>
  /** Ends the member's sessions, except the one of `keepCookie`. Only for requests that came by a session. */
  setPassword(member: Member, password: string, keepCookie?: string): Promise<Done<null, 'too-short'>>
  /** The session behind a cookie; rotates it when it is old (`cookie` is then the new one to set). */
  session(
    cookie: string,
  ): Promise<{ member: Member; csrf: string; cookie: string | null; expiresAt: Instant } | null>
  signOut(cookie: string): Promise<void>
}

export interface WebSignIn {
  member: Member
  cookie: string
  csrf: string
  expiresAt: Instant
}

// --- jobs ---------------------------------------------------------------------------------------------------------

export interface JobListAsk extends PageAsk {
  team?: string
  environment?: string
  state?: JobStateTag
  cluster?: string
  /** Part of the name. */
  like?: string
  archived?: boolean
}

export interface JobDraft {
  name: string
  team: string
  cluster: string
  kind: 'jar' | 'sql'
  note?: string
  restartPolicy?: RestartPolicy
  release: ReleaseDraft
}

export type JobRefusal =
  | { of: 'name-taken' }
  | { of: 'bad-name' }
  | { of: 'unknown-team' }
  | { of: 'unknown-cluster'; near: readonly string[] }
  | { of: 'unknown-artifact' }
  | { of: 'no-program' }
  | { of: 'bad-sql'; line: number; column: number; because: string }
  | { of: 'bad-parallelism' }
  | { of: 'unknown-flink-version'; near: readonly string[] }
  | { of: 'not-compiled'; because: string }
  | { of: 'not-stopped' }
  | { of: 'archived' }

export interface JobPage {
  job: Job
  /** Facts of the last listing and of the newest detail; null when the cluster does not answer. */
  detail: JobDetail | null
  cluster: ClusterView
  savepoint: Savepoint | null
  operation: Operation | null
  incident: IncidentView | null
}

export interface JobsApi {
  list(by: By, ask: JobListAsk): Promise<Page<Job> & { counts: Readonly<Record<string, number>> }>
  /** By exact name; else near names. Does not check rights: a permit is asked for with the subject it gives. */
  find(name: string): Promise<Found<Job>>
  page(permit: Permit<'job:view'>, jobId: string): Promise<JobPage>
  create(
    permit: Permit<'job:create'>,
    draft: JobDraft,
  ): Promise<Done<{ job: Job; release: Release }, JobRefusal>>
  release(
    permit: Permit<'job:release'>,
    jobId: string,
    draft: ReleaseDraft,
  ): Promise<Done<Release, JobRefusal>>
  releases(permit: Permit<'job:view'>, jobId: string, ask: PageAsk): Promise<Page<Release>>
  releaseByNumber(permit: Permit<'job:view'>, jobId: string, number: number): Promise<Release | null>
  diff(
    permit: Permit<'job:view'>,
    jobId: string,
    from: number,
    to: number,
  ): Promise<Done<readonly ReleaseChange[], { of: 'unknown-release'; asked: number }>>
  setRestartPolicy(permit: Permit<'job:release'>, jobId: string, policy: RestartPolicy): Promise<Job>
  setImportance(permit: Permit<'job:release'>, jobId: string, importance: Importance): Promise<Job>
  attempts(permit: Permit<'job:view'>, jobId: string, ask: PageAsk): Promise<Page<Attempt>>
  savepoints(permit: Permit<'job:view'>, jobId: string, ask: PageAsk): Promise<Page<Savepoint>>
  logs(
    permit: Permit<'job:logs'>,
    jobId: string,
    query: LogQuery,
  ): Promise<Done<readonly LogPage[], 'never-ran' | 'cluster-silent'>>
  causes(permit: Permit<'job:view'>, jobId: string): Promise<readonly RuntimeCause[]>
  /** Compiles the newest release on its cluster without starting it. */
  check(permit: Permit<'job:view'>, jobId: string): Promise<CheckAnswer>
  archive(permit: Permit<'job:archive'>, jobId: string): Promise<Done<Job, JobRefusal>>
  /** Jobs on the cluster that are not ours: what `adopt` may take over. */
  strangers(
    permit: Permit<'job:view'>,
    clusterName: string,
  ): Promise<readonly { flinkJobId: string; name: string; state: string; startedAt: Instant }[]>
  /** Takes a jar; the same bytes are kept once. `bad` when its manifest cannot be read. */
  upload(
    permit: Permit<'job:release'> | Permit<'job:create'>,
    file: { name: string; bytes: Uint8Array | AsyncIterable<Uint8Array> },
  ): Promise<Done<ArtifactView, 'not-a-jar' | 'too-large'>>
}

export interface ArtifactView {
  digest: string
  fileName: string
  size: number
  entryClass: string | null
  createdAt: Instant
}

export interface OperationsApi {
  /** Plans, decides whether a second person is needed, stores, queues. Equal open operations are joined. */
  request(
    permit: Permit<`job:${OperationVerb}`>,
    jobId: string,
    order: Order,
    extra: { reason: string | null; force: boolean },
  ): Promise<RequestAnswer>
  byId(id: string): Promise<Operation | null>
  list(
    by: By,
    ask: PageAsk & { job?: string; state?: OperationState; open?: boolean },
  ): Promise<Page<Operation>>
  /** What this member asked for and is not over. For telling others when they are gone. */
  openBy(memberId: string): Promise<readonly Operation[]>
  cancel(permit: Permit<'operation:cancel'>, id: string): Promise<Done<Operation, 'ended' | 'too-late'>>
  approve(
    permit: Permit<'approval:decide'>,
    id: string,
    note: string | null,
  ): Promise<Done<Operation, 'own-request' | 'decided' | 'expired' | 'plan-changed'>>
  reject(
    permit: Permit<'approval:decide'>,
    id: string,
    note: string | null,
  ): Promise<Done<Operation, 'own-request' | 'decided' | 'expired'>>
  /** Resolves when the operation ends or `ms` have passed. */
  wait(id: string, ms: number, signal?: AbortSignal): Promise<Operation | null>
}

// --- where jobs run -----------------------------------------------------------------------------------------------

export interface ClusterView {
  id: string
  name: string
  kind: 'session' | 'yarn'
  /** On YARN: where applications go. */
  yarn: { queue: string; user: string } | null
  environment: string
  address: string
  managed: boolean
  sandbox: boolean
  room: ClusterRoom | null
  /** Reachable as of `at`, silent since, or never seen. */
  reach:
    | { is: 'reachable'; at: Instant }
    | { is: 'silent'; since: Instant; because: string }
    | { is: 'not-seen' }
  jobs: number
}

export interface YarnDraft {
  name: string
  environment: string
  flinkVersion: string
  user: string
  queue: string
  /** On the machine of Sluice, with core-site.xml, hdfs-site.xml and yarn-site.xml. What is given below goes before it. */
  hadoopConfDir?: string
  resourceManagers?: readonly string[]
  nameNodes?: readonly string[]
  fileSystem?: string
  hadoopClasspath?: readonly string[]
  logDirectory?: string
  /** Flink settings of all jobs there. */
  settings?: Readonly<Record<string, string>>
  savepointDir?: string
  checkpointDir?: string
  archiveDir?: string
}

export interface ClustersApi {
  list(): Promise<readonly ClusterView[]>
  find(name: string): Promise<Found<ClusterView>>
  add(
    permit: Permit<'cluster:manage'>,
    draft: {
      name: string
      address: string
      environment: string
      savepointDir?: string
      checkpointDir?: string
      archiveDir?: string
      managed?: boolean
      sandbox?: boolean
      flinkVersion?: string
    },
  ): Promise<
    Done<
      ClusterView,
      | { of: 'name-taken' | 'bad-name' | 'unknown-environment' | 'bad-address' | 'unknown-flink-version' }
      | { of: 'no-answer'; because: string }
    >
  >
  /** Its ResourceManager and its NameNode must answer. */
  addYarn(
    permit: Permit<'cluster:manage'>,
    draft: YarnDraft,
  ): Promise<
    Done<
      ClusterView,
      | { of: 'name-taken' | 'bad-name' | 'unknown-environment' | 'unknown-flink-version' }
      | { of: 'bad-yarn'; because: { zh: string; en: string } }
      | { of: 'no-answer'; because: string }
    >
  >
  remove(
    permit: Permit<'cluster:manage'>,
    name: string,
  ): Promise<Done<ClusterView, { of: 'unknown' } | { of: 'has-jobs'; jobs: number }>>
  /** Adds TaskManagers to a cluster this Sluice manages. */
  scale(
    permit: Permit<'cluster:manage'>,
    name: string,
    taskManagers: number,
  ): Promise<Done<ClusterView, { of: 'unknown' } | { of: 'not-managed' } | { of: 'failed'; because: string }>>
}

export interface FlinkVersionView {
  name: string
  version: string
  vendor: string | null
  home: string
  confDir: string | null
  javaHome: string | null
  hadoopConfDir: string | null
  isDefault: boolean
}

export interface FlinkApi {
  list(): Promise<readonly FlinkVersionView[]>
  add(
    permit: Permit<'flink:manage'>,
    draft: {
      name: string
      home: string
      confDir?: string
      javaHome?: string
      hadoopConfDir?: string
      isDefault?: boolean
    },
  ): Promise<
    Done<
      FlinkVersionView,
      { of: 'name-taken' | 'bad-name' } | { of: 'bad-home'; because: { zh: string; en: string } }
    >
  >
  remove(permit: Permit<'flink:manage'>, name: string): Promise<Done<FlinkVersionView, 'unknown' | 'in-use'>>
}

// --- what is wrong, what happened ---------------------------------------------------------------------------------

/** How we reach a vendor's chat, as an admin entered it on the page. */
export interface ChatSetup {
  vendor: string
  /** By the names of the vendor's guide. Empty: sealed under a key that we have no more. */
  fields: Readonly<Record<string, string>>
  /** Grows with every change. */
  revision: number
  updatedBy: string
  updatedAt: Instant
}

/** Kept sealed. Whoever runs chats hears of changes wherever they were made, and nobody has to restart. */
export interface ChatSetupsApi {
  list(): Promise<readonly ChatSetup[]>
  save(permit: Permit<'chat:manage'>, setup: Pick<ChatSetup, 'vendor' | 'fields'>): Promise<ChatSetup>
  /** False: there was none. */
  remove(permit: Permit<'chat:manage'>, vendor: string): Promise<boolean>
  onChange(listener: () => void): Promise<() => Promise<void>>
}

export interface AuditEntryView {
  id: string
  at: Instant
  actor: string
  via: string
  verb: string
  subject: string
  decision: string
  because: string | null
  before: unknown
  after: unknown
  requestId: string
}

export interface AuditApi {
  list(
    permit: Permit<'audit:view'>,
    ask: PageAsk & { job?: string; member?: string; team?: string; verb?: string },
  ): Promise<Page<AuditEntryView>>
}

export interface WorkApi {
  depth(): Promise<readonly { kind: string; waiting: number; running: number; oldestMs: number | null }[]>
  dead(
    permit: Permit<'work:view'>,
    ask: PageAsk,
  ): Promise<Page<{ id: string; kind: string; payload: unknown; error: string; at: Instant }>>
  replay(permit: Permit<'work:manage'>, id: string): Promise<Done<null, 'unknown'>>
}
