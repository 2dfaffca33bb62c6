import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, openAsBlob, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { extract } from 'tar'
import { silentLog } from '../../src/lib/log.ts'
import { type Database, openDatabase } from '../../src/platform/storage/database.prisma.ts'
import { migrate, readMigrations } from '../../src/platform/storage/migrate.prisma.ts'
import { PGlitePool } from '../../src/platform/storage/pglite-pool.prisma.ts'
import { prepareQueues } from '../../src/platform/work/boss.pgboss.ts'

/**
 * An embedded database in memory, migrated and empty. It begins from a dump that the first test to need one makes,
 * anew for every change of the migrations, so that opening takes half a second. Close it when done.
 */
export async function freshDatabase(): Promise<Database> {
  const file = templateFile()
  const template = existsSync(file) ? await openAsBlob(file) : await makeTemplate(file)
  return openDatabase({ is: 'embedded', directory: 'memory', template }, silentLog)
}

/** The same in a directory, for a process to open: making one anew takes it seconds and 800 MB. */
export async function embeddedDatabaseIn(directory: string): Promise<void> {
  const file = templateFile()
  if (!existsSync(file)) await makeTemplate(file)
  const data = join(directory, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  await extract({ file, cwd: data })
}

/** Empties every table of ours, fast enough to do it between any two tests. Sequences begin at 1 again. */
export async function truncateAll(database: Database): Promise<void> {
  const tables = await database.sql<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE (schemaname = 'public' AND tablename <> 'schema_migration') OR (schemaname, tablename) = ('pgboss', 'job')`,
  )
  const list = tables.map(({ name }) => name).join(', ')
  // The trigger that keeps audit entries refuses TRUNCATE too; as a replica no trigger fires.
  await database.transaction(async (tx) => {
    await tx.$executeRawUnsafe('SET LOCAL session_replication_role = replica')
    await tx.$executeRawUnsafe(`TRUNCATE ${list} RESTART IDENTITY CASCADE`)
  })
}

function templateFile(): string {
  const pglite = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
  const inputs = [
    readFileSync(join(pglite, '../package.json'), 'utf8'),
    readFileSync(join(import.meta.dirname, '../../src/platform/work/boss.pgboss.ts'), 'utf8'),
    JSON.stringify(readMigrations()),
  ]
  const digest = createHash('sha256').update(inputs.join('\n')).digest('hex').slice(0, 16)
  return join(tmpdir(), 'sluice-test-databases', `${digest}.tar`)
}

async function makeTemplate(file: string): Promise<Blob> {
  const db = await PGlite.create()
  const pool = new PGlitePool(db)
  await migrate({ pool }, silentLog)
  await prepareQueues({ pool })
  const dump = await db.dumpDataDir('none')
  await db.close()
  mkdirSync(dirname(file), { recursive: true })
  // Test files run side by side: each that finds none makes its own, and the last one in place stays.
  const unfinished = `${file}.${randomUUID()}`
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()))
  renameSync(unfinished, file)
  return dump
}
