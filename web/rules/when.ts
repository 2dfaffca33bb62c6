/** Times as a reader wants them: in their zone, today without a date. */
import type { Language } from '../wire.ts'

export interface Reader {
  language: Language
  zone: string
}

const locale = { zh: 'zh-CN', en: 'en-GB' } as const
const formats = new Map<string, Intl.DateTimeFormat>()

function format(reader: Reader, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${reader.language}|${reader.zone}|${JSON.stringify(options)}`
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(locale[reader.language], {
    ...options,
    timeZone: knownZone(reader.zone),
    hourCycle: 'h23',
  })
  formats.set(key, made)
  return made
}

/** A zone that this browser does not know must not empty the page. */
function knownZone(zone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    return 'UTC'
  }
}

const day = (reader: Reader, at: number) =>
  format({ ...reader, language: 'en' }, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
const year = (reader: Reader, at: number) => format(reader, { year: 'numeric' }).format(at)
const DAY = 86_400_000

/** `14:02` today, `22 Nov 14:02` this year, else with the year. */
export function shortTime(iso: string, now: number, reader: Reader): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return iso
  const time = format(reader, { hour: '2-digit', minute: '2-digit' }).format(at)
  if (day(reader, at) === day(reader, now)) return time
  return `${dateOnly(at, now, reader)} ${time}`
}

function dateOnly(at: number, now: number, reader: Reader): string {
  const sameYear = year(reader, at) === year(reader, now)
  const options: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric' }
  return format(reader, sameYear ? options : { ...options, year: 'numeric' }).format(at)
}

/** Everything, for tooltips: date, seconds and zone. */
export function fullTime(iso: string, reader: Reader): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return iso
  return `${format(reader, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)} ${reader.zone}`
}

/** What stands between two days of a chat. */
export function dayName(iso: string, now: number, reader: Reader): string {
  const at = Date.parse(iso)
  if (day(reader, at) === day(reader, now)) return reader.language === 'zh' ? '今天' : 'Today'
  if (day(reader, at) === day(reader, now - DAY)) return reader.language === 'zh' ? '昨天' : 'Yesterday'
  return dateOnly(at, now, reader)
}

export function sameDay(a: string, b: string, reader: Reader): boolean {
  return day(reader, Date.parse(a)) === day(reader, Date.parse(b))
}

const UNITS = {
  zh: { ms: '毫秒', s: '秒', m: '分', h: '小时', d: '天' },
  en: { ms: 'ms', s: 's', m: 'min', h: 'h', d: 'd' },
} as const

/** Two units at most: `1.8 s`, `41 s`, `2 min 5 s`, `3 h 12 min`, `4 d`. */
export function lasting(ms: number, language: Language): string {
  const unit = UNITS[language]
  const seconds = Math.floor(ms / 1000)
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ${unit.ms}`
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} ${unit.s}`
  if (seconds < 60) return `${seconds} ${unit.s}`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return pair(minutes, unit.m, minutes < 10 ? seconds % 60 : 0, unit.s)
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return pair(hours, unit.h, minutes % 60, unit.m)
  return pair(Math.floor(hours / 24), unit.d, hours < 240 ? hours % 24 : 0, unit.h)
}

function pair(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second > 0 ? `${first} ${firstUnit} ${second} ${secondUnit}` : `${first} ${firstUnit}`
}

/** `2 min ago`; ages under five seconds are `just now`. */
export function ago(iso: string, now: number, language: Language): string {
  const ms = now - Date.parse(iso)
  if (ms < 5000) return language === 'zh' ? '刚刚' : 'just now'
  const rough = roughly(ms, language)
  return language === 'zh' ? `${rough}前` : `${rough} ago`
}

/** One unit: ages are read at a glance. */
export function roughly(ms: number, language: Language): string {
  const unit = { ...UNITS[language], m: language === 'zh' ? '分钟' : 'min' }
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} ${unit.s}`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${unit.m}`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} ${unit.h}`
  return `${Math.floor(seconds / 86_400)} ${unit.d}`
}
