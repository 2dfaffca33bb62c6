/** The shapes of the platform as they arrive: the same, with every instant as an ISO 8601 string. */
import type * as Chats from '../src/bot/adapters/adapter.ts'
import type { ShownCard as Card } from '../src/bot/cards/card.ts'
import type * as Desk from '../src/chats/setup-desk.ts'
import type * as Platform from '../src/platform/platform.ts'

/** Every field that holds an instant is named like one of these. */
type TimeKey = 'at' | 'since' | 'deadline' | 'stateSince' | `${string}At`
type AsText<V> = V extends number ? string : OnWire<V>
export type OnWire<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer I)[]
      ? readonly OnWire<I>[]
      : { [K in keyof T]: K extends TimeKey ? AsText<T[K]> : OnWire<T[K]> }

export type { Block, Cell, Field, ShownBlock, ShownButton, Tone } from '../src/bot/cards/card.ts'
export type {
  JobStateTag,
  Language,
  LogPage,
  OperationState,
  OperationVerb,
  Order,
  ReleaseChange,
  RestartPolicy,
  StartFrom,
} from '../src/platform/platform.ts'

export type ShownCard = OnWire<Card>
export type Job = OnWire<Platform.Job>
export type JobPage = OnWire<Platform.JobPage>
export type Release = OnWire<Platform.Release>
export type Savepoint = OnWire<Platform.Savepoint>
export type Attempt = OnWire<Platform.Attempt>
export type Operation = OnWire<Platform.Operation>
export type Plan = NonNullable<Operation['plan']>
export type Outcome = NonNullable<Operation['outcome']>
export type RuntimeCause = OnWire<Platform.RuntimeCause>
export type ClusterView = OnWire<Platform.ClusterView>
export type FlinkVersionView = OnWire<Platform.FlinkVersionView>
export type MemberView = OnWire<Platform.MemberView>
export type TeamView = OnWire<Platform.TeamView>
export type AuditEntry = OnWire<Platform.AuditEntryView>
export type ArtifactView = OnWire<Platform.ArtifactView>
export type EnvironmentView = OnWire<Platform.EnvironmentView>
export type ScheduleView = OnWire<Platform.ScheduleView>
export type OnCallNow = OnWire<Platform.OnCallNow>
export interface ShiftView {
  from: string
  to: string
  members: readonly string[]
  source: string
}
export interface OverrideView extends Omit<Platform.OverrideView, 'from' | 'to'> {
  from: string
  to: string
}
export type IncidentView = OnWire<Platform.IncidentView>

export interface Paged<T> {
  items: readonly T[]
  next: string | null
}

export interface Session {
  member: {
    id: string
    name: string
    displayName: string
    language: 'zh' | 'en'
    zone: string
    isAdmin: boolean
    teams: readonly { team: string; role: string }[]
  }
  csrf: string
  demo: boolean
  sandbox: boolean
  version: string
}

export interface Chat {
  id: string
  name: string
  title: string
  team: string | null
  language: 'zh' | 'en'
}

export interface Utterance {
  seq: string
  speaker: string
  text: string
  at: string
  mine: boolean
}

export interface ChatPage {
  cards: readonly ShownCard[]
  utterances: readonly Utterance[]
  next: string | null
}

export interface CompletionAnswer {
  from: number
  to: number
  items: readonly { insert: string; label: string; detail: string | null }[]
}

export interface DemoMember {
  name: string
  displayName: string
  role: string
}

/** A chat platform, and who has set it up. */
export interface SetupView {
  vendor: string
  title: string
  summary: string
  from: 'environment' | 'page' | null
  connection: { is: Connection; since: string | null; lastAt: string | null; because: string | null } | null
  revision: number | null
  updatedBy: string | null
  updatedAt: string | null
}

export type Connection = Chats.Connection['is']

export interface WholeSetup extends SetupView {
  matchPeople: boolean
  fields: readonly SetupField[]
  steps: readonly { title: string; text: string }[]
  scopes: readonly { name: string; why: string }[]
  limits: readonly string[]
  troubles: readonly { seen: string; cure: string }[]
  callback: { path: string; url: string | null } | null
}

export interface SetupField {
  name: string
  env: string
  label: string
  hint: string
  secret: boolean
  required: boolean
  choices: readonly string[] | null
  isSet: boolean
  value: string | null
}

export interface ChatFinding {
  of: string
  is: Chats.Finding['is']
  says: string
  cure: string | null
}

export type ChatTest = OnWire<Desk.ChatTest>

/** What the live feed sends. */
export type LiveEvent =
  | { card: ShownCard }
  | { utterance: Utterance }
  | { job: { name: string; state: string } }
  | { caughtUp: string }
  /** A watch that was refused; the page shows what it has. */
  | { problem: { detail: string } }
