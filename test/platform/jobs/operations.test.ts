import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Order } from '../../../src/platform/jobs/operation.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import { freshDatabase } from '../../support/database.ts'
import { type Operating, operating } from '../../support/operating.ts'

const start: Order = { verb: 'start', release: null, from: { is: 'latest' } }
const restart: Order = { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } }
const stop: Order = { verb: 'stop', how: 'savepoint' }

let database: Database
let world: Operating

beforeAll(async () => {
  database = await freshDatabase()
})

afterAll(() => database.close())

beforeEach(async () => {
  world = await operating({ database })
})

afterEach(() => world.close())

async function jobState() {
  const job = await world.stores.read.jobs.byId(world.jobId)
  return job?.state
}

describe('an operation', () => {
  it('starts a release and believes it only when all its tasks run', async () => {
    await world.release()

    const operation = await world.run(start)

    expect(operation).toMatchObject({ state: 'done', outcome: { is: 'running', release: 1, attempt: 1 } })
    expect(await jobState()).toMatchObject({ is: 'running', attempt: 1 })
    expect(world.alive()).toHaveLength(1)
  })

  it('restarts with a savepoint and brings the state back', async () => {
    await world.release()
    await world.run(start)

    const operation = await world.run(restart)

    expect(operation.outcome).toMatchObject({
      is: 'running',
      attempt: 2,
      restoredFrom: expect.stringContaining('savepoint'),
    })
    expect(world.alive()).toHaveLength(1)
  })

  it('goes on from where the attempt began when that left nothing newer', async () => {
    const args = ['--interval', '600000']
    await world.release({
      program: { is: 'jar', digest: 'e'.repeat(64), fileName: 'x.jar', entryClass: null, args },
    })
    await world.run(start)
    const stopped = await world.run(stop)
    const path = stopped.outcome?.is === 'stopped' ? stopped.outcome.savepoint?.path : undefined
    await world.run(start)

    const operation = await world.run({ ...restart, how: 'plain' })

    expect(path).toBeTypeOf('string')
    expect(operation.outcome).toMatchObject({ is: 'running', attempt: 3, restoredFrom: path })
  })

  it('stops with a savepoint, from which the next start goes on', async () => {
    await world.release()
    await world.run(start)

    const stopped = await world.run(stop)
    const started = await world.run(start)

    expect(stopped.outcome).toMatchObject({ is: 'stopped', savepoint: { path: expect.any(String) } })
    expect(started.outcome).toMatchObject({ is: 'running', restoredFrom: expect.any(String) })
  })

  it('takes a savepoint without ending the job', async () => {
    await world.release()
    await world.run(start)

    const operation = await world.run({ verb: 'savepoint' })

    expect(operation.outcome).toMatchObject({ is: 'savepoint-taken' })
    expect(world.alive()).toHaveLength(1)
  })

  it('rolls back to the release that ran before', async () => {
    await world.release()
    await world.release({ parallelism: 2 })
    await world.run({ ...start, release: 1 })
    await world.run({ ...restart, release: 2 })

    const operation = await world.run({ verb: 'rollback', to: null, from: { is: 'latest' } })

    expect(operation.outcome).toMatchObject({ is: 'running', release: 1, attempt: 3 })
    expect((await world.stores.read.jobs.byId(world.jobId))?.effectiveRelease).toBe(1)
  })

  it('goes back to the former release when the new one cannot read its state', async () => {
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
    await world.run({ ...start, release: 1 })

    const operation = await world.run({ ...restart, release: 2 })

    expect(operation).toMatchObject({
      state: 'failed',
      outcome: { is: 'not-done', why: 'state-not-readable', now: 'running-former-release', release: 1 },
    })
    expect(await jobState()).toMatchObject({ is: 'running', attempt: 3 })
    expect(world.alive()).toHaveLength(1)
  })

  it('remembers what a release could not read, and refuses it the next time', async () => {
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
    await world.run({ ...start, release: 1 })
    await world.run({ ...restart, release: 2 })

    const answer = await world.ask({ ...restart, release: 2 })

    expect(answer).toMatchObject({ ok: false, why: { of: 'state-not-readable', reader: 2, writer: 1 } })
  })

  it('scales by a savepoint', async () => {
    await world.release()
    await world.run(start)

    const operation = await world.run({ verb: 'scale', parallelism: 3 })

    expect(operation.outcome).toMatchObject({ is: 'running', parallelism: 3, attempt: 2 })
  })

  it('does not stop a running job for a scale that can never fit', async () => {
    await world.release()
    await world.run(start)

    const operation = await world.run({ verb: 'scale', parallelism: 99 })

    expect(operation.outcome).toMatchObject({ is: 'not-done', why: 'no-room', now: 'running-as-before' })
    expect(world.alive()).toHaveLength(1)
  })

  it('waits for slots that are still held for the jobs of a JobManager that was replaced', async () => {
    await world.close()
    world = await operating({ database, delays: { giveBack: 1_000 } })
    await world.release({ parallelism: 5 })
    await world.run(start)
    await world.simulator.killJobManager()
    await world.simulator.startJobManager()
    await world.run({ verb: 'cancel' })

    const operation = await world.run(start)

    expect(operation.outcome).toMatchObject({ is: 'running', attempt: 2 })
    expect(world.alive()).toHaveLength(1)
  })

  it('gives up its wait for slots when it is called off', async () => {
    await world.release({ parallelism: 99 })
    const asked = await world.ask(start)
    if (!asked.ok) throw new Error('refused')
    await world.stores.read.operations.askCancel(asked.operation.id, 'Lin')

    await world.worker.work(world.jobId, new AbortController().signal)

    const operation = await world.stores.read.operations.byId(asked.operation.id)
    expect(operation).toMatchObject({
      state: 'cancelled',
      outcome: { is: 'not-done', why: 'cancelled', now: 'stopped' },
    })
  })

  it('cancels without a savepoint and keeps the newest checkpoint', async () => {
    await world.release()
    await world.run(start)

    const operation = await world.run({ verb: 'cancel' })

    expect(operation.outcome).toMatchObject({ is: 'stopped' })
    expect(world.alive()).toHaveLength(0)
  })

  it('says what a program that throws said, and leaves nothing running', async () => {
    await world.release({
      program: {
        is: 'jar',
        digest: 'e'.repeat(64),
        fileName: 'x.jar',
        entryClass: null,
        args: ['--throw', 'no such topic'],
      },
    })

    const operation = await world.run(start)

    expect(operation).toMatchObject({ state: 'failed', outcome: { is: 'not-done', now: 'failed' } })
    expect(JSON.stringify(operation.outcome)).toContain('no such topic')
    expect(world.alive()).toHaveLength(0)
  })

  it('adopts a job that runs already instead of starting another', async () => {
    await world.release()
    await world.run(start)
    const flinkId = world.alive()[0] ?? ''
    await world.database.prisma.attempt.deleteMany({})
    await world.database.prisma.job.updateMany({ data: { state: 'new', detail: { is: 'new' } } })

    const operation = await world.run({ verb: 'adopt', flinkJobId: flinkId as never, release: null })

    expect(operation.outcome).toMatchObject({ is: 'adopted', release: 1 })
    expect(world.alive()).toEqual([flinkId])
  })

  it('is one when two people ask for the same at once', async () => {
    await world.release()
    await world.run(start)

    const answers = await Promise.all(Array.from({ length: 8 }, () => world.ask(restart)))
    await world.worker.work(world.jobId, new AbortController().signal)

    const ids = new Set(answers.map((answer) => answer.ok && answer.operation.id))
    expect(ids.size).toBe(1)
    expect(answers.filter((answer) => answer.ok && answer.joined)).toHaveLength(7)
    expect(world.alive()).toHaveLength(1)
    expect((await world.stores.read.jobs.byId(world.jobId))?.attempts).toBe(2)
  })

  it('queues behind another on the same job', async () => {
    await world.release()
    await world.run(start)
    await world.ask(stop)
    const second = await world.ask(start)

    await world.worker.work(world.jobId, new AbortController().signal)

    expect(second.ok).toBe(true)
    expect(await jobState()).toMatchObject({ is: 'running', attempt: 2 })
  })
})

describe('when answers are lost', () => {
  it.each([
    { what: 'the answer to the submit', on: /^POST .*\/run/ },
    { what: 'the answer to the stop', on: /^POST .*\/stop/ },
    { what: 'the answer to the trigger', on: /^GET .*\/savepoints\// },
  ])('a restart runs the job once although $what is lost', async ({ on }) => {
    await world.release()
    await world.run(start)
    world.simulator.faults.add({ on, fault: { is: 'drop-answer' }, times: 1 })

    const operation = await world.run(restart)

    expect(operation.outcome).toMatchObject({ is: 'running', attempt: 2 })
    expect(world.alive()).toHaveLength(1)
  })

  it.each([
    'leader-election',
    'garbage',
    'cut',
    'wrong-length',
    'drop-request',
  ] as const)('a restart survives %s', async (is) => {
    await world.release()
    await world.run(start)
    world.simulator.faults.add({ on: /./, fault: { is }, times: 3 })

    const operation = await world.run(restart)

    expect(operation.outcome).toMatchObject({ is: 'running', attempt: 2 })
    expect(world.alive()).toHaveLength(1)
  })

  it('a restart goes on although the first looks at its checkpoints do not show the restore yet', async () => {
    await world.release()
    await world.run(start)
    world.simulator.faults.add({ on: /^GET .*\/checkpoints/, fault: { is: 'garbage' }, times: 4 })

    const operation = await world.run(restart)

    expect(operation.outcome).toMatchObject({ is: 'running', attempt: 2, restoredFrom: expect.any(String) })
    expect(world.alive()).toHaveLength(1)
  })

  it('claims nothing when the cluster stays silent, and starts nothing else', async () => {
    await world.release()
    await world.run(start)
    world.simulator.faults.add({ on: /./, fault: { is: 'drop-request' } })

    const operation = await world.run(restart)

    expect(operation).toMatchObject({ state: 'failed', outcome: { is: 'not-done', why: 'cluster-silent' } })
    world.simulator.faults.clear()
    expect(world.alive()).toHaveLength(1)
  })
})
