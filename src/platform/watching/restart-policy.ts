import type { Instant } from '../../lib/clock.ts'
import type { RestartPolicy } from '../jobs/job.ts'

export type RestartDecision =
  | { do: 'nothing' }
  | { do: 'restart'; afterMs: number }
  | { do: 'give-up'; failures: number; windowMs: number }

/** What a job's policy says after it failed. `failures`: when it failed before and now, in any order. */
export function nextRestart(
  policy: RestartPolicy,
  failures: readonly Instant[],
  now: Instant,
): RestartDecision {
  if (policy.is === 'none') return { do: 'nothing' }
  const recent = failures.filter((at) => at > now - policy.windowMs && at <= now).length
  if (recent > policy.limit) return { do: 'give-up', failures: recent, windowMs: policy.windowMs }
  const doublings = Math.min(Math.max(recent - 1, 0), 30)
  return { do: 'restart', afterMs: Math.min(policy.backoffMs * 2 ** doublings, policy.backoffCapMs) }
}
