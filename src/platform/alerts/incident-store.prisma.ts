import { cursorOf, placeOf } from '../cursor.ts'
import { pageLimit, pageOf } from '../paging.ts'
import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { type Incident as IncidentRecord, Prisma } from '../storage/generated/client.ts'
import type { AlertKind } from './alert.ts'
import type { Life } from './life/incident-life.ts'
import type { IncidentFilter, IncidentGist, IncidentRow, IncidentStore } from './ports.ts'

export function createIncidentStore(client: Tx): IncidentStore {
  const all = async (query: Prisma.Sql) => (await client.$queryRaw<IncidentRecord[]>(query)).map(toIncident)
  const one = async (query: Prisma.Sql) => (await all(query))[0] ?? null
  return {
    byId: (id) => one(Prisma.sql`SELECT * FROM "Incident" WHERE id = ${id}`),
    lock: (id) => one(Prisma.sql`SELECT * FROM "Incident" WHERE id = ${id} FOR UPDATE`),
    lockOpen: (subject) =>
      one(Prisma.sql`SELECT * FROM "Incident" WHERE subject = ${subject} AND "closedAt" IS NULL FOR UPDATE`),
    openOfJob: (jobId) =>
      all(Prisma.sql`
        SELECT * FROM "Incident" WHERE "jobId" = ${jobId} AND "closedAt" IS NULL ORDER BY tier, "openedAt", id`),
    openOfCluster: (clusterId) =>
      all(Prisma.sql`
        SELECT * FROM "Incident" WHERE "clusterId" = ${clusterId} AND "jobId" IS NULL AND "closedAt" IS NULL
        ORDER BY tier, "openedAt", id`),
    async nextGeneration(subject) {
      const { _max } = await client.incident.aggregate({ where: { subject }, _max: { generation: true } })
      return (_max.generation ?? 0) + 1
    },
    async insert(incident) {
      const { life, gist, dueAt, ...rest } = incident
      await client.incident.create({
        data: { ...rest, ...lifeColumns(life), gist: toJson(gist), dueAt: dateOf(dueAt) },
      })
    },
    async save({ id, life, dueAt, gist, ...rest }) {
      await client.incident.update({
        where: { id },
        data: {
          ...rest,
          ...lifeColumns(life),
          ...(gist && { gist: toJson(gist) }),
          dueAt: dateOf(dueAt),
          version: { increment: 1 },
        },
      })
    },
    async list(filter, ask) {
      const place = placeOf(ask.cursor)
      const behind = place
        ? Prisma.sql`AND ("openedAt", id) < (${new Date(place.at)}, ${place.id})`
        : Prisma.empty
      const rows = await client.$queryRaw<IncidentRecord[]>`
        SELECT * FROM "Incident" WHERE ${whichOnes(filter)} ${behind}
        ORDER BY "openedAt" DESC, id DESC LIMIT ${pageLimit(ask) + 1}`
      return pageOf(rows, ask, (row) => cursorOf({ at: row.openedAt.getTime(), id: row.id }), toIncident)
    },
    async touchOfJob(jobId) {
      const rows = await client.$queryRaw<{ id: string }[]>`
        UPDATE "Incident" SET version = version + 1
        WHERE id IN (SELECT id FROM "Incident" WHERE "jobId" = ${jobId} AND "closedAt" IS NULL ORDER BY id FOR UPDATE)
        RETURNING id`
      return rows.map(({ id }) => id)
    },
    takeDue: (now) =>
      one(Prisma.sql`
        SELECT * FROM "Incident" WHERE "dueAt" <= ${dateOf(now)} AND "closedAt" IS NULL
        ORDER BY "dueAt" LIMIT 1 FOR UPDATE SKIP LOCKED`),
    async putOff(id, until) {
      await client.incident.updateMany({ where: { id, closedAt: null }, data: { dueAt: dateOf(until) } })
    },
    async nextDue() {
      const { _min } = await client.incident.aggregate({ where: { closedAt: null }, _min: { dueAt: true } })
      return instantOf(_min.dueAt)
    },
    allOpen: (limit) =>
      all(Prisma.sql`SELECT * FROM "Incident" WHERE "closedAt" IS NULL ORDER BY "openedAt" LIMIT ${limit}`),
    async tell({ at, detail, ...rest }) {
      await client.incidentEvent.create({ data: { ...rest, at: dateOf(at), detail: toJson(detail) } })
    },
    async events(incidentId) {
      const rows = await client.incidentEvent.findMany({ where: { incidentId }, orderBy: { id: 'asc' } })
      return rows.map((row) => ({
        ...row,
        id: String(row.id),
        at: row.at.getTime(),
        // Written by us alone, as an object.
        detail: row.detail as Record<string, unknown>,
      }))
    },
  }
}

/** The life itself, and of it what is looked for. */
function lifeColumns(life: Life) {
  const { state, tier, openedAt, acked, closed } = life
  return {
    ...{ state, tier, life: toJson(life), openedAt: dateOf(openedAt) },
    ...{ closedAt: dateOf(closed?.at ?? null), ...(acked && { ackedAt: dateOf(acked.at) }) },
  }
}

function whichOnes({ state, teams, since }: IncidentFilter): Prisma.Sql {
  const wanted = [
    state === 'open' ? Prisma.sql`"closedAt" IS NULL` : null,
    state !== undefined && state !== 'open' ? Prisma.sql`state = ${state}` : null,
    teams === 'all' ? null : Prisma.sql`("teamId" IS NULL OR "teamId" = ANY(${[...teams]}::text[]))`,
    since === undefined ? null : Prisma.sql`"openedAt" >= ${new Date(since)}`,
  ]
  return Prisma.join([Prisma.sql`TRUE`, ...wanted.filter((each) => each !== null)], ' AND ')
}

function toIncident(row: IncidentRecord): IncidentRow {
  return {
    id: row.id,
    subject: row.subject,
    generation: row.generation,
    version: row.version,
    // Written by us alone, from these very types.
    kind: row.kind as AlertKind,
    gist: row.gist as unknown as IncidentGist,
    life: row.life as unknown as Life,
    jobId: row.jobId,
    clusterId: row.clusterId,
    teamId: row.teamId,
    environment: row.environment,
    dueAt: instantOf(row.dueAt),
  }
}
