import type { Instant } from '../../lib/clock.ts'
import type { TeamId } from '../access/access.ts'
import { type PageAsk, pageLimit, pageOf } from '../paging.ts'
import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { type Job as JobRecord, Prisma } from '../storage/generated/client.ts'
import { readJobState, readRestartPolicy } from './columns.ts'
import { IMPORTANCES, type Job, type JobState } from './job.ts'
import type { JobFilter, JobStore, NewJob } from './stores.ts'

export type JobRow = JobRecord & { teamName: string; clusterName: string; sandbox: boolean }

const JOBS = Prisma.sql`
  SELECT j.*, t.name AS "teamName", c.name AS "clusterName", c.sandbox
  FROM "Job" j JOIN "Team" t ON t.id = j."teamId" JOIN "Cluster" c ON c.id = j."clusterId"`

export function createJobStore(client: Tx): JobStore {
  const one = async (query: Prisma.Sql): Promise<Job | null> => {
    const [row] = await client.$queryRaw<JobRow[]>(query)
    return row ? toJob(row) : null
  }
  return {
    byId: (id) => one(Prisma.sql`${JOBS} WHERE j.id = ${id}`),
    byName: (name) => one(Prisma.sql`${JOBS} WHERE j.name = ${name}`),
    lock: (id) => one(Prisma.sql`${JOBS} WHERE j.id = ${id} FOR UPDATE OF j`),
    async insert(job) {
      const { count } = await client.job.createMany({ data: [toRow(job)], skipDuplicates: true })
      return count === 1 ? 'saved' : 'name-taken'
    },
    async setState(id, state, at, more = {}) {
      await client.$executeRaw(stateChange(id, state, { ...more, at }))
    },
    async setRestartPolicy(id, policy) {
      await client.job.updateMany({ where: { id }, data: { restartPolicy: toJson(policy) } })
    },
    async setImportance(id, importance) {
      await client.job.updateMany({ where: { id }, data: { importance } })
    },
    async nextAttempt(id) {
      const data = { attempts: { increment: 1 } }
      return (await client.job.update({ where: { id }, data, select: { attempts: true } })).attempts
    },
    async nextRelease(id) {
      const data = { releases: { increment: 1 } }
      return (await client.job.update({ where: { id }, data, select: { releases: true } })).releases
    },
    async archive(id, at) {
      await client.job.updateMany({ where: { id, archivedAt: null }, data: { archivedAt: dateOf(at) } })
    },
    list: (filter, ask) => list(client, filter, ask),
    async counts({ state: _every, ...filter }) {
      const rows = await client.$queryRaw<{ state: string; jobs: number }[]>`
        SELECT j.state, count(*)::int AS jobs FROM "Job" j ${namedIn(filter)}
        WHERE ${conditions(filter)} GROUP BY j.state`
      return Object.fromEntries(rows.map(({ state, jobs }) => [state, jobs]))
    },
    async names(limit) {
      const rows = await client.job.findMany({
        where: { archivedAt: null },
        select: { name: true },
        orderBy: { name: 'asc' },
        take: limit,
      })
      return rows.map(({ name }) => name)
    },
  }
}

async function list(client: Tx, filter: JobFilter, ask: PageAsk) {
  const behind = ask.cursor ? Prisma.sql`AND j.name > ${ask.cursor}` : Prisma.empty
  const rows = await client.$queryRaw<JobRow[]>`
    ${JOBS} WHERE ${conditions(filter)} ${behind} ORDER BY j.name LIMIT ${pageLimit(ask) + 1}`
  return pageOf(rows, ask, (row) => row.name, toJob)
}

/** Counting reads every job: what is not named in the filter is not looked up for each. */
function namedIn({ team, cluster }: JobFilter): Prisma.Sql {
  const teams = team === undefined ? Prisma.empty : Prisma.sql`JOIN "Team" t ON t.id = j."teamId"`
  const clusters = cluster === undefined ? Prisma.empty : Prisma.sql`JOIN "Cluster" c ON c.id = j."clusterId"`
  return Prisma.sql`${teams} ${clusters}`
}

function conditions(filter: JobFilter): Prisma.Sql {
  const { teams, team, environment, state, cluster, like, archived = false } = filter
  const all = [archived ? Prisma.sql`j."archivedAt" IS NOT NULL` : Prisma.sql`j."archivedAt" IS NULL`]
  if (teams !== 'all') all.push(Prisma.sql`j."teamId" = ANY(${[...teams]}::text[])`)
  if (filter.environments) {
    all.push(Prisma.sql`j."environmentName" = ANY(${[...filter.environments]}::text[])`)
  }
  if (team !== undefined) all.push(Prisma.sql`t.name = ${team}`)
  if (environment !== undefined) all.push(Prisma.sql`j."environmentName" = ${environment}`)
  if (state !== undefined) all.push(Prisma.sql`j.state = ${state}`)
  if (cluster !== undefined) all.push(Prisma.sql`c.name = ${cluster}`)
  // Not LIKE: `_` and `%` in what people type mean themselves.
  if (like !== undefined) all.push(Prisma.sql`strpos(lower(j.name), lower(${like})) > 0`)
  return Prisma.join(all, ' AND ')
}

/** Task counts and details may change within one state; its age and its buttons then stay as they are. */
function stateChange(
  id: string,
  state: JobState,
  { at, desired, effectiveRelease }: { at: Instant; desired?: Job['desired']; effectiveRelease?: number },
): Prisma.Sql {
  const attempt = 'attempt' in state ? state.attempt : null
  const same = Prisma.sql`(state = ${state.is} AND (detail ->> 'attempt')::int IS NOT DISTINCT FROM ${attempt}::int)`
  return Prisma.sql`
    UPDATE "Job" SET
      generation = generation + CASE WHEN ${same} THEN 0 ELSE 1 END,
      "stateSince" = CASE WHEN ${same} THEN "stateSince" ELSE ${new Date(at)}::timestamptz END,
      state = ${state.is},
      detail = ${JSON.stringify(state)}::jsonb,
      desired = COALESCE(${desired ?? null}::text, desired),
      "effectiveRelease" = COALESCE(${effectiveRelease ?? null}::int, "effectiveRelease")
    WHERE id = ${id}`
}

function toRow(job: NewJob): Prisma.JobCreateManyInput {
  const { environment, restartPolicy, at, ...same } = job
  return {
    ...same,
    environmentName: environment,
    state: 'new',
    detail: { is: 'new' },
    stateSince: dateOf(at),
    restartPolicy: toJson(restartPolicy),
    createdAt: dateOf(at),
  }
}

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    name: row.name,
    // Read from the database: the one place where ids are known to be ids.
    team: { id: row.teamId as TeamId, name: row.teamName },
    environment: row.environmentName,
    cluster: { id: row.clusterId, name: row.clusterName, sandbox: row.sandbox },
    kind: row.kind === 'sql' ? 'sql' : 'jar',
    note: row.note,
    state: readJobState(row.detail),
    stateSince: instantOf(row.stateSince),
    desired: row.desired === 'running' ? 'running' : 'stopped',
    effectiveRelease: row.effectiveRelease,
    releases: row.releases,
    attempts: row.attempts,
    generation: row.generation,
    restartPolicy: readRestartPolicy(row.restartPolicy),
    importance: IMPORTANCES.find((each) => each === row.importance) ?? 'normal',
    createdAt: instantOf(row.createdAt),
    archivedAt: instantOf(row.archivedAt),
  }
}
