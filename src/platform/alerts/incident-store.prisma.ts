import { cursorOf, placeOf } from '../cursor.ts'
import { readFacts } from '../jobs/columns.ts'
import type { IncidentRow, IncidentStore } from '../jobs/stores.ts'
import { pageLimit, pageOf } from '../paging.ts'
import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { type Incident as IncidentRecord, Prisma } from '../storage/generated/client.ts'

type NewIncident = Parameters<IncidentStore['open']>[0]

export function createIncidentStore(client: Tx): IncidentStore {
  return {
    async byId(id) {
      const row = await client.incident.findUnique({ where: { id } })
      return row && toIncident(row)
    },
    async openOf(subject) {
      const rows = await client.$queryRaw<IncidentRecord[]>`
        SELECT * FROM "Incident" WHERE subject = ${subject} AND "closedAt" IS NULL ORDER BY "openedAt", id`
      return rows.map(toIncident)
    },
    async open(incident) {
      // The open one that was in the way may be closed before we read it: then there is room for ours.
      for (;;) {
        const opened = await insert(client, incident)
        if (opened) return { incident: opened, opened: true }
        const former = await openOf(client, incident)
        if (former) return { incident: former, opened: false }
      }
    },
    async setFacts(id, facts) {
      const data = { facts: toJson(facts), version: { increment: 1 } }
      await client.incident.updateMany({ where: { id }, data })
    },
    async acknowledge(id, by, at) {
      const data = { ackedBy: by, ackedAt: dateOf(at), version: { increment: 1 } }
      await client.incident.updateMany({ where: { id, ackedAt: null, closedAt: null }, data })
    },
    async close(id, as, at) {
      const data = { closedAs: as, closedAt: dateOf(at), version: { increment: 1 } }
      await client.incident.updateMany({ where: { id, closedAt: null }, data })
    },
    async listOpen(ask) {
      const place = placeOf(ask.cursor)
      const behind = place
        ? Prisma.sql`AND ("openedAt", id) < (${new Date(place.at)}, ${place.id})`
        : Prisma.empty
      const rows = await client.$queryRaw<IncidentRecord[]>`
        SELECT * FROM "Incident" WHERE "closedAt" IS NULL ${behind}
        ORDER BY "openedAt" DESC, id DESC LIMIT ${pageLimit(ask) + 1}`
      return pageOf(rows, ask, (row) => cursorOf({ at: row.openedAt.getTime(), id: row.id }), toIncident)
    },
  }
}

/** Generations count on per subject and kind, so that a relapse is told from what was acknowledged before. */
async function insert(client: Tx, incident: NewIncident): Promise<IncidentRow | null> {
  const { id, subject, kind, jobId, clusterId, facts, at } = incident
  const [row] = await client.$queryRaw<IncidentRecord[]>`
    INSERT INTO "Incident" (id, subject, kind, generation, "jobId", "clusterId", facts, "openedAt")
    SELECT ${id}, ${subject}, ${kind}, COALESCE(max(generation), 0) + 1, ${jobId}, ${clusterId},
      ${JSON.stringify(facts)}::jsonb, ${new Date(at)}
    FROM "Incident" WHERE subject = ${subject} AND kind = ${kind}
    ON CONFLICT (subject, kind) WHERE "closedAt" IS NULL DO NOTHING
    RETURNING *`
  return row ? toIncident(row) : null
}

async function openOf(client: Tx, { subject, kind }: NewIncident): Promise<IncidentRow | null> {
  const [row] = await client.$queryRaw<IncidentRecord[]>`
    SELECT * FROM "Incident" WHERE subject = ${subject} AND kind = ${kind} AND "closedAt" IS NULL`
  return row ? toIncident(row) : null
}

function toIncident(row: IncidentRecord): IncidentRow {
  return {
    id: row.id,
    subject: row.subject,
    kind: row.kind,
    generation: row.generation,
    version: row.version,
    jobId: row.jobId,
    clusterId: row.clusterId,
    facts: readFacts(row.facts),
    openedAt: instantOf(row.openedAt),
    ackedAt: instantOf(row.ackedAt),
    ackedBy: row.ackedBy,
    closedAt: instantOf(row.closedAt),
    closedAs: row.closedAs,
  }
}
