import type { Instant } from '../../../lib/clock.ts'
import { type WallClock, WEEKDAYS, wallClock } from '../../../lib/wall-clock.ts'

/** From the first to the last, both counted. */
export interface Range {
  from: number
  to: number
}

/** Alertmanager's time_intervals: each that is given must hold; an empty list holds always. */
export interface TimeInterval {
  /** Minutes of the day; `to` does not belong to it. */
  times: readonly Range[]
  /** 0 is Sunday. */
  weekdays: readonly Range[]
  /** Negative ones count from the month's end: -1 is its last day. */
  daysOfMonth: readonly Range[]
  months: readonly Range[]
  years: readonly Range[]
  zone: string
}

export function isWithin(intervals: readonly TimeInterval[], at: Instant): boolean {
  return intervals.some((interval) => holds(interval, wallClock(at, interval.zone)))
}

function holds({ times, weekdays, daysOfMonth, months, years }: TimeInterval, clock: WallClock): boolean {
  const [year = 0, month = 0, day = 0] = clock.date.split('-').map(Number)
  const { minute } = clock
  const weekday = (WEEKDAYS.indexOf(clock.weekday) + 1) % 7
  return (
    (times.length === 0 || times.some(({ from, to }) => minute >= from && minute < to)) &&
    isIn(weekdays, weekday) &&
    isInMonth(daysOfMonth, day, daysIn(year, month)) &&
    isIn(months, month) &&
    isIn(years, year)
  )
}

function isIn(ranges: readonly Range[], value: number): boolean {
  return ranges.length === 0 || ranges.some(({ from, to }) => value >= from && value <= to)
}

/** A range that begins after the month's end holds on no day of it; one that ends later ends with it. */
function isInMonth(ranges: readonly Range[], day: number, length: number): boolean {
  if (ranges.length === 0) return true
  const place = (value: number) => (value < 0 ? length + value + 1 : value)
  return ranges.some(({ from, to }) => {
    const [begins, ends] = [place(from), Math.min(place(to), length)]
    if (begins > length || ends < begins) return false
    return day >= Math.max(begins, 1) && day <= ends
  })
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const DAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const MONTH_NAMES = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
]

/** `monday:friday`, `saturday`. A string: what is wrong with it. */
export function readWeekdays(text: string): Range | string {
  return readNamed(text, (name) => DAY_NAMES.indexOf(name), 'a day of the week, such as monday')
}

/** `january:march`, `5`. */
export function readMonths(text: string): Range | string {
  return readNamed(
    text,
    (name) => {
      const named = MONTH_NAMES.indexOf(name) + 1
      if (named > 0) return named
      const number = /^\d{1,2}$/.test(name) ? Number(name) : -1
      return number >= 1 && number <= 12 ? number : -1
    },
    'a month, such as january or 1',
  )
}

function readNamed(text: string, place: (name: string) => number, what: string): Range | string {
  const parts = text.trim().toLowerCase().split(':')
  const [from, to] = [place(parts[0] ?? ''), place(parts[1] ?? parts[0] ?? '')]
  if (parts.length > 2 || from < 0 || to < 0) return `"${text}" is not ${what}`
  return from > to ? `"${text}" ends before it begins` : { from, to }
}

/** `1:5`, `-3:-1`, `15`. */
export function readDaysOfMonth(text: string): Range | string {
  const parts = text.trim().split(':')
  const [from, to] = [Number(parts[0]), Number(parts[1] ?? parts[0])]
  const isDay = (day: number) => Number.isInteger(day) && day !== 0 && Math.abs(day) <= 31
  if (parts.length > 2 || !isDay(from) || !isDay(to))
    return `"${text}" is not a day of the month, 1 to 31 or -1 to -31`
  if (from < 0 && to > 0) return `"${text}" begins at the month's end and ends at its beginning`
  return Math.sign(from) === Math.sign(to) && from > to ? `"${text}" ends before it begins` : { from, to }
}

/** `2026:2030`, `2026`. */
export function readYears(text: string): Range | string {
  const parts = text.trim().split(':')
  const [from, to] = [Number(parts[0]), Number(parts[1] ?? parts[0])]
  if (parts.length > 2 || !Number.isInteger(from) || !Number.isInteger(to)) return `"${text}" is not a year`
  return from > to ? `"${text}" ends before it begins` : { from, to }
}

const CLOCK = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/

/** `09:00` and `24:00`; minutes of the day. */
export function readTimes(start: string, end: string): Range | string {
  const minutes = (text: string) => {
    if (text === '24:00') return 1440
    const found = CLOCK.exec(text)
    return found ? Number(found[1]) * 60 + Number(found[2]) : null
  }
  const [from, to] = [minutes(start), minutes(end)]
  if (from === null || to === null) return `"${from === null ? start : end}" is not a time such as 09:00`
  return from >= to ? `the time ${end} is not after ${start}` : { from, to }
}
