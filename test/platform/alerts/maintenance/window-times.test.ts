import { describe, expect, it } from 'vitest'
import { nextWindow, type WindowTimes } from '../../../../src/platform/alerts/maintenance/window-times.ts'

const nightly: WindowTimes = { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '23:30', minutes: 120 }
const sunday: WindowTimes = { weekdays: ['sun'], from: '02:30', minutes: 60 }
const SHANGHAI = 'Asia/Shanghai'

function window(times: WindowTimes, zone: string, now: string): [string, string] {
  const { from, to } = nextWindow(times, zone, Date.parse(now))
  return [new Date(from).toISOString(), new Date(to).toISOString()]
}

describe('a window that comes again', () => {
  it.each([
    ['before it', '2026-11-27T20:00:00+08:00', '2026-11-27T15:30:00.000Z'],
    ['in it, after midnight', '2026-11-28T01:00:00+08:00', '2026-11-27T15:30:00.000Z'],
    ['right at its end the next one counts', '2026-11-28T01:30:00+08:00', '2026-11-30T15:30:00.000Z'],
    ['over the weekend', '2026-11-29T12:00:00+08:00', '2026-11-30T15:30:00.000Z'],
  ])('%s', (_says, now, from) => {
    expect(window(nightly, SHANGHAI, now)[0]).toBe(from)
  })

  it('is as long as it says on the night when the clock is put forward, and begins when it would have', () => {
    expect(window(sunday, 'America/Chicago', '2027-03-13T12:00:00Z')).toEqual([
      ...['2027-03-14T08:30:00.000Z', '2027-03-14T09:30:00.000Z'],
    ])
  })

  it('comes once on the night when its time comes twice', () => {
    const first = window(sunday, 'America/Chicago', '2026-10-31T12:00:00Z')

    expect(window(sunday, 'America/Chicago', first[1])[0]).toBe('2026-11-08T08:30:00.000Z')
  })
})
