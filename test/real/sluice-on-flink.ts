import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, openApp } from '../../src/app.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { type Log, silentLog } from '../../src/lib/log.ts'
import { DEADLINES, type Deadlines } from '../../src/platform/jobs/run.ts'
import { WATCH_RULES, type WatchRules } from '../../src/platform/watching/reducer.ts'
import { withSecret } from '../../src/settings.file.ts'
import { parseSettings } from '../../src/settings.ts'
import { type LossyProxy, startLossyProxy } from '../fakes/lossy-proxy.ts'
import { rootToken } from '../support/root-token.ts'
import { type SluiceClient, sluiceClient } from '../support/sluice-client.ts'
import { type FlinkRest, flinkRest } from './flink-rest.ts'
import { type FlinkWorld, type FlinkWorldOptions, flinkWorld } from './flink-world.ts'
import { type LiveJobs, watchLiveJobs } from './live-jobs.ts'

/** The whole server in this process, and a real Flink behind a proxy that loses what it is told to lose. */
export interface SluiceOnFlink {
  app: App
  client: SluiceClient
  /** Between Sluice and Flink. */
  proxy: LossyProxy
  /** Flink itself, past the proxy. */
  flink: FlinkRest
  world: FlinkWorld
  live: LiveJobs
  /** Digest of the example job. */
  digest: string
  /** What the log was told as our fault. */
  faults: unknown[]
  /** A job on the cluster, not started. */
  job(
    name: string,
    more?: { args?: readonly string[]; restartPolicy?: Readonly<Record<string, unknown>> },
  ): Promise<void>
  close(): Promise<void>
}

export interface SluiceOnFlinkOptions extends FlinkWorldOptions {
  deadlines?: Partial<Deadlines>
  watchRules?: Partial<WatchRules>
  /** Settings of the server beside what the test needs. */
  environment?: Readonly<Record<string, string>>
}

export const CLUSTER = 'session-a'

export async function sluiceOnFlink(
  name: string,
  { deadlines, watchRules, environment: more, ...options }: SluiceOnFlinkOptions = {},
): Promise<SluiceOnFlink> {
  const world = await flinkWorld(name, options)
  const proxy = await startLossyProxy(world.address)
  const home = await mkdtemp(join(tmpdir(), 'sluice-on-flink-'))
  const environment = { SLUICE_HOME: home, PORT: '0', LANGUAGE: 'en', WATCH_INTERVAL: '500ms', ...more }
  const faults: unknown[] = []
  const log: Log = { ...silentLog, error: (fields, message) => faults.push({ ...fields, message }) }
  const app = await openApp({
    settings: withSecret(parseSettings({ environment, file: null, cwd: home }), randomIds),
    log,
    deadlines: { ...DEADLINES, ...deadlines },
    watchRules: { ...WATCH_RULES, ...watchRules },
  })
  const { url } = await app.listen()
  const client = sluiceClient(url, await rootToken(app.core))
  const { savepoints, checkpoints } = world.directories
  await client.addCluster({ name: CLUSTER, address: proxy.address, savepoints, checkpoints })
  const digest = await client.upload()
  const live = watchLiveJobs(world.address)
  return {
    ...{ app, client, proxy, flink: flinkRest(world.address), world, live, digest, faults },
    async job(job, { args = [], restartPolicy } = {}) {
      const all = ['--name', job, '--interval', '1000', ...args]
      await client.createJob({
        name: job,
        cluster: CLUSTER,
        digest,
        args: all,
        ...(restartPolicy && { restartPolicy }),
      })
      live.know(job, (await client.job(job)).id)
    },
    async close() {
      await live.stop()
      await app.stop(3_000)
      await proxy.close()
      await world.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
