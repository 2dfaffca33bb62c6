import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, openApp } from '../../../src/app.ts'
import { randomIds } from '../../../src/lib/ids.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { withSecret } from '../../../src/settings.file.ts'
import { parseSettings } from '../../../src/settings.ts'
import { rootToken } from '../../support/root-token.ts'
import { type OperationOverRest, type SluiceClient, sluiceClient } from '../../support/sluice-client.ts'
import { until } from '../../support/until.ts'
import { type LiveApplications, watchApplications } from './live-applications.ts'
import { type YarnWorld, yarnWorld } from './yarn-world.ts'

const LONG = 240_000

describe('jobs on a real YARN, over REST', () => {
  let world: YarnWorld
  let home: string
  let app: App
  let client: SluiceClient
  let live: LiveApplications
  let digest: string

  beforeAll(async () => {
    world = await yarnWorld()
    home = await mkdtemp(join(tmpdir(), 'sluice-on-yarn-'))
    const environment = { SLUICE_HOME: home, PORT: '0', LANGUAGE: 'en', WATCH_INTERVAL: '1s' }
    app = await openApp({
      settings: withSecret(parseSettings({ environment, file: null, cwd: home }), randomIds),
      log: silentLog,
    })
    const { url } = await app.listen()
    client = sluiceClient(url, await rootToken(app.core))
    await client.addFlink({ name: 'flink-1.20', home: world.flinkHome })
    await client.addYarn({
      ...{ name: 'yarn-a', flinkVersion: 'flink-1.20', user: 'root', queue: 'default' },
      ...{ hadoopConfDir: world.hadoop.confDir, settings: world.place.settings },
    })
    digest = await client.upload()
    live = watchApplications(world.hadoop.resourceManager)
  })
  afterAll(async () => {
    await live?.stop()
    await app?.stop(3_000)
    await world?.close()
    await rm(home, { recursive: true, force: true })
  })

  async function job(name: string, more: object = {}): Promise<void> {
    const args = ['--name', name, '--interval', '1000']
    await client.createJob({ name, cluster: 'yarn-a', digest, args, ...more })
  }
  const run = async (name: string, order: object): Promise<OperationOverRest> =>
    client.ended((await client.ask(name, { ...order })).id, LONG)

  it('start, restart from their state and stop, as one application each time', async () => {
    await job('orders')
    expect((await run('orders', { verb: 'start' })).outcome).toMatchObject({ is: 'running' })
    expect(await live.now()).toHaveLength(1)
    const [first] = await live.now()

    const restarted = await run('orders', { verb: 'restart' })

    expect(restarted.outcome).toMatchObject({ is: 'running', restoredFrom: expect.stringMatching(/^hdfs:/) })
    expect(await live.now()).toHaveLength(1)
    expect((await live.now())[0]).not.toBe(first)

    expect((await run('orders', { verb: 'stop' })).outcome).toMatchObject({ is: 'stopped' })
    expect(await live.now()).toEqual([])
    expect(live.most).toBe(1)
  })

  it('whose program throws are told why, and nothing is left running', async () => {
    const args = ['orders']
    await client.createJob({ name: 'throws', cluster: 'yarn-a', digest, args })

    const { outcome } = await run('throws', { verb: 'start' })

    expect(outcome).toMatchObject({
      is: 'not-done',
      cause: { message: 'expected --name value, got orders' },
    })
    expect(await live.now()).toEqual([])
  })

  it('whose JobManager was killed come back from their newest checkpoint, once', async () => {
    const restartPolicy = {
      is: 'on-failure',
      limit: 3,
      windowMs: 3_600_000,
      backoffMs: 500,
      backoffCapMs: 500,
    }
    await job('wide', { restartPolicy })
    await run('wide', { verb: 'start' })
    const [first = ''] = await live.now()
    await until(async () => (await checkpoints()) > 0, { within: 60_000, what: 'a checkpoint' })
    const attempts = (await client.job('wide')).attempts

    for (const { pid, role } of await world.hadoop.containers(first)) {
      if (role === 'jobmanager') process.kill(pid, 'SIGKILL')
    }
    await until(
      async () => {
        const { state, attempts: now } = await client.job('wide')
        return state.is === 'running' && now > attempts
      },
      { within: LONG, what: 'the job came back' },
    )
    await pause(2_000)

    expect(await live.now()).toHaveLength(1)
    expect(await live.now()).not.toContain(first)
    expect(live.most).toBe(1)
    expect((await run('wide', { verb: 'stop' })).outcome).toMatchObject({ is: 'stopped' })
  })

  async function checkpoints(): Promise<number> {
    const path = '/user/root/sluice/checkpoints'
    const answer = await fetch(
      `${world.hadoop.nameNode}/webhdfs/v1${path}?op=GETCONTENTSUMMARY&user.name=root`,
    )
    if (!answer.ok) return 0
    const { ContentSummary } = (await answer.json()) as { ContentSummary: { fileCount: number } }
    return ContentSummary.fileCount
  }
})
