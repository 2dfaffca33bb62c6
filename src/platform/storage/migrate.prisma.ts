import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { Log } from '../../lib/log.ts'
import type { Database } from './database.prisma.ts'
import { DatabaseError } from './database-error.ts'

export interface Migration {
  name: string
  sql: string
}

/** Beside `src` in a clone and beside `dist` in an installation: both are three folders up. */
const MIGRATIONS = join(import.meta.dirname, '../../../prisma/migrations')

export function readMigrations(directory = MIGRATIONS): Migration[] {
  return readdirSync(directory)
    .sort()
    .filter((name) => existsSync(join(directory, name, 'migration.sql')))
    .map((name) => ({ name, sql: readFileSync(join(directory, name, 'migration.sql'), 'utf8') }))
}

/**
 * Brings the schema up to date. Each migration is one transaction under a lock, so several processes may start at
 * once and a crash leaves either all of a migration or nothing. Refuses a database that is ahead of this code.
 */
export async function migrate(
  database: Pick<Database, 'pool'>,
  log: Log,
  migrations: readonly Migration[] = readMigrations(),
): Promise<{ applied: string[] }> {
  await lockedTransaction(database.pool, (client) => client.query(CREATE_TABLE))
  const applied: string[] = []
  for (const migration of migrations) {
    const news = await lockedTransaction(database.pool, (client) => applyOnce(client, migration, migrations))
    if (!news) continue
    log.info({ migration: migration.name }, 'Migrated the database')
    applied.push(migration.name)
  }
  return { applied }
}

async function applyOnce(
  client: pg.PoolClient,
  { name, sql }: Migration,
  known: readonly Migration[],
): Promise<boolean> {
  const { rows } = await client.query<Applied>('SELECT name, sha256 FROM schema_migration ORDER BY name')
  refuseNewer(rows, known)
  const sha256 = digest(sql)
  const former = rows.find((row) => row.name === name)
  if (former) {
    refuseChanged(former, sha256)
    return false
  }
  await client.query(sql)
  await client.query('INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)', [name, sha256])
  return true
}

interface Applied {
  name: string
  sha256: string
}

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS schema_migration (
  name text PRIMARY KEY,
  sha256 text NOT NULL,
  "appliedAt" timestamptz NOT NULL DEFAULT now()
)`

// Any fixed number does; this one spells "sluice" in base 36.
const LOCK = Number.parseInt('sluice', 36)

/** One transaction that no other process of ours runs at the same time. */
async function lockedTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK})::text`)
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

/** The same for work that brings its own transactions: several of ours still do it one after the other. */
export async function lockedSession<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query(`SELECT pg_advisory_lock(${LOCK})::text`)
    return await work(client)
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${LOCK})`)
    client.release()
  }
}

function refuseNewer(applied: readonly Applied[], known: readonly Migration[]): void {
  const unknown = applied.find(({ name }) => !known.some((migration) => migration.name === name))
  if (!unknown) return
  throw new DatabaseError(
    'newer-schema',
    `The database was migrated by a newer Sluice (${unknown.name}); start that version, or restore a backup from before.`,
    { migration: unknown.name },
  )
}

function refuseChanged(former: Applied, sha256: string): void {
  if (former.sha256 === sha256) return
  throw new DatabaseError(
    'changed-migration',
    `Migration ${former.name} was applied with another text than this Sluice has; applied migrations must not be edited.`,
    { migration: former.name },
  )
}

function digest(sql: string): string {
  // A checkout on Windows may have turned the line ends.
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
}
