import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { randomIds } from '../../../src/lib/ids.ts'
import type { Job, RestartPolicy } from '../../../src/platform/jobs/job.ts'
import {
  followPolicy,
  isByPolicy,
  restartByPolicy,
} from '../../../src/platform/watching/restart-by-policy.ts'
import { EXAMPLE_DIGEST, type Operating, operating } from '../../support/operating.ts'

const POLICY: RestartPolicy = {
  is: 'on-failure',
  limit: 2,
  windowMs: 600_000,
  backoffMs: 60_000,
  backoffCapMs: 600_000,
}

let world: Operating
beforeEach(async () => {
  world = await operating()
  // Its main method throws: Flink refuses each attempt.
  const program = {
    is: 'jar',
    digest: EXAMPLE_DIGEST,
    fileName: 'x.jar',
    entryClass: null,
    args: ['x'],
  } as const
  await world.release({ program })
  await world.stores.read.jobs.setRestartPolicy(world.jobId, POLICY)
})
afterEach(() => world.close())

async function job(): Promise<Job> {
  const found = await world.stores.read.jobs.byId(world.jobId)
  if (!found) throw new Error('The job is gone.')
  return found
}

/** As a watcher does when it saw that the running attempt has failed. */
async function fails(): Promise<void> {
  const at = systemClock.now()
  await world.stores.transact(async (stores) => {
    const state = { is: 'failed', attempt: 0, cause: null } as const
    await stores.jobs.setState(world.jobId, state, at, { desired: 'running', effectiveRelease: 1 })
    const failed = await stores.jobs.byId(world.jobId)
    if (failed) await followPolicy(stores, { job: failed, at, facts: {} })
  })
}

/** The newest restart that waits for its time; null: none. */
async function waiting(): Promise<number | null> {
  const rows = await world.database.sql<{ generation: number }>(
    `SELECT (data -> 'work' ->> 'generation')::int AS generation FROM pgboss.job
     WHERE name = 'restart-by-policy' AND state = 'created' ORDER BY created_on DESC`,
  )
  return rows[0]?.generation ?? null
}

/** Its time has come: as the queue has it done, and then the operation. */
async function comesDue(generation: number): Promise<void> {
  await world.database.sql(`DELETE FROM pgboss.job WHERE name = 'restart-by-policy'`)
  await world.stores.transact((stores) =>
    restartByPolicy(stores, { clock: systemClock, ids: randomIds }, { jobId: world.jobId, generation }),
  )
  await world.worker.work(world.jobId, new AbortController().signal)
}

const ownRestarts = async () =>
  (await world.stores.read.operations.list({ teams: 'all', jobId: world.jobId }, {})).items.filter(isByPolicy)

const incident = async () => (await world.stores.read.incidents.openOfJob(world.jobId))[0]

describe('a restart by policy that fails itself', () => {
  it('is followed by another one, and says on the card when', async () => {
    await fails()
    const first = (await incident())?.gist.facts.willRestartAt
    await comesDue((await waiting()) ?? -1)

    expect(await ownRestarts()).toMatchObject([{ state: 'failed' }])
    expect(await waiting()).toBe((await job()).generation)
    expect(first).toBeTypeOf('number')
    expect((await incident())?.gist.facts.willRestartAt).toBeGreaterThan(Number(first))
  })

  it('is not repeated beyond the limit, and then the card says so and no time any more', async () => {
    await fails()
    for (let tries = 0; tries < 10; tries++) {
      const generation = await waiting()
      if (generation === null) break
      await comesDue(generation)
    }

    // Nothing ran before, so the restarts alone count: two are allowed within the window, the third is one too many.
    expect((await ownRestarts()).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])
    const facts = (await incident())?.gist.facts
    expect(facts).toMatchObject({ gaveUp: true })
    expect(facts).not.toHaveProperty('willRestartAt')
  })

  it('is not repeated when a person did something meanwhile', async () => {
    await fails()
    const generation = (await waiting()) ?? -1
    await world.run({ verb: 'restart', release: null, how: 'plain', from: { is: 'latest' } })
    await comesDue(generation)

    expect(await ownRestarts()).toEqual([])
  })

  it('is given up at once when it is refused', async () => {
    await fails()
    const generation = (await waiting()) ?? -1
    await world.stores.read.jobs.archive(world.jobId, systemClock.now())
    await comesDue(generation)

    expect(await ownRestarts()).toEqual([])
    expect((await incident())?.gist.facts).toMatchObject({ gaveUp: true })
  })
})
