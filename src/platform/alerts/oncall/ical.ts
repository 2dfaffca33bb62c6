import { createHash } from 'node:crypto'
import ICAL from 'ical.js'
import type { Instant } from '../../../lib/clock.ts'
import type { Shift, Span } from './shifts.ts'

/** RFC 5545: what calendars on phones and desktops subscribe to. */
export function calendarOf(
  schedule: { name: string; title: string },
  shifts: readonly Shift[],
  now: Instant,
): string {
  const calendar = new ICAL.Component('vcalendar')
  calendar.updatePropertyWithValue('version', '2.0')
  calendar.updatePropertyWithValue('prodid', '-//Sluice//On call//EN')
  calendar.updatePropertyWithValue('x-wr-calname', schedule.title)
  for (const shift of shifts) {
    if (shift.members.length > 0) calendar.addSubcomponent(eventOf(schedule.name, shift, now))
  }
  // Without the last line's end some readers drop it.
  return `${calendar.toString()}\r\n`
}

function eventOf(schedule: string, { from, to, members }: Shift, now: Instant): ICAL.Component {
  const event = new ICAL.Component('vevent')
  const names = members.join(', ')
  // The same shift keeps its id, so that a reader changes its entry instead of making another.
  event.updatePropertyWithValue('uid', `${digestOf(schedule, String(from), names)}@sluice`)
  event.updatePropertyWithValue('dtstamp', timeOf(now))
  event.updatePropertyWithValue('dtstart', timeOf(from))
  event.updatePropertyWithValue('dtend', timeOf(to))
  event.updatePropertyWithValue('summary', names)
  return event
}

function timeOf(at: Instant): ICAL.Time {
  return ICAL.Time.fromJSDate(new Date(at), true)
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 20)
}

export interface CalendarShift extends Span {
  /** The same for the same shift of the same calendar. */
  id: string
  /** Names in its title, as they stand there. */
  names: readonly string[]
}

export type ReadCalendar =
  | { ok: true; value: readonly CalendarShift[] }
  | { ok: false; why: 'not-a-calendar' | 'too-many' }

const MOST_SHIFTS = 2_000

/** Shifts that a calendar names within a span, repeated ones included; the title of an entry is who is on call. */
export function readCalendar(text: string, span: Span): ReadCalendar {
  let calendar: ICAL.Component
  try {
    calendar = new ICAL.Component(ICAL.parse(text))
    if (calendar.name !== 'vcalendar') return { ok: false, why: 'not-a-calendar' }
    for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
    const shifts: CalendarShift[] = []
    for (const event of calendar.getAllSubcomponents('vevent')) {
      for (const shift of shiftsOf(new ICAL.Event(event), span)) {
        shifts.push(shift)
        if (shifts.length > MOST_SHIFTS) return { ok: false, why: 'too-many' }
      }
    }
    return { ok: true, value: shifts.toSorted((a, b) => a.from - b.from) }
  } catch {
    return { ok: false, why: 'not-a-calendar' }
  } finally {
    ICAL.TimezoneService.reset()
  }
}

/** An entry that begins long ago and repeats every minute must not hold us up. */
const MOST_STEPS = 20_000

function* shiftsOf(event: ICAL.Event, span: Span): Generator<CalendarShift> {
  // An entry without a title has null here, whatever the types say.
  const title: string | null = event.summary
  const names = (title ?? '')
    .split(/[,，、;；&/]|\band\b|和/)
    .map((name) => name.trim().replace(/^@/, ''))
    .filter((name) => name !== '')
  if (names.length === 0) return
  if (!event.isRecurring()) {
    const from = event.startDate.toJSDate().getTime()
    yield* within({ from, to: event.endDate.toJSDate().getTime() }, { event, names, span })
    return
  }
  const lasting = event.duration.toSeconds() * 1000
  const times = event.iterator()
  for (let steps = 0, time = times.next(); time && steps < MOST_STEPS; steps++, time = times.next()) {
    const from = time.toJSDate().getTime()
    if (from >= span.to) return
    yield* within({ from, to: from + lasting }, { event, names, span })
  }
}

function* within(
  { from, to }: Span,
  { event, names, span }: { event: ICAL.Event; names: readonly string[]; span: Span },
): Generator<CalendarShift> {
  if (!(to > from) || to <= span.from || from >= span.to) return
  yield { id: digestOf(event.uid, String(from)), from, to, names }
}
