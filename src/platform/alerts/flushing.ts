import type { Instant } from '../../lib/clock.ts'
import type { Stores } from '../jobs/stores.ts'
import type { Alert } from './alert.ts'
import type { IntakeContext } from './intake.ts'
import type { AlertGroup } from './ports.ts'
import type { Route } from './routing/current.ts'

/** What looking at a group reads and writes. */
export type FlushStores = Pick<
  Stores,
  | 'alerts'
  | 'groups'
  | 'incidents'
  | 'notices'
  | 'silences'
  | 'operations'
  | 'onCall'
  | 'chains'
  | 'members'
  | 'teams'
  | 'work'
>

export interface FlushContext extends IntakeContext {
  /** How people reach us, for links in what programs are told. */
  externalUrl: string
}

/** A firing alert that is not told, and by what: fingerprints of other alerts, ids of silences. */
export interface HeldBack {
  alert: Alert
  by: { is: 'inhibited'; sources: readonly string[] } | { is: 'silenced'; silences: readonly string[] }
}

/** What a group's alerts come to at one look. */
export interface Look {
  group: AlertGroup
  route: Route
  /** What may be told. */
  shown: readonly Alert[]
  held: readonly HeldBack[]
  /** The mute times that hold the whole group back. */
  mutedBy: readonly string[]
  now: Instant
}
