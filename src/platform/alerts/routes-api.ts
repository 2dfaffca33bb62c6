import type { Instant } from '../../lib/clock.ts'
import type { Permit } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { Tier } from './alert.ts'
import type { Labels } from './labels.ts'
import type { RoutingNote } from './routing/config.ts'
import type { Explanation } from './routing/explain.ts'

export interface RoutingView {
  revision: number
  text: string
  /** `default`: nobody has set another. */
  origin: 'default' | 'import' | 'file'
  savedBy: string | null
  savedAt: Instant | null
}

export type RoutingProblem = { path: string; line: number | null; because: string }

export interface RouteExplanation extends Explanation {
  tier: Tier
  onCall: readonly string[]
  silencedBy: readonly string[]
  inhibitedBy: readonly string[]
}

export interface SourceView {
  id: string
  name: string
  labels: Labels
  team: string | null
  heartbeatMs: number | null
  heardAt: Instant | null
  createdBy: string
  revoked: boolean
}

export interface RoutesApi {
  current(): RoutingView
  explain(labels: Labels, at: Instant): Promise<RouteExplanation>
  check(text: string): Done<readonly RoutingNote[], readonly RoutingProblem[]>
  save(
    permit: Permit<'alert:route'>,
    text: string,
    origin: 'import' | 'file',
  ): Promise<Done<{ view: RoutingView; notes: readonly RoutingNote[] }, readonly RoutingProblem[]>>
  sources(): Promise<readonly SourceView[]>
  /** `secret` is shown once and kept only as a hash. */
  addSource(
    permit: Permit<'alert:route'>,
    draft: { name: string; labels: Labels; team: string | null; heartbeatMs: number | null },
  ): Promise<Done<{ source: SourceView; secret: string }, 'name-taken' | 'bad-name' | 'unknown-team'>>
  revokeSource(permit: Permit<'alert:route'>, name: string): Promise<Done<SourceView, 'unknown'>>
}
