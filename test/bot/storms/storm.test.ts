import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  admit,
  CALM,
  countBy,
  ended,
  type Folded,
  isOver,
  STORM_RULES,
  type Storm,
  without,
} from '../../../src/bot/storms/storm.ts'

const rules = STORM_RULES
const SECOND = 1_000
const one = (n: number, more: Partial<Folded> = {}): Folded => ({
  ...{
    incidentId: `inc_${n}`,
    tier: 'P1',
    cluster: n % 3 === 0 ? 'yarn' : 'local',
    team: 'data',
    name: `job-${n}`,
  },
  ...more,
})

/** One incident every so many ms; what became of each. */
function told(
  count: number,
  everyMs: number,
  of: (n: number) => Folded = one,
): { storm: Storm; shown: number[] } {
  let storm: Storm = CALM
  const shown: number[] = []
  for (let n = 0; n < count; n++) {
    const admitted = admit(storm, of(n), { now: n * everyMs, rules })
    storm = admitted.storm
    if (admitted.show) shown.push(n)
  }
  return { storm, shown }
}

describe('a storm', () => {
  it('begins with the first card beyond what a minute holds', () => {
    const { storm, shown } = told(40, 100)

    expect(shown).toHaveLength(rules.perMinute)
    expect(storm).toMatchObject({ since: rules.perMinute * 100, number: 1 })
    expect(storm.folded).toHaveLength(40 - rules.perMinute)
  })

  it('does not begin while they come slowly', () => {
    expect(told(60, 6 * SECOND).shown).toHaveLength(60)
  })

  it('never delays the first P0 of a service, and folds its second', () => {
    const p0 = (n: number) => one(n, { tier: 'P0', name: n % 2 === 0 ? 'orders' : 'users' })
    const { shown, storm } = told(40, 100, (n) => (n < rules.perMinute ? one(n) : p0(n)))

    expect(shown.filter((n) => n >= rules.perMinute)).toEqual([12, 13])
    expect(storm.services).toEqual(['orders', 'users'])
  })

  it('folds an incident once, however often it is told', () => {
    const { storm } = told(20, 100)
    const again = admit(storm, one(19), { now: 3 * SECOND, rules })
    const worse = admit(storm, one(19, { tier: 'P0' }), { now: 3 * SECOND, rules })

    expect(again).toEqual({ storm, show: false })
    expect(worse.storm.folded.filter(({ incidentId }) => incidentId === 'inc_19')).toMatchObject([
      { tier: 'P0' },
    ])
  })

  it('is over when few come for a while, and the next one is another', () => {
    const { storm } = told(40, 100)

    expect(isOver(storm, { now: 60 * SECOND, rules })).toBe(false)
    expect(isOver(storm, { now: 130 * SECOND, rules })).toBe(true)
    const next = told(14, 10).storm
    expect(admit({ ...ended(storm), recent: next.recent }, one(99), { now: 150, rules }).storm.number).toBe(2)
  })

  it('counts by cluster and team, the largest first, without those that are over', () => {
    const { storm } = told(40, 100)
    const left = without(storm, new Set(['inc_12', 'inc_15']))

    expect(countBy(storm.folded, 'cluster')).toEqual([
      ['local', 18],
      ['yarn', 10],
    ])
    expect(countBy(left.folded, 'cluster')).toEqual([
      ['local', 18],
      ['yarn', 8],
    ])
    expect(without(storm, new Set(['none']))).toBe(storm)
  })

  it('every incident is shown or stands in the storm: none is lost', () => {
    const gaps = fc.array(
      fc.tuple(fc.nat(20_000), fc.constantFrom('P0' as const, 'P1' as const, 'P2' as const)),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(gaps, (steps) => {
        let [storm, now]: [Storm, number] = [CALM, 0]
        for (const [n, [gap, tier]] of steps.entries()) {
          now += gap
          const admitted = admit(storm, one(n, { tier }), { now, rules })
          storm = admitted.storm

          expect(admitted.show).not.toBe(storm.folded.some(({ incidentId }) => incidentId === `inc_${n}`))
        }
      }),
    )
  })
})
