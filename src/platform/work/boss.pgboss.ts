import type pg from 'pg'
import PgBoss from 'pg-boss'
import type { Database, Tx } from '../storage/database.prisma.ts'
import { lockedTransaction } from '../storage/migrate.prisma.ts'
import { WORK_KINDS, type WorkKind } from './work.ts'

export const KINDS = Object.keys(WORK_KINDS) as WorkKind[]

/** pg-boss drops entries that waited too long; ours wait as long as they must. */
const TEN_YEARS_IN_MINUTES = 5_256_000

/** pg-boss on our pool. It owns the tables; what it does by polling and timers we do ourselves (docs/decisions/queue.md). */
export function bossOn(pool: pg.Pool): PgBoss {
  return new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: 'pgboss',
    supervise: false,
    schedule: false,
  })
}

/** Makes pg-boss's tables, one queue per kind and our indexes. Several processes may do it at once. */
export async function prepareQueues(database: Pick<Database, 'pool'>): Promise<void> {
  const boss = bossOn(database.pool)
  await boss.start()
  const known = new Set((await boss.getQueues()).map(({ name }) => name))
  for (const kind of KINDS.filter((name) => !known.has(name))) {
    // `short`: of equal keys at most one waits for its first try.
    await boss.createQueue(kind, { name: kind, policy: 'short', retentionMinutes: TEN_YEARS_IN_MINUTES })
  }
  await boss.stop({ graceful: false })
  await lockedTransaction(database.pool, (client) => client.query(OUR_INDEXES))
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
const OUR_INDEXES = `
  CREATE SEQUENCE IF NOT EXISTS pgboss.work_seq;
  CREATE INDEX IF NOT EXISTS work_waiting ON pgboss.job (name, ((data ->> 'seq')::bigint)) WHERE state < 'active';
  CREATE INDEX IF NOT EXISTS work_active ON pgboss.job (name) WHERE state = 'active';
  CREATE INDEX IF NOT EXISTS work_dead ON pgboss.job (completed_on, id) WHERE state = 'failed';
  CREATE INDEX IF NOT EXISTS work_ordered ON pgboss.job (name, (data ->> 'orderBy'), ((data ->> 'seq')::bigint))
    WHERE state <= 'active' AND data ? 'orderBy';
  CREATE UNIQUE INDEX IF NOT EXISTS work_one_active_per_order ON pgboss.job (name, (data ->> 'orderBy'))
    WHERE state = 'active' AND data ? 'orderBy';
`

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
