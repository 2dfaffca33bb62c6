import type { Database } from '../../platform/platform.ts'
import type { Handle, Vendor, VendorWords } from '../adapters/adapter.ts'
import { deliveryRow } from '../conversation.prisma.ts'
import {
  type Change,
  type Delivery,
  keyOf,
  type Rank,
  type Ring,
  receiverOf,
  receiverText,
} from './delivery.ts'
import { DELIVERY_CHANNEL, type Due, type Outbox } from './outbox.ts'

interface Row {
  id: string
  vendor: string
  receiver: string
  chatId: string
  cardId: string
  memberId: string | null
  rank: number
  urgent: boolean
  mention: string[]
  ring: unknown
  instead: string | null
  wanted: number
  shown: number
  state: string
  message: number
  handle: unknown
  after: unknown
  uncertain: boolean
  postedAs: number
  tries: number
  dueAt: Date
  deadlineAt: Date | null
  insteadOf: string | null
  error: unknown
  createdAt: Date
  postedAt: Date | null
  shownAt: Date | null
}

const PAGE = 50

export function prismaOutbox({ prisma, sql, listen }: Database): Outbox {
  return {
    async due({ vendor, now, limit, without }) {
      const rows = await sql<Pick<Row, 'id' | 'receiver' | 'urgent' | 'message' | 'handle'>>(DUE, [
        vendor,
        new Date(now),
        without.map(receiverText),
        limit,
      ])
      return rows.map(
        ({ id, receiver, urgent, message, handle }): Due => ({
          id,
          receiver: receiverOf(receiver),
          urgent,
          message: handle === null ? null : keyOf({ id, message }),
        }),
      )
    },
    async nextDue(vendor) {
      const [row] = await sql<{ at: Date | null }>(NEXT_DUE, [vendor])
      return row?.at?.getTime() ?? null
    },
    async claim(ids, fence, now) {
      return (await sql<Row>(CLAIM, [ids, fence, new Date(now)])).map(deliveryOf)
    },
    async settle(id, fence, change, now) {
      const [text, values] = settled(change, new Date(now))
      return (await sql<{ id: string }>(text, [id, fence, ...values])).length > 0
    },
    ringed: async (id, fence) => void (await sql(RINGED, [id, fence])),
    async recover(vendor, fence) {
      return (await sql(RECOVER, [vendor, fence])).length
    },
    async recentCalls(vendor, since) {
      const rows = await sql<{ receiver: string; calledAt: Date }>(RECENT, [vendor, new Date(since)])
      return rows.map(({ receiver, calledAt }) => ({
        receiver: receiverOf(receiver),
        at: calledAt.getTime(),
      }))
    },
    learn: async ({ id, message }, handle) => void (await sql(LEARN, [id, message, JSON.stringify(handle)])),

    async add(cardId, chat, draft, now) {
      const row = deliveryRow(draft, now)
      return (await sql(ADD, [JSON.stringify(row), cardId, chat, new Date(now)])).length > 0
    },
    overdue: async (now, limit) => (await sql<Row>(OVERDUE, [new Date(now), limit])).map(deliveryOf),
    wentElsewhere: async (id) => void (await sql(WENT_ELSEWHERE, [id])),
    forget: async (before) => void (await sql(FORGET, [new Date(before)])),
    async ofCard(cardId) {
      return (
        await sql<Row>(`SELECT * FROM "Delivery" WHERE "cardId" = $1 ORDER BY "createdAt"`, [cardId])
      ).map(deliveryOf)
    },

    async byId(id) {
      const row = await prisma.delivery.findUnique({ where: { id } })
      return row && deliveryOf(row)
    },
    async list({ state, vendor, cursor, limit }) {
      const size = Math.min(limit ?? PAGE, 200)
      const rows = await prisma.delivery.findMany({
        where: {
          state: state === 'dead' ? 'dead' : { in: ['waiting', 'sending'] },
          ...(vendor !== undefined && { vendor }),
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        ...(cursor && { cursor: { id: cursor }, skip: 1 }),
        take: size + 1,
      })
      const items = rows.slice(0, size)
      return { items: items.map(deliveryOf), next: rows.length > size ? (items.at(-1)?.id ?? null) : null }
    },
    async retry(id, now) {
      const { count } = await prisma.delivery.updateMany({
        where: { id, state: 'dead' },
        // As if it were new: it may be given up a day from now.
        data: { state: 'waiting', tries: 0, dueAt: new Date(now), createdAt: new Date(now) },
      })
      if (count > 0) {
        await sql(`SELECT pg_notify('${DELIVERY_CHANNEL}', '')`)
        return 'waiting'
      }
      return (await prisma.delivery.count({ where: { id } })) > 0 ? 'not-dead' : 'unknown'
    },
    async depth(now) {
      const rows = await sql<{ vendor: string; waiting: string; dead: string; oldest: Date | null }>(DEPTH, [
        new Date(now),
      ])
      return rows.map(({ vendor, waiting, dead, oldest }) => ({
        vendor,
        waiting: Number(waiting),
        dead: Number(dead),
        oldestMs: oldest === null ? null : Math.max(0, now - oldest.getTime()),
      }))
    },
    onWork: (listener) => listen(DELIVERY_CHANNEL, listener),
  }
}

const DUE = `
SELECT "id", "receiver", "urgent", "message", "handle" FROM "Delivery"
WHERE "vendor" = $1 AND "state" = 'waiting' AND "dueAt" <= $2 AND NOT ("receiver" = ANY($3::text[]))
ORDER BY "rank", "createdAt", "id" LIMIT $4`

const NEXT_DUE = `SELECT min("dueAt") AS "at" FROM "Delivery" WHERE "vendor" = $1 AND "state" = 'waiting'`

const CLAIM = `
UPDATE "Delivery" SET "state" = 'sending', "tries" = "tries" + 1, "fence" = $2, "calledAt" = $3,
  "postedAs" = CASE WHEN "uncertain" THEN "postedAs" ELSE "wanted" END
WHERE "id" = ANY($1::text[]) AND "state" = 'waiting' RETURNING *`

// Something newer may be wanted since the call, or people are still to be rung: then there is more to do.
const MORE = `CASE WHEN "wanted" > $3 OR ("ring" IS NOT NULL AND NOT ("ring" ->> 'done')::boolean) THEN 'waiting' ELSE 'done' END`

const OURS = `WHERE "id" = $1 AND "fence" = $2 AND "state" = 'sending' RETURNING "id"`

const SHOWN = `
UPDATE "Delivery" SET "shown" = $3, "state" = ${MORE}, "error" = $4::jsonb, "dueAt" = $5, "shownAt" = $5,
  "handle" = $6::jsonb || COALESCE((SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each("handle") e
    WHERE $7::jsonb -> e.key IS DISTINCT FROM e.value), '{}'),
  "postedAt" = CASE WHEN "handle" IS NULL OR "postedAt" IS NULL THEN $5 ELSE "postedAt" END,
  "after" = NULL, "instead" = NULL, "uncertain" = false, "tries" = 0, "deadlineAt" = NULL ${OURS}`

const SKIPPED = `UPDATE "Delivery" SET "state" = ${MORE}, "tries" = 0, "dueAt" = $4 ${OURS}`

const AGAIN = `
UPDATE "Delivery" SET "state" = 'waiting', "dueAt" = $3, "uncertain" = $4,
  "tries" = CASE WHEN $5::boolean THEN "tries" ELSE GREATEST("tries" - 1, 0) END, "error" = $6::jsonb ${OURS}`

const ANEW = `
UPDATE "Delivery" SET "state" = 'waiting', "after" = "handle", "handle" = NULL, "message" = "message" + 1,
  "uncertain" = false, "dueAt" = $3, "error" = $4::jsonb ${OURS}`

const DEAD = `UPDATE "Delivery" SET "state" = 'dead', "deadlineAt" = CASE WHEN "shown" = 0 THEN $3::timestamptz ELSE NULL END, "error" = $4::jsonb ${OURS}`

function settled(change: Change, now: Date): [text: string, values: unknown[]] {
  switch (change.is) {
    case 'shown': {
      const { version, handle, before, error } = change
      return [SHOWN, [version, json(error), now, JSON.stringify(handle), JSON.stringify(before ?? {})]]
    }
    case 'skipped':
      return [SKIPPED, [change.version, now]]
    case 'again':
      return [AGAIN, [new Date(change.dueAt), change.uncertain, change.counts, json(change.error)]]
    case 'anew':
      return [ANEW, [now, json(change.error)]]
    case 'dead':
      // Past its deadline at once: another way is looked for.
      return [DEAD, [now, json(change.error)]]
  }
}

const RINGED = `
UPDATE "Delivery" SET "ring" = jsonb_set("ring", '{done}', 'true'),
  "state" = CASE WHEN "wanted" > "shown" THEN 'waiting' ELSE 'done' END
WHERE "id" = $1 AND "fence" = $2 AND "state" = 'sending'`

// Before the first call of a new holder, so that none of them is its own. A post that may have arrived is asked about;
// an edit is simply made again.
const RECOVER = `
UPDATE "Delivery" SET "state" = 'waiting', "uncertain" = "uncertain" OR "handle" IS NULL
WHERE "vendor" = $1 AND "state" = 'sending' AND "fence" <= $2 RETURNING "id"`

const RECENT = `SELECT "receiver", "calledAt" FROM "Delivery" WHERE "vendor" = $1 AND "calledAt" > $2 ORDER BY "calledAt"`

const LEARN = `UPDATE "Delivery" SET "handle" = COALESCE("handle", '{}') || $3::jsonb WHERE "id" = $1 AND "message" = $2 AND "handle" IS NOT NULL`

const ADD = `
WITH made AS (
  INSERT INTO "Delivery" ("id", "vendor", "receiver", "chatId", "cardId", "memberId", "rank", "urgent", "mention", "ring", "instead", "insteadOf", "wanted", "dueAt", "deadlineAt", "createdAt")
  SELECT d."id", d."vendor", d."receiver", $3, "Card"."id", d."memberId", d."rank", d."urgent",
    ARRAY(SELECT jsonb_array_elements_text(d."mention")), d."ring", d."instead", d."insteadOf", "Card"."version", $4,
    to_timestamp(d."deadlineAt" / 1000.0), $4
  FROM jsonb_to_record($1::jsonb) AS d("id" text, "vendor" text, "receiver" text, "memberId" text, "rank" int, "urgent" bool,
    "mention" jsonb, "ring" jsonb, "instead" text, "insteadOf" text, "deadlineAt" float8), "Card" WHERE "Card"."id" = $2
  ON CONFLICT DO NOTHING RETURNING "id", "vendor"
)
SELECT "id", pg_notify('${DELIVERY_CHANNEL}', "vendor")::text FROM made`

const OVERDUE = `
SELECT * FROM "Delivery" WHERE "shown" = 0 AND "deadlineAt" IS NOT NULL AND "deadlineAt" <= $1
ORDER BY "deadlineAt" LIMIT $2`

const WENT_ELSEWHERE = `UPDATE "Delivery" SET "deadlineAt" = NULL WHERE "id" = $1`

const FORGET = `DELETE FROM "Delivery" WHERE "state" IN ('done', 'dead') AND "createdAt" < $1`

const DEPTH = `
SELECT "vendor", count(*) FILTER (WHERE "state" IN ('waiting', 'sending')) AS "waiting",
  count(*) FILTER (WHERE "state" = 'dead') AS "dead",
  min("dueAt") FILTER (WHERE "state" = 'waiting' AND "dueAt" <= $1) AS "oldest"
FROM "Delivery" WHERE "state" <> 'done' GROUP BY "vendor" ORDER BY "vendor"`

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}

function deliveryOf(row: Row): Delivery {
  const { chatId, receiver, dueAt, deadlineAt, createdAt, postedAt, shownAt, ...rest } = row
  // Written by this file and `conversation.prisma.ts` alone.
  return {
    ...(rest as unknown as Omit<
      Delivery,
      'receiver' | 'chat' | 'dueAt' | 'deadlineAt' | 'createdAt' | 'postedAt' | 'shownAt'
    >),
    vendor: rest.vendor as Vendor,
    rank: rest.rank as Rank,
    ring: rest.ring as Ring | null,
    handle: rest.handle as Handle | null,
    error: rest.error as VendorWords | null,
    chat: chatId,
    receiver: receiverOf(receiver),
    dueAt: dueAt.getTime(),
    deadlineAt: deadlineAt?.getTime() ?? null,
    createdAt: createdAt.getTime(),
    postedAt: postedAt?.getTime() ?? null,
    shownAt: shownAt?.getTime() ?? null,
  }
}
