import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../../src/lib/ids.ts'
import { createClusters } from '../../../src/platform/flink/clusters.ts'
import type { ClusterRecord } from '../../../src/platform/jobs/stores.ts'
import type { ClustersApi } from '../../../src/platform/platform.ts'
import type { Runtime } from '../../../src/platform/runtimes/runtime.ts'
import { readHadoopConf } from '../../../src/platform/runtimes/yarn/hadoop-conf.file.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import type { OpenStores } from '../../../src/platform/stores.prisma.ts'
import { type SimulatedWorld, simulatedWorld } from '../../fakes/simulated-world.ts'
import { freshDatabase, truncateAll } from '../../support/database.ts'
import { DATA, ON_PLATFORM, onTeam, permitFor } from '../../support/permits.ts'
import { auditedIn, seedTeams, storesOn } from '../../support/stores.ts'

describe('clusters', () => {
  let database: Database
  let world: SimulatedWorld
  let stores: OpenStores
  let clusters: ClustersApi
  let asked: ClusterRecord[]
  let forgotten: string[]
  let scaled: [string, number][]
  let scaleAnswer: { ok: true } | { ok: false; because: string }
  const permit = permitFor('cluster:manage', ON_PLATFORM)

  beforeAll(async () => {
    database = await freshDatabase()
    world = await simulatedWorld({ taskManagers: 1, slots: 4 })
  })
  beforeEach(async () => {
    await truncateAll(database)
    await seedTeams(database)
    stores = storesOn(database, world.clock)
    asked = []
    forgotten = []
    scaled = []
    scaleAnswer = { ok: true }
    clusters = clustersOn(world.runtime)
  })
  afterAll(async () => {
    await database?.close()
    await world?.close()
  })

  function clustersOn(runtime: Runtime): ClustersApi {
    const { transact, read } = stores
    return createClusters({
      transact,
      read,
      runtimes: {
        of(cluster) {
          asked.push(cluster)
          return runtime
        },
        forget: (id) => forgotten.push(id),
      },
      readHadoopConf,
      managed: {
        async scale(name, taskManagers) {
          scaled.push([name, taskManagers])
          return scaleAnswer
        },
      },
      clock: world.clock,
      ids: randomIds,
    })
  }

  const add = (more: object = {}) =>
    clusters.add(permit, {
      name: 'session-a',
      address: `${world.simulator.address}/`,
      environment: 'prod',
      ...more,
    })

  const silent: Runtime['observe'] = async () => ({
    is: 'unreachable',
    at: world.clock.now(),
    because: 'connection refused',
  })

  it('are asked once, then kept with what was seen of them', async () => {
    const answer = await add({ managed: true, savepointDir: 'file:///sp' })

    expect(answer).toMatchObject({
      ok: true,
      value: {
        name: 'session-a',
        environment: 'prod',
        address: world.simulator.address,
        managed: true,
        jobs: 0,
        room: { taskManagers: 1, slotsTotal: 4, slotsFree: 4 },
        reach: { is: 'reachable', at: world.clock.now() },
      },
    })
    expect(asked).toHaveLength(1)
    expect(await clusters.list()).toEqual([answer.ok && answer.value])
    expect(await clusters.find('Session-A')).toEqual({ ok: true, value: answer.ok && answer.value })
    expect((await stores.read.clusters.byName('session-a'))?.savepointDir).toBe('file:///sp')
    expect(await auditedIn(database)).toMatchObject([
      { verb: 'cluster:manage', subject: 'cluster session-a', decision: 'done', actor: 'lin' },
    ])
  })

  it('are not kept when nothing answers at their address', async () => {
    clusters = clustersOn({ ...world.runtime, observe: silent })

    expect(await add()).toEqual({ ok: false, why: { of: 'no-answer', because: 'connection refused' } })
    expect(await clusters.list()).toEqual([])
    expect(forgotten).toEqual([asked[0]?.id])
    expect(await auditedIn(database)).toEqual([])
  })

  it.each([
    [{ name: 'Session A' }, 'bad-name'],
    [{ name: '-a' }, 'bad-name'],
    [{ name: 'a'.repeat(64) }, 'bad-name'],
    [{ environment: 'moon' }, 'unknown-environment'],
    [{ flinkVersion: 'none' }, 'unknown-flink-version'],
    [{ address: 'localhost:8081' }, 'bad-address'],
    [{ address: 'ftp://flink/' }, 'bad-address'],
    [{ address: 'http://user:secret@flink:8081' }, 'bad-address'],
    [{ address: 'http://flink:8081/?next=http://x' }, 'bad-address'],
    [{ address: 'http://169.254.169.254/latest' }, 'bad-address'],
    [{ address: 'http://[fe80::1]:8081' }, 'bad-address'],
    [{ address: 'http://[::ffff:169.254.169.254]/' }, 'bad-address'],
    [{ address: 'not an address' }, 'bad-address'],
  ])('are refused before anybody is asked: %j', async (draft, of) => {
    expect(await add(draft)).toEqual({ ok: false, why: { of } })
    expect(asked).toEqual([])
  })

  it.each([
    ['http://127.0.0.1:8081/', 'http://127.0.0.1:8081'],
    [' https://gateway.corp/flink/session-a/ ', 'https://gateway.corp/flink/session-a'],
    ['HTTP://10.0.0.7:8081', 'http://10.0.0.7:8081'],
  ])('may be at %s', async (address, kept) => {
    expect(await add({ address })).toMatchObject({ ok: true, value: { address: kept } })
  })

  it('keep a name for one, and are found by names like it', async () => {
    await add()

    expect(await add({ name: 'SESSION-A' })).toEqual({ ok: false, why: { of: 'name-taken' } })
    expect(await clusters.find('sesion-a')).toEqual({ ok: false, near: ['session-a'] })
  })

  it('keep a name for one even when two add it at once', async () => {
    const answers = await Promise.all([add(), add(), add()])

    expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
    expect(await clusters.list()).toHaveLength(1)
    expect(forgotten).toHaveLength(2)
  })

  it('are removed once no job refers to them, archived ones aside', async () => {
    const added = await add()
    const clusterId = added.ok ? added.value.id : ''
    await stores.read.jobs.insert({
      id: 'job_1',
      name: 'orders',
      teamId: DATA,
      environment: 'prod',
      clusterId,
      kind: 'jar',
      note: '',
      restartPolicy: { is: 'none' },
      at: world.clock.now(),
    })

    expect(await clusters.remove(permit, 'session-a')).toEqual({
      ok: false,
      why: { of: 'has-jobs', jobs: 1 },
    })
    await stores.read.jobs.archive('job_1', world.clock.now())
    expect(await clusters.remove(permit, 'session-a')).toMatchObject({
      ok: true,
      value: { name: 'session-a' },
    })
    expect(await clusters.remove(permit, 'session-a')).toEqual({ ok: false, why: { of: 'unknown' } })
    expect(await clusters.list()).toEqual([])
    expect(forgotten).toEqual([clusterId])
    expect(await auditedIn(database)).toHaveLength(2)
    expect(await add()).toMatchObject({ ok: true })
  })

  it('are scaled when they are ours, with how it went in the audit', async () => {
    await add({ managed: true })
    await add({ name: 'theirs' })

    expect(await clusters.scale(permit, 'session-a', 2)).toMatchObject({
      ok: true,
      value: { name: 'session-a' },
    })
    scaleAnswer = { ok: false, because: 'no memory left' }
    expect(await clusters.scale(permit, 'session-a', 3)).toEqual({
      ok: false,
      why: { of: 'failed', because: 'no memory left' },
    })
    expect(await clusters.scale(permit, 'session-a', 0)).toMatchObject({ why: { of: 'failed' } })
    expect(await clusters.scale(permit, 'theirs', 2)).toEqual({ ok: false, why: { of: 'not-managed' } })
    expect(await clusters.scale(permit, 'nobody', 2)).toEqual({ ok: false, why: { of: 'unknown' } })
    expect(scaled).toEqual([
      ['session-a', 2],
      ['session-a', 3],
    ])
    expect((await auditedIn(database)).map(({ decision }) => decision)).toEqual([
      'done',
      'done',
      'done',
      'failed',
    ])
  })

  it('are changed only under a permit for the platform', async () => {
    const forTeam = permitFor('cluster:manage', onTeam())

    await expect(clusters.remove(forTeam, 'session-a')).rejects.toThrow('permit')
  })

  describe('on YARN', () => {
    let conf: string
    const room = { of: 'memory', nodes: 3, totalMb: 96, freeMb: 60, totalCores: 48, freeCores: 40 } as const
    const yarn = (more: Partial<Runtime> = {}): Runtime => ({
      ...world.runtime,
      observe: async () => ({ is: 'seen', at: world.clock.now(), jobs: [] }),
      room: async () => room,
      stateExists: async () => 'gone',
      ...more,
    })
    const addYarn = (more: object = {}) =>
      clusters.addYarn(permit, {
        ...{ name: 'yarn-prod', environment: 'prod', flinkVersion: 'flink-1.20', hadoopConfDir: conf },
        ...{ user: 'flink', queue: 'root.prod' },
        ...more,
      })

    beforeEach(async () => {
      conf = await mkdtemp(join(tmpdir(), 'sluice-hadoop-conf-'))
      await confSays({ 'fs.defaultFS': 'hdfs://nn:8020', 'yarn.resourcemanager.hostname': 'rm' })
      const home = { home: '/opt/flink', confDir: null, javaHome: null, hadoopConfDir: null }
      const version = { id: 'flink_1', name: 'flink-1.20', version: '1.20.5', vendor: null, isDefault: false }
      await stores.transact((each) => each.flinkVersions.insert({ ...version, ...home }, world.clock.now()))
      clusters = clustersOn(yarn())
    })
    afterEach(() => rm(conf, { recursive: true }))

    async function confSays(conf: Record<string, string>): Promise<void> {
      const rows = Object.entries(conf).map(
        ([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`,
      )
      for (const name of ['core', 'hdfs', 'yarn']) await write(name, rows.join(''))
    }
    const write = (name: string, rows: string) =>
      writeFile(join(conf, `${name}-site.xml`), `<configuration>${rows}</configuration>`)

    it('are known by their Hadoop configuration, and keep their files on HDFS', async () => {
      const answer = await addYarn({ settings: { 'state.backend.type': 'rocksdb' } })

      expect(answer).toMatchObject({
        ok: true,
        value: { kind: 'yarn', address: 'http://rm:8088', yarn: { queue: 'root.prod', user: 'flink' }, room },
      })
      const kept = await stores.read.clusters.byName('yarn-prod')
      expect(kept).toMatchObject({
        kind: 'yarn',
        yarn: {
          resourceManagers: ['http://rm:8088'],
          nameNodes: ['http://nn:9870'],
          settings: { 'state.backend.type': 'rocksdb' },
        },
        flinkVersionId: 'flink_1',
        savepointDir: 'hdfs://nn:8020/user/flink/sluice/savepoints',
        room,
      })
      expect(await auditedIn(database)).toMatchObject([{ subject: 'cluster yarn-prod', decision: 'done' }])
    })

    it('are described by hand where there is no configuration, and what is typed goes before it', async () => {
      await addYarn({ resourceManagers: ['http://rm-2:8088/'] })
      await clusters.addYarn(permit, {
        ...{
          name: 'yarn-b',
          environment: 'prod',
          flinkVersion: 'flink-1.20',
          user: 'flink',
          queue: 'default',
        },
        ...{ resourceManagers: ['http://b:8088'], nameNodes: ['http://b:9870'], fileSystem: 'hdfs://b' },
        hadoopClasspath: ['/opt/hadoop/*'],
      })

      expect((await clusters.list()).map(({ name, address }) => [name, address])).toEqual([
        ['yarn-b', 'http://b:8088'],
        ['yarn-prod', 'http://rm-2:8088'],
      ])
    })

    it.each([
      [{ hadoopConfDir: '/nowhere' }, '/nowhere/core-site.xml'],
      [{ user: 'flink; rm' }, 'flink; rm'],
      [{ queue: 'root prod' }, 'root prod'],
      [{ resourceManagers: ['rm:8088'] }, 'rm:8088'],
      [{ resourceManagers: ['http://169.254.169.254'] }, '169.254.169.254'],
      [{ resourceManagers: [] }, 'ResourceManager'],
      [{ nameNodes: [] }, 'NameNode'],
      [{ fileSystem: 's3://bucket' }, 's3://bucket'],
      [{ hadoopClasspath: ['$(reboot)'] }, '$(reboot)'],
      [{ logDirectory: 'logs' }, 'logs'],
    ])('are refused before anybody is asked, in both languages: %j', async (draft, word) => {
      const answer = await addYarn(draft)

      if (answer.ok || answer.why.of !== 'bad-yarn') throw new Error(JSON.stringify(answer))
      expect(answer.why.because.en).toContain(word)
      expect(answer.why.because.zh).toContain(word)
      expect(asked).toEqual([])
    })

    it('are refused where Kerberos is asked for', async () => {
      await confSays({ 'fs.defaultFS': 'hdfs://nn:8020', 'hadoop.security.authentication': 'kerberos' })

      expect(await addYarn()).toMatchObject({
        why: { of: 'bad-yarn', because: { en: expect.stringContaining('Kerberos') } },
      })
    })

    it.each([
      ['its ResourceManager', { observe: silent }],
      ['its NameNode', { stateExists: async () => 'unknown' as const }],
    ])('are not kept when %s does not answer', async (_, more) => {
      clusters = clustersOn(yarn(more))

      expect(await addYarn()).toMatchObject({ ok: false, why: { of: 'no-answer' } })
      expect(await clusters.list()).toEqual([])
      expect(forgotten).toEqual([asked[0]?.id])
    })

    it.each([
      [{ name: 'Yarn Prod' }, 'bad-name'],
      [{ environment: 'moon' }, 'unknown-environment'],
      [{ flinkVersion: 'none' }, 'unknown-flink-version'],
    ])('are refused as other clusters are: %j', async (draft, of) => {
      expect(await addYarn(draft)).toEqual({ ok: false, why: { of } })
    })
  })
})
