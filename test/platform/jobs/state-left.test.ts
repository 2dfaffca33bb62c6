import { describe, expect, it } from 'vitest'
import type { Attempt } from '../../../src/platform/jobs/job.ts'
import { settledStateLeft, stateLeft } from '../../../src/platform/jobs/state-left.ts'
import type { CheckpointSight, JobDetail } from '../../../src/platform/runtimes/runtime.ts'

type Looking = Parameters<typeof stateLeft>[0]

interface Sight {
  /** What Flink says at each look; the last one goes on. */
  told?: readonly (Partial<CheckpointSight> | null)[]
  onDisk?: { path: string; at: number } | null
  exists?: 'there' | 'gone' | 'unknown'
}

const ATTEMPT = { identity: { on: 'session', flinkJobId: 'a'.repeat(32) } } as unknown as Attempt

function looking({ told = [null], onDisk = null, exists = 'unknown' }: Sight) {
  let looks = 0
  const slept: number[] = []
  const runtime: Pick<Looking['runtime'], 'detail' | 'newestRetained' | 'stateExists'> = {
    detail: async () => {
      const last = told[Math.min(looks++, told.length - 1)]
      if (!last) return null
      return { lastCheckpoint: { at: 10, sizeBytes: 7, isSavepoint: false, ...last } } as JobDetail
    },
    newestRetained: async () => onDisk,
    stateExists: async () => exists,
  }
  const run = {
    runtime,
    cluster: { checkpointDir: null },
    clock: { now: () => 0, sleep: async (ms: number) => void slept.push(ms) },
  } as unknown as Looking
  return { run, slept }
}

const OLD = { path: 'file:/c/chk-4', at: 10 }
const NEW = { path: 'file:/c/chk-5', at: 12 }

describe('what an attempt left to start from', () => {
  const cases: [string, Sight, string | null][] = [
    [
      'what is on the disk, when Flink names one that was replaced since',
      { told: [OLD], onDisk: NEW },
      NEW.path,
    ],
    ['what is on the disk, when Flink has forgotten the job', { onDisk: NEW }, NEW.path],
    [
      'a savepoint that is younger than every checkpoint',
      { told: [{ path: 'file:/s/1', at: 20, isSavepoint: true }], onDisk: NEW },
      'file:/s/1',
    ],
    [
      'a checkpoint that is younger than the last savepoint',
      { told: [{ path: 'file:/s/1', at: 11, isSavepoint: true }], onDisk: NEW },
      NEW.path,
    ],
    ['nothing, when what Flink names was deleted with the job', { told: [OLD], exists: 'gone' }, null],
    ['what Flink names, when it is seen to be there', { told: [OLD], exists: 'there' }, OLD.path],
    ['nothing, when nobody knows of any', {}, null],
  ]
  it.each(cases)('is %s', async (_, sight, path) => {
    const { run, slept } = looking(sight)

    const left = await settledStateLeft(run, ATTEMPT)

    expect(left?.path ?? null).toBe(path)
    expect(slept).toEqual([])
  })

  it('keeps the size that Flink told of the one on the disk', async () => {
    const { run } = looking({ told: [NEW], onDisk: NEW })

    const { place, sure } = await stateLeft(run, ATTEMPT)

    expect(place).toEqual({ ...NEW, sizeBytes: 7, origin: 'checkpoint' })
    expect(sure).toBe(true)
  })

  it('is asked again once Flink cannot answer from its cache any more, where only Flink can tell', async () => {
    const { run, slept } = looking({ told: [OLD, NEW] })

    expect((await settledStateLeft(run, ATTEMPT))?.path).toBe(NEW.path)
    expect(slept).toHaveLength(1)
    expect(slept[0]).toBeGreaterThan(3_000)
  })

  it('is what was known before, when Flink forgot the job and nothing can be seen from here', async () => {
    const { run } = looking({ told: [null] })
    const known = { ...OLD, sizeBytes: null, origin: 'checkpoint' } as const

    expect(await settledStateLeft(run, ATTEMPT, known)).toEqual(known)
  })
})
