import { afterEach, describe, expect, it } from 'vitest'
import { diagnose } from '../../../../src/platform/flink/diagnosis.ts'
import { flinkJobId, type Identity, type SubmitPlan } from '../../../../src/platform/runtimes/runtime.ts'
import type { SimulatorOptions } from '../../../../src/platform/runtimes/simulator/simulator.http.ts'
import { type SimulatedWorld, simulatedWorld } from '../../../fakes/simulated-world.ts'
import { reserved } from '../../../support/reserved.ts'

/** What running real Flinks taught, each with the behaviour of ours that follows from it. */

const worlds: SimulatedWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function open(options: Partial<SimulatorOptions> = {}): Promise<SimulatedWorld> {
  const world = await simulatedWorld(options)
  worlds.push(world)
  return world
}

function counting(
  world: SimulatedWorld,
  args: readonly string[] = [],
  more: Partial<SubmitPlan> = {},
): SubmitPlan {
  return {
    jobName: 'counter',
    program: {
      is: 'jar',
      digest: world.counterJob.digest,
      fileName: 'counter-job.jar',
      entryClass: null,
      args,
    },
    parallelism: 1,
    flinkSettings: {},
    restore: null,
    ...more,
  }
}

const reserve = (world: SimulatedWorld, attempt = 1) => reserved(world.runtime, { jobUid: 'job_a', attempt })
const ask = (world: SimulatedWorld, identity: Identity) =>
  world.runtime.ask(identity, { born: null, pulse: null })

async function postRun(world: SimulatedWorld, body: unknown): Promise<number> {
  await world.runtime.check(counting(world))
  const { files } = (await (await fetch(`${world.simulator.address}/jars`)).json()) as {
    files: { id: string }[]
  }
  const answer = await fetch(`${world.simulator.address}/jars/${files[0]?.id}/run`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return answer.status
}

describe('the twelve results', () => {
  it('1: a key that Flink would ignore is never sent, and a restore is believed only when Flink reports it', async () => {
    expect(await postRun(await open({ version: '1.19.1' }), { bogus: 1 })).toBe(400)
    const world = await open({ version: '1.20.3' })
    expect(await postRun(world, { savepointPaht: '/nowhere' })).toBe(200)

    const identity = await reserve(world)
    await world.runtime.submit(identity, counting(world))

    expect((await world.runtime.detail(identity, { pressure: false }))?.restored).toBeNull()
  })

  it('2: one id starts one job, and since a new JobManager forgets ids, every attempt has its own', async () => {
    const world = await open()
    const identity = await reserve(world)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.runtime.submit(identity, counting(world))),
    )
    expect(answers.filter(({ is }) => is === 'accepted')).toHaveLength(1)

    await world.simulator.killJobManager()
    await world.simulator.startJobManager()

    expect(await world.runtime.submit(identity, counting(world))).toEqual({ is: 'accepted' })
    expect(await reserve(world, 2)).not.toEqual(identity)
  })

  it.each(['1.20.3', '2.3.0'])('3: a duplicate is recognised in the words of %s', async (version) => {
    const world = await open({ version })
    const identity = await reserve(world)
    await world.runtime.submit(identity, counting(world))

    expect(await world.runtime.submit(identity, counting(world))).toEqual({ is: 'already-there' })
  })

  it('4: an id that Flink would cut is refused by us', async () => {
    expect(await postRun(await open(), { jobId: 'a'.repeat(33) })).toBe(200)

    expect(() => flinkJobId('a'.repeat(33))).toThrow('32 hex digits')
    expect(() => flinkJobId('A'.repeat(32))).toThrow('32 hex digits')
  })

  it('5: an error answer does not mean that there is no job', async () => {
    const world = await open()
    const identity = await reserve(world)

    expect(await world.runtime.submit(identity, counting(world, ['--execute', 'twice']))).toEqual({
      is: 'accepted',
    })

    expect((await ask(world, identity)).is).toBe('alive')
  })

  it('6: RUNNING does not mean that tasks run', async () => {
    const world = await open({ taskManagers: 0 })
    const identity = await reserve(world)
    await world.runtime.submit(identity, counting(world))

    expect(await ask(world, identity)).toMatchObject({
      is: 'alive',
      state: 'RUNNING',
      tasks: { running: 0, total: 2 },
    })
  })

  it('7: whether a job is there is read from the live listing alone', async () => {
    const world = await open()
    const identity = await reserve(world)
    const status = await fetch(`${world.simulator.address}/jobs/${identity.flinkJobId}/status`)
    expect(status.status).toBe(500)
    const before = new Map(world.simulator.requests)

    await ask(world, identity)

    const asked = [...world.simulator.requests].filter(([route, count]) => count !== (before.get(route) ?? 0))
    expect(asked).toEqual([['GET /jobs/overview', 1]])
  })

  it('8: System.exit() in main is a refusal with a cause that people understand', async () => {
    const world = await open()

    const answer = await world.runtime.submit(await reserve(world), counting(world, ['--exit', '3']))

    expect(answer).toMatchObject({ is: 'refused', because: expect.stringContaining('exit JVM') })
    expect(diagnose(answer.is === 'refused' ? answer.because : '')?.id).toBe('system-exit')
  })

  it('9: a SQL job runs under our id on a version whose gateway would ignore it', async () => {
    const world = await open({ version: '1.16.1' })
    const identity = await reserve(world)
    const program = { is: 'sql', script: 'INSERT INTO a SELECT 1' } as const

    await world.runtime.submit(identity, counting(world, [], { program }))

    expect((await ask(world, identity)).is).toBe('alive')
  })

  it('10: an accepted restore that loops is told by its restarts', async () => {
    const world = await open()
    const first = await reserve(world)
    await world.runtime.submit(first, counting(world))
    await world.runtime.stop(first, { triggerId: 'b'.repeat(32), directory: null, drain: false })
    const stopped = await world.runtime.triggered(first, 'b'.repeat(32))
    const path = stopped.is === 'done' ? stopped.path : ''
    const second = await reserve(world, 2)
    const restore = { path, claim: 'no-claim', allowNonRestored: false } as const

    const answer = await world.runtime.submit(second, counting(world, ['--break', 'now'], { restore }))
    world.clock.pass(10_000)

    expect(answer).toEqual({ is: 'accepted' })
    const detail = await world.runtime.detail(second, { pressure: false })
    expect(detail?.restarts).toBeGreaterThan(1)
    expect(detail?.restored?.path).toBe(path)
  })

  it.each([
    '1.14.6',
    '1.16.1',
    '1.17.2',
    '1.18.1',
    '1.19.1',
    '1.20.3',
    '2.3.0',
  ])('11: the SQL runner is submitted on %s without a key it does not know', async (version) => {
    const world = await open({ version })
    const program = { is: 'sql', script: 'INSERT INTO a SELECT 1' } as const

    const answer = await world.runtime.submit(await reserve(world), counting(world, [], { program }))

    expect(answer).toEqual({ is: 'accepted' })
  })
})
