import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { DatabasePlace } from '../../src/platform/storage/connection.ts'
import { until } from './until.ts'

/** Starts test/support/work-process.ts and waits until it has begun some work. End it with `kill`. */
export async function startWorkProcess(place: DatabasePlace): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'work-process.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(place)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`The process ended: ${said}`)
      return said.includes('begun')
    },
    { within: 60_000, what: 'work begun by the other process' },
  )
  return child
}

/** As a crash or the power button would end it. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
