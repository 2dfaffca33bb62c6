import type { Instant } from '../../../lib/clock.ts'
import type { Stores } from '../../jobs/stores.ts'
import type { ScheduleRow } from '../ports.ts'
import { type Shift, shiftsOf } from './shifts.ts'

type DutyStores = Pick<Stores, 'onCall' | 'members'>

/** Who is on call at one instant, until when, and who comes then. By name. */
export interface Duty {
  members: readonly string[]
  source: string
  until: Instant | null
  next: { members: readonly string[]; at: Instant } | null
}

/** How far ahead the next shift is looked for. */
const AHEAD_MS = 62 * 86_400_000

/** A schedule's shifts with all that changes them: overrides, time off, and people who are no longer there. */
export async function shiftsBetween(
  { onCall, members }: DutyStores,
  schedule: ScheduleRow,
  span: { from: Instant; to: Instant },
): Promise<readonly Shift[]> {
  const [overrides, timeOff] = await Promise.all([onCall.overrides(schedule.id, span), onCall.timeOff(span)])
  const named = [
    ...schedule.layers.flatMap(({ rotation }) => rotation.participants.flat()),
    ...overrides.map(({ member }) => member),
  ]
  const enabled = new Set((await members.byNames(named)).map(({ name }) => name))
  const gone = named.filter((name) => !enabled.has(name)).map((member) => ({ member, ...span }))
  const changes = { overrides, timeOff: [...timeOff, ...gone], calendars: onCall.calendars() }
  return shiftsOf(schedule, changes, span)
}

export async function dutyOf(stores: DutyStores, schedule: ScheduleRow, at: Instant): Promise<Duty> {
  const shifts = await shiftsBetween(stores, schedule, { from: at, to: at + AHEAD_MS })
  const [current, following] = shifts
  const isLast = current === undefined || current.to >= at + AHEAD_MS
  return {
    members: current?.members ?? [],
    source: current?.source ?? 'gap',
    until: isLast ? null : current.to,
    next: following && !isLast ? { members: following.members, at: following.from } : null,
  }
}

/** Everybody who is on call for a team now, by any of its schedules. */
export async function onCallOfTeam(
  stores: DutyStores,
  teamId: string,
  at: Instant,
): Promise<readonly string[]> {
  const schedules = await stores.onCall.ofTeam(teamId)
  const duties = await Promise.all(schedules.map((schedule) => dutyOf(stores, schedule, at)))
  return [...new Set(duties.flatMap(({ members }) => members))]
}
