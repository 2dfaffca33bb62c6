import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../../src/lib/ids.ts'
import { readFlinkHome } from '../../../src/platform/flink/flink-home.file.ts'
import { createFlinkVersions } from '../../../src/platform/flink/flink-versions.ts'
import type { FlinkApi } from '../../../src/platform/platform.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import type { OpenStores } from '../../../src/platform/stores.prisma.ts'
import { fakeFlinkHome } from '../../fakes/fake-flink-home.ts'
import { steeredClock } from '../../fakes/steered-clock.ts'
import { freshDatabase, truncateAll } from '../../support/database.ts'
import { ON_PLATFORM, onTeam, permitFor } from '../../support/permits.ts'
import { auditedIn, seedTeams, storesOn } from '../../support/stores.ts'

describe('Flink versions', () => {
  const clock = steeredClock()
  const permit = permitFor('flink:manage', ON_PLATFORM)
  let database: Database
  let stores: OpenStores
  let directory: string
  let home: string
  let flink: FlinkApi

  beforeAll(async () => {
    database = await freshDatabase()
    directory = await mkdtemp(join(tmpdir(), 'sluice-flink-'))
    home = await fakeFlinkHome(join(directory, 'flink'))
  })
  beforeEach(async () => {
    await truncateAll(database)
    await seedTeams(database)
    stores = storesOn(database, clock)
    const { transact, read } = stores
    const homes = { read: readFlinkHome, java: async (path: string) => (path === '/java' ? {} : null) }
    flink = createFlinkVersions({ transact, read, homes, clock, ids: randomIds })
  })
  afterAll(async () => {
    await database?.close()
    if (directory) await rm(directory, { recursive: true, force: true })
  })

  const defaults = async () =>
    Object.fromEntries((await flink.list()).map(({ name, isDefault }) => [name, isDefault]))

  it('are read from their home, and the first is the default until another is', async () => {
    const first = await flink.add(permit, { name: 'Flink-1.20', home, javaHome: '/java' })
    await flink.add(permit, { name: 'second', home })
    const before = await defaults()
    await flink.add(permit, { name: 'third', home, isDefault: true })

    expect(first).toEqual({
      ok: true,
      value: {
        name: 'flink-1.20',
        version: '1.20.3',
        vendor: 'Apache',
        home,
        confDir: expect.stringContaining('conf'),
        javaHome: '/java',
        hadoopConfDir: null,
        isDefault: true,
      },
    })
    expect(before).toEqual({ 'flink-1.20': true, second: false })
    expect(await defaults()).toEqual({ 'flink-1.20': false, second: false, third: true })
    expect((await auditedIn(database)).map(({ subject }) => subject)).toEqual([
      'flink flink-1.20',
      'flink second',
      'flink third',
    ])
  })

  it('are refused with the reason in both languages', async () => {
    const nowhere = join(directory, 'nowhere')

    expect(await flink.add(permit, { name: 'a', home: nowhere })).toEqual({
      ok: false,
      why: {
        of: 'bad-home',
        because: { en: expect.stringContaining(nowhere), zh: expect.stringContaining(nowhere) },
      },
    })
    expect(await flink.add(permit, { name: 'a', home, javaHome: '/none' })).toMatchObject({
      why: { of: 'bad-home', because: { en: expect.stringContaining('/none') } },
    })
    expect(await flink.add(permit, { name: 'a b', home })).toEqual({ ok: false, why: { of: 'bad-name' } })
    expect(await flink.list()).toEqual([])
    expect(await auditedIn(database)).toEqual([])
  })

  it('keep a name for one, and the default stays when a name was taken', async () => {
    await flink.add(permit, { name: 'a', home })
    await flink.add(permit, { name: 'b', home })

    expect(await flink.add(permit, { name: 'B', home, isDefault: true })).toEqual({
      ok: false,
      why: { of: 'name-taken' },
    })
    expect(await defaults()).toEqual({ a: true, b: false })
  })

  it('are removed once no cluster and no newest release names them', async () => {
    await flink.add(permit, { name: 'a', home })
    await flink.add(permit, { name: 'b', home })
    const version = await stores.read.flinkVersions.byName('a')
    await stores.read.clusters.insert({ ...aCluster, flinkVersionId: version?.id ?? null }, clock.now())
    await stores.read.jobs.insert(aJob)
    await stores.read.jobs.nextRelease('job_1')
    await stores.read.releases.insert(aRelease)

    expect(await flink.remove(permit, 'a')).toEqual({ ok: false, why: 'in-use' })
    expect(await flink.remove(permit, 'b')).toEqual({ ok: false, why: 'in-use' })
    await stores.read.jobs.archive('job_1', clock.now())
    await stores.read.clusters.remove('cluster_1', clock.now())
    expect(await flink.remove(permit, 'a')).toMatchObject({ ok: true, value: { name: 'a' } })
    expect(await flink.remove(permit, 'b')).toMatchObject({ ok: true })
    expect(await flink.remove(permit, 'b')).toEqual({ ok: false, why: 'unknown' })
  })

  it('are changed only under a permit for the platform', async () => {
    const forTeam = permitFor('flink:manage', onTeam())

    await expect(flink.add(forTeam, { name: 'a', home })).rejects.toThrow('permit')
  })

  const aCluster = {
    id: 'cluster_1',
    name: 'session-a',
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
  const aJob = {
    id: 'job_1',
    name: 'orders',
    teamId: 'team_data',
    environment: 'prod',
    clusterId: 'cluster_1',
    kind: 'sql' as const,
    note: '',
    restartPolicy: { is: 'none' as const },
    at: 0,
  }
  const aRelease = {
    jobId: 'job_1',
    number: 1,
    program: { is: 'sql' as const, script: 'x' },
    parallelism: null,
    flinkSettings: {},
    flinkVersion: 'b',
    clusterId: 'cluster_1',
    savepointDir: null,
    note: '',
    author: 'Lin',
    createdAt: 0,
  }
})
