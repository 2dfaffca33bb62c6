import type { Instant } from '../../../lib/clock.ts'
import type { MetricName } from './metric.ts'

/** What was measured at one instant. What is not there was not told: that is not zero. */
export interface Sample {
  at: Instant
  values: Readonly<Partial<Record<MetricName, number>>>
}

const MINUTE_MS = 60_000
/** Younger ones are all kept. */
export const WHOLE_MS = 60 * MINUTE_MS
const THIN_MS = 10 * MINUTE_MS
/** A day and what a rule looks back at besides. */
export const KEPT_MS = 26 * WHOLE_MS

/**
 * One more sample behind those that are known, oldest first: of the last hour all are kept, of the day before one in
 * ten minutes, which is what "usual" is read from.
 */
export function withSample(known: readonly Sample[], sample: Sample): readonly Sample[] {
  const kept: Sample[] = []
  for (const each of known) {
    if (each.at <= sample.at - KEPT_MS || each.at >= sample.at) continue
    const before = kept.at(-1)
    const isOld = each.at < sample.at - WHOLE_MS
    if (isOld && before && Math.floor(before.at / THIN_MS) === Math.floor(each.at / THIN_MS)) continue
    kept.push(each)
  }
  kept.push(sample)
  return kept
}

/** Half are smaller. Null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
