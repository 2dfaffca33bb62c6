import type { Instant } from '../../lib/clock.ts'
import type { Verb } from '../access/access.ts'
import type { Page, PageAsk } from '../paging.ts'
import type {
  Alert,
  AlertFacts,
  AlertKind,
  EndedAs,
  OwnAlertKind,
  PageMeans,
  Severity,
  Tier,
} from './alert.ts'
import type { Telling } from './grouping.ts'
import type { Labels } from './labels.ts'
import type { ChainBody } from './life/escalation.ts'
import type { Life } from './life/incident-life.ts'
import type { PersonalRules } from './life/personal.ts'
import type { WindowTimes } from './maintenance/window-times.ts'
import type { Matcher } from './matcher.ts'
import type { DayCalendar, Layer, Override, TimeOff } from './oncall/schedule.ts'

// --- alerts and their groups ------------------------------------------------------------------------------------------

/** Rows are locked in this order: job, alert, group, incident; several of one kind by their ids. */
export interface AlertStore {
  byFingerprint(fingerprint: string): Promise<Alert | null>
  /** Those that are known, locked until the transaction ends. */
  lock(fingerprints: readonly string[]): Promise<ReadonlyMap<string, Alert>>
  /** Inserts or overwrites. */
  save(alerts: readonly Alert[]): Promise<void>
  /** Only what a repetition changes: until when it is believed. */
  refresh(
    alerts: readonly Pick<Alert, 'fingerprint' | 'expiresAt' | 'annotations'>[],
    at: Instant,
  ): Promise<void>
  ofGroup(groupId: string): Promise<readonly Alert[]>
  ofGroups(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly Alert[]>>
  /** What Sluice itself told. */
  firingOf(subject: { jobId: string } | { clusterId: string }): Promise<readonly Alert[]>
  /** Fingerprints of what fires about a job, whoever told it. */
  toldAbout(jobId: string): Promise<readonly string[]>
  /** Firing ones that may hold others back. */
  sources(): Promise<readonly Pick<Alert, 'fingerprint' | 'labels'>[]>
  /** When the next one expires that nobody refreshes. */
  nextExpiry(): Promise<Instant | null>
  /** Firing ones that nobody refreshed in time, locked. */
  overdue(now: Instant, limit: number): Promise<readonly Alert[]>
  firing(): Promise<readonly Alert[]>
  /** Firing ones that were routed by an older routing, locked. */
  routedBefore(revision: number, limit: number): Promise<readonly Alert[]>
  /** Those that ended before and that no group tells any more. */
  forgetEnded(before: Instant): Promise<number>
}

export interface AlertGroup {
  id: string
  route: string
  receiver: string
  key: string
  labels: Labels
  dueAt: Instant | null
  /** The beat of its interval at which programs are told next; null: there is nothing to tell them yet. */
  beatAt: Instant | null
  flushedAt: Instant | null
  lookedAt: Instant | null
  /** By part of the receiver: `hook:0`. */
  told: Readonly<Record<string, Telling>>
  tellings: number
  createdAt: Instant
}

export interface NewGroup {
  id: string
  route: string
  receiver: string
  key: string
  labels: Labels
  createdAt: Instant
}

export interface GroupStore {
  byId(id: string): Promise<AlertGroup | null>
  /** Those of these keys and receivers, made where they are missing; locked. In the order of the keys. */
  lockOrMake(groups: readonly NewGroup[]): Promise<readonly AlertGroup[]>
  lock(id: string): Promise<AlertGroup | null>
  save(
    group: Pick<AlertGroup, 'id' | 'dueAt' | 'beatAt' | 'flushedAt' | 'lookedAt' | 'told' | 'tellings'>,
  ): Promise<void>
  /** Those of these ids, locked. In the order of the keys. */
  lockAll(ids: readonly string[]): Promise<readonly AlertGroup[]>
  /** Sets the times where they are earlier than what stands there. */
  hurry(times: readonly { id: string; dueAt: Instant; beatAt?: Instant | null }[]): Promise<void>
  join(members: readonly { groupId: string; fingerprint: string }[]): Promise<void>
  leave(groupId: string, fingerprints: readonly string[]): Promise<void>
  /** Groups that tell these alerts. */
  of(fingerprints: readonly string[]): Promise<readonly { groupId: string; fingerprint: string }[]>
  /** Some that are due and that nobody else holds, locked; the longest due first. */
  takeDue(now: Instant, limit: number): Promise<readonly AlertGroup[]>
  /** Not before then, whatever its own times say. */
  putOff(id: string, until: Instant): Promise<void>
  nextDue(): Promise<Instant | null>
  all(): Promise<readonly AlertGroup[]>
  forgetEmpty(before: Instant): Promise<number>
}

// --- incidents --------------------------------------------------------------------------------------------------------

/** What an incident is about, from its gravest alert, and how far it reaches. */
export interface IncidentGist {
  labels: Labels
  annotations: Labels
  facts: AlertFacts
  /** Alerts that fire now, and those held back. */
  firing: number
  held: number
  /** Jobs among them, by name; at most ten. */
  jobs: readonly string[]
  flapping: number | null
}

export interface IncidentRow {
  id: string
  subject: string
  generation: number
  version: number
  kind: AlertKind
  gist: IncidentGist
  jobId: string | null
  clusterId: string | null
  teamId: string | null
  environment: string | null
  life: Life
  dueAt: Instant | null
}

export interface IncidentFilter {
  state?: 'open' | 'triggered' | 'acknowledged' | 'resolved'
  /** Ids of the teams whose incidents may be seen; what is no team's is everybody's. */
  teams: readonly string[] | 'all'
  since?: Instant
}

export interface IncidentStore {
  byId(id: string): Promise<IncidentRow | null>
  lock(id: string): Promise<IncidentRow | null>
  /** The open one of the subject, locked. */
  lockOpen(subject: string): Promise<IncidentRow | null>
  /** Open ones whose gravest alert is about the job. */
  openOfJob(jobId: string): Promise<readonly IncidentRow[]>
  openOfCluster(clusterId: string): Promise<readonly IncidentRow[]>
  nextGeneration(subject: string): Promise<number>
  insert(incident: Omit<IncidentRow, 'version'>): Promise<void>
  /** Grows the version, so that cards follow. */
  save(
    incident: Pick<IncidentRow, 'id' | 'life' | 'dueAt'> &
      Partial<Pick<IncidentRow, 'gist' | 'kind' | 'jobId' | 'clusterId' | 'teamId' | 'environment'>>,
  ): Promise<void>
  /** Grows the versions of those that are open about a job, so that their cards follow; their ids. */
  touchOfJob(jobId: string): Promise<readonly string[]>
  list(filter: IncidentFilter, ask: PageAsk): Promise<Page<IncidentRow>>
  takeDue(now: Instant): Promise<IncidentRow | null>
  putOff(id: string, until: Instant): Promise<void>
  nextDue(): Promise<Instant | null>
  /** Open ones, for who proves that none is forgotten. */
  allOpen(limit: number): Promise<readonly IncidentRow[]>
  tell(event: IncidentEventDraft): Promise<void>
  events(incidentId: string): Promise<readonly IncidentEvent[]>
}

export interface IncidentEventDraft {
  incidentId: string
  at: Instant
  kind: string
  actor: string
  memberId: string | null
  detail: Readonly<Record<string, unknown>>
}

export interface IncidentEvent extends IncidentEventDraft {
  id: string
}

// --- notices ----------------------------------------------------------------------------------------------------------

/** What somebody is told besides the incident's card. */
export type NoticeContent =
  /** A person, by urgent means. */
  | {
      is: 'page'
      incidentId: string
      memberId: string
      tier: Tier
      means: PageMeans
      /** Which chat; null: the best there is. */
      vendor: string | null
      /** It got worse: whoever took it should know as well. */
      evenIfTaken: boolean
    }
  /** Who took it: is it still theirs? */
  | { is: 'ack-ends'; incidentId: string; memberId: string; until: Instant }
  /** A chat beyond the team's own. */
  | { is: 'chat'; incidentId: string; chatId: string }
  /** A webhook; the body is complete. */
  | { is: 'hook'; receiver: string; part: number; body: string }
  | { is: 'silence-ends'; silenceId: string }
  | { is: 'handoff'; scheduleId: string; schedule: string; at: Instant; before: readonly string[] }
  | { is: 'gap'; scheduleId: string; from: Instant; to: Instant }
  | { is: 'swap'; swapId: string }
  | { is: 'digest'; digestId: string }

export interface Notice {
  id: string
  subject: string
  reason: string
  target: string
  content: NoticeContent
  state: 'waiting' | 'told' | 'dropped' | 'dead'
  because: string | null
  createdAt: Instant
}

export type NewNotice = Omit<Notice, 'state' | 'because'>

export interface NoticeStore {
  /** False: it was told to them for this reason before. Its work is queued with it. */
  add(notice: NewNotice, afterMs?: number): Promise<boolean>
  /** Several at once; those that were told before are left out. */
  addAll(notices: readonly NewNotice[]): Promise<void>
  byId(id: string): Promise<Notice | null>
  end(id: string, state: 'told' | 'dropped' | 'dead', because: string | null, at: Instant): Promise<void>
  ofSubject(subject: string): Promise<readonly Notice[]>
}

// --- silences ---------------------------------------------------------------------------------------------------------

export interface Silence {
  id: string
  matchers: readonly Matcher[]
  startsAt: Instant
  endsAt: Instant
  comment: string
  createdBy: string
  memberId: string | null
  origin: string
  chatId: string | null
  createdAt: Instant
  updatedAt: Instant
  begunAt: Instant | null
  warnedAt: Instant | null
  endedAt: Instant | null
  dueAt: Instant | null
}

export interface SilenceStore {
  byId(id: string): Promise<Silence | null>
  lock(id: string): Promise<Silence | null>
  save(silence: Silence): Promise<void>
  /** Pending and active ones, and those that ended not long before `now`. */
  all(now: Instant): Promise<readonly Silence[]>
  active(now: Instant): Promise<readonly Silence[]>
  takeDue(now: Instant): Promise<Silence | null>
  nextDue(): Promise<Instant | null>
}

export interface WindowRow {
  id: string
  name: string
  teamId: string | null
  matchers: readonly Matcher[]
  times: WindowTimes
  zone: string
  comment: string
  createdBy: string
  createdAt: Instant
}

export interface WindowStore {
  all(): Promise<readonly WindowRow[]>
  byName(name: string): Promise<WindowRow | null>
  save(window: WindowRow): Promise<void>
  remove(id: string): Promise<void>
}

export interface ToldStore {
  /** True for exactly one of all who ever ask. */
  first(key: string, at: Instant): Promise<boolean>
}

// --- what watching says -----------------------------------------------------------------------------------------------

/** Something that Sluice itself found. Told again, it stays one alert and its facts are added. */
export interface OwnAlert {
  kind: OwnAlertKind
  about:
    | { is: 'job'; id: string }
    | { is: 'cluster'; id: string }
    /** A part of Sluice, or something outside: named by a label. */
    | { is: 'sluice'; labels: Labels }
  facts: AlertFacts
  at: Instant
  annotations?: Labels
  /** A rule's own name and grade, where they are not those of the kind. */
  called?: { alertname: string; severity: Severity }
}

export interface Alarms {
  raise(alert: OwnAlert): Promise<void>
  /**
   * What is wrong with it is over: all of it, or only of these kinds, or what is called so. Of "all of it" what a rule
   * measures is left out where it recovered: it fires until it measures otherwise.
   */
  settle(
    about: { jobId: string } | { clusterId: string } | { labels: Labels },
    ending: { as: EndedAs; at: Instant; kinds?: readonly OwnAlertKind[]; called?: string },
  ): Promise<void>
  /** What fires about the job is looked at anew: somebody begins to operate on it, or has ended. */
  lookAgain(jobId: string, at: Instant): Promise<void>
  /** The facts of what fires about the job are told anew where `cause` is not known yet. */
  explain(jobId: string, facts: AlertFacts, at: Instant): Promise<void>
}

// --- people -----------------------------------------------------------------------------------------------------------

export interface MemberName {
  id: string
  name: string
  displayName: string
}

export interface MemberLookup {
  byId(id: string): Promise<MemberName | null>
  /** Enabled ones of these names. */
  byNames(names: readonly string[]): Promise<readonly MemberName[]>
  /** Enabled ones of a team; `holding` a right there, or all. */
  ofTeam(teamId: string, holding?: Verb): Promise<readonly MemberName[]>
  rulesOf(memberId: string): Promise<PersonalRules | null>
  saveRules(memberId: string, rules: PersonalRules, at: Instant): Promise<void>
}

export interface ScheduleRow {
  id: string
  name: string
  teamId: string
  zone: string
  layers: readonly Layer[]
  version: number
  updatedBy: string
  updatedAt: Instant
}

export interface OverrideRow extends Override {
  id: string
  scheduleId: string
  swapId: string | null
  createdBy: string
}

export interface SwapRow {
  id: string
  scheduleId: string
  /** The span that is given away, and the one that is taken for it; null: a present. */
  terms: { from: Instant; to: Instant; back: { from: Instant; to: Instant } | null }
  state: 'asked' | 'agreed' | 'refused' | 'withdrawn'
  askedBy: string
  asked: string
  version: number
  createdAt: Instant
  decidedAt: Instant | null
}

export interface TimeOffRow extends TimeOff {
  id: string
  reason: string
  createdBy: string
}

export interface OnCallStore {
  schedules(): Promise<readonly ScheduleRow[]>
  byName(name: string): Promise<ScheduleRow | null>
  byId(id: string): Promise<ScheduleRow | null>
  ofTeam(teamId: string): Promise<readonly ScheduleRow[]>
  /** A version that is not the stored one is refused: somebody changed it meanwhile. */
  save(schedule: Omit<ScheduleRow, 'version'>, version: number | null): Promise<'saved' | 'stale'>
  remove(id: string): Promise<void>
  /** Those that reach into the span. */
  overrides(scheduleId: string, span: { from: Instant; to: Instant }): Promise<readonly OverrideRow[]>
  addOverride(override: OverrideRow): Promise<void>
  removeOverride(id: string): Promise<boolean>
  /** In the place of those that came from a calendar before. */
  replaceImported(scheduleId: string, overrides: readonly OverrideRow[]): Promise<void>
  /** Days off and worked weekends, by name. */
  calendars(): readonly DayCalendar[]
  timeOff(span: { from: Instant; to: Instant }): Promise<readonly TimeOffRow[]>
  addTimeOff(off: TimeOffRow, at: Instant): Promise<void>
  removeTimeOff(id: string): Promise<boolean>
  swap(id: string): Promise<SwapRow | null>
  lockSwap(id: string): Promise<SwapRow | null>
  saveSwap(swap: SwapRow): Promise<void>
}

export interface ChainRow {
  id: string
  name: string
  teamId: string
  body: ChainBody
  /** How often it was begun. */
  turns: number
  updatedBy: string
  updatedAt: Instant
}

export interface ChainStore {
  all(): Promise<readonly ChainRow[]>
  byName(name: string): Promise<ChainRow | null>
  ofTeam(teamId: string): Promise<readonly ChainRow[]>
  save(chain: Omit<ChainRow, 'turns'>): Promise<void>
  remove(id: string): Promise<void>
  /** Counts one more beginning; gives how many there were before. */
  takeTurn(id: string): Promise<number>
}

// --- routing and sources ----------------------------------------------------------------------------------------------

export interface RoutingRow {
  revision: number
  text: string
  origin: 'import' | 'file'
  savedBy: string
  savedAt: Instant
}

export interface RoutingStore {
  /** Null: nobody has set one. */
  latest(): Promise<RoutingRow | null>
  add(routing: Omit<RoutingRow, 'revision'>): Promise<RoutingRow>
}

export interface SourceRow {
  id: string
  name: string
  tokenHash: string
  labels: Labels
  teamId: string | null
  heartbeatMs: number | null
  perSecond: number
  heardAt: Instant | null
  createdBy: string
  createdAt: Instant
  revokedAt: Instant | null
}

export interface SourceStore {
  all(): Promise<readonly SourceRow[]>
  byName(name: string): Promise<SourceRow | null>
  byHash(tokenHash: string): Promise<SourceRow | null>
  insert(source: SourceRow): Promise<'saved' | 'name-taken'>
  heard(id: string, at: Instant): Promise<void>
  revoke(id: string, at: Instant): Promise<void>
}
