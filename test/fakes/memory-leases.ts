import type { Clock } from '../../src/lib/clock.ts'
import type { Leases } from '../../src/platform/coordination/leases.ts'

interface Row {
  holder: string
  fence: number
  until: number
}

/** Leases of processes that share one memory. */
export function memoryLeases(clock: Pick<Clock, 'now'>): { as(holder: string): Leases; clear(): void } {
  const rows = new Map<string, Row>()
  return {
    clear: () => rows.clear(),
    as: (holder) => ({
      async take(name, ms) {
        const row = rows.get(name)
        const isLive = row !== undefined && row.until > clock.now()
        if (isLive && row.holder !== holder) return null
        const fence = isLive ? row.fence : (row?.fence ?? 0) + 1
        rows.set(name, { holder, fence, until: clock.now() + ms })
        return fence
      },
      async giveUp(name) {
        const row = rows.get(name)
        if (row?.holder === holder) row.until = clock.now()
      },
    }),
  }
}
