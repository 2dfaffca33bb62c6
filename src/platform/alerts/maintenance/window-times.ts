import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import { instantIn, WEEKDAYS, wallClock } from '../../../lib/wall-clock.ts'

/** When work is done again and again, on the wall of a zone. It may go on over midnight. */
export const windowTimes = z.strictObject({
  /** On which days it begins. */
  weekdays: z.array(z.enum(WEEKDAYS)).min(1).max(7),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 02:00'),
  minutes: z.int().min(1).max(1440),
})
export type WindowTimes = z.output<typeof windowTimes>

export interface WindowSpan {
  from: Instant
  to: Instant
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** The one that is, else the next one. */
export function nextWindow(times: WindowTimes, zone: string, now: Instant): WindowSpan {
  const today = Date.parse(wallClock(now, zone).date)
  // From the day before, whose window may still be, to the same day of the next week.
  for (let day = -1; day <= 8; day++) {
    const span = windowOn(new Date(today + day * DAY_MS).toISOString().slice(0, 10), { times, zone })
    if (span && span.to > now) return span
  }
  throw new Error('A week without any of its days.')
}

function windowOn(date: string, { times, zone }: { times: WindowTimes; zone: string }): WindowSpan | null {
  const weekday = WEEKDAYS[(new Date(date).getUTCDay() + 6) % 7]
  const from = instantIn(`${date}T${times.from}`, zone)
  if (from === null || !times.weekdays.some((each) => each === weekday)) return null
  return { from, to: from + times.minutes * MINUTE_MS }
}
