import type { Instant } from '../../lib/clock.ts'
import type { By } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { Labels } from './labels.ts'
import type { Matcher } from './matcher.ts'

/** Something that may tell alerts, known by its token. */
export interface KnownSource {
  id: string
  name: string
  labels: Labels
  teamId: string | null
  perSecond: number
}

/** An alert as others tell it; times that they leave out are ours to say. */
export interface GivenAlert {
  labels: Labels
  annotations: Labels
  startsAt: Instant | null
  endsAt: Instant | null
  generatorUrl: string
  /** What it is known by, where that is not all of its labels. */
  identity?: Labels
}

export interface AlertStatus {
  state: 'unprocessed' | 'active' | 'suppressed'
  silencedBy: readonly string[]
  inhibitedBy: readonly string[]
}

export interface GettableAlert {
  fingerprint: string
  labels: Labels
  annotations: Labels
  startsAt: Instant
  endsAt: Instant
  updatedAt: Instant
  generatorUrl: string
  receivers: readonly string[]
  status: AlertStatus
}

export interface AlertFilter {
  active: boolean
  silenced: boolean
  inhibited: boolean
  unprocessed: boolean
  matchers: readonly Matcher[]
  /** Of the receiver's name, whole. */
  receiver: string | null
}

export interface GettableGroup {
  labels: Labels
  receiver: string
  alerts: readonly GettableAlert[]
}

export interface GettableSilence {
  id: string
  matchers: readonly Matcher[]
  startsAt: Instant
  endsAt: Instant
  updatedAt: Instant
  createdBy: string
  comment: string
  state: 'pending' | 'active' | 'expired'
}

export interface GivenSilence {
  /** Null: a new one. */
  id: string | null
  matchers: readonly Matcher[]
  startsAt: Instant
  endsAt: Instant
  createdBy: string
  comment: string
}

/** What programs that speak with Alertmanager ask of us. */
export interface OutsideApi {
  /** Null: nobody has this token, or it was taken back. */
  sourceOf(token: string): Promise<KnownSource | null>
  /** Stored when it resolves. `too-many`: more than the source may tell in a second. */
  take(source: KnownSource, alerts: readonly GivenAlert[]): Promise<'taken' | 'too-many'>
  beat(source: KnownSource): Promise<void>
  alerts(filter: AlertFilter): Promise<readonly GettableAlert[]>
  groups(filter: AlertFilter): Promise<readonly GettableGroup[]>
  receivers(): readonly string[]
  silences(): Promise<readonly GettableSilence[]>
  silence(id: string): Promise<GettableSilence | null>
  /** `by`: who may; a changed one whose alerts would differ becomes a new one, as with Alertmanager. */
  saveSilence(by: By, silence: GivenSilence): Promise<Done<string, 'unknown' | 'not-allowed' | 'bad'>>
  expireSilence(by: By, id: string): Promise<Done<null, 'unknown' | 'not-allowed' | 'over'>>
}
