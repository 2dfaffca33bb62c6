import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Language } from '../../src/cli/cli.ts'
import { runCli } from '../../src/cli/run.cli.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { RealApp } from '../api/real-app.ts'

interface Asking {
  home: string
  environment?: Record<string, string>
  language?: Language
}

/** `sluice doctor …` in this process. */
export async function doctor(
  words: string,
  { home, environment = {}, language = 'en' }: Asking,
): Promise<{ code: number; said: string }> {
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const code = await runCli(['doctor', ...words.split(' ')], {
    language,
    environment: { SLUICE_HOME: home, ...environment },
    cwd: home,
    clock: systemClock,
    ids: randomIds,
    out: say,
    err: say,
    screen: null,
    isTerminal: false,
  })
  return { code, said: lines.join('\n') }
}

/** On the machine of this server: its file is there. */
export async function doctorAsking(world: RealApp, words: string): Promise<{ code: number; said: string }> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-doctor-'))
  const { authorization = '' } = world.as('root').headers
  const file = { url: world.url, pid: process.pid, token: authorization.replace('Bearer ', '') }
  await writeFile(join(home, 'server.json'), JSON.stringify(file), { mode: 0o600 })
  try {
    return await doctor(words, { home })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
