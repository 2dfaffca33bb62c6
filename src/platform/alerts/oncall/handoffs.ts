import type { Instant } from '../../../lib/clock.ts'
import type { Stores } from '../../jobs/stores.ts'
import type { ScheduleRow } from '../ports.ts'
import { shiftsBetween } from './duty.ts'
import type { Span } from './shifts.ts'

type DutyStores = Pick<Stores, 'onCall' | 'members'>

export interface Handoff {
  at: Instant
  before: readonly string[]
  after: readonly string[]
}

/** Where somebody else takes over, within the span: after its beginning, and until its end. */
export async function handoffsBetween(
  stores: DutyStores,
  schedule: ScheduleRow,
  { from, to }: Span,
): Promise<readonly Handoff[]> {
  const shifts = await shiftsBetween(stores, schedule, { from, to: to + 1 })
  return shifts.flatMap((shift, at) => {
    const before = shifts[at - 1]
    if (!before || before.members.join() === shift.members.join()) return []
    return [{ at: shift.from, before: before.members, after: shift.members }]
  })
}

const DAY_MS = 86_400_000

/** When nobody would be on call within so many days. A schedule without layers is one that nobody has begun. */
export async function gapsAhead(
  stores: DutyStores,
  schedule: ScheduleRow,
  { now, days }: { now: Instant; days: number },
): Promise<readonly Span[]> {
  if (schedule.layers.length === 0) return []
  const shifts = await shiftsBetween(stores, schedule, { from: now, to: now + days * DAY_MS })
  return shifts.filter(({ members }) => members.length === 0).map(({ from, to }) => ({ from, to }))
}
