import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Identity, SubmitPlan } from '../../../../src/platform/runtimes/runtime.ts'
import { type LossyProxy, startLossyProxy } from '../../../fakes/lossy-proxy.ts'
import { type SimulatedWorld, simulatedWorld } from '../../../fakes/simulated-world.ts'
import { reserved } from '../../../support/reserved.ts'

let world: SimulatedWorld
let proxy: LossyProxy | null = null
beforeEach(async () => {
  world = await simulatedWorld()
})
afterEach(async () => {
  await proxy?.close()
  proxy = null
  await world.close()
})

function counting(more: Partial<SubmitPlan> = {}): SubmitPlan {
  return {
    jobName: 'counter',
    program: {
      is: 'jar',
      digest: world.counterJob.digest,
      fileName: 'counter-job.jar',
      entryClass: null,
      args: [],
    },
    parallelism: 1,
    flinkSettings: {},
    restore: null,
    ...more,
  }
}

const reserve = (attempt = 1) => reserved(world.runtime, { jobUid: 'job_a', attempt })
const ask = (identity: Identity) => world.runtime.ask(identity, { born: null, pulse: null })
const RUN = /^POST .*\/run$/

describe('a submit that goes wrong on the way', () => {
  it.each([
    'drop-answer',
    'garbage',
    'cut',
    'wrong-length',
  ] as const)('is accepted when the job is listed after all: %s', async (is) => {
    const identity = await reserve()
    world.simulator.faults.add({ on: RUN, fault: { is }, times: 1 })

    expect(await world.runtime.submit(identity, counting())).toEqual({ is: 'accepted' })
    expect(await world.runtime.submit(identity, counting())).toEqual({ is: 'already-there' })
  })

  it.each([
    'drop-request',
    'leader-election',
  ] as const)('stays open when the job is not listed: %s', async (is) => {
    const identity = await reserve()
    world.simulator.faults.add({ on: RUN, fault: { is }, times: 1 })

    expect((await world.runtime.submit(identity, counting())).is).toBe('unknown')
    expect(await ask(identity)).toMatchObject({ is: 'unknown', why: 'absent' })
    expect(await world.runtime.submit(identity, counting())).toEqual({ is: 'accepted' })
  })

  it('stays open when the listing cannot be read afterwards', async () => {
    const identity = await reserve()
    world.simulator.faults.add({ on: RUN, fault: { is: 'drop-answer' } })
    world.simulator.faults.add({ on: /overview$/, fault: { is: 'garbage' } })

    expect((await world.runtime.submit(identity, counting())).is).toBe('unknown')

    world.simulator.faults.clear()
    expect((await ask(identity)).is).toBe('alive')
  })

  it('stays open when Flink answers with another id', async () => {
    proxy = await startLossyProxy(world.simulator.address)
    proxy.lose(RUN, { is: 'answered', status: 200, body: JSON.stringify({ jobid: 'e'.repeat(32) }) })
    const runtime = world.fresh({ address: proxy.address })

    expect((await runtime.submit(await reserve(), counting())).is).toBe('unknown')
  })
})

describe('jars', () => {
  it('are uploaded once, also by runtimes that know nothing of each other', async () => {
    await world.runtime.submit(await reserve(1), counting())
    await world.fresh().submit(await reserve(2), counting())
    await Promise.all(
      [3, 4, 5].map(async (attempt) => world.runtime.submit(await reserve(attempt), counting())),
    )

    expect(world.simulator.requests.get('POST /jars/upload')).toBe(1)
  })

  it('are uploaded again when the cluster lists one that it lost', async () => {
    await world.runtime.submit(await reserve(1), counting())
    proxy = await startLossyProxy(world.simulator.address)
    const lost = { files: [{ id: 'gone.jar', name: `sluice-${world.counterJob.digest}.jar` }] }
    proxy.lose(/^GET \/jars$/, { is: 'answered', status: 200, body: JSON.stringify(lost) })
    const runtime = world.fresh({ address: proxy.address })

    expect(await runtime.submit(await reserve(2), counting())).toEqual({ is: 'accepted' })
  })
})

describe('proofs', () => {
  async function endedAndForgotten(): Promise<Identity> {
    const identity = await reserve()
    await world.runtime.submit(identity, counting())
    await world.runtime.cancel(identity)
    await ask(identity)
    world.simulator.cluster.forgetEnded()
    return identity
  }

  it('a job that ended long ago is over once Flink refuses its id and still does not list it', async () => {
    const identity = await endedAndForgotten()
    expect(await ask(identity)).toMatchObject({ is: 'unknown', why: 'absent' })

    expect(await world.runtime.submit(identity, counting())).toEqual({ is: 'already-there' })

    expect(await ask(identity)).toMatchObject({ is: 'unknown', why: 'absent' })
    world.clock.pass(15_000)
    expect(await ask(identity)).toEqual({ is: 'over', proof: { kind: 'ended-and-forgotten' } })
  })

  it('the archive of a job speaks for it, even when nobody answers', async () => {
    const identity = await endedAndForgotten()
    const archiveDirectory = world.simulator.directories.archive
    const runtime = world.fresh({ archiveDirectory, address: 'http://127.0.0.1:9' })

    const sight = await runtime.ask(identity, { born: null, pulse: null })

    expect(sight).toMatchObject({ is: 'over', proof: { kind: 'archived', state: 'CANCELED' } })
  })

  async function replaced() {
    const identity = await reserve()
    await world.runtime.submit(identity, counting())
    const born = await world.runtime.pulse(null)
    await world.simulator.killJobManager()
    await world.simulator.startJobManager()
    const pulse = await world.runtime.pulse(born)
    return { identity, born, pulse }
  }

  it('a job went with its JobManager when a newer one does not list it', async () => {
    const { identity, born, pulse } = await replaced()

    expect(pulse?.generation).toBe((born?.generation ?? 0) + 1)
    expect(await world.runtime.ask(identity, { born: born?.generation ?? null, pulse })).toEqual({
      is: 'over',
      proof: { kind: 'jobmanager-replaced', born: born?.generation, now: pulse?.generation },
    })
  })

  it('a newer JobManager proves nothing without knowing in which life the job was born', async () => {
    const { identity, pulse } = await replaced()

    expect(await world.runtime.ask(identity, { born: null, pulse })).toMatchObject({
      is: 'unknown',
      why: 'absent',
    })
    expect(await world.runtime.ask(identity, { born: pulse?.generation ?? 0, pulse })).toMatchObject({
      is: 'unknown',
    })
    expect(await world.runtime.ask(identity, { born: 1, pulse: null })).toMatchObject({ is: 'unknown' })
  })

  it('a newer JobManager proves nothing where it is highly available, or does not tell', async () => {
    const { identity, born, pulse } = await replaced()
    if (!pulse) throw new Error('no pulse')
    const life = { born: born?.generation ?? null }

    for (const highAvailability of [true, null]) {
      const sight = await world.runtime.ask(identity, { ...life, pulse: { ...pulse, highAvailability } })
      expect(sight).toMatchObject({ is: 'unknown', why: 'absent' })
    }
  })

  it('high availability is read from the cluster, and keeps its jobs through a new JobManager', async () => {
    const available = await simulatedWorld({ highAvailability: true })
    const identity = await reserved(available.runtime, { jobUid: 'job_a', attempt: 1 })
    await available.runtime.submit(identity, counting())
    const born = await available.runtime.pulse(null)
    await available.simulator.killJobManager()
    await available.simulator.startJobManager()

    const pulse = await available.runtime.pulse(born)

    expect(pulse?.highAvailability).toBe(true)
    expect((await available.runtime.ask(identity, { born: 1, pulse })).is).toBe('alive')
    await available.close()
  })

  it('a JobManager that was replaced when it was young shows by its mark, whatever its CPU time', async () => {
    const first = await world.runtime.pulse(null)
    if (!first) throw new Error('It answers.')
    const young = { ...first, cpuNanos: 1 }
    await world.simulator.killJobManager()
    await world.simulator.startJobManager()

    const second = await world.runtime.pulse(young)

    expect(second?.generation).toBe(first.generation + 1)
    expect(second?.life).not.toBe(first.life)
    expect((await world.runtime.pulse(second))?.generation).toBe(second?.generation)
  })

  it('the first JobManager may be of any age, of a later one it is known when it was first seen', async () => {
    const { born, pulse } = await replaced()
    const seenAt = world.clock.now()
    world.clock.pass(1_000)

    const later = await world.runtime.pulse(pulse)

    expect([born, pulse, later].map((each) => each?.replacedAt)).toEqual([null, seenAt, seenAt])
  })

  it('without a mark its CPU time tells, and a pulse from before there were marks counts as one', async () => {
    const first = await world.runtime.pulse(null)
    if (!first) throw new Error('It answers.')
    const unmarked = { ...first, life: null }

    expect(await world.runtime.pulse(unmarked)).toMatchObject({ generation: 1, life: first.life })
    expect((await world.runtime.pulse({ ...unmarked, cpuNanos: Number.MAX_SAFE_INTEGER }))?.generation).toBe(
      2,
    )
  })

  it('a missing reading keeps the former one, so that the next replacement still shows', async () => {
    const first = await world.runtime.pulse(null)
    proxy = await startLossyProxy(world.simulator.address)
    proxy.lose(/metrics|config/, { is: 'answered', status: 200, body: '[]' }, 2)

    const second = await world.fresh({ address: proxy.address }).pulse(first)

    expect(second).toMatchObject({
      generation: first?.generation,
      cpuNanos: first?.cpuNanos,
      life: first?.life,
    })
  })
})

describe('watching', () => {
  it('takes exactly one request per listing, however many jobs there are', async () => {
    const crowd = await simulatedWorld({ jobs: 500, slots: 1000 })

    const sight = await crowd.runtime.observe()

    expect(sight.is === 'seen' && sight.jobs.length).toBe(500)
    expect([...crowd.simulator.requests]).toEqual([['GET /jobs/overview', 1]])
    await crowd.close()
  })

  it.each([
    'garbage',
    'cut',
    'wrong-length',
    'drop-answer',
    'leader-election',
  ] as const)('calls a cluster unreachable that answers with %s', async (is) => {
    world.simulator.faults.add({ on: /./, fault: { is } })

    expect((await world.runtime.observe()).is).toBe('unreachable')
  })

  it('counts its requests per route for the metrics', async () => {
    const told: string[] = []
    const runtime = world.fresh({ onRequest: (route, outcome) => told.push(`${route} ${outcome}`) })

    await runtime.observe()

    expect(told).toEqual(['/jobs/overview answered'])
  })
})

describe('older versions', () => {
  it('report the settings that they have no way to take', async () => {
    const old = await simulatedWorld({ version: '1.16.1' })
    const plan = counting({ flinkSettings: { 'execution.checkpointing.interval': '10 s' } })

    const answer = await old.runtime.submit(await reserved(old.runtime, { jobUid: 'a', attempt: 1 }), plan)

    expect(answer).toEqual({ is: 'accepted', notSent: ['execution.checkpointing.interval'] })
    await old.close()
  })

  it('name triggers themselves on 1.14, and are followed by our name', async () => {
    const old = await simulatedWorld({ version: '1.14.6' })
    const identity = await reserved(old.runtime, { jobUid: 'a', attempt: 1 })
    await old.runtime.submit(identity, counting())
    const order = { triggerId: 'c'.repeat(32), directory: null }

    await old.runtime.savepoint(identity, order)
    await old.runtime.savepoint(identity, order)

    expect(await old.runtime.triggered(identity, order.triggerId)).toMatchObject({ is: 'done' })
    expect(old.simulator.requests.get('POST /jobs/:id/savepoints')).toBe(1)
    await old.close()
  })
})

describe('savepoints', () => {
  it('are forgotten after five minutes, and the same trigger id then takes a new one', async () => {
    const identity = await reserve()
    await world.runtime.submit(identity, counting())
    const order = { triggerId: 'd'.repeat(32), directory: null }
    await world.runtime.savepoint(identity, order)
    const first = await world.runtime.triggered(identity, order.triggerId)

    world.clock.pass(300_001)
    expect(await world.runtime.triggered(identity, order.triggerId)).toEqual({ is: 'forgotten' })
    await world.runtime.savepoint(identity, order)

    const second = await world.runtime.triggered(identity, order.triggerId)
    expect(second.is).toBe('done')
    expect(second).not.toEqual(first)
  })

  it('bring the counter back', async () => {
    const first = await reserve(1)
    await world.runtime.submit(first, counting())
    await world.runtime.observe()
    world.clock.pass(5_000)
    await world.runtime.stop(first, { triggerId: 'f'.repeat(32), directory: null, drain: false })
    const stopped = await world.runtime.triggered(first, 'f'.repeat(32))
    const second = await reserve(2)
    const path = stopped.is === 'done' ? stopped.path : ''

    await world.runtime.submit(
      second,
      counting({ restore: { path, claim: 'no-claim', allowNonRestored: false } }),
    )

    expect(world.simulator.counter(second.flinkJobId)).toBe(50)
  })
})
