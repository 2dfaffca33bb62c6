import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Identity, SubmitPlan } from '../../src/platform/runtimes/runtime.ts'
import type { SessionRuntime } from '../../src/platform/runtimes/session/session-runtime.http.ts'
import { runtimeContract } from '../contracts/runtime.ts'
import { type LossyProxy, startLossyProxy } from '../fakes/lossy-proxy.ts'
import { reserved } from '../support/reserved.ts'
import { type FlinkWorld, flinkWorld } from './flink-world.ts'

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

runtimeContract('a real session cluster', async () => {
  const world = await flinkWorld('contract')
  return {
    runtime: world.runtime(),
    nowhere: world.runtime({ address: 'http://127.0.0.1:9' }),
    counterJob: world.counterJob,
    savepoints: world.directories.savepoints,
    pass: sleep,
    close: world.close,
  }
})

describe('a real session cluster that breaks', () => {
  let world: FlinkWorld
  let proxy: LossyProxy
  let runtime: SessionRuntime
  beforeAll(async () => {
    world = await flinkWorld('breaks')
    proxy = await startLossyProxy(world.address)
    runtime = world.runtime({ address: proxy.address })
  })
  afterAll(async () => {
    await proxy?.close()
    await world?.close()
  })

  const plan = (more: Partial<SubmitPlan> = {}): SubmitPlan => ({
    jobName: 'counter',
    program: {
      is: 'jar',
      digest: world.counterJob.digest,
      fileName: 'counter-job.jar',
      entryClass: null,
      args: ['--interval', '1000'],
    },
    parallelism: 1,
    flinkSettings: {},
    restore: null,
    ...more,
  })

  const reserve = () => reserved(runtime, { jobUid: `job_${randomBytes(6).toString('hex')}`, attempt: 1 })

  const ask = (identity: Identity, of = runtime) => of.ask(identity, { born: null, pulse: null })

  async function until<T>(look: () => Promise<T | null>): Promise<T> {
    for (let i = 0; i < 300; i++) {
      const found = await look()
      if (found !== null) return found
      await sleep(500)
    }
    throw new Error('it did not come about')
  }

  const untilUp = (identity: Identity) =>
    until(async () => {
      const sight = await ask(identity)
      const up = sight.is === 'alive' && sight.tasks.total > 0 && sight.tasks.running === sight.tasks.total
      return up ? sight : null
    })

  const untilOver = (identity: Identity) =>
    until(async () => {
      const sight = await ask(identity)
      return sight.is === 'over' ? sight : null
    })

  async function countOf(identity: Identity): Promise<number> {
    const sight = await runtime.observe()
    return sight.is === 'seen'
      ? sight.jobs.filter((job) => job.flinkJobId === identity.flinkJobId).length
      : -1
  }

  it('finds a job whose answer to the submit was lost, and runs it once', async () => {
    const identity = await reserve()
    await runtime.check(plan())
    proxy.lose(/^POST .*\/run$/, { is: 'answer-lost' })

    expect(await runtime.submit(identity, plan())).toEqual({ is: 'accepted' })
    expect(await runtime.submit(identity, plan())).toEqual({ is: 'already-there' })

    expect(await countOf(identity)).toBe(1)
    await runtime.cancel(identity)
    await untilOver(identity)
  })

  it('leaves a submit open whose request was lost, and starts the job with the next one', async () => {
    const identity = await reserve()
    proxy.lose(/^POST .*\/run$/, { is: 'request-lost' })

    expect((await runtime.submit(identity, plan())).is).toBe('unknown')
    expect(await ask(identity)).toMatchObject({ is: 'unknown', why: 'absent' })
    expect(await runtime.submit(identity, plan())).toEqual({ is: 'accepted' })

    await runtime.cancel(identity)
    await untilOver(identity)
  })

  it('takes one savepoint when the answer to the trigger was lost and the trigger is sent again', async () => {
    const identity = await reserve()
    await runtime.submit(identity, plan())
    await untilUp(identity)
    const order = { triggerId: randomBytes(16).toString('hex'), directory: world.directories.savepoints }
    proxy.lose(/^POST .*\/savepoints$/, { is: 'answer-lost' })

    expect((await runtime.savepoint(identity, order)).is).toBe('unknown')
    const first = await until(async () => {
      const sight = await runtime.triggered(identity, order.triggerId)
      return sight.is === 'in-progress' ? null : sight
    })
    expect(await runtime.savepoint(identity, order)).toEqual({ is: 'triggered' })

    expect(first.is).toBe('done')
    expect(await runtime.triggered(identity, order.triggerId)).toEqual(first)
    await runtime.cancel(identity)
    await untilOver(identity)
  })

  it('uploads a jar again when the cluster lost it', async () => {
    const listed = (await (await fetch(`${world.address}/jars`)).json()) as { files: { id: string }[] }
    for (const { id } of listed.files) await fetch(`${world.address}/jars/${id}`, { method: 'DELETE' })
    const identity = await reserve()

    expect(await runtime.submit(identity, plan())).toEqual({ is: 'accepted' })

    await runtime.cancel(identity)
    await untilOver(identity)
  })

  it('proves the end of a job by its archive when the cluster does not answer', async () => {
    const identity = await reserve()
    await runtime.submit(identity, plan())
    await untilUp(identity)
    await runtime.cancel(identity)
    await untilOver(identity)

    // Out of reach on purpose: the archive speaks when the cluster does not.
    const blind = world.runtime({
      address: 'http://127.0.0.1:9',
      archiveDirectory: world.directories.archive,
    })
    const sight = await until(async () => {
      const sight = await ask(identity, blind)
      return sight.is === 'over' ? sight : null
    })

    expect(sight.proof).toMatchObject({ kind: 'archived', state: 'CANCELED' })
  })

  it('proves that a job ended with its JobManager, and brings it back from the newest retained checkpoint', async () => {
    const uid = `job_${randomBytes(6).toString('hex')}`
    const first = await reserved(runtime, { jobUid: uid, attempt: 1 })
    await runtime.submit(first, plan())
    await untilUp(first)
    const born = await until(async () => {
      const pulse = await runtime.pulse(null)
      return pulse?.cpuNanos != null ? pulse : null
    })
    await until(async () => (await runtime.detail(first, { pressure: false }))?.lastCheckpoint ?? null)
    await world.kill('jobmanager')
    expect(await ask(first)).toMatchObject({ is: 'unknown', why: 'unreachable' })
    await world.bringBack()

    const absent = await runtime.ask(first, { born: born.generation, pulse: born })
    expect(absent).toMatchObject({ is: 'unknown', why: 'absent' })
    const pulse = await until(async () => {
      const pulse = await runtime.pulse(born)
      return pulse !== null && pulse.generation > born.generation ? pulse : null
    })
    const sight = await runtime.ask(first, { born: born.generation, pulse })

    expect(sight).toEqual({
      is: 'over',
      proof: { kind: 'jobmanager-replaced', born: born.generation, now: pulse.generation },
    })
    const retained = await runtime.newestRetained(first, null)
    const second = await reserved(runtime, { jobUid: uid, attempt: 2 })
    const restore = { path: retained?.path ?? '', claim: 'no-claim', allowNonRestored: false } as const
    expect(await runtime.submit(second, plan({ restore }))).toEqual({ is: 'accepted' })
    await untilUp(second)
    const detail = await until(async () => {
      const detail = await runtime.detail(second, { pressure: false })
      return detail?.restored ? detail : null
    })
    expect(detail.restored).toMatchObject({ path: retained?.path })
    await runtime.cancel(second)
    await untilOver(second)
  })

  it('sees through a lost TaskManager: the job is alive, and runs again when one is back', async () => {
    const identity = await reserve()
    await runtime.submit(identity, plan())
    await untilUp(identity)
    await world.kill('taskmanager')
    await until(async () => {
      const sight = await ask(identity)
      expect(sight.is).toBe('alive')
      return sight.is === 'alive' && sight.tasks.running < sight.tasks.total ? sight : null
    })
    await world.bringBack()

    await untilUp(identity)

    const causes = await runtime.causes(identity)
    expect(causes[0]?.exception).not.toContain('NoResourceAvailable')
    await runtime.cancel(identity)
    await untilOver(identity)
  })
})
