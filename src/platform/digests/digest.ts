import type { Instant } from '../../lib/clock.ts'
import type { AlertKind, Tier } from '../alerts/alert.ts'
import type { RuntimeCause } from '../runtimes/runtime.ts'

/** A team's day, or week, as it was found at its end. Spans in ms; null where there was nothing to measure. */
export interface DigestFacts {
  team: string
  zone: string
  from: Instant
  to: Instant
  jobs: {
    running: number
    stopped: number
    /** Those that should run and do not. */
    failing: readonly { name: string; cause: RuntimeCause | null }[]
  }
  incidents: Answered & {
    /** Of the span of the same length before. */
    before: Answered
    /** Still open at the end. */
    open: number
    /** The gravest first; at most five. */
    gravest: readonly DigestIncident[]
    /** The days up to the end, the last one last, for the chart. */
    days: readonly { date: string; tiers: Readonly<Record<Tier, number>> }[]
  }
  restarts: { asked: number; byPolicy: number; failed: readonly string[] }
  changes: readonly {
    job: string
    verb: 'release' | 'rollback'
    from: number | null
    to: number
    by: string
    at: Instant
  }[]
  noisy: readonly Noise[]
  slowest: readonly { job: string; longestMs: number; usualMs: number }[]
  expiring: {
    tokens: readonly { name: string; owner: string; at: Instant }[]
    /** Running jobs and how old the newest state is that we know of. */
    savepoints: readonly { job: string; at: Instant }[]
  }
  onCall: { now: readonly string[]; tomorrow: readonly string[]; isPlanned: boolean }
}

export interface Answered {
  count: number
  /** On average, from the trigger. */
  answeredMs: number | null
  solvedMs: number | null
}

export interface DigestIncident {
  id: string
  kind: AlertKind
  name: string
  tier: Tier
  cause: RuntimeCause | null
  openedAt: Instant
  lastedMs: number | null
}

/** A rule that told often and that nobody acted on. */
export interface Noise {
  rule: string
  job: string
  times: number
  acted: number
  /** A limit under which none of it would have been told, as one types it; null: none is better. */
  suggestion: string | null
}

export interface Digest {
  id: string
  team: string
  /** Of the team's zone. */
  date: string
  kind: 'daily' | 'asked'
  version: number
  createdAt: Instant
  facts: DigestFacts
}
