import pg from 'pg'
import type { Log } from '../../lib/log.ts'
import type { Connection, DatabaseDependencies, DatabasePlace } from './connection.ts'
import { DatabaseError } from './database-error.ts'
import { createListener } from './listener.prisma.ts'

const OLDEST_MAJOR = 15

/** A PostgreSQL server. */
export async function openServer(
  place: DatabasePlace & { is: 'server' },
  log: Log,
  dependencies: DatabaseDependencies,
): Promise<Connection> {
  const config = connectionConfig(place.url)
  const pool = new pg.Pool({ ...config, max: place.max ?? 10 })
  // An idle connection that broke is replaced on next use; without a listener the error would end the process.
  pool.on('error', (error) => log.warn({ error: error.message }, 'An idle database connection broke'))
  try {
    await refuseUnsuitable(pool)
  } catch (error) {
    await pool.end()
    throw error
  }
  const listener = createListener(config, { log, ...dependencies })
  return {
    pool,
    listen: listener.listen,
    async close() {
      await listener.close()
      await pool.end()
    },
  }
}

/**
 * Prisma's adapter sends timestamps without an offset: on a session that is not in UTC every instant would be stored
 * hours off.
 */
function connectionConfig(url: string): pg.PoolConfig {
  const parsed = new URL(url)
  const options = [parsed.searchParams.get('options'), '-c TimeZone=UTC'].filter(Boolean).join(' ')
  // What stands in the URL wins over the field, so ours must stand there too.
  parsed.searchParams.set('options', options)
  return {
    connectionString: parsed.toString(),
    application_name: 'sluice',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  }
}

async function refuseUnsuitable(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ zone: string; version: string }>(
    `SELECT current_setting('TimeZone') AS zone, current_setting('server_version_num') AS version`,
  )
  const { zone = '', version = '0' } = rows[0] ?? {}
  const major = Math.floor(Number(version) / 10_000)
  if (major < OLDEST_MAJOR) {
    throw new DatabaseError(
      'server-too-old',
      `PostgreSQL ${major} is too old; Sluice needs ${OLDEST_MAJOR} or newer.`,
      {
        major,
        oldest: OLDEST_MAJOR,
      },
    )
  }
  if (zone !== 'UTC') {
    throw new DatabaseError(
      'server-not-in-utc',
      `The database session is in ${zone}, not in UTC; a pooler in between drops our start option "-c TimeZone=UTC".`,
      { zone },
    )
  }
}
