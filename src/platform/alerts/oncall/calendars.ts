import { z } from 'zod'
import type { DayCalendar } from './schedule.ts'

/**
 * Days off and worked weekends as the State Council sets them each autumn for the year that follows:
 * https://www.gov.cn/zhengce/content/202411/content_6986382.htm (2025),
 * https://www.gov.cn/zhengce/content/202511/content_7047090.htm (2026).
 */
const CHINA: CalendarFile = {
  name: 'china',
  holidays: [
    ...['2025-01-01', '2025-01-28/2025-02-04', '2025-04-04/2025-04-06', '2025-05-01/2025-05-05'],
    ...['2025-05-31/2025-06-02', '2025-10-01/2025-10-08'],
    ...['2026-01-01/2026-01-03', '2026-02-15/2026-02-23', '2026-04-04/2026-04-06', '2026-05-01/2026-05-05'],
    ...['2026-06-19/2026-06-21', '2026-09-25/2026-09-27', '2026-10-01/2026-10-07'],
  ],
  workdays: [
    ...['2025-01-26', '2025-02-08', '2025-04-27', '2025-09-28', '2025-10-11'],
    ...['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  ],
}

const day = z.iso.date()
const days = z.string().refine((text) => text.split('/').every((each) => day.safeParse(each).success), {
  error: 'a day such as 2027-01-01, or the first and the last as 2027-02-05/2027-02-11',
})

/** A file in `calendars/` of SLUICE_HOME: one of a known name adds its days to what is known. */
export const calendarFile = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  holidays: z.array(days).default([]),
  workdays: z.array(days).default([]),
})
export type CalendarFile = z.output<typeof calendarFile>

export function calendarsOf(files: readonly CalendarFile[] = []): readonly DayCalendar[] {
  const byName = new Map<string, DayCalendar>()
  for (const { name, holidays, workdays } of [CHINA, ...files]) {
    const known = byName.get(name)
    byName.set(name, {
      name,
      holidays: new Set([...(known?.holidays ?? []), ...holidays.flatMap(daysIn)]),
      workdays: new Set([...(known?.workdays ?? []), ...workdays.flatMap(daysIn)]),
    })
  }
  return [...byName.values()]
}

const DAY_MS = 86_400_000

function daysIn(text: string): string[] {
  const [first = '', last = first] = text.split('/')
  const all: string[] = []
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS)
    all.push(new Date(at).toISOString().slice(0, 10))
  return all
}

/** The last year of which a calendar knows something: later days are only weekdays and weekends. */
export function lastYearOf({ holidays, workdays }: DayCalendar): number {
  return Math.max(0, ...[...holidays, ...workdays].map((date) => Number(date.slice(0, 4))))
}
