import type { Instant } from '../../../lib/clock.ts'
import type { Bucket } from '../adapter.ts'

/** What is left of a bucket. */
export interface Budget {
  left: number
  at: Instant
}

/** Takes one, or says how long until there is one. */
export function take(
  budget: Budget,
  { count, ms }: Bucket,
  now: Instant,
): { budget: Budget; waitMs: number | null } {
  const refilled = (Math.max(0, now - budget.at) * count) / ms
  const left = Math.min(count, budget.left + refilled)
  if (left >= 1) return { budget: { left: left - 1, at: now }, waitMs: null }
  return { budget: { left, at: now }, waitMs: Math.ceil(((1 - left) * ms) / count) }
}
