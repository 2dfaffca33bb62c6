import type { Instant } from '../../lib/clock.ts'
import type { By, Permit } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { Operation } from '../jobs/operation.ts'
import type { Page, PageAsk } from '../paging.ts'
import type { RuntimeCause } from '../runtimes/runtime.ts'
import type { AlertFacts, AlertKind, Tier } from './alert.ts'
import type { Labels } from './labels.ts'
import type { ClosedAs } from './life/incident-life.ts'
import type { IncidentEvent, Notice } from './ports.ts'

export interface IncidentView {
  id: string
  kind: AlertKind
  subject:
    | { is: 'job'; id: string; name: string }
    | { is: 'cluster'; id: string; name: string }
    /** Told by others, or of several jobs: by what they are called. */
    | { is: 'alerts'; name: string }
  labels: Labels
  annotations: Labels
  /** Empty: of none in particular. */
  environment: string
  team: string | null
  tier: Tier
  generation: number
  version: number
  state: 'triggered' | 'acknowledged' | 'resolved'
  openedAt: Instant
  acked: {
    by: string
    memberId: string
    at: Instant
    until: Instant | null
    /** False: a bystander. */
    onCall: boolean
    helpers: readonly string[]
  } | null
  snoozedUntil: Instant | null
  assignee: string | null
  silenced: boolean
  /** Who is told next when nobody answers. */
  escalation: { chain: string; step: number | null; nextAt: Instant | null } | null
  onCall: readonly { memberId: string; name: string }[]
  closed: { as: ClosedAs; at: Instant; by: string | null } | null
  mergedInto: string | null
  alerts: { firing: number; held: number; jobs: readonly string[]; flapping: number | null }
  cause: RuntimeCause | null
  savepoint: { id: string; at: Instant; path: string } | null
  /** What is being done about its job now. */
  operation: Operation | null
  facts: Omit<AlertFacts, 'cause' | 'savepointId'>
  sandbox: boolean
  /** Whether its card goes to the team's own chats, and where else. */
  toTeam: boolean
  chats: readonly string[]
}

export type IncidentRefusal = 'unknown' | 'closed' | 'stale'

export interface IncidentDraft {
  title: string
  tier: Tier
  /** By name; null: no team's. */
  team: string | null
  job: string | null
}

export interface Timeline {
  incident: IncidentView
  events: readonly IncidentEvent[]
  notices: readonly Notice[]
}

/** `generation`: of what was seen; another one is refused as stale. */
export interface IncidentsApi {
  byId(id: string): Promise<IncidentView | null>
  list(
    by: By,
    ask: PageAsk & { state?: 'open' | 'triggered' | 'acknowledged' | 'resolved' },
  ): Promise<Page<IncidentView>>
  acknowledge(
    permit: Permit<'incident:acknowledge'>,
    id: string,
    generation: number,
  ): Promise<Done<IncidentView, IncidentRefusal>>
  unacknowledge(
    permit: Permit<'incident:acknowledge'>,
    id: string,
  ): Promise<Done<IncidentView, IncidentRefusal | 'not-acknowledged'>>
  /** Whoever took it is still on it: the acknowledgement holds as long again. */
  stillOnIt(
    permit: Permit<'incident:acknowledge'>,
    id: string,
  ): Promise<Done<IncidentView, IncidentRefusal | 'not-acknowledged'>>
  /** The next step of its escalation at once. */
  escalate(
    permit: Permit<'incident:acknowledge'>,
    id: string,
  ): Promise<Done<IncidentView, IncidentRefusal | 'nobody-left'>>
  snooze(
    permit: Permit<'incident:acknowledge'>,
    id: string,
    until: Instant,
  ): Promise<Done<IncidentView, IncidentRefusal | 'bad-time'>>
  note(
    permit: Permit<'incident:acknowledge'>,
    id: string,
    text: string,
  ): Promise<Done<IncidentView, 'unknown'>>
  assign(
    permit: Permit<'incident:manage'>,
    id: string,
    member: string,
  ): Promise<Done<IncidentView, IncidentRefusal | 'unknown-member'>>
  setTier(
    permit: Permit<'incident:manage'>,
    id: string,
    tier: Tier,
  ): Promise<Done<IncidentView, IncidentRefusal>>
  resolve(permit: Permit<'incident:manage'>, id: string): Promise<Done<IncidentView, IncidentRefusal>>
  merge(
    permit: Permit<'incident:manage'>,
    id: string,
    into: string,
  ): Promise<Done<IncidentView, IncidentRefusal | 'same' | 'unknown-other'>>
  create(
    permit: Permit<'incident:manage'>,
    draft: IncidentDraft,
  ): Promise<Done<IncidentView, 'unknown-team' | 'unknown-job'>>
  /** By name; for telling others. */
  openOfTeam(team: string): Promise<readonly IncidentView[]>
  timeline(id: string): Promise<Timeline | null>
}
