import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ProbePoint } from '../../src/platform/jobs/probe.ts'
import { until } from './until.ts'

/** An operation of `job` is held at the `pass`-th time it comes by `point`. */
export interface CrashPoint {
  job: string
  point: ProbePoint
  pass: number
}

export type CrashOrder =
  /** The process dies when the first of them is reached, when all are, or when it is told to. */
  { do: 'arm'; points: readonly CrashPoint[]; when: 'first' | 'all' | 'asked' } | { do: 'die' }

export type CrashReport =
  | { is: 'ready'; url: string; token: string }
  | { is: 'armed' }
  | { is: 'passed' | 'held'; job: string; point: ProbePoint }
  | { is: 'fault'; message: string }

export interface CrashingServer {
  url: string
  token: string
  /** Everything it reported, with the time at which we heard it. */
  reports: readonly (CrashReport & { at: number })[]
  arm(points: readonly CrashPoint[], when: 'first' | 'all' | 'asked'): Promise<void>
  /** Tells it to kill itself. */
  die(): void
  alive(): boolean
  /** kill -9 from outside; for the end of a test. */
  end(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

/** Starts test/support/crashing-server.ts with these settings and waits until it is ready. */
export async function startCrashingServer(environment: Environment): Promise<CrashingServer> {
  const server = begin(environment, { do: 'arm', points: [], when: 'asked' })
  await until(
    () => {
      if (!server.alive()) throw new Error(`The server ended before it was ready: ${server.complaints()}`)
      return server.token !== ''
    },
    { within: 60_000, what: 'a server that is ready' },
  )
  return server
}

/** One that dies at this point while it goes on with what another left; resolves when it is dead. */
export async function dieAgain(environment: Environment, point: CrashPoint): Promise<CrashingServer> {
  const server = begin(environment, { do: 'arm', points: [point], when: 'first' })
  await until(() => !server.alive(), { within: 60_000, what: `a kill at ${JSON.stringify(point)}` }).catch(
    async (error: unknown) => {
      await server.end()
      throw error
    },
  )
  return server
}

function begin(environment: Environment, first: CrashOrder): CrashingServer & { complaints(): string } {
  const script = join(import.meta.dirname, 'crashing-server.ts')
  const given = [JSON.stringify(environment), JSON.stringify(first)]
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...given], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const reports: (CrashReport & { at: number })[] = []
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  // A process that kills itself does not read what we still had to say.
  child.stdin.on('error', () => {})
  createInterface({ input: child.stdout }).on('line', (line) => {
    reports.push({ ...(JSON.parse(line) as CrashReport), at: Date.now() })
  })
  const alive = () => child.exitCode === null && child.signalCode === null
  const heard = (what: CrashReport['is']) => reports.filter(({ is }) => is === what).length

  const ready = () => {
    const told = reports.find(({ is }) => is === 'ready')
    return told?.is === 'ready' ? told : { url: '', token: '' }
  }
  const say = (order: CrashOrder) => void child.stdin.write(`${JSON.stringify(order)}\n`)
  return {
    get url() {
      return ready().url
    },
    get token() {
      return ready().token
    },
    reports,
    complaints: () => complaints,
    async arm(points, when) {
      const before = heard('armed')
      say({ do: 'arm', points, when })
      await until(() => heard('armed') > before, { within: 20_000, what: 'an armed server' })
    },
    die: () => say({ do: 'die' }),
    alive,
    end: () => endOf(child),
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
