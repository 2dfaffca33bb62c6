import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../src/lib/ids.ts'
import type { DigestFacts } from '../../src/platform/digests/digest.ts'
import { createDigests, tellDigests } from '../../src/platform/digests/digests.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { type Operating, operating } from '../support/operating.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/** Nine o'clock in Shanghai. */
const NINE = Date.parse('2026-11-27T01:00:00Z')

/** What a day's summary promises on either database. */
export function digestsContract(name: string, open: () => Promise<Database>): void {
  describe(`summaries (${name})`, () => {
    let database: Database
    let world: Operating
    let now: number
    beforeAll(async () => {
      database = await open()
    })
    beforeEach(async () => {
      world = await operating({ database })
      now = NINE
      await database.prisma.team.updateMany({ data: { createdAt: new Date(NINE - 100 * HOUR) } })
    })
    afterEach(() => world.close())
    afterAll(() => database?.close())

    function parts() {
      const { transact, read } = world.stores
      return { transact, read, clock: { now: () => now, sleep: async () => {} }, ids: randomIds }
    }

    async function incident(
      hoursAgo: number,
      change: { ackedMin?: number; closedMin?: number; kind?: string; tier?: string; value?: number } = {},
    ): Promise<void> {
      const { ackedMin, closedMin, kind = 'job-failed', tier = 'P1', value } = change
      const openedAt = NINE - hoursAgo * HOUR
      const later = (minutes: number | undefined) =>
        minutes === undefined ? null : new Date(openedAt + minutes * MINUTE)
      const measured = { metric: 'checkpoint_duration', value: value ?? 0, limit: 60_000, unit: 'ms' }
      const { teamId } = await database.prisma.job.findUniqueOrThrow({ where: { id: world.jobId } })
      await database.prisma.incident.create({
        data: {
          ...{
            id: randomIds.next('inc'),
            subject: `group:${randomIds.next('x')}`,
            generation: 1,
            kind,
            tier,
          },
          ...{ jobId: world.jobId, teamId, environment: 'preprod', openedAt: new Date(openedAt) },
          ...{ ackedAt: later(ackedMin), closedAt: later(closedMin), life: {} },
          state: closedMin === undefined ? 'triggered' : 'resolved',
          gist: {
            ...{ labels: { alertname: 'X' }, annotations: {}, firing: 1, held: 0, jobs: [], flapping: null },
            facts: value === undefined ? {} : { measured },
          },
        },
      })
    }

    async function factsNow(): Promise<DigestFacts> {
      await tellDigests(parts(), now)
      const digest = await world.stores.read.digests.ofDay('data', '2026-11-27')
      if (!digest) throw new Error('The day was not summed up.')
      return digest.facts
    }

    async function notices(): Promise<number> {
      return database.prisma.notice.count({ where: { reason: 'daily' } })
    }

    it('counts incidents, how fast they were answered and solved, and compares with the day before', async () => {
      await incident(2, { ackedMin: 1, closedMin: 5 })
      await incident(5, { ackedMin: 3, closedMin: 13, tier: 'P0' })
      await incident(6)
      await incident(30, { closedMin: 60 })
      await incident(-1)

      const { incidents } = await factsNow()

      expect(incidents).toMatchObject({
        ...{ count: 3, answeredMs: 2 * MINUTE, solvedMs: 9 * MINUTE, open: 2 },
        before: { count: 1, answeredMs: null, solvedMs: HOUR },
      })
      expect(incidents.gravest.map(({ tier }) => tier)).toEqual(['P0', 'P1', 'P1'])
      expect(incidents.gravest[0]).toMatchObject({ name: 'orders-cdc', lastedMs: 13 * MINUTE })
    })

    it('counts incidents of two weeks by the days of the team’s zone', async () => {
      await incident(10, { closedMin: 1 })
      await incident(9.5, { closedMin: 1, tier: 'P2' })
      await incident(13 * 24, { closedMin: 1 })
      await incident(20 * 24, { closedMin: 1 })

      const { days } = (await factsNow()).incidents

      expect(days).toHaveLength(14)
      expect(days.at(0)).toEqual({ date: '2026-11-14', tiers: { P0: 0, P1: 1, P2: 0, P3: 0 } })
      // 23:00 and 23:30 the evening before.
      expect(days.at(-2)).toEqual({ date: '2026-11-26', tiers: { P0: 0, P1: 1, P2: 1, P3: 0 } })
    })

    it('says what runs, what was restarted and which release it is on now', async () => {
      await world.release()
      await world.run({ verb: 'start', release: null, from: { is: 'latest' } })
      await world.run({ verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } })
      await world.release()
      await world.run({ verb: 'restart', release: 2, how: 'savepoint', from: { is: 'latest' } })
      now = Date.now()
      const facts = await world.stores.read.digests.gather(await team(), span(now))

      expect(facts.jobs).toEqual({ running: 1, stopped: 0, failing: [] })
      expect(facts.restarts).toEqual({ asked: 2, byPolicy: 0, failed: [] })
      expect(facts.changes.map(({ job, verb, from, to }) => ({ job, verb, from, to }))).toEqual([
        { job: 'orders-cdc', verb: 'release', from: null, to: 1 },
        { job: 'orders-cdc', verb: 'release', from: 1, to: 2 },
      ])
    })

    it('names jobs that should run and do not, with the cause', async () => {
      const cause = {
        exception: 'java.lang.OutOfMemoryError',
        message: 'heap',
        at: null,
        task: null,
        stack: '',
      }
      await database.prisma.job.update({
        where: { id: world.jobId },
        data: {
          ...{ state: 'failed', desired: 'running', attempts: 1 },
          detail: { is: 'failed', attempt: 1, cause },
        },
      })

      expect((await factsNow()).jobs).toEqual({
        ...{ running: 0, stopped: 0, failing: [{ name: 'orders-cdc', cause }] },
      })
    })

    it('names the slowest checkpoints, and a rule that told often for nothing with a better limit', async () => {
      const at = (minutes: number) => NINE - minutes * MINUTE
      const sample = (minutes: number, ms: number) => ({
        ...{ jobId: world.jobId, at: at(minutes), values: { checkpoint_duration: ms } },
      })
      await world.stores.read.samples.add([sample(50, 16_000), sample(40, 16_000), sample(30, 48_000)])
      for (const value of [61_000, 70_000, 75_000])
        await incident(3, { kind: 'checkpoint-slow', closedMin: 4, tier: 'P2', value })

      const facts = await factsNow()

      expect(facts.slowest).toEqual([{ job: 'orders-cdc', longestMs: 48_000, usualMs: 16_000 }])
      expect(facts.noisy).toEqual([
        { rule: 'checkpoint-slow', job: 'orders-cdc', times: 3, acted: 0, suggestion: '90s' },
      ])
    })

    it('names state that is a week old, of jobs that run', async () => {
      const tasks = { total: 1, running: 1, finished: 0, failed: 0 }
      const detail = { is: 'running', attempt: 1, tasks }
      await database.prisma.job.update({ where: { id: world.jobId }, data: { state: 'running', detail } })
      const at = NINE - 9 * 24 * HOUR
      await database.prisma.savepoint.create({
        data: {
          ...{ id: 'sp_old', jobId: world.jobId, path: 'file:/sp', origin: 'savepoint' },
          ...{ at: new Date(at), createdAt: new Date(at) },
        },
      })

      expect((await factsNow()).expiring.savepoints).toEqual([{ job: 'orders-cdc', at }])
    })

    it('is told once, however many processes come at the same time or again', async () => {
      await Promise.all([tellDigests(parts(), now), tellDigests(parts(), now), tellDigests(parts(), now)])
      now += MINUTE
      await tellDigests(parts(), now)

      expect(await notices()).toBe(1)
      expect(await database.prisma.digest.count()).toBe(1)
      now += 24 * HOUR
      await tellDigests(parts(), now)
      expect(await notices()).toBe(2)
    })

    it('has its hour, by the team’s own clock', async () => {
      await world.stores.read.digests.setTime((await team()).id, '10:30')
      await tellDigests(parts(), now)
      expect(await notices()).toBe(0)

      await tellDigests(parts(), now + 1.5 * HOUR)

      expect(await notices()).toBe(1)
    })

    it('is not told where nobody wants it, nor to a team that was made after its hour', async () => {
      await world.stores.read.digests.setTime((await team()).id, 'off')
      await tellDigests(parts(), now)
      await world.stores.read.digests.setTime((await team()).id, null)
      await database.prisma.team.updateMany({ data: { createdAt: new Date(NINE + MINUTE) } })
      await tellDigests(parts(), now + HOUR)

      expect(await notices()).toBe(0)
    })

    it('can be asked for at any time, without taking the place of the day’s', async () => {
      const digests = createDigests(parts())
      const permit = {} as Parameters<typeof digests.now>[0]

      const asked = await digests.now(permit, 'data', 7)
      await tellDigests(parts(), now)

      expect(asked).toMatchObject({ kind: 'asked', facts: { from: NINE - 7 * 24 * HOUR, to: NINE } })
      expect(await digests.byId(asked?.id ?? '')).toEqual(asked)
      expect(await digests.ofDay('data', '2026-11-27')).toMatchObject({ kind: 'daily' })
    })

    async function team() {
      const found = await world.stores.read.digests.team('data')
      if (!found) throw new Error('There is no team.')
      return found
    }

    function span(to: number) {
      return { from: to - 24 * HOUR, to: to + 1, date: '2026-11-27' }
    }
  })
}
