import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/lib/clock.ts'
import { randomIds } from '../../../src/lib/ids.ts'
import { silentLog } from '../../../src/lib/log.ts'
import type { RestartPolicy } from '../../../src/platform/jobs/job.ts'
import type { Order } from '../../../src/platform/jobs/operation.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import {
  type ClusterMemory,
  NOTHING_SEEN,
  reduce,
  WATCH_RULES,
} from '../../../src/platform/watching/reducer.ts'
import { act, type Watching } from '../../../src/platform/watching/watch-actions.ts'
import { freshDatabase } from '../../support/database.ts'
import { type Operating, operating } from '../../support/operating.ts'

const start: Order = { verb: 'start', release: null, from: { is: 'latest' } }
const MINUTE = 60_000

let database: Database
let world: Operating
let memory: ClusterMemory
let ahead: number
let putOff: Promise<void>[]

beforeAll(async () => {
  database = await freshDatabase()
})

afterAll(() => database.close())

beforeEach(async () => {
  world = await operating({ database })
  memory = NOTHING_SEEN
  ahead = 0
  putOff = []
  await world.release({ program: program('--restarts', 'none') })
  await world.run(start)
})

afterEach(() => world.close())

function program(...args: string[]) {
  return { is: 'jar', digest: 'e'.repeat(64), fileName: 'x.jar', entryClass: null, args } as const
}

/** The machine's time, and as much later as the test says. */
const clock: Clock = { now: () => Date.now() + ahead, sleep: async () => {} }

/** One look at the cluster, and what follows from it. */
async function look(): Promise<string[]> {
  const { stores, runtime } = world
  const cluster = await stores.read.clusters.byId(world.cluster.id)
  if (!cluster) throw new Error('The cluster is gone.')
  const watching: Watching = {
    transact: stores.transact,
    read: stores.read,
    clock,
    ids: randomIds,
    log: silentLog,
    rules: WATCH_RULES,
    cluster,
    runtime,
    later: (task) => void putOff.push(task()),
  }
  const live = await stores.read.attempts.onCluster(cluster.id)
  const sight = await runtime.observe()
  const reduced = reduce(memory, { sight, live, now: clock.now(), rules: WATCH_RULES })
  memory = reduced.memory
  for (const event of reduced.events) await act(watching, event)
  await Promise.all(putOff)
  return reduced.events.map((event) => event.of)
}

async function flinkId(): Promise<string> {
  const attempt = await world.stores.read.attempts.latest(world.jobId)
  return attempt?.flinkJobId ?? ''
}

const job = () => world.stores.read.jobs.byId(world.jobId)
const incidents = () => world.stores.read.incidents.openOfJob(world.jobId)

async function policy(restartPolicy: RestartPolicy): Promise<void> {
  await world.stores.read.jobs.setRestartPolicy(world.jobId, restartPolicy)
}

async function queued(kind: string): Promise<number> {
  const rows = await database.sql<{ count: string }>(
    `SELECT count(*) FROM pgboss.job WHERE name = $1 AND state = 'created'`,
    [kind],
  )
  return Number(rows[0]?.count)
}

describe('what watching writes down', () => {
  it('nothing, while the job runs', async () => {
    const before = await job()

    expect(await look()).toEqual([])
    expect(await job()).toEqual(before)
  })

  it('a failure: the proof, the state with its cause, an incident with the last checkpoint', async () => {
    world.simulator.breakJob(
      await flinkId(),
      'java.lang.IllegalStateException: no room in the heap\n\tat x.Y.z(Y.java:1)',
    )

    await look()

    const attempt = await world.stores.read.attempts.latest(world.jobId)
    expect(attempt).toMatchObject({ state: 'over', proof: { kind: 'flink-terminal', state: 'FAILED' } })
    expect((await job())?.state).toMatchObject({
      is: 'failed',
      cause: { message: expect.stringContaining('no room in the heap') },
    })
    expect(await incidents()).toMatchObject([{ kind: 'job-failed', life: { state: 'triggered' } }])
  })

  it('a restart by policy after a failure, once, and giving up after too many', async () => {
    await policy({ is: 'on-failure', limit: 1, windowMs: 10 * MINUTE, backoffMs: 1_000, backoffCapMs: 1_000 })
    world.simulator.breakJob(await flinkId())

    await look()
    await look()
    const afterFirst = await queued('restart-by-policy')
    world.simulator.mendJob(await flinkId())
    await world.run({ verb: 'restart', release: null, how: 'plain', from: { is: 'latest' } })
    world.simulator.breakJob(await flinkId())
    await look()

    expect(afterFirst).toBe(1)
    expect(await queued('restart-by-policy')).toBe(1)
    expect((await incidents()).some((incident) => incident.gist.facts.gaveUp === true)).toBe(true)
  })

  it('that somebody ended the job in Flink itself, which is not restarted against their will', async () => {
    await policy({ is: 'on-failure', limit: 5, windowMs: 10 * MINUTE, backoffMs: 1_000, backoffCapMs: 1_000 })
    await world.runtime.cancel({ on: 'session', flinkJobId: (await flinkId()) as never })

    await look()

    expect(await job()).toMatchObject({
      state: { is: 'ended', as: 'CANCELED', outside: true },
      desired: 'stopped',
    })
    expect(await queued('restart-by-policy')).toBe(0)
    expect(await incidents()).toMatchObject([{ kind: 'job-ended-outside' }])
  })

  it('the silence of a cluster once a minute has passed, and nothing about its jobs', async () => {
    await world.simulator.killJobManager()
    await look()
    const early = await world.stores.read.incidents.openOfCluster(world.cluster.id)
    ahead = 2 * MINUTE
    await look()

    const told = await world.stores.read.incidents.openOfCluster(world.cluster.id)
    expect(early).toEqual([])
    expect(told).toMatchObject([{ kind: 'cluster-silent', gist: { facts: { jobs: 1 } } }])
    expect((await job())?.state.is).toBe('running')
  })

  it('a job whose JobManager was replaced: proved over, not guessed, and its incident', async () => {
    await world.simulator.killJobManager()
    await look()
    await world.simulator.startJobManager()

    await look()
    await look()

    const attempt = await world.stores.read.attempts.latest(world.jobId)
    expect(attempt?.proof).toMatchObject({ kind: 'jobmanager-replaced' })
    expect(await job()).toMatchObject({ state: { is: 'failed' }, desired: 'running' })
    expect(await incidents()).toMatchObject([{ kind: 'job-failed' }])
    expect(await world.stores.read.incidents.openOfCluster(world.cluster.id)).toEqual([])
  })

  it('that a job is lost when nothing proves its end, and an operation then starts nothing', async () => {
    const id = await flinkId()
    world.simulator.cluster.jobs.delete(id)
    world.simulator.cluster.revision++

    await look()
    ahead = 2 * MINUTE
    await look()

    expect((await job())?.state).toMatchObject({ is: 'lost' })
    expect(
      await world.ask({ verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } }),
    ).toMatchObject({
      ok: false,
      why: { of: 'lost' },
    })
  })

  it('a recovery: the state, and the incident closed on its own card', async () => {
    await world.stores.read.jobs.setState(
      world.jobId,
      {
        is: 'recovering',
        attempt: 1,
        flink: 'RESTARTING',
        tasks: { total: 2, running: 0, finished: 0, failed: 0 },
      },
      Date.now(),
    )
    const about = { is: 'job', id: world.jobId } as const
    await world.stores.read.alarms.raise({ kind: 'restart-loop', about, facts: {}, at: Date.now() })

    await look()

    expect((await job())?.state.is).toBe('running')
    expect(await incidents()).toEqual([])
  })
})
