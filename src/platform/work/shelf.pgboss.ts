import type { Ids } from '../../lib/ids.ts'
import type { Database } from '../storage/database.prisma.ts'
import { uniqueViolation } from '../storage/errors.prisma.ts'
import { KINDS } from './boss.pgboss.ts'
import type { Claim, Claimed, WorkShelf } from './dispatcher.ts'
import { WORK_KINDS, type Work, type WorkKind } from './work.ts'

/** What we keep in pg-boss's `data`. */
export interface Entry {
  work: Work
  seq: string
  orderBy?: string
}

export interface PgBossShelf extends WorkShelf {
  /**
   * Puts back what other processes had begun: all of them when this one is known to be alone, else those that are
   * dead. Counts as a try, so that an entry which kills its process is dead itself at last.
   */
  takeOver(from: 'all-others' | 'the-dead'): Promise<number>
}

/** pg-boss's table, claimed and finished with our own statements. `worker` is written on what we claim. */
export function createShelf(
  database: Database,
  { worker, ids, channel }: { worker: string; ids: Ids; channel: string },
): PgBossShelf {
  const { sql } = database

  async function claim(room: ReadonlyMap<WorkKind, number>): Promise<Claim> {
    const token = ids.next('claim')
    for (let tries = 1; ; tries++) {
      try {
        const [row] = await sql<ClaimRow>(CLAIM, [[...room.keys()], [...room.values()], worker, token, KINDS])
        const items = (row?.taken ?? []).map((taken) => claimed(taken, token))
        return { items, nextDueIn: row?.nextDueIn == null ? null : Number(row.nextDueIn) }
      } catch (error) {
        // Another process took one with the same order key at this moment. Look again, it is passed over then.
        if (uniqueViolation(error) === null || tries === CLAIM_TRIES) throw error
      }
    }
  }

  /** Others may wait for the end of an ordered entry. */
  async function tellIfOrdered(items: readonly Claimed[]): Promise<void> {
    if (items.some(({ ordered }) => ordered)) await tell()
  }

  async function tell(): Promise<void> {
    await sql(`SELECT pg_notify($1, '')::text`, [channel])
  }

  return {
    claim,
    async done(item) {
      await sql(DONE, [item.work.kind, item.id, item.claim])
      await tellIfOrdered([item])
    },
    async failed(item, { error, again }) {
      const [text, rest] = again === null ? [DEAD, []] : [RETRY, [again]]
      await sql(text, [item.work.kind, item.id, item.claim, JSON.stringify({ error }), ...rest])
      await tellIfOrdered([item])
    },
    async handBack(items) {
      if (items.length === 0) return
      await sql(HAND_BACK, [items.map(({ id }) => id), items.map((item) => item.claim), KINDS])
      await tell()
    },
    async takeOver(from) {
      const limits = KINDS.map((kind) => WORK_KINDS[kind].tries)
      const rows = await sql(TAKE_OVER, [
        KINDS,
        limits,
        JSON.stringify({ error: DIED }),
        worker,
        from === 'all-others',
      ])
      if (rows.length > 0) await tell()
      return rows.length
    },
  }
}

const CLAIM_TRIES = 5
const DIED = 'The process that worked on it died, every time.'

interface ClaimRow {
  taken: TakenRow[]
  nextDueIn: string | null
}

interface TakenRow {
  id: string
  data: Entry
  retryCount: number
}

function claimed({ id, data: { work, orderBy }, retryCount }: TakenRow, claim: string): Claimed {
  return { id, claim, work, try: retryCount + 1, ordered: orderBy !== undefined }
}

// Of each kind the first that are due, in the order they were sent. An ordered one waits while one with the same key
// runs, is to be tried again, or is due and was sent earlier.
// The time of the next one is told by the same statement: between two, one might become due and be overlooked.
const CLAIM = `
WITH room AS (SELECT * FROM unnest($1::text[], $2::int[]) AS r (name, free)),
next AS (
  SELECT due.name, due.id FROM room CROSS JOIN LATERAL (
    SELECT j.name, j.id FROM pgboss.job j
    WHERE j.name = room.name AND j.state < 'active' AND j.start_after <= now()
      AND (NOT j.data ? 'orderBy' OR NOT EXISTS (
        SELECT FROM pgboss.job o
        WHERE o.name = j.name AND o.data ? 'orderBy' AND o.data ->> 'orderBy' = j.data ->> 'orderBy'
          AND o.state <= 'active' AND o.id <> j.id
          AND (o.state = 'active' OR (
            (o.data ->> 'seq')::bigint < (j.data ->> 'seq')::bigint AND (o.state = 'retry' OR o.start_after <= now())))))
    ORDER BY (j.data ->> 'seq')::bigint
    LIMIT room.free
    FOR UPDATE SKIP LOCKED
  ) due
),
taken AS (
  UPDATE pgboss.job j
  SET state = 'active',
    retry_count = CASE WHEN j.started_on IS NULL THEN 0 ELSE j.retry_count + 1 END,
    started_on = now(),
    output = jsonb_build_object('worker', $3::text, 'claim', $4::text)
  FROM next
  WHERE j.name = next.name AND j.id = next.id
  RETURNING j.id::text AS id, j.data, j.retry_count AS "retryCount"
)
SELECT
  (SELECT coalesce(jsonb_agg(taken ORDER BY (data ->> 'seq')::bigint), '[]') FROM taken) AS taken,
  (SELECT ceil(extract(epoch FROM min(waiting.due) - now()) * 1000) FROM unnest($5::text[]) AS kind CROSS JOIN LATERAL (
    SELECT min(start_after) AS due FROM pgboss.job WHERE name = kind AND state < 'active' AND start_after > now()
  ) waiting) AS "nextDueIn"`

const STILL_OURS = `name = $1 AND id = $2::uuid AND state = 'active' AND output ->> 'claim' = $3`

// Done work is deleted, not archived: the audit tells what was done, and the table stays small.
const DONE = `DELETE FROM pgboss.job WHERE ${STILL_OURS}`

const RETRY = `
UPDATE pgboss.job SET state = 'retry', output = $4::jsonb, start_after = now() + $5::int * interval '1 ms'
WHERE ${STILL_OURS}`

const DEAD = `UPDATE pgboss.job SET state = 'failed', output = $4::jsonb, completed_on = now() WHERE ${STILL_OURS}`

// Not a try: the counters go back to what they were. 'retry', not 'created': one with the same key may wait already.
const HAND_BACK = `
UPDATE pgboss.job SET state = 'retry', output = NULL, start_after = now(),
  started_on = CASE WHEN retry_count = 0 THEN NULL ELSE started_on END,
  retry_count = greatest(retry_count - 1, 0)
FROM unnest($1::uuid[], $2::text[]) AS ours (item, claim)
WHERE name = ANY($3) AND state = 'active' AND id = ours.item AND output ->> 'claim' = ours.claim`

const TAKE_OVER = `
WITH begun AS (
  SELECT name, id, retry_count, output ->> 'worker' AS worker FROM pgboss.job
  WHERE name = ANY($1) AND state = 'active' FOR UPDATE SKIP LOCKED
),
orphaned AS (
  SELECT begun.name, begun.id, begun.retry_count + 1 >= kinds.tries AS last
  FROM begun JOIN unnest($1::text[], $2::int[]) AS kinds (name, tries) USING (name)
  WHERE begun.worker <> $4
    AND ($5::boolean OR NOT EXISTS (SELECT FROM "Worker" w WHERE w.id = begun.worker AND w.until > now()))
)
UPDATE pgboss.job j
SET state = CASE WHEN last THEN 'failed' ELSE 'retry' END::pgboss.job_state,
  output = CASE WHEN last THEN $3::jsonb END,
  completed_on = CASE WHEN last THEN now() END,
  start_after = now()
FROM orphaned WHERE j.name = orphaned.name AND j.id = orphaned.id
RETURNING j.id`
