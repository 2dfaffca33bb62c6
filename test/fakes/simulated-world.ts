import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { silentLog } from '../../src/lib/log.ts'
import {
  createSessionRuntime,
  type SessionRuntime,
  type SessionRuntimeOptions,
} from '../../src/platform/runtimes/session/session-runtime.http.ts'
import { NO_DELAYS } from '../../src/platform/runtimes/simulator/simulated-cluster.ts'
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/platform/runtimes/simulator/simulator.http.ts'
import { sqlJar } from '../../src/platform/sql/sql-jar.ts'
import { type SteeredClock, steeredClock } from './steered-clock.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export interface ShippedJars {
  counterJob: { digest: string; bytes: Uint8Array }
  runner: Uint8Array
}

/** The jars that the project ships. */
export async function shippedJars(): Promise<ShippedJars> {
  const bytes = await readFile(join(ROOT, 'examples/counter-job.jar'))
  const runner = await readFile(join(ROOT, 'runner/sluice-sql-runner.jar'))
  return { counterJob: { digest: createHash('sha256').update(bytes).digest('hex'), bytes }, runner }
}

/** The artifacts and SQL jars of a runtime under test. */
export function programsOf(jars: ShippedJars): Pick<SessionRuntimeOptions, 'artifacts' | 'sqlJar'> {
  return {
    artifacts: {
      open: async (digest) => (digest === jars.counterJob.digest ? { bytes: jars.counterJob.bytes } : null),
    },
    sqlJar: (script) => sqlJar(jars.runner, script),
  }
}

export interface SimulatedWorld {
  simulator: Simulator
  clock: SteeredClock
  runtime: SessionRuntime
  counterJob: { digest: string }
  /** A runtime that knows only what the first one was told: as after a restart of the server. */
  fresh(more?: Partial<SessionRuntimeOptions>): SessionRuntime
  close(): Promise<void>
}

/** A simulated cluster on disk, a steered clock, and a session runtime on it. */
export async function simulatedWorld(options: Partial<SimulatorOptions> = {}): Promise<SimulatedWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-simulator-'))
  const clock = steeredClock()
  const simulator = await startSimulator({ clock, delays: NO_DELAYS, directory, ...options })
  const jars = await shippedJars()
  const runtimes: SessionRuntime[] = []
  const fresh = (more: Partial<SessionRuntimeOptions> = {}) => {
    const runtime = createSessionRuntime({
      address: simulator.address,
      ...programsOf(jars),
      clock,
      log: silentLog,
      checkpointDirectory: simulator.directories.checkpoints,
      ...more,
    })
    runtimes.push(runtime)
    return runtime
  }
  return {
    simulator,
    clock,
    runtime: fresh(),
    counterJob: jars.counterJob,
    fresh,
    async close() {
      for (const runtime of runtimes) await runtime.close()
      await simulator.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
