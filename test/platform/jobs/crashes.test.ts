import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Order } from '../../../src/platform/jobs/operation.ts'
import { isOpen } from '../../../src/platform/jobs/operation.ts'
import { PROBE_POINTS, type ProbePoint } from '../../../src/platform/jobs/probe.ts'
import { LetGo } from '../../../src/platform/jobs/run.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import { freshDatabase } from '../../support/database.ts'
import { type Operating, operating } from '../../support/operating.ts'

/**
 * A worker dies at a named point: what it had not committed is gone, and it never writes again. Another one takes
 * over. (The same with kill -9 of whole processes and a real Flink is under test/real.)
 */
const start: Order = { verb: 'start', release: 1, from: { is: 'latest' } }
const restart: Order = { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } }
const unreadable: Order = { verb: 'restart', release: 2, how: 'savepoint', from: { is: 'latest' } }

const CASES: {
  title: string
  before: Order[]
  order: Order
  points: readonly ProbePoint[]
  alive: number
}[] = [
  {
    title: 'start',
    before: [],
    order: start,
    alive: 1,
    points: [
      'operation.claimed',
      'attempt.intended',
      'attempt.submitting',
      'attempt.submitted',
      'attempt.confirmed',
      'operation.ending',
      'operation.ended',
    ],
  },
  {
    title: 'stop',
    before: [start],
    order: { verb: 'stop', how: 'savepoint' },
    alive: 0,
    points: [
      'operation.claimed',
      'end.named',
      'end.sent',
      'end.answered',
      'attempt.ended',
      'operation.ending',
      'operation.ended',
    ],
  },
  {
    title: 'cancel',
    before: [start],
    order: { verb: 'cancel' },
    alive: 0,
    points: ['end.named', 'end.sent', 'attempt.ended', 'operation.ending'],
  },
  {
    title: 'savepoint',
    before: [start],
    order: { verb: 'savepoint' },
    alive: 1,
    points: ['savepoint.named', 'savepoint.sent', 'savepoint.recorded', 'operation.ending'],
  },
  {
    title: 'restart',
    before: [start],
    order: restart,
    alive: 1,
    points: [
      'end.named',
      'end.sent',
      'end.answered',
      'attempt.ended',
      'attempt.intended',
      'attempt.submitting',
      'attempt.submitted',
      'attempt.confirmed',
      'operation.ending',
      'operation.ended',
    ],
  },
  {
    title: 'scale',
    before: [start],
    order: { verb: 'scale', parallelism: 2 },
    alive: 1,
    points: ['attempt.ended', 'attempt.submitting', 'attempt.submitted'],
  },
  {
    title: 'a restart that has to go back',
    before: [start],
    order: unreadable,
    alive: 1,
    points: [
      'attempt.ended',
      'attempt.submitted',
      'back.begun',
      'attempt.intended',
      'attempt.confirmed',
      'operation.ending',
    ],
  },
  {
    title: 'rollback',
    before: [start, { ...restart, release: 3 }],
    order: { verb: 'rollback', to: 1, from: { is: 'latest' } },
    alive: 1,
    points: ['end.sent', 'attempt.ended', 'attempt.intended', 'attempt.submitted'],
  },
]

let database: Database
let world: Operating

beforeAll(async () => {
  database = await freshDatabase()
})

afterAll(() => database.close())

beforeEach(async () => {
  world = await operating({ database })
  await world.release()
  await world.release({
    program: {
      is: 'jar',
      digest: 'e'.repeat(64),
      fileName: 'x.jar',
      entryClass: null,
      args: ['--shape', 'other'],
    },
  })
  await world.release({ parallelism: 2 })
})

afterEach(() => world.close())

/** Dies the n-th time it comes by the point, as a killed process does: without a word. */
function dyingAt(point: ProbePoint, time: number) {
  let seen = 0
  return (at: ProbePoint) => {
    if (at === point && ++seen === time) throw new LetGo('killed')
  }
}

describe.each(CASES)('a crash during $title', ({ title, before, order, points, alive: expected }) => {
  it.each(
    points.flatMap((point) => (title.includes('back') ? [1, 2] : [1]).map((time) => ({ point, time }))),
  )('at $point, pass $time, leaves one outcome and no second job', async ({ point, time }) => {
    for (const each of before) await world.run(each)
    const answer = await world.ask(order)
    if (!answer.ok) throw new Error(`refused: ${answer.why.of}`)
    const never = new AbortController().signal

    await world.anotherWorker({ probe: dyingAt(point, time) }).work(world.jobId, never)
    const aliveAfterCrash = world.alive().length
    await world.anotherWorker().work(world.jobId, never)

    const operation = await world.stores.read.operations.byId(answer.operation.id)
    const job = await world.stores.read.jobs.byId(world.jobId)
    const attempts = await world.database.prisma.attempt.count({
      where: { jobId: world.jobId, state: { not: 'over' } },
    })
    expect(aliveAfterCrash).toBeLessThanOrEqual(1)
    expect(world.alive()).toHaveLength(expected)
    expect(attempts).toBe(expected)
    expect(operation && isOpen(operation.state)).toBe(false)
    expect(job?.state.is).toBe(expected === 1 ? 'running' : 'stopped')
    const ends = await world.database.prisma.auditEntry.count({
      where: { jobId: world.jobId, decision: { in: ['done', 'failed'] }, requestId: 'req_1' },
    })
    expect(ends).toBe(before.length + 1)
  })
})

it('every point where a crash is worth testing is tested', () => {
  expect(new Set(CASES.flatMap((each) => each.points))).toEqual(new Set(PROBE_POINTS))
})
