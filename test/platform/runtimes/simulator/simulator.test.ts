import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Identity, SubmitPlan } from '../../../../src/platform/runtimes/runtime.ts'
import { NO_DELAYS, REAL_DELAYS } from '../../../../src/platform/runtimes/simulator/simulated-cluster.ts'
import type { SimulatorOptions } from '../../../../src/platform/runtimes/simulator/simulator.http.ts'
import { startSimulator } from '../../../../src/platform/runtimes/simulator/simulator.http.ts'
import { type SimulatedWorld, simulatedWorld } from '../../../fakes/simulated-world.ts'
import { steeredClock } from '../../../fakes/steered-clock.ts'
import { reserved } from '../../../support/reserved.ts'

const worlds: SimulatedWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function open(options: Partial<SimulatorOptions> = {}): Promise<SimulatedWorld> {
  const world = await simulatedWorld(options)
  worlds.push(world)
  return world
}

async function started(world: SimulatedWorld, args: readonly string[] = [], attempt = 1): Promise<Identity> {
  const identity = await reserved(world.runtime, { jobUid: 'job_a', attempt })
  const plan: SubmitPlan = {
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
  }
  expect(await world.runtime.submit(identity, plan)).toEqual({ is: 'accepted' })
  return identity
}

const ask = (world: SimulatedWorld, identity: Identity) =>
  world.runtime.ask(identity, { born: null, pulse: null })

describe('the simulated cluster', () => {
  it('takes a job through its states in the time it is told', async () => {
    const world = await open({ delays: { ...REAL_DELAYS, submit: 0 } })
    const identity = await started(world)

    expect(await ask(world, identity)).toMatchObject({ state: 'INITIALIZING' })
    world.clock.pass(REAL_DELAYS.initialize)
    expect(await ask(world, identity)).toMatchObject({ state: 'RUNNING', tasks: { running: 0 } })
    world.clock.pass(REAL_DELAYS.deploy)
    expect(await ask(world, identity)).toMatchObject({ state: 'RUNNING', tasks: { running: 2, total: 2 } })
  })

  it('breaks a job when the file it watches appears, with the words of the file', async () => {
    const world = await open()
    const directory = mkdtempSync(join(tmpdir(), 'sluice-breaks-'))
    const file = join(directory, 'break')
    const identity = await started(world, ['--break-when', file, '--restarts', 'none'])
    expect((await ask(world, identity)).is).toBe('alive')

    writeFileSync(file, 'the warehouse is closed')

    expect(await ask(world, identity)).toMatchObject({ is: 'over', proof: { state: 'FAILED' } })
    expect((await world.runtime.causes(identity))[0]?.message).toBe('the warehouse is closed')
    rmSync(directory, { recursive: true })
  })

  it('tries a broken job again with growing pauses until it is mended', async () => {
    const world = await open({ delays: { submit: 0, initialize: 0, deploy: 0, restart: 1_000 } })
    const identity = await started(world)
    await ask(world, identity)

    world.simulator.breakJob(identity.flinkJobId)
    world.clock.pass(10_000)
    const looping = await world.runtime.detail(identity, { pressure: false })
    expect(looping?.state).toBe('RESTARTING')
    expect(looping?.restarts).toBeGreaterThan(2)

    world.simulator.mendJob(identity.flinkJobId)
    world.clock.pass(60_000)
    expect(await ask(world, identity)).toMatchObject({ state: 'RUNNING', tasks: { running: 2 } })
  })

  it('keeps the tasks of a lost TaskManager waiting until there is another', async () => {
    const world = await open({ slots: 1 })
    const identity = await started(world)
    await ask(world, identity)

    world.simulator.killTaskManager()
    world.clock.pass(5_000)
    expect(await ask(world, identity)).toMatchObject({ is: 'alive', tasks: { running: 0 } })
    world.simulator.addTaskManager()

    expect(await ask(world, identity)).toMatchObject({ state: 'RUNNING', tasks: { running: 2 } })
  })

  it('gives the slots of a job back when it ends, to the one that waits', async () => {
    const world = await open({ slots: 1 })
    const first = await started(world, [], 1)
    const second = await started(world, [], 2)
    expect(await ask(world, second)).toMatchObject({ state: 'RUNNING', tasks: { running: 0 } })

    await world.runtime.cancel(first)

    expect(await ask(world, first)).toMatchObject({ is: 'over' })
    expect(await ask(world, second)).toMatchObject({ tasks: { running: 2 } })
    expect(await world.runtime.room()).toMatchObject({ slotsFree: 0 })
  })

  it('answers 503 while a new JobManager wins its election', async () => {
    const world = await open({ delays: { ...REAL_DELAYS, submit: 0 } })
    await world.simulator.killJobManager()
    expect((await world.runtime.observe()).is).toBe('unreachable')
    await world.simulator.startJobManager()

    expect(await world.runtime.observe()).toMatchObject({
      is: 'unreachable',
      because: expect.stringContaining('leader election'),
    })
    world.clock.pass(REAL_DELAYS.leaderElection)
    expect(await world.runtime.observe()).toMatchObject({ is: 'seen', jobs: [] })
  })

  it('holds slots for the jobs of a JobManager that is gone, until TaskManagers miss it', async () => {
    const { giveBack } = REAL_DELAYS
    const world = await open({ slots: 2, delays: { ...NO_DELAYS, giveBack } })
    await ask(world, await started(world))
    await world.simulator.killJobManager()
    await world.simulator.startJobManager()
    const slotsFree = async () => {
      const room = await world.runtime.room()
      return room?.of === 'slots' ? room.slotsFree : null
    }

    expect(await slotsFree()).toBe(1)
    world.clock.pass(giveBack)
    expect(await slotsFree()).toBe(2)
  })

  it('marks each JobManager, in whatever process, as no other', async () => {
    const [one, other] = [await open(), await open()]
    const first = await one.runtime.pulse(null)
    await one.simulator.killJobManager()
    await one.simulator.startJobManager()

    const lives = [first, await one.runtime.pulse(first), await other.runtime.pulse(null)].map(
      (pulse) => pulse?.life,
    )

    expect(new Set(lives).size).toBe(3)
    expect(lives.every((life) => typeof life === 'string')).toBe(true)
  })

  it('writes savepoints as Flink lays them out', async () => {
    const world = await open()
    const identity = await started(world)
    await world.runtime.savepoint(identity, { triggerId: 'a'.repeat(32), directory: null })

    const sight = await world.runtime.triggered(identity, 'a'.repeat(32))

    const path = sight.is === 'done' ? sight.path : ''
    expect(path).toMatch(new RegExp(`/savepoint-${identity.flinkJobId.slice(0, 6)}-[0-9a-f]{12}$`))
    expect(existsSync(join(path.replace('file:', ''), '_metadata'))).toBe(true)
  })

  it('is broken from outside only where that is allowed', async () => {
    const order = { method: 'POST', body: JSON.stringify({ do: 'kill-task-manager' }) }
    const closed = await open()
    expect((await fetch(`${closed.simulator.address}/simulator/orders`, order)).status).toBe(404)
    expect(closed.simulator.cluster.taskManagers.size).toBe(1)

    const open_ = await open({ admin: true })
    expect((await fetch(`${open_.simulator.address}/simulator/orders`, order)).status).toBe(200)
    expect(open_.simulator.cluster.taskManagers.size).toBe(0)
  })

  it('builds a listing of thousands only after a change', async () => {
    const simulator = await startSimulator({ clock: steeredClock(), jobs: 3_000, slots: 3_000 })
    const read = async () => (await fetch(`${simulator.address}/jobs/overview`)).text()
    const first = await read()
    const jobs = [...simulator.cluster.jobs.values()]

    expect(JSON.parse(first).jobs).toHaveLength(3_000)
    expect(await read()).toBe(first)
    simulator.finishJob(jobs[0]?.id ?? '')
    expect(await read()).not.toBe(first)
    await simulator.stop()
  })
})
