import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

// As it is built, which is what people start; `npm test` builds it anew when a source has changed.
const MAIN = join(import.meta.dirname, '../../dist/main.js')

export interface Ended {
  code: number | null
  out: string
  err: string
}

export interface Command {
  child: ChildProcess
  /** What was printed so far. */
  said(): { out: string; err: string }
  ended: Promise<Ended>
}

/** Starts `sluice` as a person does, with nothing of this process's environment but the search path. */
export function startSluice(
  argv: readonly string[],
  environment: Record<string, string>,
  cwd: string,
): Command {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, LANG: 'en_US.UTF-8', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...said })))
  return { child, said: () => said, ended }
}
