import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditLog } from '../../src/platform/audit/audit-log.prisma.ts'
import type { JobState, RestartPolicy } from '../../src/platform/jobs/job.ts'
import type { Order, Plan } from '../../src/platform/jobs/operation.ts'
import { FIRST_STEP } from '../../src/platform/jobs/step.ts'
import type { NewAttempt, NewOperation, News } from '../../src/platform/jobs/stores.ts'
import { flinkJobId } from '../../src/platform/runtimes/runtime.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { createStores, type OpenStores } from '../../src/platform/stores.prisma.ts'
import type { SendOptions, Work } from '../../src/platform/work/work.ts'
import { truncateAll } from '../support/database.ts'
import { alerting } from '../support/stores.ts'
import { until } from '../support/until.ts'

const NOW = Date.parse('2026-03-01T08:00:00.000Z')
const MINUTE = 60_000
const NONE: RestartPolicy = { is: 'none' }

/** What operations and watching rely on, whether the database is embedded or a server. */
export function storesContract(name: string, open: () => Promise<Database>): void {
  describe(`stores (${name})`, () => {
    let database: Database
    let stores: OpenStores
    let sent: { work: Work; options: SendOptions | undefined }[]

    beforeAll(async () => {
      database = await open()
    })
    beforeEach(async () => {
      await truncateAll(database)
      sent = []
      const queue = {
        send: async (tx: Parameters<Database['afterCommit']>[0], work: Work, options?: SendOptions) =>
          database.afterCommit(tx, () => sent.push({ work, options })),
        sendNew: async () => {},
      }
      const clock = { now: () => NOW, sleep: async () => {} }
      stores = createStores({ database, clock, queue, audit: auditLog, alerting })
      await seed(database, stores)
    })
    afterAll(() => database?.close())

    describe('what belongs together', () => {
      it('is written by one commit: the state, its audit entry, the work and the news', async () => {
        const heard: News[] = []
        const stop = stores.onNews((news) => heard.push(news))
        const change = (thenFail: boolean) =>
          stores.transact(async ({ jobs, audit, work, tell }) => {
            await jobs.setState('job_orders', failedState(1), NOW)
            await audit.record({ ...entry, job: await jobs.byId('job_orders') })
            await work.runOperation('job_orders')
            tell({ of: 'job', jobId: 'job_orders' })
            if (thenFail) throw new Error('no')
          })

        await expect(change(true)).rejects.toThrow('no')
        const before = [await stateOf('job_orders'), await audited(), sent.length, heard.length]
        await change(false)
        const after = [await stateOf('job_orders'), await audited(), sent.length, heard.length]
        stop()

        expect(before).toEqual(['new', 0, 0, 0])
        expect(after).toEqual(['failed', 1, 1, 1])
      })

      it('reaches the listeners of another process, once each', async () => {
        const other = createStores({
          database,
          clock: { now: () => NOW, sleep: async () => {} },
          queue: { send: async () => {}, sendNew: async () => {} },
          audit: auditLog,
          alerting,
        })
        const heard: string[] = []
        const stops = [
          stores.onNews((news) => heard.push(`here ${news.of}`)),
          other.onNews((news) => heard.push(`there ${news.of}`)),
        ]

        // Whether the other one listens yet is not known: so it is told until it hears.
        await until(async () => {
          await stores.transact(async ({ tell }) => tell({ of: 'cluster', clusterId: 'cluster_a' }))
          return heard.includes('there cluster')
        })
        const told = heard.filter((each) => each.startsWith('here')).length
        stores.read.tell({ of: 'job', jobId: 'job_orders' })
        await until(() => heard.includes('there job'))
        for (const stop of stops) stop()

        expect(heard.filter((each) => each === 'here cluster')).toHaveLength(told)
        expect(heard.filter((each) => each === 'here job')).toHaveLength(1)
        expect(heard.filter((each) => each === 'there job')).toHaveLength(1)
      })

      it('says the same thing once per commit', async () => {
        const heard: News[] = []
        const stop = stores.onNews((news) => heard.push(news))
        await stores.transact(async ({ tell }) => {
          tell({ of: 'job', jobId: 'a' })
          tell({ of: 'job', jobId: 'b' })
          tell({ of: 'job', jobId: 'a' })
        })
        stop()

        expect(heard).toHaveLength(2)
      })

      it('keeps work of one job in line and merges what is asked for twice', async () => {
        await stores.transact(async ({ work }) => {
          await work.runOperation('job_orders', 5_000)
          await work.show('operation:op_1')
          await work.expireApproval('op_1', MINUTE)
          await work.restartByPolicy('job_orders', 7, 10_000)
        })

        expect(sent).toEqual([
          {
            work: { kind: 'run-operation', jobId: 'job_orders' },
            options: { key: 'job_orders', orderBy: 'job_orders', after: 5_000 },
          },
          {
            work: { kind: 'show', subject: 'operation:op_1' },
            options: { key: 'operation:op_1', orderBy: 'operation:op_1' },
          },
          {
            work: { kind: 'expire-approval', operationId: 'op_1' },
            options: { key: 'op_1', after: MINUTE },
          },
          {
            work: { kind: 'restart-by-policy', jobId: 'job_orders', generation: 7 },
            options: { key: 'job_orders:7', after: 10_000 },
          },
        ])
      })
    })

    describe('jobs', () => {
      it('come back as they were made', async () => {
        const policy: RestartPolicy = {
          is: 'on-failure',
          limit: 3,
          windowMs: 600_000,
          backoffMs: 1_000,
          backoffCapMs: 60_000,
        }
        await stores.read.jobs.insert({ ...aJob('fresh'), restartPolicy: policy, note: 'reads orders' })

        expect(await stores.read.jobs.byName('fresh')).toEqual({
          id: 'job_fresh',
          name: 'fresh',
          team: { id: 'team_data', name: 'data' },
          environment: 'prod',
          cluster: { id: 'cluster_a', name: 'session-a', sandbox: false },
          kind: 'jar',
          note: 'reads orders',
          state: { is: 'new' },
          stateSince: NOW,
          desired: 'stopped',
          effectiveRelease: null,
          releases: 0,
          attempts: 0,
          generation: 0,
          restartPolicy: policy,
          createdAt: NOW,
          importance: 'normal',
          archivedAt: null,
        })
        expect(await stores.read.jobs.byId('job_none')).toBeNull()
      })

      it('keep a name for one', async () => {
        const again = await stores.read.jobs.insert({ ...aJob('orders'), id: 'job_other' })

        expect(again).toBe('name-taken')
        expect((await stores.read.jobs.byName('orders'))?.id).toBe('job_orders')
      })

      it.each<JobState>([
        { is: 'new' },
        { is: 'stopped', savepointId: 'sp_1' },
        { is: 'starting', attempt: 1, deadline: NOW + MINUTE },
        { is: 'running', attempt: 1, tasks: tasks(8, 8) },
        { is: 'recovering', attempt: 1, flink: 'RESTARTING', tasks: tasks(8, 2) },
        { is: 'stopping', attempt: 1, deadline: NOW + MINUTE },
        {
          is: 'failed',
          attempt: 1,
          cause: { exception: 'E', message: 'm', at: NOW, task: null, stack: 's' },
        },
        { is: 'ended', attempt: 1, as: 'FINISHED', outside: true },
        { is: 'lost', attempt: 1, since: NOW, because: 'absent' },
      ])('keep the state $is with its details', async (state) => {
        await stores.read.jobs.setState('job_orders', state, NOW)

        expect((await stores.read.jobs.byId('job_orders'))?.state).toEqual(state)
      })

      it('grow older within one state, and raise the generation with every other', async () => {
        const seen = async () => {
          const job = await stores.read.jobs.byId('job_orders')
          return [job?.generation, job?.stateSince]
        }
        const { jobs } = stores.read
        await jobs.setState('job_orders', { is: 'running', attempt: 1, tasks: tasks(8, 7) }, NOW + 1)
        const running = await seen()
        await jobs.setState('job_orders', { is: 'running', attempt: 1, tasks: tasks(8, 8) }, NOW + 2)
        const allTasks = await seen()
        await jobs.setState('job_orders', { is: 'running', attempt: 2, tasks: tasks(8, 8) }, NOW + 3)
        const nextAttempt = await seen()
        await jobs.setState('job_orders', { is: 'stopped', savepointId: null }, NOW + 4)

        expect([running, allTasks, nextAttempt, await seen()]).toEqual([
          [1, NOW + 1],
          [1, NOW + 1],
          [2, NOW + 3],
          [3, NOW + 4],
        ])
      })

      it('keep what is wanted and which release is effective until told otherwise', async () => {
        const { jobs } = stores.read
        await jobs.setState('job_orders', failedState(1), NOW, { desired: 'running', effectiveRelease: 4 })
        await jobs.setState('job_orders', { is: 'stopped', savepointId: null }, NOW)

        expect(await jobs.byId('job_orders')).toMatchObject({ desired: 'running', effectiveRelease: 4 })
      })

      it('never hand out a number twice, with twenty at once', async () => {
        const numbers = await Promise.all(
          Array.from({ length: 20 }, () =>
            stores.transact(async ({ jobs }) => {
              await jobs.lock('job_orders')
              return [await jobs.nextAttempt('job_orders'), await jobs.nextRelease('job_orders')] as const
            }),
          ),
        )

        const oneToTwenty = Array.from({ length: 20 }, (_, i) => i + 1)
        expect(numbers.map(([attempt]) => attempt).sort((a, b) => a - b)).toEqual(oneToTwenty)
        expect(numbers.map(([, release]) => release).sort((a, b) => a - b)).toEqual(oneToTwenty)
      })

      it('are decided one after another under their lock', async () => {
        const restartOnce = () =>
          stores.transact(async ({ jobs }) => {
            const job = await jobs.lock('job_orders')
            if (job?.state.is !== 'new') return 'came too late'
            await jobs.setState('job_orders', { is: 'starting', attempt: 1, deadline: NOW }, NOW)
            return 'started'
          })

        const answers = await Promise.all(Array.from({ length: 5 }, restartOnce))

        expect(answers.filter((answer) => answer === 'started')).toHaveLength(1)
      })

      it('are listed by name, filtered, and counted by state', async () => {
        const { jobs } = stores.read
        await jobs.insert({ ...aJob('a_1'), teamId: 'team_ads' })
        await jobs.insert({ ...aJob('a-2'), environment: 'preprod', clusterId: 'cluster_b' })
        await jobs.insert(aJob('gone'))
        await jobs.archive('job_gone', NOW)
        await jobs.setState('job_a-2', failedState(1), NOW)
        const names = async (filter: Parameters<typeof jobs.list>[0]) =>
          (await jobs.list(filter, {})).items.map((job) => job.name)

        expect(await names({ teams: 'all' })).toEqual(['a-2', 'a_1', 'orders'].sort())
        expect(await names({ teams: ['team_ads'] })).toEqual(['a_1'])
        expect(await names({ teams: [] })).toEqual([])
        expect(await names({ teams: 'all', environments: ['preprod'] })).toEqual(['a-2'])
        expect(await names({ teams: 'all', team: 'data' })).toEqual(['a-2', 'orders'])
        expect(await names({ teams: 'all', environment: 'preprod' })).toEqual(['a-2'])
        expect(await names({ teams: 'all', state: 'failed' })).toEqual(['a-2'])
        expect(await names({ teams: 'all', cluster: 'session-b' })).toEqual(['a-2'])
        expect(await names({ teams: 'all', like: 'A_' })).toEqual(['a_1'])
        expect(await names({ teams: 'all', like: '%' })).toEqual([])
        expect(await names({ teams: 'all', archived: true })).toEqual(['gone'])
        expect(await jobs.counts({ teams: 'all', state: 'failed' })).toEqual({ new: 2, failed: 1 })
        expect(await jobs.names(10)).not.toContain('gone')
      })

      it('page without a gap or a double while others are added', async () => {
        const { jobs } = stores.read
        for (const job of ['b', 'd', 'f', 'h']) await jobs.insert(aJob(job))

        const first = await jobs.list({ teams: 'all' }, { limit: 2 })
        await jobs.insert(aJob('a'))
        await jobs.insert(aJob('e'))
        const second = await jobs.list({ teams: 'all' }, { limit: 9, cursor: first.next })

        expect(first.items.map((job) => job.name)).toEqual(['b', 'd'])
        expect(second.items.map((job) => job.name)).toEqual(['e', 'f', 'h', 'orders'])
        expect(second.next).toBeNull()
      })
    })

    describe('releases', () => {
      const jar = {
        is: 'jar' as const,
        digest: 'd'.repeat(64),
        fileName: 'orders.jar',
        entryClass: null,
        args: ['--a', 'b c'],
      }
      const release = (number: number, program: typeof jar | { is: 'sql'; script: string } = jar) => ({
        jobId: 'job_orders',
        number,
        program,
        parallelism: null,
        flinkSettings: { 'a.b': 'c' },
        flinkVersion: null,
        clusterId: 'cluster_a',
        savepointDir: null,
        note: '',
        author: 'lin',
        createdAt: NOW,
      })

      it('come back as they were made, and never change', async () => {
        const { releases, artifacts } = stores.read
        await artifacts.insert({ ...anArtifact(jar.digest), fileName: 'orders.jar' })
        await releases.insert(release(1))
        await releases.insert(release(2, { is: 'sql', script: "SELECT '分号;'" }))
        const rewrite = database.prisma.release.updateMany({ data: { note: 'other' } })

        await expect(rewrite).rejects.toThrow()
        expect(await releases.byNumber('job_orders', 1)).toEqual(release(1))
        expect(await releases.byNumber('job_orders', 2)).toMatchObject({
          program: { is: 'sql', script: "SELECT '分号;'" },
        })
        expect(await releases.byNumber('job_orders', 3)).toBeNull()
        expect(await releases.usesArtifact(jar.digest)).toBe(true)
        expect(await releases.usesArtifact('e'.repeat(64))).toBe(false)
      })

      it('are listed from the newest on, page by page', async () => {
        const { releases } = stores.read
        for (const number of [1, 2, 3, 4, 5]) await releases.insert(release(number))
        const first = await releases.list('job_orders', { limit: 2 })
        await releases.insert(release(6))
        const second = await releases.list('job_orders', { limit: 2, cursor: first.next })

        expect(first.items.map(({ number }) => number)).toEqual([5, 4])
        expect(second.items.map(({ number }) => number)).toEqual([3, 2])
      })
    })

    describe('attempts', () => {
      it('are one per job that is not over, and the transaction goes on behind the refusal', async () => {
        const { attempts } = stores.read
        await attempts.open(anAttempt(1))
        const [second, state] = await stores.transact(async (all) => {
          const answer = await all.attempts.open(anAttempt(2))
          await all.jobs.setState('job_orders', failedState(1), NOW)
          return [answer, (await all.jobs.byId('job_orders'))?.state.is]
        })

        expect([second, state, await stateOf('job_orders')]).toEqual(['another-lives', 'failed', 'failed'])
        expect((await attempts.live('job_orders'))?.number).toBe(1)
      })

      it('open once of ten at once', async () => {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, i) => stores.transact((all) => all.attempts.open(anAttempt(i + 1)))),
        )

        expect(answers.filter((answer) => answer === 'opened')).toHaveLength(1)
      })

      it('refuse a number that was given before', async () => {
        await stores.read.attempts.open(anAttempt(1))
        await stores.read.attempts.close('attempt_1', { kind: 'never-submitted' }, NOW)

        const again = stores.read.attempts.open({ ...anAttempt(1), id: 'attempt_1b', identity: identity(99) })

        await expect(again).rejects.toThrow()
      })

      it('obey the newest fence alone, and nobody once they are over', async () => {
        const { attempts } = stores.read
        await attempts.open({ ...anAttempt(1), fence: 3 })

        const older = await attempts.move('attempt_1', 2, { is: 'submitting', born: 1 })
        const newer = await attempts.move('attempt_1', 4, { is: 'submitting', born: 1 })
        const former = await attempts.move('attempt_1', 3, { is: 'live', at: NOW })
        const same = await attempts.move('attempt_1', 4, { is: 'live', at: NOW })
        await attempts.close('attempt_1', { kind: 'ended-and-forgotten' }, NOW + 1)
        const late = await attempts.move('attempt_1', 9, { is: 'live', at: NOW + 2 })

        expect([older, newer, former, same, late]).toEqual([false, true, false, true, false])
        expect(await attempts.byNumber('job_orders', 1)).toMatchObject({
          state: 'over',
          born: 1,
          liveAt: NOW,
          overAt: NOW + 1,
          proof: { kind: 'ended-and-forgotten' },
        })
      })

      it('keep the first proof', async () => {
        const { attempts } = stores.read
        await attempts.open(anAttempt(1))
        await attempts.close('attempt_1', { kind: 'flink-terminal', state: 'FAILED', endedAt: null }, NOW)
        await attempts.close('attempt_1', { kind: 'forced', by: 'lin', reason: 'x' }, NOW + 1)

        expect((await attempts.latest('job_orders'))?.proof).toMatchObject({ kind: 'flink-terminal' })
      })

      it('are not over without proof, whatever the code believes', async () => {
        await stores.read.attempts.open(anAttempt(1))

        await expect(database.sql(`UPDATE "Attempt" SET state = 'over'`)).rejects.toThrow()
      })

      it('reopen when found alive, unless another lives by now', async () => {
        const { attempts } = stores.read
        await attempts.open(anAttempt(1))
        await attempts.close('attempt_1', { kind: 'ended-and-forgotten' }, NOW)
        const first = await attempts.reopen('attempt_1', NOW + 1)
        const alive = await attempts.live('job_orders')
        await attempts.close('attempt_1', { kind: 'ended-and-forgotten' }, NOW + 2)
        await attempts.open(anAttempt(2))
        const second = await stores.transact(async (all) => {
          const answer = await all.attempts.reopen('attempt_1', NOW + 3)
          await all.jobs.nextAttempt('job_orders')
          return answer
        })

        expect([first, second]).toEqual(['opened', 'another-lives'])
        expect(alive).toMatchObject({ number: 1, state: 'live', proof: null, overAt: null, liveAt: NOW + 1 })
        expect((await stores.read.jobs.byId('job_orders'))?.attempts).toBe(1)
      })

      it('on a cluster are told with their job and whether an operation works on it', async () => {
        await stores.read.jobs.insert(aJob('wide'))
        await stores.read.jobs.insert({ ...aJob('elsewhere'), clusterId: 'cluster_b' })
        await stores.read.attempts.open(anAttempt(1))
        await stores.read.attempts.open({ ...anAttempt(2), jobId: 'job_wide' })
        await stores.read.attempts.open({
          ...anAttempt(3),
          jobId: 'job_elsewhere',
          clusterId: 'cluster_b',
        })
        await stores.read.operations.insert(anOperation('op_1'))
        await stores.read.operations.claim('op_1', 'here', NOW + MINUTE, NOW)
        await stores.read.operations.insert({ ...anOperation('op_2'), jobId: 'job_wide' })

        const live = await stores.read.attempts.onCluster('cluster_a')

        expect(live.map(({ job, attempt, operating }) => [job.name, attempt.number, operating])).toEqual([
          ['orders', 1, true],
          ['wide', 2, false],
        ])
      })

      it('are found by the name that the outside world knows', async () => {
        await stores.read.attempts.open(anAttempt(1))

        expect((await stores.read.attempts.byFlinkJobId(identity(1).flinkJobId))?.id).toBe('attempt_1')
        expect(await stores.read.attempts.byFlinkJobId(identity(2).flinkJobId)).toBeNull()
      })
    })

    describe('operations', () => {
      it('come back as they were made', async () => {
        await stores.read.operations.insert({ ...anOperation('op_1'), plan: aPlan, reason: 'too slow' })

        expect(await stores.read.operations.byId('op_1')).toEqual({
          id: 'op_1',
          job: { id: 'job_orders', name: 'orders', environment: 'prod', team: 'data', sandbox: false },
          order: restart,
          state: 'queued',
          plan: aPlan,
          progress: null,
          outcome: null,
          requester: { memberId: 'member_lin', name: 'Lin' },
          via: 'web:ops',
          reason: 'too slow',
          force: false,
          approval: null,
          cancelAskedBy: null,
          requestId: 'req_1',
          version: 1,
          createdAt: NOW,
          startedAt: null,
          endedAt: null,
          usualMs: null,
        })
      })

      it('that are equal are open once per job', async () => {
        const { operations } = stores.read
        await operations.insert(anOperation('op_1'))

        await expect(operations.insert(anOperation('op_2'))).rejects.toThrow()
        expect((await operations.openByMergeKey('job_orders', 'restart'))?.id).toBe('op_1')
        await operations.setState('op_1', 'cancelled', NOW)
        await operations.insert(anOperation('op_2'))
        expect((await operations.openByMergeKey('job_orders', 'restart'))?.id).toBe('op_2')
      })

      it('are found by the request that asked for them, over or not', async () => {
        const { operations } = stores.read
        await operations.insert(anOperation('op_1'))
        await operations.setState('op_1', 'cancelled', NOW)

        const asked = (await operations.byId('op_1'))?.requestId ?? ''

        expect((await operations.ofRequest('job_orders', 'restart', asked))?.id).toBe('op_1')
        expect(await operations.ofRequest('job_orders', 'stop', asked)).toBeNull()
        expect(await operations.ofRequest('job_orders', 'restart', 'req_other')).toBeNull()
      })

      it('give way to whoever claimed them last', async () => {
        const { operations } = stores.read
        await operations.insert(anOperation('op_1'))
        const first = await operations.claim('op_1', 'one', NOW + MINUTE, NOW)
        const second = await operations.claim('op_1', 'two', NOW + 2 * MINUTE, NOW + MINUTE)

        const step = { ...FIRST_STEP, former: 3 }
        const byFirst = [
          await operations.renew('op_1', first.fence, NOW + 9 * MINUTE),
          await operations.save('op_1', first.fence, { step }),
          await operations.end('op_1', first.fence, 'failed', null, NOW),
        ]
        await operations.release('op_1', first.fence)
        const bySecond = [
          await operations.renew('op_1', second.fence, NOW + 9 * MINUTE),
          await operations.save('op_1', second.fence, { step }),
          await operations.end('op_1', second.fence, 'done', stopped, NOW + MINUTE),
          await operations.end('op_1', second.fence, 'failed', null, NOW + MINUTE),
        ]

        expect([first.fence, second.fence]).toEqual([1, 2])
        expect(first.operation.startedAt).toBe(NOW)
        expect(second.operation.startedAt).toBe(NOW)
        expect(byFirst).toEqual([false, false, false])
        expect(bySecond).toEqual([true, true, true, false])
        expect(await operations.held('op_1')).toMatchObject({
          step,
          operation: { state: 'done', outcome: stopped, endedAt: NOW + MINUTE },
        })
      })

      it('cannot be claimed once they ended', async () => {
        await stores.read.operations.insert(anOperation('op_1'))
        await stores.read.operations.setState('op_1', 'cancelled', NOW)

        await expect(stores.read.operations.claim('op_1', 'one', NOW, NOW)).rejects.toThrow('op_1')
      })

      it('raise their version with what people see, not with leases and steps', async () => {
        const { operations } = stores.read
        const versions: (number | undefined)[] = []
        const look = async () => versions.push((await operations.byId('op_1'))?.version)
        await operations.insert(anOperation('op_1'))
        await look()
        const { fence } = await operations.claim('op_1', 'one', NOW + MINUTE, NOW)
        await look()
        await operations.claim('op_1', 'one', NOW + MINUTE, NOW)
        await operations.renew('op_1', fence + 1, NOW + 2 * MINUTE)
        await operations.save('op_1', fence + 1, { step: FIRST_STEP, planDigest: 'd' })
        await look()
        await operations.save('op_1', fence + 1, { progress: { phase: 'checking', since: NOW, tasks: null } })
        await look()
        await operations.save('op_1', fence + 1, { plan: aPlan, step: FIRST_STEP })
        await look()
        await operations.askCancel('op_1', 'Mei')
        await look()
        await operations.askCancel('op_1', 'Lin')
        await look()
        await operations.end('op_1', fence + 1, 'done', null, NOW)
        await look()

        expect(versions).toEqual([1, 2, 2, 3, 4, 5, 5, 6])
        expect((await operations.byId('op_1'))?.cancelAskedBy).toBe('Mei')
      })

      it('are taken up in order, an interrupted one first', async () => {
        const { operations } = stores.read
        await operations.insert({ ...anOperation('op_1'), at: NOW + 1 })
        await operations.insert({ ...anOperation('op_2'), mergeKey: 'stop', at: NOW })
        await operations.insert({
          ...anOperation('op_0'),
          mergeKey: 'x',
          at: NOW - 1,
          state: 'waiting-approval',
        })
        const oldest = await operations.next('job_orders', NOW)
        await operations.claim('op_1', 'one', NOW + MINUTE, NOW)
        const interrupted = await operations.next('job_orders', NOW)

        expect(oldest).toEqual({ id: 'op_2', state: 'queued', leasedBy: null, leaseUntil: null })
        expect(interrupted).toEqual({
          id: 'op_1',
          state: 'running',
          leasedBy: 'one',
          leaseUntil: NOW + MINUTE,
        })
        expect((await operations.openOf('job_orders'))?.id).toBe('op_1')
        expect(await operations.next('job_wide', NOW)).toBeNull()
      })

      it('are abandoned when their lease ran out, was let go, or is ours from before a restart', async () => {
        const { jobs, operations } = stores.read
        for (const job of ['held', 'ours', 'expired', 'let-go', 'queued', 'waiting']) {
          await jobs.insert(aJob(job))
          const state = job === 'waiting' ? 'waiting-approval' : 'queued'
          await operations.insert({ ...anOperation(`op_${job}`), jobId: `job_${job}`, state })
        }
        await operations.insert({ ...anOperation('op_behind'), jobId: 'job_held', mergeKey: 'stop' })
        await operations.claim('op_held', 'other', NOW + MINUTE, NOW)
        await operations.claim('op_ours', 'me', NOW + MINUTE, NOW)
        await operations.claim('op_expired', 'other', NOW - 1, NOW)
        const { fence } = await operations.claim('op_let-go', 'other', NOW + MINUTE, NOW)
        await operations.release('op_let-go', fence)

        const names = async (ownName: string | null) =>
          (await operations.abandoned(NOW, ownName)).map(({ jobId }) => jobId).sort()

        expect(await names('me')).toEqual(['job_expired', 'job_let-go', 'job_ours', 'job_queued'])
        expect(await names(null)).toEqual(['job_expired', 'job_let-go', 'job_queued'])
        expect(await operations.runningOn('cluster_a', NOW)).toBe(2)
        expect(await operations.runningOn('cluster_b', NOW)).toBe(0)
      })

      it('carry their approval, which is decided once', async () => {
        const { operations } = stores.read
        await operations.insert({ ...anOperation('op_1'), state: 'waiting-approval' })
        await operations.openApproval('op_1', 'digest_1', NOW + MINUTE)
        const asked = await operations.byId('op_1')
        await operations.decideApproval('op_1', 'approved', { id: 'm', name: 'Mei' }, 'fine', NOW + 1)
        const again = operations.decideApproval('op_1', 'rejected', { id: 'l', name: 'Lin' }, null, NOW + 2)

        await expect(again).rejects.toThrow('op_1')
        expect(asked?.approval).toEqual({
          state: 'open',
          expiresAt: NOW + MINUTE,
          decider: null,
          decidedAt: null,
          note: null,
        })
        expect(await operations.held('op_1')).toMatchObject({
          approvedDigest: 'digest_1',
          operation: { approval: { state: 'approved', decider: 'Mei', decidedAt: NOW + 1, note: 'fine' } },
        })
      })

      it('ask anew when their plan changed', async () => {
        const { operations } = stores.read
        await operations.insert({ ...anOperation('op_1'), state: 'waiting-approval' })
        await operations.openApproval('op_1', 'digest_1', NOW + MINUTE)
        await operations.decideApproval('op_1', 'approved', { id: 'm', name: 'Mei' }, null, NOW + 1)
        await operations.replan('op_1', aPlan, 'digest_2')
        await operations.openApproval('op_1', 'digest_2', NOW + 2 * MINUTE)

        expect(await operations.held('op_1')).toMatchObject({
          planDigest: 'digest_2',
          approvedDigest: null,
          operation: { plan: aPlan, approval: { state: 'open', decider: null } },
        })
      })

      it('tell what is usual: the median of the last twenty that were done', async () => {
        const { operations } = stores.read
        const done = async (i: number, ms: number, state: 'done' | 'failed' = 'done') => {
          const started = NOW + i * MINUTE
          await operations.insert({ ...anOperation(`op_${i}`), at: started })
          const { fence } = await operations.claim(`op_${i}`, 'one', started, started)
          await operations.end(`op_${i}`, fence, state, null, started + ms)
        }
        for (let i = 0; i < 5; i++) await done(i, 1)
        for (let i = 5; i < 25; i++) await done(i, (i - 4) * 1_000)
        await done(25, 900_000, 'failed')

        expect(await operations.usualMs('job_orders', 'restart')).toBe(10_500)
        expect(await operations.usualMs('job_orders', 'stop')).toBeNull()
        expect((await operations.byId('op_25'))?.usualMs).toBe(10_500)
      })

      it('are listed from the newest on, for the teams and environments asked for', async () => {
        const { jobs, operations } = stores.read
        await jobs.insert({ ...aJob('ads'), teamId: 'team_ads' })
        await jobs.insert({ ...aJob('pre'), environment: 'preprod' })
        for (const [i, job] of ['orders', 'ads', 'pre', 'orders'].entries()) {
          await operations.insert({
            ...anOperation(`op_${i}`),
            jobId: `job_${job}`,
            mergeKey: `key_${i}`,
            at: NOW + Math.floor(i / 2),
          })
        }
        await operations.setState('op_0', 'cancelled', NOW + MINUTE)
        const ids = async (filter: Parameters<typeof operations.list>[0], cursor: string | null = null) => {
          const page = await operations.list(filter, { limit: 3, cursor })
          return { ids: page.items.map(({ id }) => id), next: page.next }
        }

        const first = await ids({ teams: 'all' })
        await operations.insert({ ...anOperation('op_9'), mergeKey: 'new', at: NOW + MINUTE })

        expect(first.ids).toEqual(['op_3', 'op_2', 'op_1'])
        expect(await ids({ teams: 'all' }, first.next)).toEqual({ ids: ['op_0'], next: null })
        expect((await ids({ teams: ['team_ads'] })).ids).toEqual(['op_1'])
        expect((await ids({ teams: 'all', environments: ['preprod'] })).ids).toEqual(['op_2'])
        expect((await ids({ teams: 'all', jobId: 'job_orders', open: true })).ids).toEqual(['op_9', 'op_3'])
        expect((await ids({ teams: 'all', open: false })).ids).toEqual(['op_0'])
        expect((await ids({ teams: 'all', state: 'cancelled' })).ids).toEqual(['op_0'])
      })
    })

    describe('savepoints', () => {
      const savepoint = (id: string, more: object = {}) => ({
        id,
        jobId: 'job_orders',
        attemptId: null,
        release: 1,
        path: `file:///sp/${id}`,
        origin: 'savepoint' as const,
        at: NOW,
        sizeBytes: 9_000_000_000,
        ...more,
      })

      it('with the same path are the same, and only learn', async () => {
        await stores.read.attempts.open(anAttempt(1))
        await stores.read.savepoints.add(
          savepoint('sp_1', { origin: 'typed', release: null, sizeBytes: null }),
        )
        const typed = await stores.read.savepoints.byId('sp_1')
        const again = await stores.read.savepoints.add(
          savepoint('sp_2', { path: 'file:///sp/sp_1', attemptId: 'attempt_1' }),
        )

        expect(typed).toMatchObject({ presence: 'unknown', release: null, attempt: null, readableBy: [] })
        expect(again).toMatchObject({
          id: 'sp_1',
          origin: 'typed',
          presence: 'there',
          release: 1,
          attempt: 1,
          sizeBytes: 9_000_000_000,
        })
        expect(await stores.read.savepoints.byId('sp_2')).toBeNull()
      })

      it('know who was seen to read them, their writer included', async () => {
        const { savepoints } = stores.read
        await savepoints.add(savepoint('sp_1'))
        const reading = { writer: 1, because: null, at: NOW }
        await savepoints.recordReading('job_orders', { ...reading, reader: 3, outcome: 'read' })
        await savepoints.recordReading('job_orders', {
          ...reading,
          reader: 2,
          outcome: 'refused',
          because: 'no operator',
        })
        await savepoints.recordReading('job_orders', { ...reading, reader: 4, outcome: 'refused' })
        await savepoints.recordReading('job_orders', { ...reading, reader: 4, outcome: 'read' })

        expect(await savepoints.byId('sp_1')).toMatchObject({ readableBy: [1, 3, 4], notReadableBy: [2] })
        expect(await savepoints.readings('job_orders')).toContainEqual({
          writer: 1,
          reader: 2,
          outcome: 'refused',
          because: 'no operator',
        })
      })

      it('are listed from the newest on, with what became of them', async () => {
        const { savepoints } = stores.read
        for (let i = 1; i <= 4; i++) {
          await savepoints.add(savepoint(`sp_${i}`, { at: NOW + (i < 3 ? 0 : i) }))
        }
        await savepoints.setPresence('sp_4', 'gone', NOW)
        const first = await savepoints.list('job_orders', { limit: 3 })
        const second = await savepoints.list('job_orders', { limit: 3, cursor: first.next })

        expect(first.items.map(({ id }) => id)).toEqual(['sp_4', 'sp_3', 'sp_2'])
        expect(second).toMatchObject({ items: [{ id: 'sp_1' }], next: null })
        expect(first.items[0]?.presence).toBe('gone')
        expect((await savepoints.newest('job_orders')).map(({ id }) => id)).toEqual([
          'sp_4',
          'sp_3',
          'sp_2',
          'sp_1',
        ])
      })
    })

    describe('clusters', () => {
      it('remember what was last seen of them', async () => {
        const { clusters } = stores.read
        const pulse = {
          generation: 2,
          life: 'a',
          cpuNanos: 12_345_678_901_234,
          highAvailability: false,
          replacedAt: NOW,
          readAt: NOW,
        }
        const room = {
          of: 'slots',
          flinkVersion: '1.20.3',
          taskManagers: 1,
          slotsTotal: 4,
          slotsFree: 2,
        } as const
        await clusters.savePulse('cluster_a', pulse)
        await clusters.saveRoom('cluster_a', room)
        await clusters.saveReach('cluster_a', { is: 'silent', since: NOW, because: 'refused' })
        const silent = await clusters.byId('cluster_a')
        await clusters.saveReach('cluster_a', { is: 'reachable', at: NOW + 1 })
        await clusters.setAddress('cluster_a', 'http://elsewhere:8081')

        expect(silent).toMatchObject({
          pulse,
          room,
          unreachableSince: NOW,
          unreachableBecause: 'refused',
          reachableAt: null,
        })
        expect(await clusters.byName('session-a')).toMatchObject({
          address: 'http://elsewhere:8081',
          reachableAt: NOW + 1,
          unreachableSince: null,
          unreachableBecause: null,
        })
      })

      it('keep a name for one, until it is removed', async () => {
        const { clusters } = stores.read
        const taken = await clusters.insert(aCluster('cluster_c', 'session-b'), NOW)
        await clusters.remove('cluster_b', NOW)
        const free = await clusters.insert(aCluster('cluster_c', 'session-b'), NOW)

        expect([taken, free]).toEqual(['name-taken', 'saved'])
        expect((await clusters.all()).map(({ id }) => id)).toEqual(['cluster_a', 'cluster_c'])
        expect((await clusters.byName('session-b'))?.id).toBe('cluster_c')
        expect((await clusters.byId('cluster_b'))?.removedAt).toBe(NOW)
      })

      it('count the jobs that are not archived', async () => {
        const { jobs, clusters } = stores.read
        await jobs.insert(aJob('gone'))
        await jobs.archive('job_gone', NOW)
        await jobs.insert({ ...aJob('there'), clusterId: 'cluster_b' })

        expect(await clusters.jobCounts()).toEqual(
          new Map([
            ['cluster_a', 1],
            ['cluster_b', 1],
          ]),
        )
        expect(await clusters.jobCount('cluster_a')).toBe(1)
        expect(await clusters.jobCount('cluster_none')).toBe(0)
      })
    })

    it('keeps an artifact once, under the name it came with first', async () => {
      const { artifacts } = stores.read
      const digest = 'f'.repeat(64)
      await artifacts.insert({ ...anArtifact(digest), fileName: 'one.jar', entryClass: 'com.acme.One' })
      await artifacts.insert({ ...anArtifact(digest), fileName: 'two.jar' })

      expect(await artifacts.byDigest(digest)).toEqual({
        digest,
        fileName: 'one.jar',
        size: 10,
        entryClass: 'com.acme.One',
        createdAt: NOW,
      })
      expect(await artifacts.byDigest('0'.repeat(64))).toBeNull()
    })

    it('knows environments and teams', async () => {
      const { environments, teams } = stores.read

      expect(await environments.approvals('prod')).toEqual({ verbs: ['job:stop'], expiresMin: 15 })
      await expect(environments.approvals('moon')).rejects.toThrow('moon')
      expect([await environments.exists('prod'), await environments.exists('moon')]).toEqual([true, false])
      expect(await teams.byName('ads')).toEqual({ id: 'team_ads', name: 'ads' })
      expect(await teams.byName('none')).toBeNull()
      expect(await teams.ids()).toEqual(['team_ads', 'team_data'])
    })

    it('begins at the first page again for a cursor that it never gave', async () => {
      const { operations, savepoints, releases, incidents, attempts } = stores.read
      await operations.insert(anOperation('op_1'))
      const ask = { cursor: "x' OR 1=1 --" }

      expect((await operations.list({ teams: 'all' }, ask)).items).toHaveLength(1)
      expect((await savepoints.list('job_orders', ask)).items).toEqual([])
      expect((await releases.list('job_orders', ask)).items).toEqual([])
      expect((await attempts.list('job_orders', ask)).items).toEqual([])
      expect((await incidents.list({ teams: 'all' }, ask)).items).toEqual([])
    })

    const stateOf = async (id: string) => (await stores.read.jobs.byId(id))?.state.is
    const audited = () => database.prisma.auditEntry.count()
  })
}

const restart: Order = { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } }
const stopped = { is: 'stopped' as const, savepoint: null, tookMs: 5 }
const entry = {
  member: null,
  via: 'sluice',
  verb: 'job:restart',
  subject: 'orders',
  decision: 'done',
  requestId: 'req_1',
}

const aPlan: Plan = {
  verb: 'restart',
  fromRelease: 1,
  toRelease: 2,
  parallelism: null,
  stop: 'savepoint',
  restore: { is: 'savepoint', id: 'sp_1', path: 'file:///sp', at: NOW, origin: 'stop', release: 1 },
  changes: [{ field: 'setting', key: 'a', before: null, after: 'b' }],
  warnings: [{ of: 'replays', sinceMs: 5 }, { of: 'no-state' }],
  attempts: 3,
}

function tasks(total: number, running: number) {
  return { total, running, finished: 0, failed: 0 }
}

function failedState(attempt: number): JobState {
  return { is: 'failed', attempt, cause: null }
}

function aJob(name: string) {
  return {
    id: `job_${name}`,
    name,
    teamId: 'team_data',
    environment: 'prod',
    clusterId: 'cluster_a',
    kind: 'jar' as const,
    note: '',
    restartPolicy: NONE,
    at: NOW,
  }
}

function identity(i: number) {
  return { on: 'session' as const, flinkJobId: flinkJobId(i.toString(16).padStart(32, '0')) }
}

function anAttempt(number: number): NewAttempt {
  return {
    id: `attempt_${number}`,
    jobId: 'job_orders',
    number,
    release: 1,
    parallelism: null,
    clusterId: 'cluster_a',
    operationId: null,
    fence: 1,
    identity: identity(number),
    restoredFrom: null,
    at: NOW,
  }
}

function anOperation(id: string): NewOperation {
  return {
    id,
    jobId: 'job_orders',
    order: restart,
    mergeKey: 'restart',
    state: 'queued',
    plan: null,
    planDigest: null,
    requester: { memberId: 'member_lin', name: 'Lin' },
    via: 'web:ops',
    reason: null,
    force: false,
    requestId: 'req_1',
    at: NOW,
  }
}

function aCluster(id: string, name: string) {
  return {
    id,
    name,
    kind: 'session' as const,
    yarn: null,
    environment: 'prod',
    address: 'http://localhost:8081',
    managed: false,
    sandbox: false,
    flinkVersionId: null,
    savepointDir: null,
    checkpointDir: null,
    archiveDir: null,
    parallelOperations: 4,
  }
}

function anArtifact(digest: string) {
  return {
    digest,
    fileName: 'a.jar',
    size: 10,
    entryClass: null,
    createdAt: NOW,
    uploadedBy: 'lin',
    manifest: {},
  }
}

async function seed({ prisma }: Database, { read }: OpenStores): Promise<void> {
  const createdAt = new Date(NOW)
  await prisma.team.createMany({
    data: ['data', 'ads'].map((name) => ({ id: `team_${name}`, name, title: name, createdAt })),
  })
  await prisma.environment.createMany({
    data: [
      { name: 'prod', titleZh: '生产', titleEn: 'Production', approvals: ['job:stop'] },
      { name: 'preprod', titleZh: '预发', titleEn: 'Pre-production', approvals: [] },
    ],
  })
  await read.clusters.insert(aCluster('cluster_a', 'session-a'), NOW)
  await read.clusters.insert(aCluster('cluster_b', 'session-b'), NOW)
  await read.jobs.insert(aJob('orders'))
}
