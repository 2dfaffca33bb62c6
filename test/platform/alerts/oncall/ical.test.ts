import { describe, expect, it } from 'vitest'
import { calendarOf, readCalendar } from '../../../../src/platform/alerts/oncall/ical.ts'

const at = (text: string) => Date.parse(text)
const SPAN = { from: at('2026-11-01T00:00:00Z'), to: at('2026-12-01T00:00:00Z') }

function calendar(...lines: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n')
}

function event(...lines: readonly string[]): readonly string[] {
  return ['BEGIN:VEVENT', 'UID:one', 'DTSTAMP:20261101T000000Z', ...lines, 'END:VEVENT']
}

const NEW_YORK = [
  ...['BEGIN:VTIMEZONE', 'TZID:America/New_York', 'BEGIN:DAYLIGHT', 'TZOFFSETFROM:-0500', 'TZOFFSETTO:-0400'],
  ...['DTSTART:20070311T020000', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU', 'END:DAYLIGHT', 'BEGIN:STANDARD'],
  ...['TZOFFSETFROM:-0400', 'TZOFFSETTO:-0500', 'DTSTART:20071104T020000'],
  ...['RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU', 'END:STANDARD', 'END:VTIMEZONE'],
]

describe('shifts out of a calendar', () => {
  it('takes the names from the title of an entry, whoever separates them how', () => {
    const read = readCalendar(
      calendar(...event('DTSTART:20261105T100000Z', 'DTEND:20261105T220000Z', 'SUMMARY:@lin、mei')),
      SPAN,
    )

    expect(read).toMatchObject({
      ok: true,
      value: [{ from: at('2026-11-05T10:00:00Z'), to: at('2026-11-05T22:00:00Z'), names: ['lin', 'mei'] }],
    })
  })

  it('repeats by the clock of the entry’s own zone, over a change of that clock', () => {
    const weekly = event(
      ...['DTSTART;TZID=America/New_York:20261026T090000', 'DTEND;TZID=America/New_York:20261026T170000'],
      ...['RRULE:FREQ=WEEKLY;COUNT=4', 'EXDATE;TZID=America/New_York:20261109T090000', 'SUMMARY:lin'],
    )

    const read = readCalendar(calendar(...NEW_YORK, ...weekly), { ...SPAN, from: at('2026-10-20T00:00:00Z') })

    // In October four hours behind UTC, in November five.
    expect(read.ok && read.value.map(({ from }) => new Date(from).toISOString())).toEqual([
      ...['2026-10-26T13:00:00.000Z', '2026-11-02T14:00:00.000Z', '2026-11-16T14:00:00.000Z'],
    ])
  })

  it('leaves out what lies outside of the span, and entries without a title', () => {
    const before = event('DTSTART:20261005T100000Z', 'DTEND:20261005T220000Z', 'SUMMARY:lin')
    const nameless = event('DTSTART:20261105T100000Z', 'DTEND:20261105T220000Z')

    expect(readCalendar(calendar(...before, ...nameless), SPAN)).toEqual({ ok: true, value: [] })
  })

  it.each([
    ['no calendar', 'hello'],
    ['nothing', ''],
    ['another component', 'BEGIN:VCARD\r\nEND:VCARD\r\n'],
  ])('refuses %s', (_says, text) => {
    expect(readCalendar(text, SPAN)).toEqual({ ok: false, why: 'not-a-calendar' })
  })

  it('refuses one with more shifts than anybody has', () => {
    const busy = event('DTSTART:20261101T000000Z', 'DURATION:PT1M', 'RRULE:FREQ=MINUTELY', 'SUMMARY:lin')

    expect(readCalendar(calendar(...busy), SPAN)).toEqual({ ok: false, why: 'too-many' })
  })

  it('does not go on for ever about one that began long ago', () => {
    const old = event('DTSTART:19000101T000000Z', 'DURATION:PT1M', 'RRULE:FREQ=SECONDLY', 'SUMMARY:lin')

    expect(readCalendar(calendar(...old), SPAN)).toEqual({ ok: true, value: [] })
  })
})

describe('a schedule as a calendar', () => {
  const shifts = [
    {
      from: at('2026-11-05T10:00:00Z'),
      to: at('2026-11-06T10:00:00Z'),
      members: ['lin', 'mei'],
      source: 'layer 1',
    },
    { from: at('2026-11-06T10:00:00Z'), to: at('2026-11-07T10:00:00Z'), members: [], source: 'gap' },
  ]

  it('can be read again, gaps left out', () => {
    const text = calendarOf({ name: 'data-primary', title: 'data-primary · data' }, shifts, SPAN.from)

    expect(text).toContain('X-WR-CALNAME:data-primary · data\r\n')
    const read = readCalendar(text, SPAN)
    expect(read.ok && read.value.map(({ from, names }) => ({ from, names }))).toEqual([
      { from: shifts[0]?.from, names: ['lin', 'mei'] },
    ])
  })

  it('keeps the id of a shift, so that a reader does not show it twice', () => {
    const uids = (now: number) => calendarOf({ name: 'a', title: 'a' }, shifts, now).match(/UID:.*/g)

    expect(uids(0)).toEqual(uids(99_000))
  })
})
