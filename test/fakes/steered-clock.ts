import type { Clock, Instant } from '../../src/lib/clock.ts'

/** Time that passes only when the test says so; whoever sleeps wakes when it has. */
export interface SteeredClock extends Clock {
  pass(ms: number): void
}

export function steeredClock(start: Instant = Date.parse('2026-03-02T01:00:00Z')): SteeredClock {
  let now = start
  const sleepers = new Set<{ at: Instant; wake: () => void }>()
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const sleeper = { at: now + ms, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', wake, { once: true })
        function wake() {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
      }),
    pass(ms) {
      now += ms
      for (const { at, wake } of [...sleepers]) if (at <= now) wake()
    },
  }
}
