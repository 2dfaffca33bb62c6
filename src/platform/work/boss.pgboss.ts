import type pg from 'pg'
import PgBoss from 'pg-boss'
import type { Database, Tx } from '../storage/database.prisma.ts'
import { lockedSession } from '../storage/migrate.prisma.ts'
import { WORK_KINDS, type WorkKind } from './work.ts'

export const KINDS = Object.keys(WORK_KINDS) as WorkKind[]

/** pg-boss drops entries that waited too long; ours wait as long as they must. */
const TEN_YEARS_IN_MINUTES = 5_256_000

/** pg-boss on what we hand it. It owns the tables; what it does by polling and timers we do (docs/decisions/queue.md). */
export function bossOn(db: Pick<pg.ClientBase, 'query'>): PgBoss {
  return new PgBoss({
    db: { executeSql: (text, values) => db.query(text, values) },
    schema: 'pgboss',
    supervise: false,
    schedule: false,
  })
}

/** Makes pg-boss's tables, one queue per kind and our indexes. Several processes may do it at once. */
export async function prepareQueues(database: Pick<Database, 'pool'>): Promise<void> {
  await lockedSession(database.pool, async (client) => {
    const boss = bossOn(client)
    await boss.start()
    const known = new Set((await boss.getQueues()).map(({ name }) => name))
    for (const kind of KINDS.filter((name) => !known.has(name))) {
      // `short`: of equal keys at most one waits for its first try.
      await boss.createQueue(kind, { name: kind, policy: 'short', retentionMinutes: TEN_YEARS_IN_MINUTES })
    }
    await boss.stop({ graceful: false })
    await addOurs(client)
  })
}

// IF NOT EXISTS would do, but takes a lock first that waits for every writer, and makes new ones wait behind it.
async function addOurs(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relnamespace = 'pgboss'::regnamespace`,
  )
  const there = new Set(rows.map(({ relname }) => relname))
  for (const [name, statement] of Object.entries(OURS)) {
    if (!there.has(name)) await client.query(statement)
  }
}

/** Runs pg-boss's own statements inside a transaction of ours. */
export function inTransaction(tx: Tx): PgBoss.Db {
  return {
    executeSql: async (text, values) => {
      // Prisma takes neither undefined nor objects where it does not know the column's type.
      const plain = values.map((value: unknown) =>
        isObject(value) ? JSON.stringify(value) : (value ?? null),
      )
      return { rows: await tx.$queryRawUnsafe<unknown[]>(text, ...plain) }
    },
  }
}

// `seq` counts in the order of sending: pg-boss's created_on is the time at which a transaction began, which may be
// before an earlier sender's. The unique index is what makes "never two at once" true when two processes claim.
const OURS = {
  work_seq: `CREATE SEQUENCE pgboss.work_seq`,
  work_waiting: `CREATE INDEX work_waiting ON pgboss.job (name, ((data ->> 'seq')::bigint)) WHERE state < 'active'`,
  work_active: `CREATE INDEX work_active ON pgboss.job (name) WHERE state = 'active'`,
  work_dead: `CREATE INDEX work_dead ON pgboss.job (completed_on, id) WHERE state = 'failed'`,
  work_ordered: `CREATE INDEX work_ordered ON pgboss.job (name, (data ->> 'orderBy'), ((data ->> 'seq')::bigint))
    WHERE state <= 'active' AND data ? 'orderBy'`,
  work_one_active_per_order: `CREATE UNIQUE INDEX work_one_active_per_order ON pgboss.job (name, (data ->> 'orderBy'))
    WHERE state = 'active' AND data ? 'orderBy'`,
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
