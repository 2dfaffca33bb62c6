import type { Clock, Instant } from '../../src/lib/clock.ts'

/** Time that passes only when the test says so; whoever sleeps wakes when it has. */
export interface SteeredClock extends Clock {
  pass(ms: number): void
}

export function steeredClock(start: Instant = Date.parse('2026-03-02T01:00:00Z')): SteeredClock {
  let now = start
  let sleepers: { at: Instant; wake: () => void }[] = []
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        signal?.addEventListener('abort', () => resolve(), { once: true })
        sleepers.push({ at: now + ms, wake: resolve })
      }),
    pass(ms) {
      now += ms
      const due = sleepers.filter(({ at }) => at <= now)
      sleepers = sleepers.filter(({ at }) => at > now)
      for (const { wake } of due) wake()
    },
  }
}
