import { describe, expect, it } from 'vitest'
import { parseRouting } from '../../src/platform/alerts/routing/config.ts'
import { isWithin } from '../../src/platform/alerts/routing/intervals.ts'

/** An interval as an alertmanager.yml has it, an instant, and whether it holds then. */
const ROWS: readonly [interval: string, at: string, holds: boolean][] = [
  ['{}', '2026-01-01T00:00:00Z', true],
  ["{ times: [{ start_time: '09:00', end_time: '17:00' }] }", '2026-01-01T09:00:00Z', true],
  ["{ times: [{ start_time: '09:00', end_time: '17:00' }] }", '2026-01-01T16:59:59Z', true],
  ["{ times: [{ start_time: '09:00', end_time: '17:00' }] }", '2026-01-01T17:00:00Z', false],
  ["{ times: [{ start_time: '00:00', end_time: '24:00' }] }", '2026-01-01T23:59:59Z', true],
  ["{ weekdays: ['monday:friday'] }", '2026-01-02T12:00:00Z', true],
  ["{ weekdays: ['monday:friday'] }", '2026-01-03T12:00:00Z', false],
  ["{ weekdays: ['saturday', 'sunday'] }", '2026-01-04T12:00:00Z', true],
  ["{ weekdays: ['sunday:tuesday'] }", '2026-01-05T12:00:00Z', true],
  ["{ days_of_month: ['1:5'] }", '2026-01-05T12:00:00Z', true],
  ["{ days_of_month: ['1:5'] }", '2026-01-06T12:00:00Z', false],
  ["{ days_of_month: ['-1'] }", '2026-01-31T12:00:00Z', true],
  ["{ days_of_month: ['-1'] }", '2026-02-28T12:00:00Z', true],
  ["{ days_of_month: ['-1'] }", '2028-02-28T12:00:00Z', false],
  ["{ days_of_month: ['-3:-1'] }", '2026-04-28T12:00:00Z', true],
  ["{ days_of_month: ['-3:-1'] }", '2026-04-27T12:00:00Z', false],
  ["{ days_of_month: ['1:-1'] }", '2026-02-28T12:00:00Z', true],
  ["{ days_of_month: ['30:31'] }", '2026-02-28T12:00:00Z', false],
  ["{ days_of_month: ['28:31'] }", '2026-02-28T12:00:00Z', true],
  ["{ months: ['january:march'] }", '2026-03-31T12:00:00Z', true],
  ["{ months: ['1:3'] }", '2026-04-01T12:00:00Z', false],
  ["{ months: ['december'] }", '2026-12-01T12:00:00Z', true],
  ["{ years: ['2026:2027'] }", '2027-12-31T12:00:00Z', true],
  ["{ years: ['2026'] }", '2027-01-01T12:00:00Z', false],
  [
    "{ weekdays: ['monday'], times: [{ start_time: '09:00', end_time: '10:00' }] }",
    '2026-01-05T09:30:00Z',
    true,
  ],
  [
    "{ weekdays: ['monday'], times: [{ start_time: '09:00', end_time: '10:00' }] }",
    '2026-01-06T09:30:00Z',
    false,
  ],
  [
    "{ location: 'Asia/Shanghai', times: [{ start_time: '09:00', end_time: '10:00' }] }",
    '2026-01-05T01:30:00Z',
    true,
  ],
  ["{ location: 'Asia/Shanghai', weekdays: ['tuesday'] }", '2026-01-05T16:00:00Z', true],
  [
    "{ location: 'Asia/Kolkata', times: [{ start_time: '09:30', end_time: '10:00' }] }",
    '2026-01-05T04:00:00Z',
    true,
  ],
  [
    "{ location: 'Asia/Kathmandu', times: [{ start_time: '09:45', end_time: '10:00' }] }",
    '2026-01-05T04:00:00Z',
    true,
  ],
  // The clock goes forward in Chicago on 8 March 2026 and back on 1 November.
  [
    "{ location: 'America/Chicago', times: [{ start_time: '09:00', end_time: '10:00' }] }",
    '2026-03-07T15:30:00Z',
    true,
  ],
  [
    "{ location: 'America/Chicago', times: [{ start_time: '09:00', end_time: '10:00' }] }",
    '2026-03-08T15:30:00Z',
    false,
  ],
  [
    "{ location: 'America/Chicago', times: [{ start_time: '09:00', end_time: '10:00' }] }",
    '2026-03-08T14:30:00Z',
    true,
  ],
  [
    "{ location: 'America/Chicago', times: [{ start_time: '02:00', end_time: '03:00' }] }",
    '2026-03-08T08:30:00Z',
    false,
  ],
  [
    "{ location: 'America/Chicago', times: [{ start_time: '01:00', end_time: '02:00' }] }",
    '2026-11-01T06:30:00Z',
    true,
  ],
  [
    "{ location: 'America/Chicago', times: [{ start_time: '01:00', end_time: '02:00' }] }",
    '2026-11-01T07:30:00Z',
    true,
  ],
  ["{ location: 'Australia/Sydney', weekdays: ['sunday'] }", '2026-04-05T12:00:00Z', true],
  [
    "{ location: 'Australia/Lord_Howe', times: [{ start_time: '09:00', end_time: '09:30' }] }",
    '2026-04-05T22:40:00Z',
    true,
  ],
  ["{ location: 'Pacific/Apia', weekdays: ['monday'] }", '2026-01-04T12:00:00Z', true],
  ["{ location: 'America/New_York', months: ['january'] }", '2026-02-01T04:00:00Z', true],
]

describe('a time interval, as Alertmanager means it', () => {
  it.each(ROWS)('%s at %s: %s', (interval, at, holds) => {
    const parsed = parseRouting(`
route: { receiver: x }
receivers: [{ name: x }]
time_intervals: [{ name: it, time_intervals: [${interval}] }]`)

    expect(parsed.ok && isWithin(parsed.value.intervals.it ?? [], Date.parse(at))).toBe(holds)
  })

  it('several of one name: any of them', () => {
    const parsed = parseRouting(`
route: { receiver: x }
receivers: [{ name: x }]
time_intervals: [{ name: it, time_intervals: [{ years: ['2001'] }, { years: ['2026'] }] }]`)

    expect(parsed.ok && isWithin(parsed.value.intervals.it ?? [], Date.parse('2026-05-01T00:00:00Z'))).toBe(
      true,
    )
  })
})
