import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/support/postgres.ts'

export interface RunningAlertmanager {
  url: string
  child: ChildProcess
  stop(): Promise<void>
}

export const ALERTMANAGER = 'prometheus-alertmanager'

/** Null: it is there. Else how to get it. */
export function alertmanagerMissing(): string | null {
  return spawnSync(ALERTMANAGER, ['--version']).error ? `apt-get install ${ALERTMANAGER}` : null
}

export async function startAlertmanager(config: string): Promise<RunningAlertmanager> {
  const directory = mkdtempSync(join(tmpdir(), 'alertmanager-'))
  writeFileSync(join(directory, 'am.yml'), config)
  const port = await freePort()
  const child = spawn(
    ALERTMANAGER,
    [
      ...[`--config.file=${join(directory, 'am.yml')}`, `--storage.path=${directory}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address=', '--log.level=error'],
    ],
    { stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 200 && !(await isReady(url)); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  return {
    url,
    child,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await gone
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** CPU time that a process has used so far, in ms; Linux counts hundredths of a second. */
export function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}
