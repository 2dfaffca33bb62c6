import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { processEnvironment } from '../../src/settings.ts'
import type { Place } from './places.ts'

/** The built server: npm run build. */
export const MAIN = join(import.meta.dirname, '../../dist/main.js')
const PATIENCE = 60_000

export interface Started {
  child: ChildProcess
  address: string
  readyMs: number
}

/** Counted from its first instruction until `/ready` says so. */
export async function startServer({ environment }: Pick<Place, 'environment'>): Promise<Started> {
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const began = performance.now()
  const child = spawn(process.execPath, [MAIN, 'start'], {
    env: {
      PATH: processEnvironment().PATH,
      LANGUAGE: 'en',
      LOG_LEVEL: 'error',
      ...environment,
      PORT: String(port),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const address = `http://127.0.0.1:${port}`
  while (!(await isReady(address))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    if (performance.now() - began > PATIENCE) {
      await stopServer(child)
      throw new Error('The server was not ready within a minute.')
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return { child, address, readyMs: performance.now() - began }
}

async function isReady(address: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${address}/ready`)
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}

export async function stopServer(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

/** In MB, as Linux counts it. */
export function memoryOf({ pid }: ChildProcess): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return { now: read('VmRSS'), most: read('VmHWM') }
}
