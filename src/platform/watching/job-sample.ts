import type { Instant } from '../../lib/clock.ts'
import type { MetricName } from '../alerts/rules/metric.ts'
import type { Sample } from '../alerts/rules/sample.ts'
import type { JobDetail } from '../runtimes/runtime.ts'

/** What a job's detail says, as numbers; what Flink did not tell is left out. */
export function jobSample(detail: JobDetail, { since, at }: { since: Instant; at: Instant }): Sample {
  const { lastCheckpoint, failedCheckpoints, restarts, lag, vertices } = detail
  const pressure = vertices.map(({ backPressuredMsPerSecond }) => backPressuredMsPerSecond)
  return sampleOf(at, {
    // A job that never takes one has no last and no failed one; of it no age is known.
    checkpoint_age: lastCheckpoint || failedCheckpoints ? at - (lastCheckpoint?.at ?? since) : null,
    checkpoint_duration: lastCheckpoint?.durationMs ?? null,
    checkpoint_size: lastCheckpoint?.sizeBytes ?? null,
    checkpoints_failed: failedCheckpoints,
    restarts,
    records: vertices.length < 2 ? null : sum(vertices.map(({ readRecords }) => readRecords)),
    backpressure: share(worst(pressure)),
    busy: share(worst(vertices.map(({ busyMsPerSecond }) => busyMsPerSecond))),
    lag: lag.records,
    lag_time: lag.ms,
  })
}

export function sampleOf(at: Instant, values: Partial<Record<MetricName, number | null>>): Sample {
  const told = Object.entries(values).filter(([, value]) => value !== null)
  return { at, values: Object.fromEntries(told) as Sample['values'] }
}

function sum(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null)
  return told.length === 0 ? null : told.reduce((total, value) => total + value, 0)
}

function worst(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null)
  return told.length === 0 ? null : Math.max(...told)
}

/** Flink counts ms of a second. */
function share(msPerSecond: number | null): number | null {
  return msPerSecond === null ? null : msPerSecond / 1000
}
