import type { Database } from '../storage/database.prisma.ts'
import type { Leases } from './leases.ts'

/** Leases as rows, timed by the database's clock alone. `holder` names this process among all of them. */
export function createLeases(database: Pick<Database, 'sql'>, holder: string): Leases {
  return {
    async take(name, ms) {
      const [row] = await database.sql<{ fence: string }>(TAKE, [name, holder, ms])
      return row ? Number(row.fence) : null
    },
    async giveUp(name) {
      await database.sql(GIVE_UP, [name, holder])
    },
  }
}

const TAKE = `
INSERT INTO "Lease" ("name", "holder", "fence", "until")
VALUES ($1, $2, 1, now() + $3::int * interval '1 ms')
ON CONFLICT ("name") DO UPDATE SET
  "holder" = excluded."holder",
  "until" = excluded."until",
  "fence" = CASE WHEN "Lease"."holder" = excluded."holder" AND "Lease"."until" > now()
    THEN "Lease"."fence" ELSE "Lease"."fence" + 1 END
WHERE "Lease"."holder" = excluded."holder" OR "Lease"."until" <= now()
RETURNING "fence"`

// The row stays: its fence must go on growing. Long ago, not now: the column keeps milliseconds and rounds up.
const GIVE_UP = `UPDATE "Lease" SET "until" = to_timestamp(0) WHERE "name" = $1 AND "holder" = $2`
