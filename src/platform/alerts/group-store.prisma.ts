import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { type AlertGroup as GroupRecord, Prisma } from '../storage/generated/client.ts'
import type { Labels } from './labels.ts'
import type { AlertGroup, GroupStore, NewGroup } from './ports.ts'

export function createGroupStore(client: Tx): GroupStore {
  async function one(query: Prisma.Sql): Promise<AlertGroup | null> {
    const [row] = await client.$queryRaw<GroupRecord[]>(query)
    return row ? toGroup(row) : null
  }

  return {
    byId: (id) => one(Prisma.sql`SELECT * FROM "AlertGroup" WHERE id = ${id}`),
    lock: (id) => one(Prisma.sql`SELECT * FROM "AlertGroup" WHERE id = ${id} FOR UPDATE`),
    async lockOrMake(groups) {
      if (groups.length === 0) return []
      const rows = await client.$queryRaw<GroupRecord[]>(lockOrMake(groups))
      return rows.map(toGroup)
    },
    async save({ id, dueAt, beatAt, flushedAt, lookedAt, told, tellings }) {
      await client.alertGroup.update({
        where: { id },
        data: {
          ...{ dueAt: dateOf(dueAt), flushedAt: dateOf(flushedAt), lookedAt: dateOf(lookedAt) },
          beatAt: dateOf(beatAt),
          ...{ told: toJson(told), tellings },
        },
      })
    },
    async lockAll(ids) {
      if (ids.length === 0) return []
      const rows = await client.$queryRaw<GroupRecord[]>`
        SELECT * FROM "AlertGroup" WHERE id = ANY(${[...ids]}::text[]) ORDER BY key, receiver FOR UPDATE`
      return rows.map(toGroup)
    },
    async hurry(times) {
      if (times.length === 0) return
      const rows = times.map(({ id, dueAt, beatAt = null }) => ({
        id,
        dueAt: dateOf(dueAt),
        beatAt: dateOf(beatAt),
      }))
      await client.$executeRaw`
        UPDATE "AlertGroup" g SET "dueAt" = LEAST(g."dueAt", n."dueAt"), "beatAt" = LEAST(g."beatAt", n."beatAt")
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS n(id text, "dueAt" timestamptz, "beatAt" timestamptz) WHERE g.id = n.id`
    },
    async join(members) {
      if (members.length === 0) return
      await client.$executeRaw`
        INSERT INTO "AlertGroupMember" ("groupId", fingerprint)
        SELECT * FROM unnest(${members.map(({ groupId }) => groupId)}::text[],
          ${members.map(({ fingerprint }) => fingerprint)}::text[])
        ON CONFLICT DO NOTHING`
    },
    async leave(groupId, fingerprints) {
      if (fingerprints.length === 0) return
      await client.$executeRaw`
        DELETE FROM "AlertGroupMember"
        WHERE "groupId" = ${groupId} AND fingerprint = ANY(${[...fingerprints]}::text[])`
    },
    of: (fingerprints) => client.$queryRaw`
      SELECT "groupId", fingerprint FROM "AlertGroupMember" WHERE fingerprint = ANY(${[...fingerprints]}::text[])`,
    async takeDue(now, limit) {
      const rows = await client.$queryRaw<GroupRecord[]>`
        SELECT * FROM "AlertGroup" WHERE "dueAt" <= ${dateOf(now)}
        ORDER BY "dueAt" LIMIT ${limit} FOR UPDATE SKIP LOCKED`
      return rows.map(toGroup)
    },
    async putOff(id, until) {
      await client.alertGroup.updateMany({ where: { id }, data: { dueAt: dateOf(until) } })
    },
    async nextDue() {
      const { _min } = await client.alertGroup.aggregate({ _min: { dueAt: true } })
      return instantOf(_min.dueAt)
    },
    async all() {
      return (await client.alertGroup.findMany({ orderBy: [{ key: 'asc' }, { receiver: 'asc' }] })).map(
        toGroup,
      )
    },
    forgetEmpty: (before) => client.$executeRaw`
      DELETE FROM "AlertGroup" g WHERE g."dueAt" IS NULL AND g."flushedAt" < ${dateOf(before)}
        AND NOT EXISTS (SELECT 1 FROM "AlertGroupMember" m WHERE m."groupId" = g.id)`,
  }
}

/** Made or found in one statement, in one order everywhere, so that two that meet wait and never stand still. */
function lockOrMake(groups: readonly NewGroup[]): Prisma.Sql {
  const rows = JSON.stringify(groups.map((group) => ({ ...group, createdAt: new Date(group.createdAt) })))
  return Prisma.sql`
    INSERT INTO "AlertGroup" (id, route, receiver, key, labels, told, "createdAt")
    SELECT id, route, receiver, key, labels, '{}'::jsonb, "createdAt"
    FROM jsonb_to_recordset(${rows}::jsonb)
      AS n(id text, route text, receiver text, key text, labels jsonb, "createdAt" timestamptz)
    ORDER BY key, receiver
    ON CONFLICT (key, receiver) DO UPDATE SET route = excluded.route
    RETURNING *`
}

function toGroup(row: GroupRecord): AlertGroup {
  return {
    id: row.id,
    route: row.route,
    receiver: row.receiver,
    key: row.key,
    // Written by us alone, from these very types.
    labels: row.labels as Labels,
    dueAt: instantOf(row.dueAt),
    flushedAt: instantOf(row.flushedAt),
    lookedAt: instantOf(row.lookedAt),
    beatAt: instantOf(row.beatAt),
    told: row.told as unknown as AlertGroup['told'],
    tellings: row.tellings,
    createdAt: row.createdAt.getTime(),
  }
}
