import type { Instant } from './clock.ts'

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export interface WallClock {
  /** `2026-11-27` */
  date: string
  weekday: Weekday
  /** Since midnight, as the clock on the wall shows it. */
  minute: number
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** What a clock and a calendar on a wall in that zone show. Throws a RangeError for a zone that nobody knows. */
export function wallClock(at: Instant, zone: string): WallClock {
  const parts = Object.fromEntries(
    formatterOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const { year = '', month = '', day = '', hour = '', minute = '', weekday = '' } = parts
  return {
    date: `${year}-${month}-${day}`,
    weekday: WEEKDAYS.find((each) => each === weekday.toLowerCase()) ?? 'mon',
    minute: Number(hour) * 60 + Number(minute),
  }
}

export function isZone(zone: string): boolean {
  try {
    formatterOf(zone)
    return true
  } catch {
    return false
  }
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  formatters.set(zone, made)
  return made
}

/**
 * When clocks on walls in that zone show `2026-11-27T18:00`; null: there is no such day. A time that a change of the
 * clock skips is as much later; of two it is the first.
 */
export function instantIn(local: string, zone: string): Instant | null {
  const asUtc = Date.parse(`${local}:00Z`)
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 16) !== local) return null
  // What the zone is ahead by differs at most between the day before and the day after.
  const before = asUtc - offsetAt(asUtc - 86_400_000, zone)
  const after = asUtc - offsetAt(asUtc + 86_400_000, zone)
  const fits = [before, after].filter((at) => at + offsetAt(at, zone) === asUtc)
  return fits.length > 0 ? Math.min(...fits) : before
}

/** How far clocks in the zone are ahead of UTC then, in ms. */
function offsetAt(at: Instant, zone: string): number {
  const { date, minute } = wallClock(at, zone)
  return Date.parse(`${date}T00:00:00Z`) + minute * 60_000 - Math.floor(at / 60_000) * 60_000
}
