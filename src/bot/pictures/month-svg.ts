import type { Instant } from '../../lib/clock.ts'
import { instantIn, wallClock } from '../../lib/wall-clock.ts'
import type { Shift } from '../../platform/platform.ts'
import { label, svgOf } from './svg.ts'

export interface Month {
  /** `2026-11` */
  month: string
  zone: string
  shifts: readonly Shift[]
  title: string
  /** From Monday on. */
  weekdays: readonly string[]
  nobody: string
  /** What people are called, by their short names. */
  nameOf(member: string): string
  /** Today, where it is in the month. */
  today: string | null
}

const DAY_MS = 86_400_000
const MARGIN = 16
const CELL = { width: 100, height: 74 }
const TOP = { title: 40, weekdays: 24 }
const BAR = { y: 30, height: 30 }
const WIDTH = 2 * MARGIN + 7 * CELL.width
/** Told apart in grey as well, by their order in lightness. */
const COLORS = [
  '#2b6cb0',
  '#c05621',
  '#2f855a',
  '#6b46c1',
  '#b83280',
  '#2c7a7b',
  '#975a16',
  '#4a5568',
] as const
const GAP_COLOR = '#c53030'

/** From when until when its shifts are needed: the whole weeks that the month lies in. */
export function monthSpan(
  month: string,
  zone: string,
): { from: Instant; to: Instant; days: readonly string[] } {
  const days = daysShown(month)
  const from = instantIn(`${days[0]}T00:00`, zone) ?? 0
  const to = instantIn(`${dayAfter(days.at(-1) ?? '')}T00:00`, zone) ?? 0
  return { from, to, days }
}

/** A calendar of a month, a row per week, with a bar per shift: where it begins within a day can be seen. */
export function monthSvg(month: Month): string {
  const { days } = monthSpan(month.month, month.zone)
  const weeks = chunks(days, 7)
  const height = MARGIN + TOP.title + TOP.weekdays + weeks.length * CELL.height + MARGIN
  return svgOf({ width: WIDTH, height }, [
    label(month.title, { x: MARGIN, y: MARGIN + 18, size: 18, fill: '#1a202c' }),
    ...month.weekdays.map((name, at) =>
      label(name, { x: leftOf(at) + 6, y: MARGIN + TOP.title + 10, size: 12, fill: '#718096' }),
    ),
    ...weeks.flatMap((week, row) => weekParts(week, { month, row })),
  ])
}

function weekParts(
  week: readonly string[],
  { month, row }: { month: Month; row: number },
): readonly string[] {
  const top = MARGIN + TOP.title + TOP.weekdays + row * CELL.height
  const cells = week.map((date, at) => cell(date, { x: leftOf(at), y: top, month }))
  return [...cells, ...month.shifts.flatMap((shift) => bar(shift, { week, top, month }))]
}

function cell(date: string, { x, y, month }: { x: number; y: number; month: Month }): string {
  const isOwn = date.startsWith(month.month)
  const isToday = date === month.today
  const fill = isToday ? '#ebf8ff' : isOwn ? '#ffffff' : '#f7fafc'
  const day = String(Number(date.slice(8)))
  return (
    `<rect x="${x}" y="${y}" width="${CELL.width}" height="${CELL.height}" fill="${fill}" stroke="#e2e8f0"/>` +
    label(day, { x: x + 6, y: y + 20, size: 13, fill: isOwn ? '#2d3748' : '#a0aec0' })
  )
}

/** The part of a shift that lies in a week, and who has it, where there is room to say so. */
function bar(
  shift: Shift,
  { week, top, month }: { week: readonly string[]; top: number; month: Month },
): readonly string[] {
  const [from, to] = [placeIn(week, shift.from, month.zone), placeIn(week, shift.to, month.zone)]
  if (to <= 0 || from >= 7 || to <= from) return []
  const [start, end] = [Math.max(0, from), Math.min(7, to)]
  const x = leftOf(0) + start * CELL.width + 1
  const width = Math.max(2, (end - start) * CELL.width - 2)
  const names = shift.members.map(month.nameOf).join(', ') || month.nobody
  const color = shift.members.length === 0 ? GAP_COLOR : colorOf(shift, month)
  const dashed =
    shift.source === 'override' ? ' stroke="#1a202c" stroke-width="2" stroke-dasharray="4 3"' : ''
  const y = top + BAR.y
  return [
    `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR.height}" rx="5" fill="${color}"${dashed}/>`,
    label(cut(names, width - 12), { x: x + 7, y: y + 20, size: 13, fill: '#ffffff' }),
  ]
}

/** In days of the week from its Monday on, by the clock on the wall; outside of it below 0 or 7 and more. */
function placeIn(week: readonly string[], at: Instant, zone: string): number {
  const { date, minute } = wallClock(at, zone)
  const days = (Date.parse(date) - Date.parse(week[0] ?? date)) / DAY_MS
  return days + minute / 1440
}

function leftOf(column: number): number {
  return MARGIN + column * CELL.width
}

/** By their place among all who are on call in the picture, so that neighbours differ. */
function colorOf({ members }: Shift, { shifts }: Month): string {
  const everybody = [...new Set(shifts.map((each) => each.members.join()))].filter(Boolean).sort()
  return COLORS[everybody.indexOf(members.join()) % COLORS.length] ?? COLORS[0]
}

/** A Chinese sign is about as wide as it is high, a Latin letter little more than half. */
function cut(text: string, width: number): string {
  let left = width
  let kept = ''
  for (const sign of text) {
    left -= (sign.codePointAt(0) ?? 0) > 0x2e80 ? 13 : 7.6
    if (left < 0) return kept.length > 1 ? `${kept.slice(0, -1)}…` : ''
    kept += sign
  }
  return kept
}

// --- days -------------------------------------------------------------------------------------------------------------

function daysShown(month: string): readonly string[] {
  const first = Date.parse(`${month}-01`)
  const monday = first - ((new Date(first).getUTCDay() + 6) % 7) * DAY_MS
  const days: string[] = []
  for (
    let at = monday;
    days.length % 7 !== 0 || days.length === 0 || dateOf(at).slice(0, 7) <= month;
    at += DAY_MS
  )
    days.push(dateOf(at))
  return days
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function dayAfter(date: string): string {
  return dateOf(Date.parse(date) + DAY_MS)
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...chunks(items.slice(size), size)]
}
