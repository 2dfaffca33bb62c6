import { dateOf, instantOf } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { type Alert as AlertRecord, Prisma } from '../storage/generated/client.ts'
import type { Alert, AlertKind, AlertState, EndedAs, Tier } from './alert.ts'
import type { Labels } from './labels.ts'
import type { AlertStore } from './ports.ts'

export function createAlertStore(client: Tx): AlertStore {
  const rows = (query: Prisma.Sql) => client.$queryRaw<AlertRecord[]>(query)
  return {
    async byFingerprint(fingerprint) {
      const row = await client.alert.findUnique({ where: { fingerprint } })
      return row && toAlert(row)
    },
    async lock(fingerprints) {
      const locked = await rows(Prisma.sql`
        SELECT * FROM "Alert" WHERE fingerprint = ANY(${[...fingerprints]}::text[])
        ORDER BY fingerprint FOR UPDATE`)
      return new Map(locked.map((row) => [row.fingerprint, toAlert(row)]))
    },
    async save(alerts) {
      if (alerts.length > 0) await client.$executeRaw(upsert(alerts))
    },
    async refresh(alerts, at) {
      if (alerts.length === 0) return
      const told = alerts.map(({ fingerprint, expiresAt, annotations }) => ({
        ...{ fingerprint, annotations },
        expiresAt: dateOf(expiresAt),
      }))
      await client.$executeRaw`
        UPDATE "Alert" a SET "expiresAt" = n."expiresAt", annotations = n.annotations, "updatedAt" = ${new Date(at)}
        FROM jsonb_to_recordset(${JSON.stringify(told)}::jsonb)
          AS n(fingerprint text, annotations jsonb, "expiresAt" timestamptz)
        WHERE a.fingerprint = n.fingerprint`
    },
    async ofGroup(groupId) {
      const found = await rows(Prisma.sql`
        SELECT a.* FROM "AlertGroupMember" m JOIN "Alert" a USING (fingerprint)
        WHERE m."groupId" = ${groupId} ORDER BY a."startsAt", a.fingerprint`)
      return found.map(toAlert)
    },
    async ofGroups(groupIds) {
      const found = await client.$queryRaw<(AlertRecord & { groupId: string })[]>`
        SELECT a.*, m."groupId" FROM "AlertGroupMember" m JOIN "Alert" a USING (fingerprint)
        WHERE m."groupId" = ANY(${[...groupIds]}::text[]) ORDER BY a."startsAt", a.fingerprint`
      const byGroup = new Map<string, Alert[]>()
      for (const { groupId, ...row } of found)
        byGroup.set(groupId, [...(byGroup.get(groupId) ?? []), toAlert(row)])
      return byGroup
    },
    async toldAbout(jobId) {
      const where = { jobId, state: 'firing' }
      const found = await client.alert.findMany({ where, select: { fingerprint: true } })
      return found.map(({ fingerprint }) => fingerprint)
    },
    async firingOf(subject) {
      const which =
        'jobId' in subject
          ? Prisma.sql`"jobId" = ${subject.jobId}`
          : Prisma.sql`"clusterId" = ${subject.clusterId} AND "jobId" IS NULL`
      const found = await rows(Prisma.sql`
        SELECT * FROM "Alert" WHERE ${which} AND state = 'firing' AND origin = 'sluice'
        ORDER BY fingerprint FOR UPDATE`)
      return found.map(toAlert)
    },
    sources: () => client.$queryRaw`
      SELECT fingerprint, labels FROM "Alert" WHERE state = 'firing' AND inhibits`,
    async nextExpiry() {
      const { _min } = await client.alert.aggregate({ where: { state: 'firing' }, _min: { expiresAt: true } })
      return instantOf(_min.expiresAt)
    },
    async overdue(now, limit) {
      const found = await rows(Prisma.sql`
        SELECT * FROM "Alert" WHERE state = 'firing' AND "expiresAt" <= ${new Date(now)}
        ORDER BY fingerprint LIMIT ${limit} FOR UPDATE SKIP LOCKED`)
      return found.map(toAlert)
    },
    async firing() {
      return (await rows(Prisma.sql`SELECT * FROM "Alert" WHERE state = 'firing'`)).map(toAlert)
    },
    async routedBefore(revision, limit) {
      const found = await rows(Prisma.sql`
        SELECT * FROM "Alert" WHERE state = 'firing' AND routed < ${revision}
        ORDER BY fingerprint LIMIT ${limit} FOR UPDATE SKIP LOCKED`)
      return found.map(toAlert)
    },
    forgetEnded: (before) => client.$executeRaw`
      DELETE FROM "Alert" a WHERE a.state <> 'firing' AND a."endedAt" < ${new Date(before)}
        AND NOT EXISTS (SELECT 1 FROM "AlertGroupMember" m WHERE m.fingerprint = a.fingerprint)`,
  }
}

/** One statement for any number of rows: what is told in thousands a second comes in batches. */
function upsert(alerts: readonly Alert[]): Prisma.Sql {
  const rows = JSON.stringify(alerts.map(toRow))
  return Prisma.sql`
    INSERT INTO "Alert" (fingerprint, labels, annotations, facts, kind, origin, tier, "jobId", "clusterId", "teamId",
      environment, "startsAt", "expiresAt", state, "endedAs", "endedAt", "generatorUrl", turns, flapping, inhibits, routed, "updatedAt")
    SELECT fingerprint, labels, annotations, facts, kind, origin, tier, "jobId", "clusterId", "teamId",
      environment, "startsAt", "expiresAt", state, "endedAs", "endedAt", "generatorUrl", turns, flapping, inhibits, routed, "updatedAt"
    FROM jsonb_to_recordset(${rows}::jsonb) AS n(fingerprint text, labels jsonb, annotations jsonb, facts jsonb,
      kind text, origin text, tier text, "jobId" text, "clusterId" text, "teamId" text, environment text,
      "startsAt" timestamptz, "expiresAt" timestamptz, state text, "endedAs" text, "endedAt" timestamptz,
      "generatorUrl" text, turns timestamptz[], flapping boolean, inhibits boolean, routed int, "updatedAt" timestamptz)
    ORDER BY fingerprint
    ON CONFLICT (fingerprint) DO UPDATE SET
      labels = excluded.labels, annotations = excluded.annotations, facts = excluded.facts, kind = excluded.kind,
      origin = excluded.origin, tier = excluded.tier, "jobId" = excluded."jobId", "clusterId" = excluded."clusterId",
      "teamId" = excluded."teamId", environment = excluded.environment, "startsAt" = excluded."startsAt",
      "expiresAt" = excluded."expiresAt", state = excluded.state, "endedAs" = excluded."endedAs",
      "endedAt" = excluded."endedAt", "generatorUrl" = excluded."generatorUrl", turns = excluded.turns,
      flapping = excluded.flapping, inhibits = excluded.inhibits, routed = excluded.routed, "updatedAt" = excluded."updatedAt"`
}

function toRow(alert: Alert) {
  return {
    ...alert,
    startsAt: new Date(alert.startsAt),
    expiresAt: dateOf(alert.expiresAt),
    endedAt: dateOf(alert.endedAt),
    turns: alert.turns.map((at) => new Date(at)),
    updatedAt: new Date(alert.updatedAt),
  }
}

function toAlert(row: AlertRecord): Alert {
  return {
    fingerprint: row.fingerprint,
    // Written by us alone, from these very types.
    labels: row.labels as Labels,
    annotations: row.annotations as Labels,
    facts: row.facts as Alert['facts'],
    kind: row.kind as AlertKind,
    origin: row.origin,
    tier: row.tier as Tier,
    jobId: row.jobId,
    clusterId: row.clusterId,
    teamId: row.teamId,
    environment: row.environment,
    startsAt: row.startsAt.getTime(),
    expiresAt: instantOf(row.expiresAt),
    state: row.state as AlertState,
    endedAs: row.endedAs as EndedAs | null,
    endedAt: instantOf(row.endedAt),
    generatorUrl: row.generatorUrl,
    turns: row.turns.map((at) => at.getTime()),
    flapping: row.flapping,
    inhibits: row.inhibits,
    routed: row.routed,
    updatedAt: row.updatedAt.getTime(),
  }
}
