import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/lib/clock.ts'
import { silentLog } from '../../../src/lib/log.ts'
import type { RuleRow } from '../../../src/platform/alerts/rules/ports.ts'
import { type Sample, withSample } from '../../../src/platform/alerts/rules/sample.ts'
import type { Order } from '../../../src/platform/jobs/operation.ts'
import type { JobDetail } from '../../../src/platform/runtimes/runtime.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import { jobSample } from '../../../src/platform/watching/job-sample.ts'
import { createSampler, type Sampler } from '../../../src/platform/watching/sampler.ts'
import { memoryLeases } from '../../fakes/memory-leases.ts'
import { freshDatabase } from '../../support/database.ts'
import { type Operating, operating } from '../../support/operating.ts'

const start: Order = { verb: 'start', release: null, from: { is: 'latest' } }
const MINUTE = 60_000

let database: Database
let world: Operating
let ahead: number

beforeAll(async () => {
  database = await freshDatabase()
})

afterAll(() => database.close())

beforeEach(async () => {
  world = await operating({ database })
  ahead = 0
  await world.release({
    program: { is: 'jar', digest: 'e'.repeat(64), fileName: 'x.jar', entryClass: null, args: [] },
  })
  await world.run(start)
  await database.prisma.alertRule.deleteMany()
})

afterEach(() => world.close())

const clock: Clock = { now: () => Date.now() + ahead, sleep: async () => {} }

function sampler(): Sampler {
  const { stores, runtime } = world
  return createSampler({
    ...{ read: stores.read, clock, log: silentLog, leases: memoryLeases(clock).as('a'), everyMs: MINUTE },
    onNews: stores.onNews,
    runtimeOf: () => runtime,
  })
}

function rule(change: Partial<RuleRow> = {}): RuleRow {
  return {
    ...{ id: 'no-lag{}', name: 'no-lag', scope: {}, enabled: true, updatedBy: 'Mei', updatedAt: 0 },
    when: { is: 'absent', metric: 'lag', for: 5 * MINUTE },
    ...change,
  }
}

async function firing(): Promise<string[]> {
  const alerts = await world.stores.read.alerts.firingOf({ jobId: world.jobId })
  return alerts.map(({ labels }) => labels.alertname ?? '').sort()
}

describe('measuring a job', () => {
  it('keeps what it measured, and measures again when the time has come', async () => {
    const measuring = sampler()

    await measuring.round()
    await measuring.round()
    ahead = MINUTE
    await measuring.round()

    const samples = await world.stores.read.samples.of(world.jobId, 0)
    expect(samples).toHaveLength(2)
    expect(samples[0]?.values).toMatchObject({ restarts: 0 })
  })

  it('tells what a rule finds under the rule’s own name, and its end', async () => {
    await world.stores.read.rules.save(rule())
    const measuring = sampler()
    await measuring.round()
    ahead = 6 * MINUTE
    await measuring.round()
    expect(await firing()).toEqual(['NoLag'])

    await world.stores.read.rules.save(rule({ when: { is: 'absent', metric: 'lag', for: 20 * MINUTE } }))
    ahead = 8 * MINUTE
    await measuring.round()

    expect(await firing()).toEqual([])
  })

  it('ends what a rule told that is switched off', async () => {
    await world.stores.read.rules.save(rule())
    const measuring = sampler()
    await measuring.round()
    ahead = 6 * MINUTE
    await measuring.round()

    await world.stores.read.rules.save(rule({ enabled: false }))
    ahead = 8 * MINUTE
    await measuring.round()

    expect(await firing()).toEqual([])
  })

  it('knows after a restart what was measured before, and ends what the former process told', async () => {
    await world.stores.read.rules.save(rule())
    const before = sampler()
    await before.round()
    ahead = 6 * MINUTE
    await before.round()

    await world.stores.read.rules.save(rule({ when: { is: 'absent', metric: 'lag', for: 20 * MINUTE } }))
    ahead = 8 * MINUTE
    await sampler().round()

    expect(await firing()).toEqual([])
    expect(await world.stores.read.samples.of(world.jobId, 0)).toHaveLength(3)
  })

  it('goes on telling what still holds although the job came back', async () => {
    await world.stores.read.rules.save(rule())
    const measuring = sampler()
    await measuring.round()
    ahead = 6 * MINUTE
    await measuring.round()

    await world.stores.read.alarms.settle({ jobId: world.jobId }, { as: 'recovered', at: clock.now() })

    expect(await firing()).toEqual(['NoLag'])
  })

  it('forgets samples as it thins them in memory', async () => {
    const { samples } = world.stores.read
    const at = Math.floor(Date.now() / (10 * MINUTE)) * 10 * MINUTE
    const times = [-27 * 60, -125, -121, -118, -5, 0].map((minutes) => at + minutes * MINUTE)
    await samples.add(times.map((each) => ({ jobId: world.jobId, at: each, values: { restarts: 1 } })))
    const inMemory = times.reduce<readonly Sample[]>(
      (known, each) => withSample(known, { at: each, values: {} }),
      [],
    )

    await samples.forget({ thinBefore: at - 60 * MINUTE, dropBefore: at - 26 * 60 * MINUTE })

    const kept = (await samples.of(world.jobId, 0)).map((sample) => (sample.at - at) / MINUTE)
    expect(kept).toEqual([-125, -118, -5, 0])
    expect(inMemory.map((sample) => (sample.at - at) / MINUTE)).toEqual(kept)
  })
})

describe('a sample', () => {
  const detail: JobDetail = {
    ...{ state: 'RUNNING', startedAt: 0, restarts: 2, restored: null, failedCheckpoints: 0 },
    tasks: { total: 2, running: 2, finished: 0, failed: 0 },
    lag: { records: 12, ms: null },
    lastCheckpoint: null,
    vertices: [],
  }

  it('leaves out what Flink does not tell: that is not zero', () => {
    expect(jobSample(detail, { since: 0, at: 90_000 })).toEqual({
      at: 90_000,
      values: { restarts: 2, checkpoints_failed: 0, lag: 12 },
    })
  })

  it('counts the age of the last checkpoint from the start where none was completed and some failed', () => {
    const sample = jobSample({ ...detail, failedCheckpoints: 1 }, { since: 30_000, at: 90_000 })

    expect(sample.values.checkpoint_age).toBe(60_000)
  })

  it('takes the worst task for backpressure', () => {
    const vertex = { ...{ id: 'a', name: 'a', parallelism: 1, state: 'RUNNING' }, writeRecords: null }
    const vertices = [
      { ...vertex, readRecords: 0, backPressuredMsPerSecond: 120, busyMsPerSecond: null },
      { ...vertex, readRecords: 700, backPressuredMsPerSecond: 950, busyMsPerSecond: 10 },
    ]

    expect(jobSample({ ...detail, vertices }, { since: 0, at: 1 }).values).toMatchObject({
      ...{ backpressure: 0.95, busy: 0.01, records: 700 },
    })
  })
})
