/** What is measured, and in what it counts. A counter only grows; where it is smaller than before, it began anew. */
export const METRICS = {
  checkpoint_age: { of: 'job', unit: 'ms', counts: false },
  checkpoint_duration: { of: 'job', unit: 'ms', counts: false },
  checkpoint_size: { of: 'job', unit: 'bytes', counts: false },
  checkpoints_failed: { of: 'job', unit: 'count', counts: true },
  restarts: { of: 'job', unit: 'count', counts: true },
  /** Records that moved between tasks, or into them; a job of one task shows none. */
  records: { of: 'job', unit: 'records', counts: true },
  /** Of the worst task: 0 to 1. */
  backpressure: { of: 'job', unit: 'share', counts: false },
  busy: { of: 'job', unit: 'share', counts: false },
  lag: { of: 'job', unit: 'records', counts: false },
  lag_time: { of: 'job', unit: 'ms', counts: false },
  poll_time: { of: 'cluster', unit: 'ms', counts: false },
  slots_free: { of: 'cluster', unit: 'count', counts: false },
  /** Jobs whose tasks do not all run while no slot is free. */
  jobs_without_slots: { of: 'cluster', unit: 'count', counts: false },
} as const satisfies Record<string, { of: 'job' | 'cluster'; unit: Unit; counts: boolean }>

export type Unit = 'ms' | 'bytes' | 'count' | 'records' | 'share' | 'per-second'
export type MetricName = keyof typeof METRICS
export const METRIC_NAMES = Object.keys(METRICS) as [MetricName, ...MetricName[]]
