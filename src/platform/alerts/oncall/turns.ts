import { Temporal } from 'temporal-polyfill'
import type { Instant } from '../../../lib/clock.ts'
import type { Rotation } from './schedule.ts'

/** The turn that a rotation is in, and until when. */
export interface Turn {
  index: number
  from: Instant
  to: Instant
}

/**
 * Instants at which a rotation hands over. Days, weeks and months by the clock on the wall: a time that a change of
 * the clock skips is the first moment after it, one that comes twice is the first of the two, and a month without the
 * day it began on hands over on its last. Hours are hours that pass, except that a change of the clock moves them with
 * the wall, as in GoAlert: a rotation of every 12 hours from 08:00 stays at 08:00 and 20:00.
 */
export function createTurns(rotation: Rotation, zone: string): { at(instant: Instant): Turn | null } {
  const start = Temporal.PlainDateTime.from(rotation.starts)
  const first = instantOf(start, zone)
  const length = ABOUT_MS[rotation.unit] * rotation.every
  const begin = memoised((n) => (n === 0 ? first : instantOf(placeOf(start, rotation, n), zone)))
  return {
    at(instant) {
      if (instant < first) return null
      let n = Math.max(0, Math.floor((instant - first) / length))
      while (begin(n) > instant) n--
      while (begin(n + 1) <= instant) n++
      return { index: n, from: begin(n), to: begin(n + 1) }
    },
  }
}

const HOUR_MS = 3_600_000
const ABOUT_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS, month: 730 * HOUR_MS } as const

function placeOf(
  start: Temporal.PlainDateTime,
  { unit, every }: Rotation,
  n: number,
): Temporal.PlainDateTime {
  // Each counted from the start, so that a short month does not pull the later ones with it.
  if (unit === 'month') return start.add({ months: n * every })
  if (unit === 'week') return start.add({ weeks: n * every })
  if (unit === 'day') return start.add({ days: n * every })
  return start.add({ hours: n * every })
}

/** `compatible`: after a gap by as much as it is long; the first of two. The first moment after the gap is wanted. */
export function instantOf(local: Temporal.PlainDateTime, zone: string): Instant {
  const zoned = local.toZonedDateTime(zone, { disambiguation: 'compatible' })
  if (zoned.toPlainDateTime().equals(local)) return zoned.epochMilliseconds
  const change = local.toZonedDateTime(zone, { disambiguation: 'earlier' }).getTimeZoneTransition('next')
  return change?.epochMilliseconds ?? zoned.epochMilliseconds
}

function memoised(work: (n: number) => Instant): (n: number) => Instant {
  const known = new Map<number, Instant>()
  return (n) => {
    const found = known.get(n)
    if (found !== undefined) return found
    const made = work(n)
    known.set(n, made)
    return made
  }
}
