import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TeamId } from '../../../src/platform/access/access.ts'
import type { Attempt, Job, JobState, Savepoint } from '../../../src/platform/jobs/job.ts'
import type { Order } from '../../../src/platform/jobs/operation.ts'
import {
  canRead,
  mergeKey,
  needsSecondPerson,
  type PlanWorld,
  planEssence,
  planOrder,
  targetRelease,
} from '../../../src/platform/jobs/plan.ts'
import type { Release } from '../../../src/platform/jobs/release.ts'
import { flinkJobId } from '../../../src/platform/runtimes/runtime.ts'

const NOW = 1_000_000
const RUNNING: JobState = {
  is: 'running',
  attempt: 3,
  tasks: { total: 1, running: 1, finished: 0, failed: 0 },
}

function job(over: Partial<Job> = {}): Job {
  return {
    id: 'job_1',
    name: 'orders-cdc',
    team: { id: 'team_1' as TeamId, name: 'data' },
    environment: 'prod',
    cluster: { id: 'clu_1', name: 'session-a', sandbox: false },
    kind: 'jar',
    note: '',
    state: { is: 'stopped', savepointId: null },
    stateSince: 0,
    desired: 'stopped',
    effectiveRelease: 2,
    releases: 3,
    attempts: 3,
    generation: 7,
    restartPolicy: { is: 'none' },
    createdAt: 0,
    importance: 'normal',
    archivedAt: null,
    ...over,
  }
}

function release(number: number, over: Partial<Release> = {}): Release {
  return {
    jobId: 'job_1',
    number,
    program: { is: 'jar', digest: `digest-${number}`, fileName: 'orders.jar', entryClass: null, args: [] },
    parallelism: 1,
    flinkSettings: {},
    flinkVersion: null,
    clusterId: 'clu_1',
    savepointDir: null,
    note: '',
    author: 'Lin',
    createdAt: 0,
    ...over,
  }
}

function attempt(number: number, releaseNumber: number): Attempt {
  return {
    id: `att_${number}`,
    jobId: 'job_1',
    number,
    release: releaseNumber,
    parallelism: 1,
    clusterId: 'clu_1',
    operationId: null,
    identity: { on: 'session', flinkJobId: flinkJobId(String(number).padStart(32, '0')) },
    flinkJobId: flinkJobId(String(number).padStart(32, '0')),
    state: 'live',
    born: 1,
    restoredFrom: null,
    proof: null,
    intendedAt: 0,
    liveAt: 0,
    overAt: null,
  }
}

function savepoint(id: string, writer: number, over: Partial<Savepoint> = {}): Savepoint {
  return {
    id,
    jobId: 'job_1',
    path: `file:/sp/${id}`,
    origin: 'savepoint',
    at: NOW - 60_000,
    sizeBytes: null,
    release: writer,
    attempt: 3,
    presence: 'there',
    readableBy: [writer],
    notReadableBy: [],
    ...over,
  }
}

function world(over: Partial<PlanWorld> = {}): PlanWorld {
  return {
    job: job(),
    live: null,
    everRan: true,
    effective: release(2),
    target: release(2),
    savepoints: [],
    readings: [],
    clusterSilentSince: null,
    flink: null,
    now: NOW,
    ...over,
  }
}

const running = { job: job({ state: RUNNING, desired: 'running' }), live: attempt(3, 2) }
const start: Order = { verb: 'start', release: null, from: { is: 'latest' } }
const restart: Order = { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } }
const rollback: Order = { verb: 'rollback', to: 1, from: { is: 'latest' } }
const refusedBy1 = { writer: 2, reader: 1, outcome: 'refused', because: 'no operator "dedupe"' } as const

function plan(order: Order, over: Partial<PlanWorld> = {}, force = false) {
  const planned = planOrder(order, world(over), force)
  if (!planned.ok) throw new Error(`refused: ${planned.why.of}`)
  return planned.plan
}

function refusal(order: Order, over: Partial<PlanWorld> = {}) {
  const planned = planOrder(order, world(over), false)
  return planned.ok ? 'planned' : planned.why.of
}

describe('planning', () => {
  it.each<{ title: string; order: Order; over: Partial<PlanWorld>; why: string }>([
    { title: 'a start of what runs', order: start, over: running, why: 'already-runs' },
    {
      title: 'a stop of what does not run',
      order: { verb: 'stop', how: 'savepoint' },
      over: {},
      why: 'not-running',
    },
    {
      title: 'anything on an archived job',
      order: start,
      over: { job: job({ archivedAt: 1 }) },
      why: 'archived',
    },
    {
      title: 'a start before there is a release',
      order: start,
      over: { job: job({ releases: 0 }) },
      why: 'no-release',
    },
    {
      title: 'a release that is not there',
      order: { ...start, release: 9 },
      over: { target: null },
      why: 'unknown-release',
    },
    { title: 'a rollback to what runs', order: { ...rollback, to: 2 }, over: running, why: 'same-release' },
    {
      title: 'a rollback with nothing before',
      order: { ...rollback, to: null },
      over: { target: null },
      why: 'no-former-release',
    },
    {
      title: 'the parallelism it has',
      order: { verb: 'scale', parallelism: 1 },
      over: running,
      why: 'same-parallelism',
    },
    {
      title: 'a lost job',
      order: restart,
      over: {
        job: job({ state: { is: 'lost', attempt: 3, since: 5, because: 'absent' } }),
        live: attempt(3, 2),
      },
      why: 'lost',
    },
    {
      title: 'an unknown savepoint',
      order: { ...start, from: { is: 'savepoint', id: 'sp_x' } },
      over: {},
      why: 'unknown-savepoint',
    },
    {
      title: 'a savepoint that is gone',
      order: { ...start, from: { is: 'savepoint', id: 'sp_1' } },
      over: { savepoints: [savepoint('sp_1', 2, { presence: 'gone' })] },
      why: 'savepoint-gone',
    },
  ])('refuses $title', ({ order, over, why }) => {
    expect(refusal(order, over)).toBe(why)
  })

  it('restarts from the savepoint that it takes itself', () => {
    expect(plan(restart, running)).toMatchObject({
      stop: 'savepoint',
      restore: { is: 'taken-now' },
      fromRelease: 2,
      toRelease: 2,
    })
  })

  it('starts a stopped job from its newest savepoint that is there', () => {
    const savepoints = [savepoint('sp_2', 2, { presence: 'gone' }), savepoint('sp_1', 2)]

    expect(plan(start, { savepoints }).restore).toMatchObject({ is: 'savepoint', id: 'sp_1' })
  })

  it('warns that a job which ran before starts without its state', () => {
    expect(plan({ ...start, from: { is: 'none' } }).warnings).toContainEqual({ of: 'no-state' })
  })

  it('says when nobody has tried whether a release reads the state', () => {
    const over = { ...running, target: release(1) }

    expect(plan(rollback, over).warnings).toContainEqual({ of: 'state-not-proved', writer: 2, reader: 1 })
  })

  it('warns when state would have to survive a new major version of Flink', () => {
    const warned = (to: string) =>
      plan(restart, { ...running, flink: { from: '1.20.3', to } }).warnings.some(
        ({ of }) => of === 'flink-major-changed',
      )

    expect([warned('2.0.1'), warned('1.19.1')]).toEqual([true, false])
  })

  it('refuses a rollback to a release that Flink said cannot read the state, and offers ways out', () => {
    const planned = planOrder(
      rollback,
      world({ ...running, target: release(1), readings: [refusedBy1], savepoints: [savepoint('sp_1', 1)] }),
      false,
    )

    expect(planned).toMatchObject({
      ok: false,
      why: {
        of: 'state-not-readable',
        reader: 1,
        writer: 2,
        alternatives: [
          { of: 'start-from', release: 1, savepointId: 'sp_1' },
          { of: 'start-without-state', release: 1 },
        ],
      },
    })
  })

  it('lets force go against a remembered refusal', () => {
    expect(plan(rollback, { ...running, target: release(1), readings: [refusedBy1] }, true).toRelease).toBe(1)
  })

  it('prefers older state that a release can read over newer state that it cannot', () => {
    const over = {
      target: release(1),
      readings: [refusedBy1],
      savepoints: [savepoint('sp_2', 2), savepoint('sp_1', 1)],
    }

    expect(plan({ ...start, release: 1 }, over).restore).toMatchObject({ id: 'sp_1' })
  })

  it('lists what differs between the releases', () => {
    const changes = plan(rollback, { ...running, target: release(1, { parallelism: 4 }) }).changes

    expect(changes.map((change) => change.field).sort()).toEqual(['parallelism', 'program'])
  })
})

describe('the release an order aims at', () => {
  it.each<{ order: Order; former: number | null; aims: number | null }>([
    { order: start, former: null, aims: 2 },
    { order: { ...start, release: 3 }, former: null, aims: 3 },
    { order: restart, former: null, aims: 2 },
    { order: rollback, former: 1, aims: 1 },
    { order: { ...rollback, to: null }, former: 1, aims: 1 },
    { order: { ...rollback, to: null }, former: null, aims: null },
  ])('$order.verb with former $former aims at $aims', ({ order, former, aims }) => {
    expect(targetRelease(order, job(), former)).toBe(aims)
  })

  it('is the newest one when none ever ran', () => {
    expect(targetRelease(start, job({ effectiveRelease: null }), null)).toBe(3)
  })
})

describe('approval', () => {
  const verbs = ['job:stop', 'job:start', 'job:restart']

  it('is needed for the verbs of the environment', () => {
    expect(needsSecondPerson(verbs, plan(restart, running), job())).toBe(true)
    expect(needsSecondPerson([], plan(restart, running), job())).toBe(false)
  })

  it('is needed for a start only when the release is new', () => {
    expect(needsSecondPerson(verbs, plan(start), job())).toBe(false)
    expect(needsSecondPerson(verbs, plan({ ...start, release: 3 }, { target: release(3) }), job())).toBe(true)
  })

  it('is bound to what will happen and not to what only ages', () => {
    const savepoints = [savepoint('sp_1', 2)]
    const early = plan(start, { savepoints })
    const late = plan(start, { savepoints, now: NOW + 60_000 })
    const other = plan(start, { savepoints: [savepoint('sp_9', 2)] })

    expect(planEssence(late)).toBe(planEssence(early))
    expect(planEssence(other)).not.toBe(planEssence(early))
  })
})

describe('merging', () => {
  it('knows equal orders by their content, whatever the order of their keys', () => {
    const same: Order = { from: { is: 'latest' }, how: 'savepoint', release: null, verb: 'restart' }

    expect(mergeKey(same)).toBe(mergeKey(restart))
  })

  it('keeps different orders apart', () => {
    const orders: Order[] = [
      start,
      restart,
      rollback,
      { verb: 'scale', parallelism: 2 },
      { verb: 'scale', parallelism: 3 },
      { ...start, from: { is: 'savepoint', id: 'sp_1' } },
    ]

    expect(new Set(orders.map(mergeKey)).size).toBe(orders.length)
  })
})

describe('readability', () => {
  it('holds for what a release wrote itself, follows what was tried, and is open otherwise', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), (writer, reader) => {
        const verdict = canRead([refusedBy1], writer, reader)
        const expected = writer === reader ? 'yes' : writer === 2 && reader === 1 ? 'no' : 'untried'
        expect(verdict).toBe(expected)
      }),
    )
  })
})
