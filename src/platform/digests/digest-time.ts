import type { Instant } from '../../lib/clock.ts'
import { instantIn, wallClock } from '../../lib/wall-clock.ts'

export const DEFAULT_TIME = '09:00'

const DAY_MS = 86_400_000
/** After a longer standstill the day is not summed up any more: the next one is near. */
const LATE_MS = 12 * 3_600_000

export interface DueDay {
  /** Of the zone, the day on which it is told. */
  date: string
  from: Instant
  to: Instant
}

/**
 * The day that is to be summed up now; null: none is. From one telling to the next: on days on which the clock is
 * changed that is an hour less or more.
 */
export function dueDay(at: string, zone: string, now: Instant): DueDay | null {
  const { date } = wallClock(now, zone)
  // Past midnight the day before may still be due.
  return dayAt(date, { at, zone, now }) ?? dayAt(dayBefore(date), { at, zone, now })
}

function dayAt(date: string, { at, zone, now }: { at: string; zone: string; now: Instant }): DueDay | null {
  const to = instantIn(`${date}T${at}`, zone)
  const from = instantIn(`${dayBefore(date)}T${at}`, zone)
  if (to === null || from === null || now < to || now - to > LATE_MS) return null
  return { date, from, to }
}

export function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10)
}

/** The last days up to and with this one, the oldest first. */
export function daysUpTo(date: string, count: number): readonly string[] {
  const days = [date]
  while (days.length < count) days.push(dayBefore(days.at(-1) ?? date))
  return days.reverse()
}

export function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text)
}
