import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Layer, Rotation } from '../../src/platform/alerts/oncall/schedule.ts'
import { type Changes, type Shift, shiftsOf } from '../../src/platform/alerts/oncall/shifts.ts'
import { createTurns } from '../../src/platform/alerts/oncall/turns.ts'
import { OVERRIDES, ROTATIONS } from './rotations.ts'

const NOTHING: Changes = { overrides: [], timeOff: [] }
const DAY = 86_400_000

function rotation(more: Partial<Rotation> = {}): Rotation {
  const base = { unit: 'day', every: 1, starts: '2025-06-02T00:00', until: null, weekdays: null } as const
  return { ...base, participants: [['lin'], ['mei']], ...more }
}
const layer = (more: Partial<Rotation> = {}, priority = 1): Layer => ({ priority, rotation: rotation(more) })
const at = (text: string) => Date.parse(text)

describe('a rotation hands over by the clock on the wall', () => {
  it.each(ROTATIONS)('$says', ({ zone, unit, every, starts, from, handoffs }) => {
    const turns = createTurns(rotation({ unit, every, starts }), zone)
    const found: string[] = []
    let begin = turns.at(at(from))?.from ?? Number.NaN
    if (begin < at(from)) begin = turns.at(at(from))?.to ?? Number.NaN
    for (let n = 0; n < handoffs.length; n++) {
      found.push(new Date(begin).toISOString().replace('.000Z', 'Z'))
      begin = turns.at(begin)?.to ?? Number.NaN
    }

    expect(found).toEqual(handoffs)
  })
})

describe('overrides', () => {
  const day = '2025-06-02'
  const instant = (time: string) => at(`${day}T${time}:00Z`)

  it.each(OVERRIDES)('$says', ({ overrides, shifts }) => {
    const made = overrides.map((each, n) => ({
      ...{ kind: each.kind, member: each.member, instead: each.instead ?? null, createdAt: n },
      ...{ from: instant(each.from), to: instant(each.to) },
    }))
    const seen = shiftsOf(
      { zone: 'UTC', layers: [layer()] },
      { overrides: made, timeOff: [] },
      { from: instant('00:00'), to: instant('00:00') + DAY },
    )

    expect(
      seen.map(
        ({ from, members, source }) =>
          `${new Date(from).toISOString().slice(11, 16)} ${members.join('+')} ${source}`,
      ),
    ).toEqual(shifts)
  })
})

describe('a schedule', () => {
  const week = { from: at('2025-06-02T00:00:00Z'), to: at('2025-06-09T00:00:00Z') }
  const told = (shifts: readonly Shift[]) =>
    shifts.map(
      ({ from, members, source }) =>
        `${new Date(from).toISOString().slice(5, 13)} ${members.join('+')} ${source}`,
    )

  it('has the larger priority on top, and the next one below where that is silent', () => {
    const top = layer({ participants: [['wei']], weekdays: ['sat', 'sun'] }, 2)
    const shifts = shiftsOf({ zone: 'UTC', layers: [layer({ participants: [['lin']] }), top] }, NOTHING, week)

    expect(told(shifts)).toEqual(['06-02T00 lin layer 1', '06-07T00 wei layer 2'])
  })

  it('says a gap where nobody is on call', () => {
    const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
    const shifts = shiftsOf(
      { zone: 'UTC', layers: [layer({ participants: [['lin']], weekdays: [...weekdays] })] },
      NOTHING,
      week,
    )

    expect(told(shifts)).toEqual(['06-02T00 lin layer 1', '06-07T00  gap'])
  })

  it('goes on counting turns over days on which it is silent', () => {
    const shifts = shiftsOf(
      { zone: 'UTC', layers: [layer({ weekdays: ['mon', 'wed', 'thu'] })] },
      NOTHING,
      week,
    )

    expect(told(shifts)).toEqual([
      ...[
        '06-02T00 lin layer 1',
        '06-03T00  gap',
        '06-04T00 lin layer 1',
        '06-05T00 mei layer 1',
        '06-06T00  gap',
      ],
    ])
  })

  it('is silent before it starts and from its end on', () => {
    const own = { participants: [['lin']], starts: '2025-06-03T12:00', until: '2025-06-04T12:00' }

    expect(told(shiftsOf({ zone: 'UTC', layers: [layer(own)] }, NOTHING, week))).toEqual([
      ...['06-02T00  gap', '06-03T12 lin layer 1', '06-04T12  gap'],
    ])
  })

  it('leaves out who is away, and lets the layer below through where nobody of a group is left', () => {
    const layers = [layer({ participants: [['mei']] }), layer({ participants: [['lin', 'wei']] }, 2)]
    const off = (member: string, from: number, to: number) => ({
      member,
      from: week.from + from * DAY,
      to: week.from + to * DAY,
    })
    const timeOff = [off('lin', 1, 3), off('wei', 2, 4)]

    expect(told(shiftsOf({ zone: 'UTC', layers }, { overrides: [], timeOff }, week))).toEqual([
      ...['06-02T00 lin+wei layer 2', '06-03T00 wei layer 2', '06-04T00 mei layer 1', '06-05T00 lin layer 2'],
      '06-06T00 lin+wei layer 2',
    ])
  })

  it('is on call on workdays of a calendar with its adjusted ones, and not on its holidays', () => {
    const calendar = { name: 'china', holidays: new Set(['2025-06-02']), workdays: new Set(['2025-06-07']) }
    const layers: Layer[] = [
      { ...layer({ participants: [['lin']] }), calendar: { name: 'china', on: 'workdays' } },
    ]

    expect(told(shiftsOf({ zone: 'UTC', layers }, { ...NOTHING, calendars: [calendar] }, week))).toEqual([
      ...['06-02T00  gap', '06-03T00 lin layer 1', '06-08T00  gap'],
    ])
  })
})

// --- always -----------------------------------------------------------------------------------------------------------

const zones = fc.constantFrom(
  'America/Chicago',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Shanghai',
  'Europe/Berlin',
)
const member = fc.constantFrom('lin', 'mei', 'wei', 'ada')
const anyRotation = fc.record({
  unit: fc.constantFrom('hour', 'day', 'week', 'month'),
  every: fc.integer({ min: 1, max: 5 }),
  starts: fc
    .integer({ min: 0, max: 700 })
    .map((day) => `${new Date(at('2024-01-01') + day * DAY).toISOString().slice(0, 10)}T0${day % 10}:30`),
  until: fc.constant(null),
  weekdays: fc.option(fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'sat', 'sun'), { minLength: 1 })),
  participants: fc.array(fc.uniqueArray(member, { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 4,
  }),
}) as fc.Arbitrary<Rotation>
const anyLayers = fc
  .array(anyRotation, { minLength: 1, maxLength: 3 })
  .map((rotations) => rotations.map((each, n): Layer => ({ priority: n, rotation: each })))
const anySpan = fc
  .tuple(fc.integer({ min: 0, max: 800 }), fc.integer({ min: 1, max: 40 }))
  .map(([day, days]) => {
    const from = at('2024-01-01') + day * DAY
    return { from, to: from + days * DAY }
  })
const anyOverrides = fc.array(
  fc.record({
    kind: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
    from: fc.integer({ min: at('2024-01-01'), max: at('2026-03-01') }),
    length: fc.integer({ min: 1, max: 5 * DAY }),
    member,
    instead: fc.option(member),
    createdAt: fc.nat(),
  }),
  { maxLength: 4 },
)

describe('always', () => {
  it('shifts cover the span without holes and without overlap, and agree with those of any part of it', () => {
    fc.assert(
      fc.property(
        zones,
        anyLayers,
        anySpan,
        anyOverrides,
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (zone, layers, span, drafts, share) => {
          const overrides = drafts.map(({ length, ...each }) => ({ ...each, to: each.from + length }))
          const changes = { overrides, timeOff: [] }
          const whole = shiftsOf({ zone, layers }, changes, span)

          expect(whole[0]?.from).toBe(span.from)
          expect(whole.at(-1)?.to).toBe(span.to)
          for (const [n, shift] of whole.entries()) if (n > 0) expect(shift.from).toBe(whole[n - 1]?.to)

          const middle = Math.round(span.from + (span.to - span.from) * share)
          const [first] = shiftsOf({ zone, layers }, changes, { from: middle, to: span.to })
          const same = whole.find(({ from, to }) => from <= middle && middle < to)
          expect([first?.members, first?.source, first?.to]).toEqual([same?.members, same?.source, same?.to])
        },
      ),
      { numRuns: 150 },
    )
  })

  it('who is on call is exactly the top layer that has somebody', () => {
    fc.assert(
      fc.property(zones, anyLayers, anySpan, (zone, layers, span) => {
        const all = shiftsOf({ zone, layers }, NOTHING, span)
        for (const { from, to, members } of all) {
          const alone = layers
            .toSorted((a, b) => b.priority - a.priority)
            .map((each) => shiftsOf({ zone, layers: [each] }, NOTHING, { from, to })[0]?.members ?? [])
          expect(members).toEqual(alone.find((each) => each.length > 0) ?? [])
        }
      }),
      { numRuns: 100 },
    )
  })
})
