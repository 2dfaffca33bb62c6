import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RestartPolicy } from '../../../src/platform/jobs/job.ts'
import { nextRestart } from '../../../src/platform/watching/restart-policy.ts'

const MINUTE = 60_000
const policy: RestartPolicy = {
  is: 'on-failure',
  limit: 3,
  windowMs: 10 * MINUTE,
  backoffMs: 1_000,
  backoffCapMs: 3_000,
}
const now = 100 * MINUTE

describe('the restart policy', () => {
  it('does nothing when there is none', () => {
    expect(nextRestart({ is: 'none' }, [now], now)).toEqual({ do: 'nothing' })
  })

  it.each([
    { failures: [now], after: 1_000 },
    { failures: [now - MINUTE, now], after: 2_000 },
    { failures: [now - 2 * MINUTE, now - MINUTE, now], after: 3_000 },
    { failures: [now - 11 * MINUTE, now], after: 1_000 },
  ])('waits $after ms after $failures.length failures, longer each time up to the cap', ({
    failures,
    after,
  }) => {
    expect(nextRestart(policy, failures, now)).toEqual({ do: 'restart', afterMs: after })
  })

  it('gives up after more failures in the window than the limit', () => {
    const failures = [now - 3 * MINUTE, now - 2 * MINUTE, now - MINUTE, now]

    expect(nextRestart(policy, failures, now)).toEqual({ do: 'give-up', failures: 4, windowMs: 10 * MINUTE })
  })

  it('never restarts more often within a window than its limit', () => {
    const sometimes = fc.array(fc.integer({ min: 1, max: 5 * MINUTE }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(sometimes, fc.integer({ min: 0, max: 5 }), (gaps, limit) => {
        const strict = { ...policy, limit }
        const failures: number[] = []
        let at = now
        let restarts: number[] = []
        for (const gap of gaps) {
          at += gap
          failures.push(at)
          if (nextRestart(strict, failures, at).do !== 'restart') break
          restarts.push(at)
          restarts = restarts.filter((time) => time > at - strict.windowMs)
          expect(restarts.length).toBeLessThanOrEqual(limit)
        }
      }),
    )
  })
})
