import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Bucket, Pace } from '../../../src/bot/adapters/adapter.ts'
import { type Call, createPacing } from '../../../src/bot/delivery/pacing.ts'
import { NO_PACE } from '../../support/vendor.ts'

const LIN = { is: 'person', id: 'ou_lin' } as const
const MEI = { is: 'person', id: 'ou_mei' } as const
const ROOM = { is: 'chat', id: 'oc_1' } as const
const SECOND = 1_000

const call = (more: Partial<Call> = {}): Call => ({ receiver: LIN, message: null, urgent: false, ...more })
const pacing = (pace: Partial<Pace>) => createPacing({ ...NO_PACE, ...pace })

/** How many of the calls any stretch of this length holds at most. */
function most(times: readonly number[], ms: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length))
}

const bucket = fc.record({ count: fc.integer({ min: 1, max: 9 }), ms: fc.integer({ min: 10, max: 5_000 }) })
const buckets = fc.array(bucket, { maxLength: 2 })
const someCall = fc.record({
  receiver: fc.constantFrom(LIN, MEI, ROOM),
  message: fc.constantFrom(null, 'm1', 'm2'),
  urgent: fc.boolean(),
})
const steps = fc.array(fc.record({ call: someCall, wait: fc.nat({ max: 900 }) }), { maxLength: 150 })

describe('the pace', () => {
  it('is never exceeded in any stretch of time, whoever is called and whatever is urgent', () => {
    fc.assert(
      fc.property(buckets, buckets, buckets, buckets, steps, (app, chat, person, message, all) => {
        const kept = pacing({ app, chat, person, message })
        const made: { call: Call; at: number }[] = []
        let now = 1_000_000
        for (const { call: one, wait } of all) {
          now += wait
          if (kept.take(one, now).ms === 0) made.push({ call: one, at: now })
        }
        const keeps = (limits: readonly Bucket[], of: (one: Call) => boolean) => {
          const times = made.filter((each) => of(each.call)).map(({ at }) => at)
          for (const { count, ms } of limits) expect(most(times, ms)).toBeLessThanOrEqual(count)
        }
        keeps(app, () => true)
        for (const who of [LIN, MEI]) keeps(person, ({ receiver }) => receiver === who)
        keeps(chat, ({ receiver }) => receiver === ROOM)
        for (const which of ['m1', 'm2']) keeps(message, (one) => one.message === which)
      }),
      { numRuns: 150 },
    )
  })

  it('says exactly how long to wait: not a moment less, and never for nothing', () => {
    fc.assert(
      fc.property(buckets, buckets, steps, someCall, (app, person, all, next) => {
        const kept = pacing({ app, person })
        let now = 1_000_000
        for (const { call: one, wait } of all) {
          now += wait
          kept.take(one, now)
        }
        const { ms } = kept.take(next, now)
        if (ms === 0) return
        expect(kept.take(next, now + ms - 1).ms).toBeGreaterThan(0)
        let later = now + ms
        // Another limit may hold then; each of them ends.
        for (let tries = 0; tries < 4 && kept.take(next, later).ms > 0; tries++)
          later += kept.take(next, later).ms || 0
        expect(later - now).toBeLessThanOrEqual(4 * (5_000 * 1.1 + 50))
      }),
      { numRuns: 100 },
    )
  })

  it('keeps a fifth of what an app may send for what is urgent', () => {
    const kept = pacing({ app: [{ count: 10, ms: SECOND }] })
    const ordinary = Array.from({ length: 10 }, () => kept.take(call(), 0).ms)
    const urgent = Array.from({ length: 3 }, () => kept.take(call({ urgent: true }), 0).ms)

    expect(ordinary.filter((ms) => ms === 0)).toHaveLength(8)
    expect(urgent.map((ms) => ms === 0)).toEqual([true, true, false])
  })

  it('tells whether the app, the receiver or the message has to wait', () => {
    const one = [{ count: 1, ms: SECOND }]
    const kept = pacing({ person: one, message: one })
    kept.take(call({ message: 'm1' }), 0)
    expect(kept.take(call(), 0)).toMatchObject({ of: 'receiver' })
    expect(kept.take(call({ receiver: MEI, message: 'm1' }), 0)).toMatchObject({ of: 'message' })
    expect(kept.take(call({ receiver: MEI }), 0).ms).toBe(0)

    const app = pacing({ app: one })
    app.take(call(), 0)
    expect(app.take(call({ receiver: ROOM }), 0)).toMatchObject({ of: 'app' })
  })

  it('counts a call nowhere when one of its limits holds it up', () => {
    const kept = pacing({ app: [{ count: 2, ms: SECOND }], person: [{ count: 1, ms: SECOND }] })
    kept.take(call(), 0)
    for (let i = 0; i < 5; i++) kept.take(call(), 0)

    expect(kept.take(call({ receiver: MEI, urgent: true }), 0).ms).toBe(0)
  })

  it('takes back what was not called after all, and only that', () => {
    const kept = pacing({ person: [{ count: 2, ms: SECOND }] })
    kept.take(call(), 10)
    kept.take(call(), 20)
    kept.giveBack(call(), 20)
    kept.giveBack(call(), 999)

    expect(kept.take(call(), 30).ms).toBe(0)
    expect(kept.take(call(), 40).ms).toBeGreaterThan(0)
  })

  it('holds what the vendor says, as far as it says, and no less than before', () => {
    const kept = pacing({})
    kept.hold('message', call({ message: 'm1' }), 500)
    expect(kept.take(call({ message: 'm1' }), 0).ms).toBe(500)
    expect(kept.take(call({ message: 'm2' }), 0).ms).toBe(0)
    // A post has no message yet: then it is its receiver that waits.
    kept.hold('message', call({ receiver: MEI }), 400)
    expect(kept.take(call({ receiver: MEI }), 0)).toEqual({ ms: 400, of: 'receiver' })
    kept.hold('receiver', call(), 300)
    kept.hold('receiver', call(), 100)
    expect(kept.take(call(), 0).ms).toBe(300)
    kept.hold('app', call(), 200)
    expect(kept.take(call({ receiver: ROOM, urgent: true }), 0)).toEqual({ ms: 200, of: 'app' })
    expect(kept.take(call({ receiver: ROOM }), 200).ms).toBe(0)
  })

  it('goes on from the calls of the process before', () => {
    const kept = pacing({ app: [{ count: 10, ms: SECOND }], person: [{ count: 2, ms: SECOND }] })
    kept.remember([
      { receiver: LIN, at: 20 },
      { receiver: LIN, at: 10 },
    ])

    expect(kept.take(call(), 30)).toMatchObject({ of: 'receiver' })
    expect(kept.take(call({ receiver: MEI }), 30).ms).toBe(0)
  })

  it('does not remember every receiver for ever, and forgets none too early', () => {
    const kept = pacing({ person: [{ count: 1, ms: 10 * SECOND }] })
    kept.take(call(), 0)
    for (let i = 0; i < 499; i++) kept.take(call({ receiver: { is: 'person', id: `ou_${i}` } }), 9 * SECOND)

    expect(kept.take(call(), 9 * SECOND).ms).toBeGreaterThan(0)
    expect(kept.take(call(), 12 * SECOND).ms).toBe(0)
  })
})
