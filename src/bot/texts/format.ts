import type { Instant } from '../../lib/clock.ts'
import { instantIn } from '../../lib/wall-clock.ts'
import type { Language } from '../../platform/platform.ts'

/** Numbers and times as the reader writes them. */
export interface Format {
  /** `14:02`; another day in front when it is not today. */
  when(at: Instant): string
  /** `22 Nov 14:02`, always with its day. */
  fullWhen(at: Instant): string
  /** `41 s`, `2 min`, `3 h 5 min`. */
  duration(ms: number): string
  /** `2 min` since then. */
  age(at: Instant): string
  size(bytes: number): string
  count(n: number): string
  percent(part: number): string
  /** `22 Nov`, of a date such as `2026-11-22`. */
  day(date: string): string
  /** A measured number by its unit: ms, bytes, share, per-second; others are counts. */
  measure(value: number, unit: string): string
}

const UNITS = {
  en: { ms: ' ms', s: ' s', min: ' min', minAnd: ' min', h: ' h', day: ' day', days: ' days' },
  zh: { ms: ' 毫秒', s: ' 秒', min: ' 分钟', minAnd: ' 分', h: ' 小时', day: ' 天', days: ' 天' },
} as const

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export function createFormat(language: Language, zone: string, now: Instant): Format {
  const unit = UNITS[language]

  function day(at: Instant): string {
    const parts = partsOf(at, zone)
    const year = parts.year === partsOf(now, zone).year ? '' : parts.year
    if (language === 'zh') return `${year && `${year}年`}${Number(parts.month)}月${Number(parts.day)}日`
    return [Number(parts.day), MONTHS[Number(parts.month) - 1], year].filter(Boolean).join(' ')
  }

  function clock(at: Instant): string {
    const { hour, minute } = partsOf(at, zone)
    return `${hour}:${minute}`
  }

  function duration(ms: number): string {
    const length = Math.max(ms, 0)
    if (length < SECOND) return `${Math.round(length)}${unit.ms}`
    if (length < MINUTE) return `${Math.round(length / SECOND)}${unit.s}`
    if (length < 10 * MINUTE)
      return two(length, { big: MINUTE, and: unit.minAnd, alone: unit.min }, { small: SECOND, unit: unit.s })
    if (length < HOUR) return `${Math.round(length / MINUTE)}${unit.min}`
    if (length < DAY)
      return two(length, { big: HOUR, and: unit.h, alone: unit.h }, { small: MINUTE, unit: unit.min })
    const days = Math.round(length / DAY)
    return `${days}${days === 1 ? unit.day : unit.days}`
  }

  function measure(value: number, given: string): string {
    if (given === 'ms') return duration(value)
    if (given === 'bytes') return size(value)
    if (given === 'share') return `${Math.round(value * 100)} %`
    const number = Math.round(value).toLocaleString('en-US')
    return given === 'per-second' ? `${number}/s` : number
  }

  return {
    day: (date) => day(instantIn(`${date}T12:00`, zone) ?? now),
    measure,
    when: (at) => (sameDay(at, now, zone) ? clock(at) : `${day(at)} ${clock(at)}`),
    fullWhen: (at) => `${day(at)} ${clock(at)}`,
    duration,
    // "0 ms ago" would say less than "1 s".
    age: (at) => duration(Math.max(now - at, SECOND)),
    size,
    count: (n) => n.toLocaleString('en-US'),
    percent: (part) => `${Math.round(part * 100)} %`,
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

interface Parts {
  year: string
  month: string
  day: string
  hour: string
  minute: string
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function partsOf(at: Instant, zone: string): Parts {
  let formatter = formatters.get(zone)
  if (!formatter) {
    formatter = zoned(zone)
    formatters.set(zone, formatter)
  }
  return Object.fromEntries(
    formatter.formatToParts(at).map(({ type, value }) => [type, value]),
    // The options below ask for each of these parts.
  ) as unknown as Parts
}

function zoned(timeZone: string): Intl.DateTimeFormat {
  const options = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const
  try {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone })
  } catch {
    // A zone that this machine does not know: a time in UTC is better than no card.
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' })
  }
}

function sameDay(a: Instant, b: Instant, zone: string): boolean {
  const x = partsOf(a, zone)
  const y = partsOf(b, zone)
  return x.year === y.year && x.month === y.month && x.day === y.day
}

function two(
  ms: number,
  { big, and, alone }: { big: number; and: string; alone: string },
  { small, unit }: { small: number; unit: string },
): string {
  // Rounded to the small unit first, so that 59.6 s more do not read "60 s".
  const whole = Math.round(ms / small)
  const per = big / small
  const rest = whole % per
  const first = Math.floor(whole / per)
  return rest === 0 ? `${first}${alone}` : `${first}${and} ${rest}${unit}`
}

function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let left = bytes
  let unit = 0
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024
    unit++
  }
  const shown = unit === 0 || left >= 100 ? String(Math.round(left)) : left.toFixed(1).replace(/\.0$/, '')
  return `${shown} ${units[unit]}`
}
