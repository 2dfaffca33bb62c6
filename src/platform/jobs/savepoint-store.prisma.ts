import { cursorOf, placeOf } from '../cursor.ts'
import { pageLimit, pageOf } from '../paging.ts'
import { dateOf, instantOf } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { Prisma, type Savepoint as SavepointRecord } from '../storage/generated/client.ts'
import { readOrigin, readPresence, readVerdict } from './columns.ts'
import type { Savepoint } from './job.ts'
import type { NewSavepoint, SavepointStore } from './stores.ts'

/** As many as a plan looks at, and more than a card shows. */
const NEWEST = 200

export function createSavepointStore(client: Tx): SavepointStore {
  const read = async (source: Prisma.Sql): Promise<Savepoint[]> =>
    (await client.$queryRaw<SavepointRow[]>(viewOf(source))).map(toSavepoint)
  return {
    async add(savepoint) {
      const [added] = await read(adding(savepoint))
      if (!added) throw new Error(`Savepoint ${savepoint.path} was neither added nor found.`)
      return added
    },
    async byId(id) {
      return (await read(Prisma.sql`SELECT * FROM "Savepoint" WHERE id = ${id}`))[0] ?? null
    },
    newest: (jobId) =>
      read(
        Prisma.sql`SELECT * FROM "Savepoint" WHERE "jobId" = ${jobId} ORDER BY at DESC, id DESC LIMIT ${NEWEST}`,
      ),
    async list(jobId, ask) {
      const place = placeOf(ask.cursor)
      const behind = place ? Prisma.sql`AND (at, id) < (${new Date(place.at)}, ${place.id})` : Prisma.empty
      const rows = await read(Prisma.sql`SELECT * FROM "Savepoint" WHERE "jobId" = ${jobId} ${behind}
        ORDER BY at DESC, id DESC LIMIT ${pageLimit(ask) + 1}`)
      return pageOf(rows, ask, cursorOf, (savepoint) => savepoint)
    },
    async setPresence(id, presence, at) {
      await client.savepoint.updateMany({ where: { id }, data: { presence, checkedAt: dateOf(at) } })
    },
    async recordReading(jobId, { writer, reader, outcome, because, at }) {
      const verdict = { outcome, because, at: dateOf(at) }
      await client.stateReading.upsert({
        where: { jobId_writer_reader: { jobId, writer, reader } },
        create: { jobId, writer, reader, ...verdict },
        update: verdict,
      })
    },
    async readings(jobId) {
      const rows = await client.stateReading.findMany({
        where: { jobId },
        orderBy: [{ at: 'desc' }, { writer: 'desc' }, { reader: 'desc' }],
      })
      return rows.map(({ writer, reader, outcome, because }) => ({
        writer,
        reader,
        outcome: readVerdict(outcome),
        because,
      }))
    },
  }
}

/** What is known of a path only grows: a typed path that turns out to be of an attempt learns so. */
function adding(savepoint: NewSavepoint): Prisma.Sql {
  const { id, jobId, attemptId, release, path, origin, at, sizeBytes } = savepoint
  // Flink told us of the others; what a person typed has yet to be looked for.
  const presence = origin === 'typed' ? 'unknown' : 'there'
  return Prisma.sql`
    INSERT INTO "Savepoint" AS s (id, "jobId", "attemptId", release, path, origin, at, "sizeBytes", presence, "createdAt")
    VALUES (${id}, ${jobId}, ${attemptId}, ${release}, ${path}, ${origin}, ${new Date(at)}, ${sizeBytes}, ${presence},
      ${new Date(at)})
    ON CONFLICT ("jobId", path) DO UPDATE SET
      "attemptId" = COALESCE(s."attemptId", EXCLUDED."attemptId"),
      release = COALESCE(s.release, EXCLUDED.release),
      "sizeBytes" = COALESCE(s."sizeBytes", EXCLUDED."sizeBytes"),
      presence = CASE WHEN EXCLUDED.presence = 'there' THEN 'there' ELSE s.presence END
    RETURNING *`
}

type SavepointRow = SavepointRecord & { attempt: number | null; readers: number[]; refusers: number[] }

function viewOf(source: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    WITH s AS (${source})
    SELECT s.*, a.number AS attempt, ${readersOf('read')} AS readers, ${readersOf('refused')} AS refusers
    FROM s LEFT JOIN "Attempt" a ON a.id = s."attemptId"
    ORDER BY s.at DESC, s.id DESC`
}

function readersOf(outcome: 'read' | 'refused'): Prisma.Sql {
  return Prisma.sql`ARRAY(SELECT r.reader FROM "StateReading" r
    WHERE r."jobId" = s."jobId" AND r.writer = s.release AND r.outcome = ${outcome} ORDER BY r.reader)`
}

function toSavepoint(row: SavepointRow): Savepoint {
  // A release reads what it wrote itself, unless Flink said otherwise.
  const itself = row.release === null || row.refusers.includes(row.release) ? [] : [row.release]
  return {
    id: row.id,
    jobId: row.jobId,
    path: row.path,
    origin: readOrigin(row.origin),
    at: instantOf(row.at),
    sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
    release: row.release,
    attempt: row.attempt,
    presence: readPresence(row.presence),
    readableBy: [...new Set([...itself, ...row.readers])].sort((a, b) => a - b),
    notReadableBy: row.refusers,
  }
}
