import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Log } from '../../lib/log.ts'
import type { Connection, DatabaseDependencies, DatabasePlace } from './connection.ts'
import { DatabaseError } from './database-error.ts'
import { lockDirectory } from './directory-lock.file.ts'
import { PGlitePool } from './pglite-pool.prisma.ts'

/** The major version of PostgreSQL inside the pinned PGlite: a directory belongs to one. */
const POSTGRES = '18'

// Of PostgreSQL's 128 MB of buffers every page is touched at the start and never given back. What we read again and
// again fits into a quarter, and the system caches the files besides.
const LEAN = ['-c', 'shared_buffers=32MB']

/** PGlite, in a directory or in memory. The module is heavy, so servers on PostgreSQL never load it. */
export async function openEmbedded(
  place: DatabasePlace & { is: 'embedded' },
  log: Log,
  dependencies: DatabaseDependencies,
): Promise<Connection> {
  if (place.directory === 'memory') return connectionTo(await createInMemory(place.template), async () => {})
  return openDirectory(place.directory, log, dependencies)
}

async function createInMemory(template: Blob | undefined) {
  const { PGlite } = await import('@electric-sql/pglite')
  return PGlite.create({ ...(template && { loadDataDir: template }) })
}

async function openDirectory(
  directory: string,
  log: Log,
  { clock }: DatabaseDependencies,
): Promise<Connection> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let db: Awaited<ReturnType<typeof createInMemory>> | null = null
  const lock = await lockDirectory(directory, {
    clock,
    onLost: () => {
      log.error({ directory }, 'Another process took over the embedded database; closing it here')
      void db?.close()
    },
  })
  try {
    const data = join(directory, 'data')
    if (!existsSync(data)) await initialise(data, log)
    await refuseOtherPostgres(data)
    const { PGlite } = await import('@electric-sql/pglite')
    db = await PGlite.create(data, { startParams: [...PGlite.defaultStartParams, ...LEAN] })
    return await connectionTo(db, lock.release)
  } catch (error) {
    await lock.release()
    throw error
  }
}

type PGliteDatabase = Awaited<ReturnType<typeof createInMemory>>

/**
 * Statements are prepared and kept, and so is their plan. Left to itself PostgreSQL would plan most of them anew at every
 * use, because it believes to know better with the values at hand; planning is dearer here than what it could save.
 */
const KEEP_PLANS = 'SET plan_cache_mode = force_generic_plan'

async function connectionTo(db: PGliteDatabase, release: () => Promise<void>): Promise<Connection> {
  await db.exec(KEEP_PLANS)
  const pool = new PGlitePool(db)
  return {
    pool,
    listen: (channel, onMessage) => pool.listen(channel, onMessage),
    async close() {
      if (!db.closed) await pool.alone(() => db.close())
      await release()
    },
  }
}

/**
 * Making a new directory takes 800 MB of memory once, which a process never gives back: so a child does it. It works
 * beside the final place, so that one interrupted midway is not taken for a database.
 */
async function initialise(data: string, log: Log): Promise<void> {
  log.info({ directory: data }, 'Making a new embedded database')
  const unfinished = `${data}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const pglite = pathToFileURL(createRequire(import.meta.url).resolve('@electric-sql/pglite')).href
  await runNode(INITIALISE, [pglite, unfinished])
  await rename(unfinished, data)
}

const INITIALISE = `
const { default: { PGlite } } = await import(process.argv[1])
const db = await PGlite.create(process.argv[2])
await db.close()
process.exit(0)
`

function runNode(source: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else
        reject(
          new Error(`The embedded database could not be made: ${complaint.trim() || `exit code ${code}`}`),
        )
    })
  })
}

async function refuseOtherPostgres(data: string): Promise<void> {
  const found = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
  if (found === POSTGRES) return
  throw new DatabaseError(
    'other-postgres',
    `The embedded database in ${data} was written by PostgreSQL ${found}; this Sluice reads ${POSTGRES}. Move it over with the Sluice that wrote it, by dump and restore.`,
    { directory: data, found, needed: POSTGRES },
  )
}
