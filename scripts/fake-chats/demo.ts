import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Setting } from './open-fakes.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const STOP_WITHIN_MS = 15_000

export interface Demo {
  /** Resolves with its exit code when it ended by itself or by a signal. */
  ended: Promise<number>
  stop(): Promise<void>
}

/**
 * Sluice's demo on the sandbox, talking to the fakes. Its home is thrown away at the end: what the fakes showed is
 * gone by then too, and nothing is to be sent to chats of yesterday.
 */
export async function startDemo(settings: readonly Setting[], port: number): Promise<Demo> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-fake-chats-'))
  const given = Object.fromEntries(settings.map(({ name, value }) => [name, value]))
  const child = spawn(process.execPath, [MAIN, 'demo', '--sandbox', '--port', String(port)], {
    env: { ...process.env, ...given, SLUICE_HOME: home },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit').then(async ([code]) => {
    await rm(home, { recursive: true, force: true })
    return typeof code === 'number' ? code : 1
  })
  return { ended, stop: () => stopped(child, ended) }
}

async function stopped(child: ChildProcess, ended: Promise<number>): Promise<void> {
  child.kill('SIGTERM')
  const enough = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await ended
  clearTimeout(enough)
}
