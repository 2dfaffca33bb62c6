import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import { STORABLE } from '../../../lib/storable.ts'
import { isZone, WEEKDAYS } from '../../../lib/wall-clock.ts'

const name = z.string().trim().min(1).max(100).regex(STORABLE)
/** On the wall of the schedule's zone: `2025-03-01T02:30`. */
const wallTime = z
  .string()
  .regex(/^20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/)
  // A day that the month does not have is otherwise read as one of the next.
  .refine(isDay, 'a day that there is')

/** Asked of whatever was given, also where the pattern has refused it already. */
function isDay(text: string): boolean {
  const at = Date.parse(`${text}Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

export const rotation = z.strictObject({
  unit: z.enum(['hour', 'day', 'week', 'month']),
  every: z.int().min(1).max(1000),
  starts: wallTime,
  /** Silent from then on. */
  until: wallTime.nullable().default(null),
  /** Only on these days, by the calendar of the zone; the turns go on counting. */
  weekdays: z.array(z.enum(WEEKDAYS)).min(1).max(7).nullable().default(null),
  /** In turn; those of one group are on call together. */
  participants: z.array(z.array(name).min(1).max(20)).min(1).max(200),
})
export type Rotation = z.output<typeof rotation>

export const layer = z.strictObject({
  /** The larger covers the smaller. */
  priority: z.int().min(0).max(1000),
  rotation,
  /** Only on the workdays, or only on the holidays, of a calendar such as `china`. */
  calendar: z.strictObject({ name, on: z.enum(['workdays', 'holidays']) }).optional(),
})
export type Layer = z.output<typeof layer>

export const scheduleBody = z.strictObject({
  team: name,
  zone: z.string().min(1).max(60).refine(isZone, 'a zone such as Asia/Shanghai'),
  layers: z.array(layer).max(20),
})

export interface ScheduleTimes {
  zone: string
  layers: readonly Layer[]
}

/** `add`: beside whoever is on call. `remove`: not on call. `replace`: in the place of `instead`, or of everybody. */
export interface Override {
  kind: 'add' | 'remove' | 'replace'
  from: Instant
  to: Instant
  member: string
  instead: string | null
  /** The one made later counts. */
  createdAt: Instant
}

/** Somebody is away. */
export interface TimeOff {
  member: string
  from: Instant
  to: Instant
}

/** Days that are not what their weekday says. */
export interface DayCalendar {
  name: string
  /** Days off that fall on a weekday, as `2026-01-01`. */
  holidays: ReadonlySet<string>
  /** Weekends on which people work. */
  workdays: ReadonlySet<string>
}
