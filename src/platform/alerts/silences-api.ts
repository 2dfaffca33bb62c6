import type { Instant } from '../../lib/clock.ts'
import type { Permit } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { Tier } from './alert.ts'
import type { Labels } from './labels.ts'
import type { WindowSpan, WindowTimes } from './maintenance/window-times.ts'
import type { Matcher } from './matcher.ts'

export interface SilenceView {
  id: string
  matchers: readonly Matcher[]
  startsAt: Instant
  endsAt: Instant
  comment: string
  createdBy: string
  origin: string
  /** Where it was asked for. */
  chatId: string | null
  state: 'pending' | 'active' | 'expired'
}

/** What a silence would hide, or hides: alerts that fire now. */
export interface Hidden {
  count: number
  /** The gravest first; at most twenty. */
  alerts: readonly { alertname: string; labels: Labels; tier: Tier }[]
}

export interface SilenceDraft {
  matchers: readonly Matcher[]
  startsAt: Instant
  endsAt: Instant
  comment: string
  /** Where it was asked for. */
  chatId: string | null
}

export type SilenceRefusal =
  | { of: 'matches-everything' }
  | { of: 'bad-matcher'; because: string }
  | { of: 'bad-time' }
  | { of: 'unknown' }
  | { of: 'over' }

export interface MaintenanceView {
  id: string
  name: string
  team: string | null
  matchers: readonly Matcher[]
  times: WindowTimes
  zone: string
  comment: string
  createdBy: string
  /** When it is next, or since when it is. */
  next: WindowSpan | null
}

export interface WindowDraft {
  name: string
  team: string | null
  matchers: readonly Matcher[]
  times: WindowTimes
  zone: string
  comment: string
}

export interface SilencesApi {
  /** Those that are or will be, the next to end first; `all`: those that ended lately too. */
  list(ask?: { all?: boolean }): Promise<readonly SilenceView[]>
  byId(id: string): Promise<SilenceView | null>
  preview(matchers: readonly Matcher[]): Promise<Hidden>
  create(permit: Permit<'alert:silence'>, draft: SilenceDraft): Promise<Done<SilenceView, SilenceRefusal>>
  /** Ends later or earlier, from now on. */
  extend(
    permit: Permit<'alert:silence'>,
    id: string,
    endsAt: Instant,
  ): Promise<Done<SilenceView, SilenceRefusal>>
  expire(permit: Permit<'alert:silence'>, id: string): Promise<Done<SilenceView, SilenceRefusal>>
  windows(): Promise<readonly MaintenanceView[]>
  window(name: string): Promise<MaintenanceView | null>
  /** One of the same name is changed. */
  saveWindow(
    permit: Permit<'alert:silence'>,
    draft: WindowDraft,
  ): Promise<Done<MaintenanceView, SilenceRefusal | { of: 'unknown-team' | 'name-taken' | 'bad-zone' }>>
  /** A silence that it has begun already goes on to its end. */
  removeWindow(permit: Permit<'alert:silence'>, name: string): Promise<boolean>
}
