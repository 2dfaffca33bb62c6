import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../src/lib/log.ts'
import { type Database, openDatabase } from '../../src/platform/storage/database.prisma.ts'
import { migrate } from '../../src/platform/storage/migrate.prisma.ts'

const INSTALLED = '/usr/lib/postgresql'
const OLDEST = 15

export interface PrivatePostgres {
  /** Of a new, empty database on the server. */
  emptyDatabase(): Promise<string>
  /** A new database, migrated and open. Close it when done. */
  freshDatabase(): Promise<Database>
  /** Ends every session of a database, as a failing network would. */
  cutConnections(url: string): void
  stop(): void
}

/** Why the tests on PostgreSQL cannot run here, null when they can. Say it in the name of what is skipped. */
export function postgresMissing(): string | null {
  if (binaries()) return null
  return `no PostgreSQL ${OLDEST} or newer under ${INSTALLED}: apt-get install -y --no-install-recommends postgresql`
}

function demandBinaries(): string {
  const bin = binaries()
  if (!bin) throw new Error(postgresMissing() ?? '')
  return bin
}

/** A PostgreSQL server of our own on a free port, from the system's packages, gone with `stop`. */
export async function startPostgres(settings: readonly string[] = []): Promise<PrivatePostgres> {
  const bin = demandBinaries()
  const home = mkdtempSync(join(tmpdir(), 'sluice-pg-'))
  const run = asOrdinaryUser(home)
  const port = await freePort()
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', 'sluice']
  run(join(bin, 'initdb'), [
    '-D',
    join(home, 'data'),
    '-U',
    'sluice',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ])
  const options = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'listen_addresses=127.0.0.1',
    ...settings,
  ]
  const flags = [`-p ${port}`, `-k ${home}`, ...options.map((option) => `-c ${option}`)].join(' ')
  const control = ['-D', join(home, 'data'), '-w', '-s']
  run(join(bin, 'pg_ctl'), [...control, '-l', join(home, 'log'), '-o', flags, 'start'])

  let databases = 0
  async function emptyDatabase(): Promise<string> {
    const name = `test_${++databases}`
    run(join(bin, 'createdb'), [...where, name])
    return `postgresql://sluice@127.0.0.1:${port}/${name}`
  }
  return {
    emptyDatabase,
    async freshDatabase() {
      const database = await openDatabase({ is: 'server', url: await emptyDatabase() }, silentLog)
      await migrate(database, silentLog)
      return database
    },
    cutConnections(url) {
      const name = new URL(url).pathname.slice(1)
      const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`
      run(join(bin, 'psql'), [...where, '-d', 'postgres', '-qAtc', cut])
    },
    stop() {
      run(join(bin, 'pg_ctl'), [...control, '-m', 'immediate', 'stop'])
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function binaries(): string | null {
  if (!existsSync(INSTALLED)) return null
  const newest = readdirSync(INSTALLED)
    .filter((version) => Number(version) >= OLDEST && existsSync(join(INSTALLED, version, 'bin/initdb')))
    .sort((a, b) => Number(a) - Number(b))
    .at(-1)
  return newest ? join(INSTALLED, newest, 'bin') : null
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, whom the package made. */
function asOrdinaryUser(home: string): (command: string, args: string[]) => void {
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })),
    )
    chownSync(home, uid ?? 0, gid ?? 0)
  }
  return (command, args) => {
    const [program, all] = isRoot ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args]
    execFileSync(program as string, all as string[], { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
