import type { Instant } from '../../lib/clock.ts'
import type { RuntimeCause } from '../runtimes/runtime.ts'
import type { Labels } from './labels.ts'

/** How much it matters. P0 and P1 call people, P2 is shown to the team, P3 waits for the digest. */
export const TIERS = ['P0', 'P1', 'P2', 'P3'] as const
export type Tier = (typeof TIERS)[number]

/** How somebody is called: in their own chat, by what their chat has for urgent things, or by telephone. */
export type PageMeans = 'message' | 'app' | 'sms' | 'phone'

/** As rules and other systems grade what they tell; with the job's importance and the environment it makes the tier. */
export type Severity = 'critical' | 'warning' | 'info'

/**
 * What Sluice itself finds, and the `alertname` it is told under. `job-ended-outside`: somebody ended it in Flink
 * itself; it is not restarted against their will.
 */
export const OWN_ALERTS = {
  'job-failed': { alertname: 'JobFailed', severity: 'critical' },
  'restart-loop': { alertname: 'RestartLoop', severity: 'critical' },
  'job-lost': { alertname: 'JobLost', severity: 'critical' },
  'no-checkpoint': { alertname: 'NoCheckpoint', severity: 'warning' },
  'cluster-silent': { alertname: 'ClusterSilent', severity: 'critical' },
  'job-ended-outside': { alertname: 'JobEndedOutside', severity: 'warning' },
  'checkpoint-failures': { alertname: 'CheckpointFailures', severity: 'warning' },
  'checkpoint-slow': { alertname: 'CheckpointSlow', severity: 'warning' },
  'checkpoint-large': { alertname: 'CheckpointLarge', severity: 'info' },
  lag: { alertname: 'Lag', severity: 'warning' },
  backpressure: { alertname: 'Backpressure', severity: 'warning' },
  'throughput-zero': { alertname: 'ThroughputZero', severity: 'warning' },
  // A rule with a name of its own.
  rule: { alertname: 'Rule', severity: 'warning' },
  'cluster-slow': { alertname: 'ClusterSlow', severity: 'warning' },
  'queue-full': { alertname: 'QueueFull', severity: 'warning' },
  'savepoint-failed': { alertname: 'SavepointFailed', severity: 'warning' },
  'operation-failed': { alertname: 'OperationFailed', severity: 'warning' },
  'watching-behind': { alertname: 'WatchingBehind', severity: 'warning' },
  'delivery-failing': { alertname: 'DeliveryFailing', severity: 'critical' },
  'source-silent': { alertname: 'SourceSilent', severity: 'critical' },
} as const satisfies Record<string, { alertname: string; severity: Severity }>

const MEASURED: readonly string[] = [
  ...['no-checkpoint', 'checkpoint-failures', 'checkpoint-slow', 'checkpoint-large', 'lag', 'backpressure'],
  ...['throughput-zero', 'cluster-slow', 'queue-full', 'rule'],
]

/** Told by a rule over samples, which also tells its end. */
export function isMeasured(kind: AlertKind): boolean {
  return MEASURED.includes(kind)
}

export type OwnAlertKind = keyof typeof OWN_ALERTS
/** `outside`: told by another system. `manual`: an incident that a person opened. */
export type AlertKind = OwnAlertKind | 'outside' | 'manual'

/** What Sluice knows about its own alert besides labels: for the card, never part of its identity. */
export interface AlertFacts {
  cause?: RuntimeCause | null
  savepointId?: string | null
  restarts?: number
  jobs?: number
  sinceCheckpointMs?: number
  willRestartAt?: Instant
  gaveUp?: boolean
  /** What a rule measured and the limit it passed, with the metric's name. */
  measured?: { metric: string; value: number; limit: number; unit: string; usual: number | null }
  /** What it was about, where it is not the job: an operation, a savepoint, a chat, a source. */
  about?: string
}

/** `stopped`: whoever it was about was ended by people. `gone`: removed. */
export type EndedAs = 'recovered' | 'stopped' | 'gone'

export type AlertState = 'firing' | 'resolved' | 'expired'

/** Something is wrong, by its identity labels. */
export interface Alert {
  /** 16 hex digits, of the identity labels alone. */
  fingerprint: string
  /** All labels: what routes, silences and inhibitions match. */
  labels: Labels
  annotations: Labels
  facts: AlertFacts
  kind: AlertKind
  /** `sluice`, `rule`, or the id of the source that told it. */
  origin: string
  tier: Tier
  jobId: string | null
  clusterId: string | null
  teamId: string | null
  environment: string | null
  startsAt: Instant
  /** Not refreshed until then, it has expired; null: whoever told it will tell its end. */
  expiresAt: Instant | null
  state: AlertState
  endedAs: EndedAs | null
  endedAt: Instant | null
  generatorUrl: string
  /** When it began or ended within the last hour, the newest last. */
  turns: readonly Instant[]
  flapping: boolean
  /** Some rule of inhibition holds others back because of it. */
  inhibits: boolean
  /** The revision of the routing by which its groups were found. */
  routed: number
  updatedAt: Instant
}
