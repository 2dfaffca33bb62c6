import { describe, expect, it } from 'vitest'
import { daysUpTo, dueDay } from '../../../src/platform/digests/digest-time.ts'

const at = (text: string) => Date.parse(text)

describe('the day that is to be summed up', () => {
  it.each([
    ['before its hour there is none', '08:59', null],
    ['at its hour it is due', '09:00', '2026-11-27'],
    ['after a standstill it still is', '20:59', '2026-11-27'],
    ['after half a day it is not any more', '21:01', null],
  ])('%s', (_says, clock, date) => {
    expect(dueDay('09:00', 'Asia/Shanghai', at(`2026-11-27T${clock}:00+08:00`))?.date ?? null).toBe(date)
  })

  it('is still due past midnight where it is told late in the evening', () => {
    expect(dueDay('23:30', 'Asia/Shanghai', at('2026-11-28T00:10:00+08:00'))).toEqual({
      date: '2026-11-27',
      from: at('2026-11-26T23:30:00+08:00'),
      to: at('2026-11-27T23:30:00+08:00'),
    })
  })

  it.each([
    ['spring forward', '2027-03-14', 23],
    ['an ordinary day', '2027-03-15', 24],
    ['fall back', '2026-11-01', 25],
  ])('goes from one telling to the next: %s', (_says, date, hours) => {
    const day = dueDay('09:00', 'America/Chicago', at(`${date}T18:00:00Z`))

    expect(day?.date).toBe(date)
    expect(((day?.to ?? 0) - (day?.from ?? 0)) / 3_600_000).toBe(hours)
  })

  it('is one a day where the hour itself is skipped', () => {
    const found = [7, 8, 9, 10].map((hour) =>
      dueDay('02:30', 'America/Chicago', at(`2027-03-14T${String(hour).padStart(2, '0')}:45:00Z`)),
    )

    expect(found.map((day) => day?.date ?? null)).toEqual([null, '2027-03-14', '2027-03-14', '2027-03-14'])
  })

  it('counts days back over the end of a month', () => {
    expect(daysUpTo('2026-03-02', 4)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02'])
  })
})
