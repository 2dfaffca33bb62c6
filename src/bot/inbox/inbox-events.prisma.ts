import type { Seal } from '../../lib/seal.ts'
import type { Database } from '../../platform/platform.ts'
import type { TapAnswer, Vendor } from '../adapters/adapter.ts'
import type { Happened, InboxEvent, InboxEvents } from './event.ts'

interface Row {
  id: string
  vendor: string
  content: string | null
  at: Date
  receivedAt: Date
  tries: number
}

/** What people said may hold secrets: it rests sealed, and only until it is worked. */
export function prismaInboxEvents(
  { sql }: Pick<Database, 'sql'>,
  { seal, worker }: { seal: Seal; worker: string },
): InboxEvents {
  return {
    async store({ id, vendor, happened, at, receivedAt }, until) {
      const content = seal.close(JSON.stringify(happened))
      const values = [
        id,
        vendor,
        happened.kind,
        content,
        new Date(at),
        new Date(receivedAt),
        worker,
        new Date(until),
      ]
      const stored = await sql(STORE, values)
      if (stored.length > 0) return null
      const [row] = await sql<{ answer: TapAnswer | null }>(
        `SELECT "answer" FROM "InboxEvent" WHERE "id" = $1`,
        [id],
      )
      return { answer: row?.answer ?? null }
    },
    async done(id, answer, now) {
      await sql(DONE, [id, answer === null ? null : JSON.stringify(answer), new Date(now)])
    },
    async prolong(ids, until) {
      if (ids.length > 0) await sql(PROLONG, [ids, worker, new Date(until)])
    },
    async takeOver(now, until) {
      const rows = await sql<Row>(TAKE_OVER, [new Date(now), worker, new Date(until)])
      return rows.flatMap((row) => eventOf(row, seal))
    },
    async last(vendor) {
      const rows = await sql<{ kind: string; at: Date }>(LAST, [vendor])
      const of = (kind: string) => rows.find((row) => row.kind === kind)?.at.getTime() ?? null
      return { said: of('said'), pressed: of('pressed') }
    },
    async forget(before) {
      await sql(`DELETE FROM "InboxEvent" WHERE "doneAt" < $1`, [new Date(before)])
    },
  }
}

const STORE = `
INSERT INTO "InboxEvent" ("id", "vendor", "kind", "content", "at", "receivedAt", "workedBy", "until")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING "id"`

const DONE = `UPDATE "InboxEvent" SET "doneAt" = $3, "content" = NULL, "answer" = $2::jsonb WHERE "id" = $1`

const PROLONG = `
UPDATE "InboxEvent" SET "until" = $3 WHERE "id" = ANY($1::text[]) AND "workedBy" = $2 AND "doneAt" IS NULL`

const LAST = `SELECT "kind", max("receivedAt") AS "at" FROM "InboxEvent" WHERE "vendor" = $1 GROUP BY "kind"`

const TAKE_OVER = `
UPDATE "InboxEvent" SET "workedBy" = $2, "until" = $3, "tries" = "tries" + 1
WHERE "id" IN (SELECT "id" FROM "InboxEvent" WHERE "doneAt" IS NULL AND "until" < $1 ORDER BY "until" LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING *`

function eventOf({ id, vendor, content, at, receivedAt, tries }: Row, seal: Seal): InboxEvent[] {
  if (content === null) return []
  // Written by `store` alone.
  const happened = JSON.parse(seal.open(content)) as Happened
  return [
    { id, vendor: vendor as Vendor, happened, at: at.getTime(), receivedAt: receivedAt.getTime(), tries },
  ]
}
