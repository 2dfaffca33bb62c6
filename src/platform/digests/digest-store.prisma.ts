import type { Instant } from '../../lib/clock.ts'
import { wallClock } from '../../lib/wall-clock.ts'
import { type AlertKind, TIERS, type Tier } from '../alerts/alert.ts'
import type { IncidentGist } from '../alerts/ports.ts'
import { readJobState } from '../jobs/columns.ts'
import { dateOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { Digest as DigestRecord, Team } from '../storage/generated/client.ts'
import type { Answered, Digest, DigestFacts, DigestIncident } from './digest.ts'
import { daysUpTo } from './digest-time.ts'
import { noiseIn } from './noise.ts'
import type { DigestStore, DigestTeam } from './ports.ts'

export function createDigestStore(client: Tx): DigestStore {
  return {
    async teams() {
      return (await client.team.findMany({ orderBy: { name: 'asc' } })).map(toTeam)
    },
    async team(name) {
      const row = await client.team.findUnique({ where: { name } })
      return row && toTeam(row)
    },
    async setTime(id, digestAt) {
      await client.team.update({ where: { id }, data: { digestAt } })
    },
    async insert({ facts, createdAt, ...digest }) {
      await client.digest.create({
        data: { ...digest, facts: toJson(facts), createdAt: dateOf(createdAt) },
      })
    },
    async byId(id) {
      const row = await client.digest.findUnique({ where: { id } })
      return row && toDigest(row)
    },
    async ofDay(team, date) {
      const [row] = await client.$queryRaw<DigestRecord[]>`
        SELECT d.* FROM "Digest" d JOIN "Team" t ON t.id = d."teamId"
        WHERE t.name = ${team} AND d.date = ${date} AND d.kind = 'daily'`
      return row ? toDigest(row) : null
    },
    gather: (team, span) => gather(client, team, span),
    async forget(before) {
      await client.digest.deleteMany({ where: { createdAt: { lt: dateOf(before) } } })
    },
  }
}

function toTeam({ id, name, zone, digestAt, createdAt }: Team): DigestTeam {
  return { id, name, zone, digestAt, createdAt: createdAt.getTime() }
}

function toDigest({ id, date, kind, version, createdAt, facts }: DigestRecord): Digest {
  // Written by us alone, from this very type.
  const known = facts as unknown as DigestFacts
  return {
    ...{ id, team: known.team, date, version, facts: known, createdAt: createdAt.getTime() },
    kind: kind === 'daily' ? 'daily' : 'asked',
  }
}

type Span = Parameters<DigestStore['gather']>[1]

async function gather(client: Tx, team: DigestTeam, span: Span): Promise<Omit<DigestFacts, 'onCall'>> {
  const { from, to } = span
  const [jobs, incidents, operations, slowest, tokens, savepoints] = await Promise.all([
    jobsOf(client, team.id),
    incidentsOf(client, team, span),
    operationsOf(client, team.id, span),
    slowestOf(client, team.id, span),
    tokensOf(client, team.id, to),
    savepointsOf(client, team.id, to),
  ])
  return {
    ...{ team: team.name, zone: team.zone, from, to, jobs, slowest, ...incidents, ...operations },
    expiring: { tokens, savepoints },
  }
}

async function jobsOf(client: Tx, teamId: string): Promise<DigestFacts['jobs']> {
  const rows = await client.job.findMany({
    where: { teamId, archivedAt: null, attempts: { gt: 0 } },
    select: { name: true, detail: true, desired: true },
    orderBy: { name: 'asc' },
  })
  const jobs = rows.map(({ name, detail, desired }) => ({ name, desired, state: readJobState(detail) }))
  const failing = jobs.filter(
    ({ desired, state }) => desired === 'running' && ['failed', 'lost', 'recovering'].includes(state.is),
  )
  return {
    running: jobs.filter(({ state }) => state.is === 'running').length,
    stopped: jobs.filter(({ desired }) => desired === 'stopped').length,
    failing: failing.map(({ name, state }) => ({ name, cause: state.is === 'failed' ? state.cause : null })),
  }
}

// --- incidents --------------------------------------------------------------------------------------------------------

interface IncidentFactRow {
  id: string
  kind: string
  tier: string
  gist: unknown
  openedAt: Date
  ackedAt: Date | null
  closedAt: Date | null
  jobName: string | null
}

const CHART_DAYS = 14
const DAY_MS = 86_400_000

async function incidentsOf(
  client: Tx,
  { id, zone }: DigestTeam,
  { from, to, date }: Span,
): Promise<Pick<DigestFacts, 'incidents' | 'noisy'>> {
  const chartFrom = to - (CHART_DAYS + 1) * DAY_MS
  const since = Math.min(from - (to - from), chartFrom)
  const rows = await client.$queryRaw<IncidentFactRow[]>`
    SELECT i.id, i.kind, i.tier, i.gist, i."openedAt", i."ackedAt", i."closedAt", j.name AS "jobName"
    FROM "Incident" i LEFT JOIN "Job" j ON j.id = i."jobId"
    WHERE i."teamId" = ${id} AND i."openedAt" >= ${dateOf(since)} AND i."openedAt" < ${dateOf(to)}
    ORDER BY i.tier, i."openedAt"`
  const within = (start: Instant, end: Instant) =>
    rows.filter(({ openedAt }) => openedAt.getTime() >= start && openedAt.getTime() < end)
  const now = within(from, to)
  const open = await client.incident.count({ where: { teamId: id, state: { not: 'resolved' } } })
  const told = now.map(({ kind, gist, jobName, ackedAt }) => ({
    ...{ kind: kind as AlertKind, job: jobName, acted: ackedAt !== null },
    measured: (gist as IncidentGist).facts.measured,
  }))
  return {
    incidents: {
      ...answered(now),
      before: answered(within(from - (to - from), from)),
      open,
      gravest: now.slice(0, 5).map(toIncident),
      days: perDay(rows, { zone, date }),
    },
    noisy: noiseIn(told),
  }
}

function answered(rows: readonly IncidentFactRow[]): Answered {
  const spans = (end: (row: IncidentFactRow) => Date | null) =>
    rows.flatMap((row) => {
      const at = end(row)
      return at === null ? [] : [at.getTime() - row.openedAt.getTime()]
    })
  return {
    count: rows.length,
    answeredMs: mean(spans(({ ackedAt }) => ackedAt)),
    solvedMs: mean(spans(({ closedAt }) => closedAt)),
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.round(values.reduce((sum, each) => sum + each, 0) / values.length)
}

function toIncident({ id, kind, tier, gist, openedAt, closedAt, jobName }: IncidentFactRow): DigestIncident {
  // Written by us alone, from this very type.
  const { labels, annotations, facts } = gist as IncidentGist
  return {
    ...{ id, kind: kind as AlertKind, tier: tier as Tier, cause: facts.cause ?? null },
    name: nameOf({
      kind,
      job: jobName,
      what: annotations.summary ?? labels.alertname ?? '',
      cluster: labels.cluster,
    }),
    openedAt: openedAt.getTime(),
    lastedMs: closedAt === null ? null : closedAt.getTime() - openedAt.getTime(),
  }
}

/** What others tell is called as they call it; what we find, by what it is about. */
function nameOf(of: { kind: string; job: string | null; what: string; cluster: string | undefined }): string {
  const { kind, job, what, cluster } = of
  if (kind !== 'outside') return job ?? cluster ?? what
  return job === null || what.includes(job) ? what : `${job}: ${what}`
}

function perDay(
  rows: readonly IncidentFactRow[],
  { zone, date }: { zone: string; date: string },
): DigestFacts['incidents']['days'] {
  return daysUpTo(date, CHART_DAYS).map((day) => {
    const own = rows.filter(({ openedAt }) => wallClock(openedAt.getTime(), zone).date === day)
    const count = (tier: Tier) => own.filter((row) => row.tier === tier).length
    const [P0, P1, P2, P3] = TIERS.map(count)
    return { date: day, tiers: { P0: P0 ?? 0, P1: P1 ?? 0, P2: P2 ?? 0, P3: P3 ?? 0 } }
  })
}

// --- what was done ----------------------------------------------------------------------------------------------------

interface OperationFactRow {
  verb: string
  state: string
  plan: { fromRelease?: number | null; toRelease?: number | null } | null
  requester: string
  byPolicy: boolean
  endedAt: Date | null
  jobName: string
}

const MOST_CHANGES = 10

async function operationsOf(
  client: Tx,
  teamId: string,
  { from, to }: Span,
): Promise<Pick<DigestFacts, 'restarts' | 'changes'>> {
  const rows = await client.$queryRaw<OperationFactRow[]>`
    SELECT o.verb, o.state, o.plan, o.requester, o."endedAt", j.name AS "jobName",
      (o.via = 'sluice' AND o.reason = 'restart policy') AS "byPolicy"
    FROM "Operation" o JOIN "Job" j ON j.id = o."jobId"
    WHERE j."teamId" = ${teamId} AND o."endedAt" >= ${dateOf(from)} AND o."endedAt" < ${dateOf(to)}
      AND o.verb IN ('start', 'restart', 'rollback')
    ORDER BY o."endedAt"`
  const restarts = rows.filter(({ verb, byPolicy }) => byPolicy || verb === 'restart')
  const failed = restarts.filter(({ state }) => state === 'failed').map(({ jobName }) => jobName)
  return {
    restarts: {
      asked: restarts.filter(({ byPolicy }) => !byPolicy).length,
      byPolicy: restarts.filter(({ byPolicy }) => byPolicy).length,
      failed: [...new Set(failed)],
    },
    changes: rows.flatMap(toChange).slice(-MOST_CHANGES),
  }
}

function toChange(row: OperationFactRow): DigestFacts['changes'] {
  const { verb, state, plan, requester, endedAt, jobName } = row
  const to = plan?.toRelease ?? null
  const from = plan?.fromRelease ?? null
  if (state !== 'done' || to === null || to === from || endedAt === null) return []
  const what = verb === 'rollback' ? 'rollback' : 'release'
  return [{ job: jobName, verb: what, from, to, by: requester, at: endedAt.getTime() }]
}

// --- what comes -------------------------------------------------------------------------------------------------------

const SLOWEST = 3
/** Faster than that nobody minds. */
const SLOW_MS = 1_000

async function slowestOf(client: Tx, teamId: string, { from, to }: Span): Promise<DigestFacts['slowest']> {
  const rows = await client.$queryRaw<{ job: string; longest: number; usual: number }[]>`
    SELECT j.name AS job, max(v.ms) AS longest, percentile_disc(0.5) WITHIN GROUP (ORDER BY v.ms) AS usual
    FROM "JobSample" s JOIN "Job" j ON j.id = s."jobId",
      LATERAL (SELECT (s.values->>'checkpoint_duration')::double precision AS ms) v
    WHERE j."teamId" = ${teamId} AND s.at >= ${dateOf(from)} AND s.at < ${dateOf(to)} AND v.ms IS NOT NULL
    GROUP BY j.name HAVING max(v.ms) >= ${SLOW_MS} ORDER BY longest DESC LIMIT ${SLOWEST}`
  return rows.map(({ job, longest, usual }) => ({ job, longestMs: longest, usualMs: usual }))
}

const AHEAD_MS = 7 * DAY_MS
const MOST_EXPIRING = 5

async function tokensOf(
  client: Tx,
  teamId: string,
  now: Instant,
): Promise<DigestFacts['expiring']['tokens']> {
  const rows = await client.token.findMany({
    where: {
      revokedAt: null,
      expiresAt: { gt: dateOf(now), lt: dateOf(now + AHEAD_MS) },
      member: { disabledAt: null, memberships: { some: { teamId } } },
    },
    include: { member: true },
    orderBy: { expiresAt: 'asc' },
    take: MOST_EXPIRING,
  })
  return rows.map(({ name, member, expiresAt }) => ({
    ...{ name, owner: member.displayName, at: expiresAt.getTime() },
  }))
}

async function savepointsOf(
  client: Tx,
  teamId: string,
  now: Instant,
): Promise<DigestFacts['expiring']['savepoints']> {
  const rows = await client.$queryRaw<{ job: string; at: Date }[]>`
    SELECT j.name AS job, max(s.at) AS at
    FROM "Job" j JOIN "Savepoint" s ON s."jobId" = j.id
    WHERE j."teamId" = ${teamId} AND j.state = 'running' AND s.presence <> 'gone'
    GROUP BY j.name HAVING max(s.at) < ${dateOf(now - AHEAD_MS)} ORDER BY at LIMIT ${MOST_EXPIRING}`
  return rows.map(({ job, at }) => ({ job, at: at.getTime() }))
}
