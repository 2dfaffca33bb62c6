import { Temporal } from 'temporal-polyfill'
import type { Instant } from '../../../lib/clock.ts'
import { WEEKDAYS } from '../../../lib/wall-clock.ts'
import type { DayCalendar, Layer, Override, ScheduleTimes, TimeOff } from './schedule.ts'
import { createTurns, instantOf } from './turns.ts'

export interface Span {
  from: Instant
  to: Instant
}

export interface Shift extends Span {
  /** By name. Empty: nobody is on call. */
  members: readonly string[]
  /** `layer 1` by its priority, `override`, or `gap`. */
  source: string
}

export interface Changes {
  overrides: readonly Override[]
  timeOff: readonly TimeOff[]
  calendars?: readonly DayCalendar[]
}

/**
 * Who is on call when, without holes: the layer with the largest priority that has somebody, and what overrides make of
 * it. Somebody who is away is left out of their group; a group of nobody lets the next layer through.
 */
export function shiftsOf(schedule: ScheduleTimes, changes: Changes, span: Span): readonly Shift[] {
  if (span.to <= span.from) return []
  const layers = schedule.layers
    .toSorted((a, b) => b.priority - a.priority)
    .map((layer) => ({ layer, spans: layerSpans(layer, { zone: schedule.zone, span, changes }) }))
  const edges = edgesOf(
    layers.flatMap(({ spans }) => spans),
    changes,
    span,
  )
  const shifts = edges.slice(0, -1).map((from, at): Shift => {
    const to = edges[at + 1] ?? span.to
    return { from, to, ...onDuty(layers, changes, from) }
  })
  return joined(shifts)
}

interface MemberSpan extends Span {
  members: readonly string[]
}

interface LayerSpans {
  layer: Layer
  spans: readonly MemberSpan[]
}

function onDuty(
  layers: readonly LayerSpans[],
  { overrides, timeOff }: Changes,
  at: Instant,
): Pick<Shift, 'members' | 'source'> {
  const away = new Set(timeOff.filter((off) => covers(off, at)).map(({ member }) => member))
  const base = topOf(layers, away, at)
  const now = overrides.filter((each) => covers(each, at)).toSorted((a, b) => a.createdAt - b.createdAt)
  const members = now.reduce((on, override) => changed(on, override), base.members)
  const present = members.filter((member) => !away.has(member))
  const source = sameMembers(present, base.members) ? base.source : 'override'
  return { members: present, source: present.length === 0 && source !== 'override' ? 'gap' : source }
}

function topOf(
  layers: readonly LayerSpans[],
  away: ReadonlySet<string>,
  at: Instant,
): Pick<Shift, 'members' | 'source'> {
  for (const { layer, spans } of layers) {
    const members = spanAt(spans, at)?.members.filter((member) => !away.has(member)) ?? []
    if (members.length > 0) return { members, source: `layer ${layer.priority}` }
  }
  return { members: [], source: 'gap' }
}

/** Spans of one layer stand in order. */
function spanAt(spans: readonly MemberSpan[], at: Instant): MemberSpan | null {
  let [low, high] = [0, spans.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const span = spans[middle]
    if (!span) return null
    if (at < span.from) high = middle - 1
    else if (at >= span.to) low = middle + 1
    else return span
  }
  return null
}

function changed(on: readonly string[], { kind, member, instead }: Override): readonly string[] {
  if (kind === 'add') return on.includes(member) ? on : [...on, member]
  if (kind === 'remove') return on.filter((each) => each !== member)
  if (instead === null) return [member]
  if (!on.includes(instead)) return on
  return [...new Set(on.map((each) => (each === instead ? member : each)))]
}

function covers({ from, to }: Span, at: Instant): boolean {
  return from <= at && at < to
}

function edgesOf(
  spans: readonly Span[],
  { overrides, timeOff }: Changes,
  { from, to }: Span,
): readonly Instant[] {
  const edges = new Set<Instant>([from, to])
  for (const span of [...spans, ...overrides, ...timeOff]) {
    if (span.from > from && span.from < to) edges.add(span.from)
    if (span.to > from && span.to < to) edges.add(span.to)
  }
  return [...edges].sort((a, b) => a - b)
}

function joined(shifts: readonly Shift[]): readonly Shift[] {
  const all: Shift[] = []
  for (const shift of shifts) {
    const last = all.at(-1)
    if (last && last.source === shift.source && sameMembers(last.members, shift.members)) {
      all[all.length - 1] = { ...last, to: shift.to }
    } else all.push(shift)
  }
  return all
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member, at) => member === b[at])
}

// --- one layer --------------------------------------------------------------------------------------------------------

interface LayerContext {
  zone: string
  span: Span
  changes: Changes
}

function layerSpans(layer: Layer, { zone, span, changes }: LayerContext): readonly MemberSpan[] {
  const { rotation } = layer
  const turns = createTurns(rotation, zone)
  const end = rotation.until === null ? span.to : Math.min(span.to, localInstant(rotation.until, zone))
  const spans: MemberSpan[] = []
  let at = Math.max(span.from, localInstant(rotation.starts, zone))
  while (at < end) {
    const turn = turns.at(at)
    if (!turn) break
    const members = rotation.participants[turn.index % rotation.participants.length] ?? []
    spans.push({ from: at, to: Math.min(turn.to, end), members })
    at = turn.to
  }
  const days = activeDays(layer, { zone, span, changes })
  return days === null ? spans : spans.flatMap((each) => within(each, days))
}

/** The parts of a span that fall on the days; both stand in order. */
function within(span: MemberSpan, days: readonly Span[]): readonly MemberSpan[] {
  return days
    .filter(({ from, to }) => from < span.to && to > span.from)
    .map(({ from, to }) => ({ ...span, from: Math.max(from, span.from), to: Math.min(to, span.to) }))
}

/** The local days on which the layer counts; null: all. */
function activeDays(
  { rotation: { weekdays }, calendar }: Layer,
  { zone, span, changes }: LayerContext,
): readonly Span[] | null {
  if (weekdays === null && !calendar) return null
  const days = changes.calendars?.find(({ name }) => name === calendar?.name) ?? null
  const active: Span[] = []
  const last = Temporal.Instant.fromEpochMilliseconds(span.to).toZonedDateTimeISO(zone).toPlainDate()
  let day = Temporal.Instant.fromEpochMilliseconds(span.from).toZonedDateTimeISO(zone).toPlainDate()
  for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    const isOn =
      (weekdays === null || weekdays.some((name) => WEEKDAYS.indexOf(name) + 1 === day.dayOfWeek)) &&
      (!calendar || isWorkday(day, days) === (calendar.on === 'workdays'))
    if (isOn) active.push({ from: startOf(day, zone), to: startOf(day.add({ days: 1 }), zone) })
  }
  return active
}

function isWorkday(day: Temporal.PlainDate, calendar: DayCalendar | null): boolean {
  const date = day.toString()
  if (calendar?.holidays.has(date)) return false
  return day.dayOfWeek <= 5 || (calendar?.workdays.has(date) ?? false)
}

function startOf(day: Temporal.PlainDate, zone: string): Instant {
  return instantOf(day.toPlainDateTime(), zone)
}

function localInstant(text: string, zone: string): Instant {
  return instantOf(Temporal.PlainDateTime.from(text), zone)
}
