import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { type FlinkRole, flinkProcesses } from '../../src/platform/flink/flink-processes.cli.ts'
import { createLocalClusters, type LocalClusters } from '../../src/platform/flink/local-cluster.cli.ts'
import { LOCAL_MEMORY, type LocalClusterSpec } from '../../src/platform/flink/local-cluster-conf.ts'
import {
  createSessionRuntime,
  type SessionRuntime,
  type SessionRuntimeOptions,
} from '../../src/platform/runtimes/session/session-runtime.http.ts'
import { programsOf, shippedJars } from '../fakes/simulated-world.ts'
import { realFlinkHome } from './flink-home.ts'

export interface FlinkWorld {
  clusters: LocalClusters
  spec: LocalClusterSpec
  address: string
  directories: { checkpoints: string; savepoints: string; archive: string }
  counterJob: { digest: string; bytes: Uint8Array }
  runtime(more?: Partial<SessionRuntimeOptions>): SessionRuntime
  /** kill -9. */
  kill(role: FlinkRole): Promise<void>
  /** Starts what is missing. */
  bringBack(): Promise<void>
  close(): Promise<void>
}

export interface FlinkWorldOptions {
  taskManagers?: number
  slots?: number
  /** Further Flink config. */
  config?: Readonly<Record<string, string>>
}

/** A real session cluster of its own, in a directory of its own. */
export async function flinkWorld(
  name: string,
  { taskManagers = 1, slots = 4, config = {} }: FlinkWorldOptions = {},
): Promise<FlinkWorld> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-flink-'))
  const clusters = createLocalClusters({
    home,
    clock: systemClock,
    log: silentLog,
    searchPath: process.env.PATH ?? '',
  })
  const spec: LocalClusterSpec = {
    name,
    flinkHome: await realFlinkHome(),
    javaHome: null,
    taskManagers,
    slotsPerTaskManager: slots,
    memory: LOCAL_MEMORY,
    config: {
      'heartbeat.timeout': '20000',
      'heartbeat.interval': '5000',
      'web.refresh-interval': '1000',
      ...config,
    },
  }
  const up = await clusters.up(spec)
  if (!up.ok) throw new Error(JSON.stringify(up.problem))
  const { restUrl, confDir } = up.cluster
  const jars = await shippedJars()
  const root = join(home, 'clusters', name)
  const directories = {
    checkpoints: join(root, 'checkpoints'),
    savepoints: join(root, 'savepoints'),
    archive: join(root, 'archive'),
  }
  const runtimes: SessionRuntime[] = []
  return {
    clusters,
    spec,
    address: restUrl,
    directories,
    counterJob: jars.counterJob,
    runtime(more = {}) {
      const runtime = createSessionRuntime({
        address: restUrl,
        ...programsOf(jars),
        clock: systemClock,
        log: silentLog,
        checkpointDirectory: directories.checkpoints,
        ...more,
      })
      runtimes.push(runtime)
      return runtime
    },
    async kill(role) {
      for (const running of await flinkProcesses(confDir)) {
        if (running.role === role) process.kill(running.pid, 'SIGKILL')
      }
    },
    async bringBack() {
      const again = await clusters.up(spec)
      if (!again.ok) throw new Error(JSON.stringify(again.problem))
    },
    async close() {
      for (const runtime of runtimes) await runtime.close()
      await clusters.down(name)
      await rm(home, { recursive: true, force: true })
    },
  }
}
