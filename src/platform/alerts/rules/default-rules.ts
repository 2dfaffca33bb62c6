import type { Rule } from './rule.ts'

const MINUTE_MS = 60_000
const GIB = 1024 ** 3

const everywhere = { id: null, scope: {}, enabled: true } as const

/** They hold unedited; who wants another limit sets it for an environment, a team, a cluster or a job. */
export const DEFAULT_RULES: readonly Rule[] = [
  {
    ...everywhere,
    name: 'no-checkpoint',
    when: { is: 'above', metric: 'checkpoint_age', limit: 15 * MINUTE_MS, for: 0 },
  },
  {
    ...everywhere,
    name: 'checkpoint-failures',
    when: { is: 'rises', metric: 'checkpoints_failed', by: 3, within: 30 * MINUTE_MS },
  },
  {
    ...everywhere,
    name: 'checkpoint-slow',
    when: { is: 'above', metric: 'checkpoint_duration', limit: MINUTE_MS, for: 3 * MINUTE_MS },
  },
  {
    ...everywhere,
    name: 'checkpoint-large',
    when: { is: 'unusual', metric: 'checkpoint_size', times: 3, atLeast: GIB, for: 10 * MINUTE_MS },
  },
  {
    ...everywhere,
    name: 'lag',
    when: { is: 'unusual', metric: 'lag', times: 10, atLeast: 10_000, for: 5 * MINUTE_MS },
  },
  {
    ...everywhere,
    name: 'backpressure',
    when: { is: 'above', metric: 'backpressure', limit: 0.8, for: 10 * MINUTE_MS },
  },
  {
    ...everywhere,
    name: 'throughput-zero',
    // A job that is idle every night is not told of: what it usually does is the measure.
    when: { is: 'rate-below', metric: 'records', limit: 0.001, for: 10 * MINUTE_MS, whenUsual: 1 },
  },
  {
    ...everywhere,
    name: 'cluster-slow',
    when: { is: 'above', metric: 'poll_time', limit: 5_000, for: 2 * MINUTE_MS },
  },
  {
    ...everywhere,
    name: 'queue-full',
    when: { is: 'above', metric: 'jobs_without_slots', limit: 0, for: 3 * MINUTE_MS },
  },
]
