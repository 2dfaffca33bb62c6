import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../../src/lib/ids.ts'
import { jobReach } from '../../../src/platform/access/job-reach.ts'
import { openArtifactFiles } from '../../../src/platform/jobs/artifact-files.file.ts'
import { createArtifacts } from '../../../src/platform/jobs/artifacts.ts'
import type { Job } from '../../../src/platform/jobs/job.ts'
import { createJobs } from '../../../src/platform/jobs/jobs.ts'
import type { JobDraft, JobsApi } from '../../../src/platform/platform.ts'
import { flinkJobId, type Runtime } from '../../../src/platform/runtimes/runtime.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import type { OpenStores } from '../../../src/platform/stores.prisma.ts'
import { type SimulatedWorld, simulatedWorld } from '../../fakes/simulated-world.ts'
import { freshDatabase, truncateAll } from '../../support/database.ts'
import { ADS, aBy, aMember, DATA, onJob, onTeam, permitFor } from '../../support/permits.ts'
import { reserved } from '../../support/reserved.ts'
import { alerting, auditedIn, seedTeams, storesOn } from '../../support/stores.ts'

const SQL = 'CREATE TABLE a (x INT) WITH (...);\nINSERT INTO a SELECT 1;'

describe('jobs', () => {
  let database: Database
  let world: SimulatedWorld
  let home: string
  let stores: OpenStores
  let jobs: JobsApi

  beforeAll(async () => {
    database = await freshDatabase()
    world = await simulatedWorld()
    home = await mkdtemp(join(tmpdir(), 'sluice-jobs-'))
  })
  beforeEach(async () => {
    await truncateAll(database)
    await seedTeams(database)
    stores = storesOn(database, world.clock)
    jobs = jobsOn(world.runtime)
    await stores.read.clusters.insert(aCluster('session-a', 'prod'), world.clock.now())
    await stores.read.clusters.insert(aCluster('session-b', 'preprod'), world.clock.now())
  })
  afterAll(async () => {
    await database?.close()
    await world?.close()
    if (home) await rm(home, { recursive: true, force: true })
  })

  function jobsOn(runtime: Runtime): JobsApi {
    const { transact, read } = stores
    const base = { transact, read, clock: world.clock, ids: randomIds }
    const artifacts = createArtifacts({ ...base, files: openArtifactFiles(join(home, 'artifacts')) })
    return createJobs({ ...base, alerting, artifacts, runtimeOf: () => runtime, reach: jobReach })
  }

  const create = (more: Partial<JobDraft> = {}, permit = permitFor('job:create', onTeam())) =>
    jobs.create(permit, {
      name: 'orders',
      team: 'data',
      cluster: 'session-a',
      kind: 'sql',
      release: { program: { is: 'sql', script: SQL } },
      ...more,
    })

  const made = async (more: Partial<JobDraft> = {}): Promise<Job> => {
    const answer = await create(more)
    if (!answer.ok) throw new Error(`Not made: ${answer.why.of}`)
    return answer.value.job
  }

  const upload = (bytes: Uint8Array, name = 'orders.jar') =>
    jobs.upload(permitFor('job:release', onTeam()), { name, bytes })

  const aJar = async () => {
    const bytes = zipSync({ 'META-INF/MANIFEST.MF': strToU8('Main-Class: com.acme.Orders\n') })
    const answer = await upload(bytes)
    if (!answer.ok) throw new Error(answer.why)
    return answer.value
  }

  /** As if an operation had started it. */
  const start = async (job: Job, number = 1) => {
    const identity = await reserved(world.runtime, { jobUid: job.id, attempt: number })
    const program = { is: 'jar' as const, digest: world.counterJob.digest, fileName: 'c.jar', args: [] }
    await world.runtime.submit(identity, {
      jobName: job.name,
      program: { ...program, entryClass: null },
      parallelism: 1,
      flinkSettings: {},
      restore: null,
    })
    const at = world.clock.now()
    const where = { jobId: job.id, number, release: 1, clusterId: job.cluster.id, identity, at }
    await stores.read.attempts.open({
      ...where,
      id: `attempt_${job.name}_${number}`,
      parallelism: 1,
      operationId: null,
      fence: 1,
      restoredFrom: null,
    })
    return identity
  }

  describe('are made', () => {
    it('with their first release, in one piece, and an entry in the audit', async () => {
      const answer = await create({ note: 'reads orders', name: ' Orders-CDC ' })

      expect(answer).toMatchObject({
        ok: true,
        value: {
          job: {
            name: 'orders-cdc',
            team: { name: 'data' },
            environment: 'prod',
            state: { is: 'new' },
            releases: 1,
          },
          release: { number: 1, program: { is: 'sql', script: SQL }, author: 'Lin' },
        },
      })
      expect(await auditedIn(database)).toMatchObject([
        { verb: 'job:create', subject: 'orders-cdc', actor: 'lin', decision: 'done', teamId: 'team_data' },
      ])
    })

    it.each<[Partial<JobDraft>, object]>([
      [{ name: 'or ders' }, { of: 'bad-name' }],
      [{ name: 'sluice' }, { of: 'bad-name' }],
      [{ team: 'nobody' }, { of: 'unknown-team' }],
      [{ cluster: 'sesion-a' }, { of: 'unknown-cluster', near: ['session-a', 'session-b'] }],
      [{ release: {} }, { of: 'no-program' }],
      [{ kind: 'jar' }, { of: 'no-program' }],
      [
        { kind: 'jar', release: { program: { is: 'jar', digest: '0'.repeat(64) } } },
        { of: 'unknown-artifact' },
      ],
      [{ release: { program: { is: 'sql', script: SQL }, parallelism: 0 } }, { of: 'bad-parallelism' }],
      [{ release: { program: { is: 'sql', script: SQL }, parallelism: 1.5 } }, { of: 'bad-parallelism' }],
      [
        { release: { program: { is: 'sql', script: SQL }, flinkVersion: '1.2' } },
        { of: 'unknown-flink-version', near: [] },
      ],
    ])('not from %j', async (draft, why) => {
      expect(await create(draft)).toEqual({ ok: false, why })
      expect((await jobs.list(aBy(), {})).items).toEqual([])
      expect(await auditedIn(database)).toEqual([])
    })

    it('not from SQL that cannot be one job: the answer says where, in the language of who asked', async () => {
      const broken = { release: { program: { is: 'sql' as const, script: "INSERT INTO a\n  SELECT 'x;" } } }
      const zh = aBy({ member: aMember({ language: 'zh' }) })

      expect(await create(broken)).toMatchObject({
        why: { of: 'bad-sql', line: 2, column: 10, because: expect.stringContaining('never closed') },
      })
      expect(await create(broken, permitFor('job:create', onTeam(), zh))).toMatchObject({
        why: { because: expect.stringContaining('没有闭合') },
      })
    })

    it('once per name', async () => {
      await made()

      expect(await create({ name: 'ORDERS' })).toEqual({ ok: false, why: { of: 'name-taken' } })
    })

    it('only for the team and the environment that was asked for', async () => {
      const forAds = permitFor('job:create', onTeam(ADS))
      const forPreprod = permitFor('job:create', onTeam(DATA, 'preprod'))

      await expect(create({}, forAds)).rejects.toThrow('permit')
      await expect(create({}, forPreprod)).rejects.toThrow('permit')
    })
  })

  describe('are released', () => {
    it('as numbered releases that take from the former one what a draft leaves out', async () => {
      const { digest } = await aJar()
      const program = { is: 'jar' as const, digest, entryClass: 'com.acme.Main', args: ['--a', '1'] }
      const job = await made({
        kind: 'jar',
        release: { program, parallelism: 4, flinkSettings: { 'a.b': 'c' }, savepointDir: 'file:///sp' },
      })
      const permit = permitFor('job:release', onJob(job))

      await jobs.release(permit, job.id, { parallelism: null, note: 'slower' })
      await jobs.release(permit, job.id, { program: { is: 'jar', digest, args: [] }, flinkSettings: {} })
      const view = permitFor('job:view', onJob(job))
      const { items } = await jobs.releases(view, job.id, {})

      expect(items).toMatchObject([
        {
          number: 3,
          parallelism: null,
          flinkSettings: {},
          note: '',
          program: { entryClass: 'com.acme.Main', args: [], fileName: 'orders.jar' },
        },
        {
          number: 2,
          parallelism: null,
          note: 'slower',
          program: { args: ['--a', '1'] },
          savepointDir: 'file:///sp',
        },
        { number: 1, parallelism: 4, flinkSettings: { 'a.b': 'c' } },
      ])
      expect(await jobs.diff(view, job.id, 1, 3)).toEqual({
        ok: true,
        value: [
          { field: 'args', key: null, before: '--a 1', after: '' },
          { field: 'parallelism', key: null, before: '4', after: null },
          { field: 'setting', key: 'a.b', before: 'c', after: null },
        ],
      })
      expect(await jobs.diff(view, job.id, 1, 9)).toEqual({
        ok: false,
        why: { of: 'unknown-release', asked: 9 },
      })
      expect(await jobs.releaseByNumber(view, job.id, 2)).toMatchObject({ number: 2 })
    })

    it('one after another, when several do so at once', async () => {
      const job = await made()
      const permit = permitFor('job:release', onJob(job))

      const answers = await Promise.all(
        Array.from({ length: 5 }, (_, i) => jobs.release(permit, job.id, { note: `${i}` })),
      )

      const numbers = answers.map((answer) => (answer.ok ? answer.value.number : 0))
      expect(numbers.sort()).toEqual([2, 3, 4, 5, 6])
    })

    it('not with secrets in the audit', async () => {
      const { digest } = await aJar()
      const args = ['--db-password', 'hunter2']
      const job = await made({ kind: 'jar', release: { program: { is: 'jar', digest, args } } })
      await jobs.release(permitFor('job:release', onJob(job)), job.id, {
        program: { is: 'jar', digest, args: ['--db-password', 'hunter3'] },
        flinkSettings: { 's3.secret-key': 'hunter4' },
      })

      expect(
        JSON.stringify((await auditedIn(database)).map(({ before, after }) => [before, after])),
      ).not.toContain('hunter')
    })

    it('under a permit for that very job', async () => {
      const job = await made()
      const other = await made({ name: 'other' })
      const permit = permitFor('job:release', onJob(other))

      await expect(jobs.release(permit, job.id, {})).rejects.toThrow('orders')
      await expect(jobs.releases(permitFor('job:view', onJob(other)), job.id, {})).rejects.toThrow('orders')
    })
  })

  describe('are found', () => {
    it('by name, whatever its case and width, and else by names like it', async () => {
      await made({ name: 'orders-cdc' })
      await made({ name: 'orders-wide' })
      await made({ name: 'payments' })

      expect(await jobs.find('Orders-CDC')).toMatchObject({ ok: true, value: { name: 'orders-cdc' } })
      expect(await jobs.find('ORDERS-cdc')).toMatchObject({ ok: true })
      expect(await jobs.find('order-cdc')).toEqual({ ok: false, near: ['orders-cdc'] })
      expect(await jobs.find('orders')).toEqual({ ok: false, near: ['orders-cdc', 'orders-wide'] })
      expect(await jobs.find('zzzzzzzzz')).toEqual({ ok: false, near: [] })
    })

    it('in lists by those who may look at their team and environment', async () => {
      await made({ name: 'mine' })
      await made({ name: 'mine-pre', cluster: 'session-b' })
      await create({ name: 'theirs', team: 'ads' }, permitFor('job:create', onTeam(ADS)))
      const names = async (by = aBy(), ask: Parameters<JobsApi['list']>[1] = {}) => {
        const { items, counts } = await jobs.list(by, ask)
        return [items.map((job) => job.name), counts]
      }
      const token = { tokenId: 't', verbs: [], teams: [], environments: ['preprod'] }

      expect(await names()).toEqual([['mine', 'mine-pre'], { new: 2 }])
      expect(await names(aBy(), { environment: 'prod' })).toEqual([['mine'], { new: 1 }])
      expect(await names(aBy({ token }))).toEqual([['mine-pre'], { new: 1 }])
      expect(await names(aBy({ member: aMember({ roles: new Map() }) }))).toEqual([[], {}])
      expect(await names(aBy({ member: aMember({ isAdmin: true }) }), { limit: 2 })).toEqual([
        ['mine', 'mine-pre'],
        { new: 3 },
      ])
    })
  })

  describe('are put away', () => {
    it('when nothing of them runs, and cannot be released then', async () => {
      const job = await made()
      const permit = permitFor('job:archive', onJob(job))

      expect(await jobs.archive(permit, job.id)).toMatchObject({
        ok: true,
        value: { archivedAt: expect.any(Number) },
      })
      expect(await jobs.archive(permit, job.id)).toMatchObject({ ok: true })
      expect((await jobs.list(aBy(), {})).items).toEqual([])
      expect((await jobs.list(aBy(), { archived: true })).items).toHaveLength(1)
      expect(await jobs.release(permitFor('job:release', onJob(job)), job.id, {})).toEqual({
        ok: false,
        why: { of: 'archived' },
      })
      expect((await auditedIn(database)).map(({ verb }) => verb)).toEqual(['job:create', 'job:archive'])
    })

    it('not while an attempt lives or an operation is open', async () => {
      const job = await made()
      const other = await made({ name: 'other' })
      await start(job)
      await stores.read.operations.insert({
        id: 'op_1',
        jobId: other.id,
        order: { verb: 'start', release: null, from: { is: 'latest' } },
        mergeKey: 'start',
        state: 'queued',
        plan: null,
        planDigest: null,
        requester: { memberId: null, name: 'Lin' },
        via: 'web:ops',
        reason: null,
        force: false,
        requestId: 'req_1',
        at: world.clock.now(),
      })

      for (const each of [job, other]) {
        expect(await jobs.archive(permitFor('job:archive', onJob(each)), each.id)).toEqual({
          ok: false,
          why: { of: 'not-stopped' },
        })
      }
    })
  })

  it('keep the restart policy they are given, with what it was before in the audit', async () => {
    const job = await made()
    const policy = { is: 'on-failure' as const, limit: 3, windowMs: 1, backoffMs: 1, backoffCapMs: 1 }

    const changed = await jobs.setRestartPolicy(permitFor('job:release', onJob(job)), job.id, policy)

    expect(changed.restartPolicy).toEqual(policy)
    expect((await auditedIn(database)).at(-1)).toMatchObject({ before: { is: 'none' }, after: policy })
  })

  describe('as they run', () => {
    it('show what the cluster tells of them', async () => {
      const job = await made()
      await start(job)
      const page = await jobs.page(permitFor('job:view', onJob(job)), job.id)

      expect(page).toMatchObject({
        job: { name: 'orders' },
        detail: { state: expect.any(String), vertices: expect.any(Array) },
        cluster: { name: 'session-a', jobs: 1 },
        savepoint: null,
        operation: null,
        incident: null,
      })
    })

    it('show their page without it when nothing lives, and when the cluster is silent', async () => {
      const job = await made()
      const view = permitFor('job:view', onJob(job))
      const before = await jobs.page(view, job.id)
      await start(job)
      await stores.read.clusters.saveReach(job.cluster.id, { is: 'silent', since: 1, because: 'refused' })
      const silent = await jobs.page(view, job.id)

      expect([before.detail, silent.detail]).toEqual([null, null])
      expect(silent.cluster.reach).toEqual({ is: 'silent', since: 1, because: 'refused' })
    })

    it('have no logs and no causes before they ever ran', async () => {
      const job = await made()
      const query = { grep: null, skip: 0, lines: 10 }

      expect(await jobs.logs(permitFor('job:logs', onJob(job)), job.id, query)).toEqual({
        ok: false,
        why: 'never-ran',
      })
      expect(await jobs.causes(permitFor('job:view', onJob(job)), job.id)).toEqual([])
    })

    it('show logs and causes with secrets masked', async () => {
      const job = await made()
      await start(job)
      const told = 'connecting to jdbc:mysql://u:hunter2@db/x with password=hunter2'
      const talkative = jobsOn({
        ...world.runtime,
        logs: async () => [{ source: 'jobmanager', lines: [told], more: 0 }],
        causes: async () => [
          { exception: 'E', message: told, at: null, task: null, stack: `E\n  at x\n${told}` },
        ],
      })

      const logs = await talkative.logs(permitFor('job:logs', onJob(job)), job.id, {
        grep: null,
        skip: 0,
        lines: 10,
      })
      const causes = await talkative.causes(permitFor('job:view', onJob(job)), job.id)

      expect(logs).toMatchObject({ ok: true })
      expect(causes).toHaveLength(1)
      expect(JSON.stringify([logs, causes])).not.toContain('hunter2')
    })

    it('say so when a silent cluster shows no logs', async () => {
      const job = await made()
      await start(job)
      await stores.read.clusters.saveReach(job.cluster.id, { is: 'silent', since: 1, because: 'refused' })
      const mute = jobsOn({ ...world.runtime, logs: async () => [] })

      const answer = await mute.logs(permitFor('job:logs', onJob(job)), job.id, {
        grep: null,
        skip: 0,
        lines: 9,
      })

      expect(answer).toEqual({ ok: false, why: 'cluster-silent' })
    })

    it('list their savepoints with whether the files are still there, looked at once in a while', async () => {
      const job = await made()
      const add = (id: string) =>
        stores.read.savepoints.add({
          id,
          jobId: job.id,
          attemptId: null,
          release: 1,
          path: `file:///${id}`,
          origin: 'savepoint',
          at: world.clock.now(),
          sizeBytes: null,
        })
      await add('sp_1')
      await add('sp_2')
      await add('sp_3')
      const asked: string[] = []
      const looking = jobsOn({
        ...world.runtime,
        stateExists: async (path) => {
          asked.push(path)
          if (path.endsWith('sp_1')) return 'gone'
          return path.endsWith('sp_2') ? 'unknown' : 'there'
        },
      })
      const view = permitFor('job:view', onJob(job))
      const presences = async () =>
        Object.fromEntries(
          (await looking.savepoints(view, job.id, {})).items.map((each) => [each.id, each.presence]),
        )

      const first = await presences()
      await presences()
      const once = asked.length
      world.clock.pass(60_000)
      await presences()

      expect(first).toEqual({ sp_1: 'gone', sp_2: 'there', sp_3: 'there' })
      expect([once, asked.length]).toEqual([3, 6])
      expect((await stores.read.savepoints.byId('sp_1'))?.presence).toBe('gone')
    })

    it('are told from strangers on their cluster, the ended ones left out', async () => {
      const job = await made()
      const ours = await start(job)
      const sight = await world.runtime.observe()
      if (sight.is !== 'seen') throw new Error(sight.because)
      const [listed] = sight.jobs.filter((each) => each.flinkJobId === ours.flinkJobId)
      if (!listed) throw new Error('The simulator does not list the job.')
      const strange = (i: number, state: 'RUNNING' | 'FAILED') => ({
        ...listed,
        flinkJobId: flinkJobId(String(i).repeat(32)),
        name: `stranger ${i}`,
        state,
      })
      const crowded = jobsOn({
        ...world.runtime,
        observe: async () => ({ ...sight, jobs: [listed, strange(1, 'RUNNING'), strange(2, 'FAILED')] }),
      })
      const permit = permitFor('job:view', onTeam())

      expect(await crowded.strangers(permit, 'session-a')).toMatchObject([
        { flinkJobId: '1'.repeat(32), name: 'stranger 1', state: 'RUNNING' },
      ])
      await stores.read.attempts.close(`attempt_${job.name}_1`, { kind: 'ended-and-forgotten' }, 0)
      expect(await crowded.strangers(permit, 'session-a')).toHaveLength(1)
      expect(await crowded.strangers(permit, 'session-z')).toEqual([])
    })

    it('compile their newest release without starting it', async () => {
      const { digest } = await aJar()
      const job = await made({ kind: 'jar', release: { program: { is: 'jar', digest } } })
      const seen: unknown[] = []
      const compiling = jobsOn({
        ...world.runtime,
        check: async (plan) => {
          seen.push(plan)
          return { is: 'good', operators: ['source'] }
        },
      })

      const answer = await compiling.check(permitFor('job:view', onJob(job)), job.id)

      expect(answer).toEqual({ is: 'good', operators: ['source'] })
      expect(seen).toMatchObject([{ jobName: 'orders', program: { digest }, restore: null }])
    })
  })

  describe('take jars', () => {
    it('with the entry class of the manifest, Flink’s own attribute first', async () => {
      const bytes = zipSync({ 'META-INF/MANIFEST.MF': strToU8('Main-Class: a.B\nprogram-class: c.D\n') })

      const answer = await upload(bytes, 'C:\\jobs\\my "job".jar')

      expect(answer).toMatchObject({ ok: true, value: { entryClass: 'c.D', fileName: 'my _job_.jar' } })
    })

    it('once, with one entry in the audit', async () => {
      const first = await aJar()
      const second = await aJar()

      expect(second).toEqual(first)
      expect(await auditedIn(database)).toMatchObject([{ subject: 'artifact orders.jar', decision: 'done' }])
    })

    it('and nothing else', async () => {
      expect(await upload(strToU8('no jar'))).toEqual({ ok: false, why: 'not-a-jar' })
      expect(await auditedIn(database)).toEqual([])
    })
  })

  function aCluster(name: string, environment: string) {
    return {
      id: `cluster_${name}`,
      name,
      kind: 'session' as const,
      yarn: null,
      environment,
      address: world.simulator.address,
      managed: false,
      sandbox: true,
      flinkVersionId: null,
      savepointDir: null,
      checkpointDir: null,
      archiveDir: null,
      parallelOperations: 4,
    }
  }
})
