import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  AttemptSight,
  Identity,
  Program,
  Proof,
  Runtime,
  RuntimeCause,
  SlotRoom,
  SubmitPlan,
} from '../../src/platform/runtimes/runtime.ts'
import { reserved } from '../support/reserved.ts'

/** One cluster to run the contract on: a simulated one, or a real one. */
export interface RuntimeWorld {
  runtime: Runtime
  /** The runtime of a cluster that is not there. */
  nowhere: Runtime
  /** `examples/counter-job.jar`, as its artifact is known to the runtime. */
  counterJob: { digest: string }
  /** The cluster's directory for savepoints. */
  savepoints: string
  /** What a plan needs to ask for more than the cluster has; by default one task more than it has slots. */
  noRoom?: Partial<SubmitPlan>
  /** Lets time pass on the cluster. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** In what clusters differ by their nature. */
export interface RuntimeNature {
  /** How the end of an attempt is proved. */
  proof: Proof['kind']
  /** Can compile a program without running it, and tells how many slots there are. */
  hasSlots: boolean
}

const SESSION: RuntimeNature = { proof: 'flink-terminal', hasSlots: true }

/** What every runtime promises, whatever it runs on. */
export function runtimeContract(
  name: string,
  open: () => Promise<RuntimeWorld>,
  { proof, hasSlots }: RuntimeNature = SESSION,
): void {
  describe(`the runtime contract on ${name}`, () => {
    let world: RuntimeWorld
    const trash: Identity[] = []
    beforeAll(async () => {
      world = await open()
    })
    afterAll(async () => {
      for (const identity of trash) await world?.runtime.cancel(identity)
      await world?.close()
    })

    const jobUid = () => `job_${randomBytes(6).toString('hex')}`
    const triggerId = () => randomBytes(16).toString('hex')

    async function named(uid = jobUid(), attempt = 1): Promise<Identity> {
      const identity = await reserved(world.runtime, { jobUid: uid, attempt })
      trash.push(identity)
      return identity
    }

    function counting(args: readonly string[] = [], more: Partial<SubmitPlan> = {}): SubmitPlan {
      const program: Program = {
        is: 'jar',
        digest: world.counterJob.digest,
        fileName: 'counter-job.jar',
        entryClass: null,
        args,
      }
      return { jobName: 'counter', program, parallelism: 1, flinkSettings: {}, restore: null, ...more }
    }

    async function until<T>(look: () => Promise<T | null>): Promise<T> {
      for (let i = 0; i < 240; i++) {
        const found = await look()
        if (found !== null) return found
        await world.pass(500)
      }
      throw new Error('it did not come about')
    }

    const ask = (identity: Identity) => world.runtime.ask(identity, { born: null, pulse: null })

    function isUp(sight: AttemptSight): boolean {
      if (sight.is !== 'alive' || sight.state !== 'RUNNING') return false
      return sight.tasks.total > 0 && sight.tasks.running + sight.tasks.finished === sight.tasks.total
    }

    const untilUp = (identity: Identity) =>
      until(async () => {
        const sight = await ask(identity)
        return isUp(sight) ? sight : null
      })

    const untilOver = (identity: Identity) =>
      until(async () => {
        const sight = await ask(identity)
        return sight.is === 'over' ? sight : null
      })

    const untilTriggered = (identity: Identity, trigger: string) =>
      until(async () => {
        const sight = await world.runtime.triggered(identity, trigger)
        return sight.is === 'in-progress' ? null : sight
      })

    async function running(args: readonly string[] = []): Promise<Identity> {
      const identity = await named()
      expect(await world.runtime.submit(identity, counting(args))).toEqual({ is: 'accepted' })
      await untilUp(identity)
      return identity
    }

    async function listed(identity: Identity) {
      const sight = await world.runtime.observe()
      if (sight.is !== 'seen') throw new Error(`not seen: ${sight.because}`)
      return sight.jobs.filter((job) => job.flinkJobId === identity.flinkJobId)
    }

    /** A program that cannot start is refused at once, or fails where it is compiled. Either way it is told why. */
    async function comesToNothing(identity: Identity, plan: SubmitPlan): Promise<RuntimeCause> {
      const answer = await world.runtime.submit(identity, plan)
      if (answer.is === 'refused') {
        expect((await ask(identity)).is).not.toBe('alive')
        return answer.cause ?? { exception: '', message: answer.because, at: null, task: null, stack: '' }
      }
      expect(answer).toEqual({ is: 'accepted' })
      expect((await untilOver(identity)).proof).toMatchObject({ state: 'FAILED' })
      const [cause] = await untilCauses(identity)
      return cause as RuntimeCause
    }

    const untilCauses = (identity: Identity) =>
      until(async () => {
        const causes = await world.runtime.causes(identity)
        return causes.length > 0 ? causes : null
      })

    async function slots(): Promise<SlotRoom> {
      const room = await world.runtime.room()
      if (room?.of !== 'slots') throw new Error(`no slots: ${JSON.stringify(room)}`)
      return room
    }

    async function ended(identity: Identity): Promise<void> {
      await world.runtime.cancel(identity)
      await untilOver(identity)
    }

    const flinkIdOf = async (jobUid: string, attempt: number) =>
      (await reserved(world.runtime, { jobUid, attempt })).flinkJobId

    it('reserves the same Flink id for the same attempt, and another for the next one', async () => {
      const first = await flinkIdOf('job_a', 1)

      expect(await flinkIdOf('job_a', 1)).toBe(first)
      expect(await flinkIdOf('job_a', 2)).not.toBe(first)
      expect(await flinkIdOf('job_b', 1)).not.toBe(first)
    })

    it('knows nothing of an attempt that was never submitted, and does not call it over', async () => {
      expect(await ask(await named())).toMatchObject({ is: 'unknown', why: 'absent' })
    })

    it('runs what was submitted under the reserved identity, and lists it', async () => {
      const identity = await running(['--name', 'orders-counter'])

      const [job] = await listed(identity)

      expect(job).toMatchObject({
        flinkJobId: identity.flinkJobId,
        name: 'orders-counter',
        state: 'RUNNING',
        endedAt: null,
      })
      await ended(identity)
    })

    it('answers a second submit of the same attempt with already-there, and runs it once', async () => {
      const identity = await running()

      expect(await world.runtime.submit(identity, counting())).toEqual({ is: 'already-there' })

      expect(await listed(identity)).toHaveLength(1)
      await ended(identity)
    })

    it('runs one job when eight submits of one attempt come at once', async () => {
      const identity = await named()

      const answers = await Promise.all(
        Array.from({ length: 8 }, () => world.runtime.submit(identity, counting())),
      )

      const answered = new Set(answers.map(({ is }) => is))
      expect(answered).toContain('accepted')
      expect([...answered].every((is) => is === 'accepted' || is === 'already-there')).toBe(true)
      expect(await listed(identity)).toHaveLength(1)
      await untilUp(identity)
      expect(await listed(identity)).toHaveLength(1)
      await ended(identity)
    })

    it('proves the end of a cancelled attempt by its terminal state', async () => {
      const identity = await running()

      expect(await world.runtime.cancel(identity)).toEqual({ is: 'triggered' })

      const over = await untilOver(identity)
      expect(over.proof).toMatchObject({ kind: proof, state: 'CANCELED' })
    })

    it('does not run an ended attempt again', async () => {
      const identity = await running()
      await ended(identity)

      expect(await world.runtime.submit(identity, counting())).toEqual({ is: 'already-there' })

      expect((await ask(identity)).is).toBe('over')
    })

    it('brings state back, and says from where', async () => {
      const uid = jobUid()
      const first = await named(uid, 1)
      await world.runtime.submit(first, counting())
      await untilUp(first)
      await world.pass(2_000)
      const stop = triggerId()
      await world.runtime.stop(first, { triggerId: stop, directory: world.savepoints, drain: false })
      const stopped = await untilTriggered(first, stop)
      if (stopped.is !== 'done') throw new Error(`no savepoint: ${JSON.stringify(stopped)}`)
      await untilOver(first)
      expect(await world.runtime.stateExists(stopped.path)).toBe('there')

      const second = await named(uid, 2)
      const restore = { path: stopped.path, claim: 'no-claim', allowNonRestored: false } as const
      expect(await world.runtime.submit(second, counting([], { restore }))).toEqual({ is: 'accepted' })

      const restored = await until(
        async () => (await world.runtime.detail(second, { pressure: false }))?.restored ?? null,
      )
      expect(restored).toMatchObject({ path: stopped.path, isSavepoint: true })
      await untilUp(second)
      await ended(second)
      expect(await world.runtime.stateExists(stopped.path)).toBe('there')
    })

    it('refuses to start from a savepoint that is not there, and proves that nothing runs', async () => {
      const identity = await named()
      const path = `${world.savepoints}/savepoint-000000-000000000000`
      const restore = { path, claim: 'no-claim', allowNonRestored: false } as const

      const cause = await comesToNothing(identity, counting([], { restore }))

      expect(cause.exception).toBe('java.io.FileNotFoundException')
      expect((await untilOver(identity)).proof).toMatchObject({ kind: proof, state: 'FAILED' })
      expect(await world.runtime.stateExists(path)).toBe('gone')
    })

    it('refuses a program whose main throws, and tells what it threw', async () => {
      const identity = await named()

      const cause = await comesToNothing(identity, counting(['orders']))

      expect(cause.message).toBe('expected --name value, got orders')
    })

    it('refuses an entry class that the jar does not have', async () => {
      const identity = await named()
      const plan = counting()
      const program = { ...plan.program, entryClass: 'com.example.Nowhere' } as Program

      const cause = await comesToNothing(identity, { ...plan, program })

      expect(cause.message).toContain('com.example.Nowhere')
    })

    it('refuses an artifact that is no longer kept', async () => {
      const plan = counting()
      const program = { ...plan.program, digest: 'f'.repeat(64) } as Program

      const answer = await world.runtime.submit(await named(), { ...plan, program })

      expect(answer.is).toBe('refused')
    })

    if (hasSlots)
      it('compiles without starting anything', async () => {
        const before = await world.runtime.observe()

        const good = await world.runtime.check(counting())
        const bad = await world.runtime.check(counting(['orders']))

        expect(good).toMatchObject({
          is: 'good',
          operators: expect.arrayContaining([expect.stringContaining('ticks')]),
        })
        expect(bad).toMatchObject({ is: 'bad', because: 'expected --name value, got orders' })
        const after = await world.runtime.observe()
        expect(after.is === 'seen' && after.jobs.length).toBe(before.is === 'seen' && before.jobs.length)
      })

    it('takes one savepoint for one trigger id, however often it is sent', async () => {
      const identity = await running()
      const order = { triggerId: triggerId(), directory: world.savepoints }

      expect(await world.runtime.savepoint(identity, order)).toEqual({ is: 'triggered' })
      const first = await untilTriggered(identity, order.triggerId)
      expect(await world.runtime.savepoint(identity, order)).toEqual({ is: 'triggered' })
      const second = await untilTriggered(identity, order.triggerId)

      expect(first.is).toBe('done')
      expect(second).toEqual(first)
      await ended(identity)
    })

    it('ends a job with a savepoint when it is stopped', async () => {
      const identity = await running()
      const trigger = triggerId()

      expect(
        await world.runtime.stop(identity, { triggerId: trigger, directory: null, drain: false }),
      ).toEqual({ is: 'triggered' })

      expect(await untilTriggered(identity, trigger)).toMatchObject({ is: 'done' })
      expect((await untilOver(identity)).proof).toMatchObject({ kind: proof, state: 'FINISHED' })
    })

    it('tells that a savepoint of a job which is not there failed, and forgets triggers it never had', async () => {
      const identity = await named()
      const trigger = triggerId()
      const order = { triggerId: trigger, directory: world.savepoints }

      const answer = await world.runtime.savepoint(identity, order)

      if (answer.is !== 'refused') {
        expect(await untilTriggered(identity, trigger)).toMatchObject({ is: 'failed' })
      }
      expect(await world.runtime.triggered(identity, triggerId())).toEqual({ is: 'forgotten' })
    })

    it('says that a job had already ended when it is cancelled too late', async () => {
      const identity = await running()
      const trigger = triggerId()
      await world.runtime.stop(identity, { triggerId: trigger, directory: world.savepoints, drain: false })
      await untilTriggered(identity, trigger)
      await untilOver(identity)

      expect(await world.runtime.cancel(identity)).toEqual({ is: 'already-over' })
    })

    it('refuses to cancel what the cluster does not know', async () => {
      expect((await world.runtime.cancel(await named())).is).toBe('refused')
    })

    it('tells the root cause of a failure, in the words of the program', async () => {
      const identity = await named()
      await world.runtime.submit(identity, counting(['--break', 'now', '--restarts', 'none']))

      expect((await untilOver(identity)).proof).toMatchObject({ state: 'FAILED' })

      const [cause] = await untilCauses(identity)
      expect(cause).toMatchObject({
        exception: 'java.lang.IllegalStateException',
        message: 'this job was told to break at once',
      })
      expect(cause?.stack).toContain('CounterJob')
    })

    it('keeps trying a job with checkpoints, and counts how often', async () => {
      const identity = await named()
      await world.runtime.submit(identity, counting(['--break', 'now']))

      const detail = await until(async () => {
        const detail = await world.runtime.detail(identity, { pressure: false })
        return detail !== null && (detail.restarts ?? 0) > 0 ? detail : null
      })

      expect(detail.restarts).toBeGreaterThan(0)
      expect((await ask(identity)).is).toBe('alive')
      await ended(identity)
    })

    it('tells the parts of a job and its checkpoints', async () => {
      const identity = await running(['--interval', '1000'])

      const detail = await until(async () => {
        const detail = await world.runtime.detail(identity, { pressure: true })
        return detail?.lastCheckpoint ? detail : null
      })

      expect(detail.state).toBe('RUNNING')
      expect(detail.vertices.length).toBeGreaterThan(0)
      expect(detail.restored).toBeNull()
      expect(detail.lastCheckpoint).toMatchObject({ isSavepoint: false })
      await ended(identity)
    })

    it('finds the newest retained checkpoint of an attempt on its disk', async () => {
      const identity = await running(['--interval', '1000'])
      await until(
        async () => (await world.runtime.detail(identity, { pressure: false }))?.lastCheckpoint ?? null,
      )
      await ended(identity)

      const found = await world.runtime.newestRetained(identity, null)

      expect(found?.path).toMatch(new RegExp(`/${identity.flinkJobId}/chk-\\d+$`))
      expect(await world.runtime.stateExists(found?.path ?? '')).toBe('there')
    })

    it('does not take RUNNING for running tasks when slots are missing', async () => {
      const identity = await named()
      const more = world.noRoom ?? { parallelism: (await slots()).slotsTotal + 1 }
      await world.runtime.submit(identity, counting([], more))

      const sight = await until(async () => {
        const sight = await ask(identity)
        return sight.is === 'alive' && sight.state === 'RUNNING' ? sight : null
      })

      expect(sight.tasks.running + sight.tasks.finished).toBeLessThan(sight.tasks.total)
      await ended(identity)
    })

    if (hasSlots)
      it('tells how much room there is, and less of it while a job runs', async () => {
        const before = await until(async () => {
          const room = await slots()
          return room.slotsFree === room.slotsTotal && room.slotsTotal > 0 ? room : null
        })
        const identity = await running()

        const during = await slots()

        expect(before.flinkVersion).toMatch(/^\d+\.\d+/)
        expect(during.slotsFree).toBe(before.slotsFree - 1)
        await ended(identity)
      })

    it('reads the logs from their end, filtered by a word', async () => {
      const identity = await running(['--name', 'logged-counter'])
      const query = { grep: identity.flinkJobId, skip: 0, lines: 2 }

      const pages = await until(async () => {
        const pages = await world.runtime.logs(identity, query)
        return pages.some((page) => page.lines.length > 0) ? pages : null
      })

      const page = pages.find((page) => page.source === 'jobmanager')
      expect(page?.lines.length).toBeLessThanOrEqual(2)
      for (const line of page?.lines ?? []) expect(line).toContain(identity.flinkJobId)
      const older = await world.runtime.logs(identity, { ...query, skip: page?.lines.length ?? 0 })
      const olderPage = older.find((page) => page.source === 'jobmanager')
      if ((page?.more ?? 0) > 0) expect(olderPage?.lines.at(-1)).not.toBe(page?.lines.at(-1))
      await ended(identity)
    })

    it('tells one life of the control process as one generation, without high availability', async () => {
      const first = await until(() => world.runtime.pulse(null))
      const second = await until(() => world.runtime.pulse(first))

      expect(second.generation).toBe(first.generation)
      expect(second.highAvailability).toBe(false)
    })

    it('runs a SQL script', async () => {
      const identity = await named()
      const script = `
        CREATE TABLE src (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1');
        CREATE TABLE dst (id BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO dst SELECT id FROM src;`
      const plan = { ...counting(), jobName: 'sql-copy', program: { is: 'sql', script } as const }

      expect(await world.runtime.submit(identity, plan)).toEqual({ is: 'accepted' })

      await untilUp(identity)
      await ended(identity)
    })

    it('refuses a SQL script that Flink cannot read, and says why', async () => {
      const identity = await named()
      const plan = {
        ...counting(),
        program: { is: 'sql', script: 'SELEC 1; INSERT INTO a SELECT 1;' } as const,
      }

      const cause = await comesToNothing(identity, plan)

      expect(cause.message).toMatch(/^statement 1: .*Non-query expression/)
    })

    it('answers unknown, and never over, when the cluster cannot be reached', async () => {
      const { nowhere } = world
      const identity = await named()
      const order = { triggerId: triggerId(), directory: null }

      expect(await nowhere.observe()).toMatchObject({ is: 'unreachable' })
      expect(await nowhere.submit(identity, counting())).toMatchObject({ is: 'unknown' })
      expect(await nowhere.check(counting())).toMatchObject({ is: 'unknown' })
      expect(await nowhere.savepoint(identity, order)).toMatchObject({ is: 'unknown' })
      expect(await nowhere.stop(identity, { ...order, drain: false })).toMatchObject({ is: 'unknown' })
      expect(await nowhere.triggered(identity, order.triggerId)).toMatchObject({ is: 'unknown' })
      expect(await nowhere.cancel(identity)).toMatchObject({ is: 'unknown' })
      expect(await nowhere.pulse(null)).toBeNull()
      expect(await nowhere.room()).toBeNull()
      expect(await nowhere.detail(identity, { pressure: false })).toBeNull()
      expect(await nowhere.ask(identity, { born: 1, pulse: null })).toMatchObject({
        is: 'unknown',
        why: 'unreachable',
      })
    })
  })
}
