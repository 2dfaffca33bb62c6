import { randomUUID } from 'node:crypto'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { readFlinkHome } from '../../../src/platform/flink/flink-home.file.ts'
import { shippedFlink } from '../../../src/platform/runtimes/yarn/flink-files.file.ts'
import type { YarnPlace } from '../../../src/platform/runtimes/yarn/yarn-place.ts'
import {
  createYarnRuntime,
  type YarnRuntime,
  type YarnRuntimeOptions,
} from '../../../src/platform/runtimes/yarn/yarn-runtime.http.ts'
import { programsOf, shippedJars } from '../../fakes/simulated-world.ts'
import { realFlinkHome } from '../flink-home.ts'
import { type HadoopOptions, type HadoopWorld, hadoopWorld } from './hadoop-world.ts'

/** A real YARN cluster with a runtime on it. */
export interface YarnWorld {
  hadoop: HadoopWorld
  place: YarnPlace
  directories: { checkpoints: string; savepoints: string; archive: string }
  counterJob: { digest: string; bytes: Uint8Array }
  flinkHome: string
  runtime(more?: Partial<YarnRuntimeOptions>): YarnRuntime
  close(): Promise<void>
}

/** Small enough for two applications beside each other, and nothing listens beyond this machine. */
const SETTINGS = {
  'jobmanager.bind-host': '127.0.0.1',
  'taskmanager.bind-host': '127.0.0.1',
  'rest.bind-address': '127.0.0.1',
  'jobmanager.memory.process.size': '1024m',
  'taskmanager.memory.process.size': '1024m',
  'web.refresh-interval': '1000',
}

export async function yarnWorld(options: HadoopOptions = {}): Promise<YarnWorld> {
  const [hadoop, path, jars] = await Promise.all([hadoopWorld(options), realFlinkHome(), shippedJars()])
  const verdict = await readFlinkHome(path)
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.problem))
  const flink = shippedFlink(verdict.home)
  const place: YarnPlace = {
    resourceManagers: [hadoop.resourceManager],
    nameNodes: [hadoop.nameNode],
    fileSystem: hadoop.fileSystem,
    user: 'root',
    queue: 'default',
    hadoopClasspath: hadoop.classpath.split(':'),
    logDirectory: '/tmp/logs',
    settings: SETTINGS,
  }
  const directory = (name: string) => `${hadoop.fileSystem}/flink/${name}`
  const directories = {
    checkpoints: directory('checkpoints'),
    savepoints: directory('savepoints'),
    archive: directory('archive'),
  }
  const runtimes: YarnRuntime[] = []
  return {
    ...{ hadoop, place, directories, counterJob: jars.counterJob, flinkHome: path },
    runtime(more = {}) {
      const runtime = createYarnRuntime({
        ...{ clusterId: 'cluster-a', place, directories },
        flink: async () => ({ ok: true, flink }),
        ...programsOf(jars),
        ...{ clock: systemClock, log: silentLog, unique: randomUUID },
        ...more,
      })
      runtimes.push(runtime)
      return runtime
    },
    async close() {
      for (const runtime of runtimes) await runtime.close()
      await hadoop.close()
    },
  }
}
