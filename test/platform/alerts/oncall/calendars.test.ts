import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCalendars } from '../../../../src/platform/alerts/oncall/calendars.file.ts'
import { calendarsOf, lastYearOf } from '../../../../src/platform/alerts/oncall/calendars.ts'
import type { Layer } from '../../../../src/platform/alerts/oncall/schedule.ts'
import { shiftsOf } from '../../../../src/platform/alerts/oncall/shifts.ts'

const [china] = calendarsOf()

describe('the calendar of China', () => {
  it.each([
    ['the eve of the New Year holidays, a Saturday', '2026-02-14', 'workday'],
    ['the first day of Spring Festival leave', '2026-02-15', 'holiday'],
    ['its last', '2026-02-23', 'holiday'],
    ['the day after', '2026-02-24', null],
    ['a worked Saturday behind it', '2026-02-28', 'workday'],
    ['National Day', '2026-10-01', 'holiday'],
    ['National Day of the year before, with Mid-Autumn', '2025-10-08', 'holiday'],
    ['a worked Saturday of October', '2026-10-10', 'workday'],
  ])('knows %s', (_says, date, is) => {
    expect(china?.holidays.has(date)).toBe(is === 'holiday')
    expect(china?.workdays.has(date)).toBe(is === 'workday')
  })

  it('works on weekends only what it names, and rests on no day twice', () => {
    for (const date of china?.workdays ?? []) expect([0, 6]).toContain(new Date(date).getUTCDay())
    for (const date of china?.workdays ?? []) expect(china?.holidays.has(date)).toBe(false)
    expect(china && lastYearOf(china)).toBe(2026)
  })

  it('puts one person on workdays and another on days off', () => {
    const layer = (member: string, on: 'workdays' | 'holidays'): Layer => ({
      priority: 1,
      calendar: { name: 'china', on },
      rotation: {
        ...{ unit: 'day', every: 1, starts: '2026-01-01T00:00', until: null, weekdays: null },
        participants: [[member]],
      },
    })
    const layers = [layer('lin', 'workdays'), layer('mei', 'holidays')]
    const day = (text: string) => Date.parse(`${text}T00:00:00+08:00`)

    const shifts = shiftsOf(
      { zone: 'Asia/Shanghai', layers },
      { overrides: [], timeOff: [], calendars: calendarsOf() },
      { from: day('2026-10-07'), to: day('2026-10-13') },
    )

    expect(
      shifts.map(({ from, members }) => [
        new Date(from + 8 * 3_600_000).toISOString().slice(0, 10),
        ...members,
      ]),
    ).toEqual([
      ['2026-10-07', 'mei'],
      ['2026-10-08', 'lin'],
      // The Saturday is worked, the Sunday is not.
      ['2026-10-11', 'mei'],
      ['2026-10-12', 'lin'],
    ])
  })
})

describe('calendars of an installation', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-calendars-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('add days to one we ship, and bring their own', async () => {
    await writeFile(join(directory, 'china.json'), '{"name":"china","holidays":["2027-02-05/2027-02-07"]}')
    await writeFile(join(directory, 'us.json'), '{"name":"us","holidays":["2026-11-26"]}')

    const all = calendarsOf(await readCalendars(directory))

    expect(all.map(({ name }) => name)).toEqual(['china', 'us'])
    expect(all[0]?.holidays.has('2027-02-06')).toBe(true)
    expect(all[0]?.holidays.has('2026-10-01')).toBe(true)
  })

  it('are none where there is no such folder', async () => {
    expect(await readCalendars(join(directory, 'nowhere'))).toEqual([])
  })

  it('are refused by name and place where they cannot be read', async () => {
    await writeFile(join(directory, 'us.json'), '{"name":"us","holidays":["26 Nov"]}')

    await expect(readCalendars(directory)).rejects.toThrow(
      /us\.json cannot be read:(.|\n)*a day such as 2027-01-01/,
    )
  })
})
