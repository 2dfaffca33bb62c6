import { numberOf } from '../cursor.ts'
import { pageLimit, pageOf } from '../paging.ts'
import { flinkJobId } from '../runtimes/runtime.ts'
import { dateOf, instantOf } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { uniqueViolation } from '../storage/errors.prisma.ts'
import { type Attempt as AttemptRow, Prisma } from '../storage/generated/client.ts'
import { orNull, readAttemptState, readIdentity, readJobState, readProof } from './columns.ts'
import type { Attempt } from './job.ts'
import type { AttemptStore, LiveAttempt, NewAttempt } from './stores.ts'

const ONE_LIVE = 'attempt_one_live_per_job'

export function createAttemptStore(client: Tx): AttemptStore {
  const one = async (query: Prisma.Sql): Promise<Attempt | null> => {
    const [row] = await client.$queryRaw<AttemptRow[]>(query)
    return row ? toAttempt(row) : null
  }
  return {
    async open(attempt) {
      return (await client.$executeRaw(opening(attempt))) === 1 ? 'opened' : 'another-lives'
    },
    byNumber: (jobId, number) =>
      one(Prisma.sql`SELECT * FROM "Attempt" WHERE "jobId" = ${jobId} AND number = ${number}`),
    live: (jobId) => one(Prisma.sql`SELECT * FROM "Attempt" WHERE "jobId" = ${jobId} AND state <> 'over'`),
    latest: (jobId) =>
      one(Prisma.sql`SELECT * FROM "Attempt" WHERE "jobId" = ${jobId} ORDER BY number DESC LIMIT 1`),
    byFlinkJobId: (id) => one(Prisma.sql`SELECT * FROM "Attempt" WHERE "flinkJobId" = ${id}`),
    async move(id, fence, to) {
      const change =
        to.is === 'live'
          ? { state: to.is, liveAt: dateOf(to.at), fence }
          : { state: to.is, born: to.born, fence }
      const where = { id, fence: { lte: fence }, state: { not: 'over' } }
      return (await client.attempt.updateMany({ where, data: change })).count === 1
    },
    async close(id, proof, at) {
      // The first proof stays: whoever comes later has learnt the same in another way.
      await client.$executeRaw`
        UPDATE "Attempt" SET state = 'over', proof = ${JSON.stringify(proof)}::jsonb, "overAt" = ${new Date(at)}
        WHERE id = ${id} AND state <> 'over'`
    },
    reopen: (id, at) => reopen(client, id, new Date(at)),
    onCluster: (clusterId) => onCluster(client, clusterId),
    async list(jobId, ask) {
      const before = numberOf(ask.cursor)
      const behind = before === null ? Prisma.empty : Prisma.sql`AND number < ${before}`
      const rows = await client.$queryRaw<AttemptRow[]>`
        SELECT * FROM "Attempt" WHERE "jobId" = ${jobId} ${behind} ORDER BY number DESC LIMIT ${pageLimit(ask) + 1}`
      return pageOf(rows, ask, (row) => String(row.number), toAttempt)
    },
  }
}

/** One statement, and the transaction lives on when the index refuses. */
function opening(attempt: NewAttempt): Prisma.Sql {
  const { id, jobId, number, release, parallelism, clusterId, operationId, fence, identity } = attempt
  return Prisma.sql`
    INSERT INTO "Attempt" (id, "jobId", number, release, parallelism, "clusterId", "operationId", fence, identity,
      "flinkJobId", state, "restoredFrom", "intendedAt")
    VALUES (${id}, ${jobId}, ${number}, ${release}, ${parallelism}, ${clusterId}, ${operationId}, ${fence},
      ${JSON.stringify(identity)}::jsonb, ${identity.flinkJobId}, 'intended', ${attempt.restoredFrom},
      ${new Date(attempt.at)})
    ON CONFLICT ("jobId") WHERE state <> 'over' DO NOTHING`
}

async function reopen(client: Tx, id: string, at: Date): Promise<'opened' | 'another-lives'> {
  try {
    await client.$transaction(
      (inner) => inner.$executeRaw`
        UPDATE "Attempt" SET state = 'live', proof = NULL, "overAt" = NULL, "liveAt" = COALESCE("liveAt", ${at})
        WHERE id = ${id}`,
    )
    return 'opened'
  } catch (error) {
    if (uniqueViolation(error) === ONE_LIVE) return 'another-lives'
    throw error
  }
}

type LiveRow = AttemptRow & {
  jobName: string
  teamName: string
  detail: unknown
  desired: string
  generation: number
  operating: boolean
}

async function onCluster(client: Tx, clusterId: string): Promise<LiveAttempt[]> {
  const rows = await client.$queryRaw<LiveRow[]>`
    SELECT a.*, j.name AS "jobName", j.detail, j.desired, j.generation, t.name AS "teamName",
      EXISTS (SELECT 1 FROM "Operation" o WHERE o."jobId" = j.id AND o.state = 'running') AS operating
    FROM "Attempt" a JOIN "Job" j ON j.id = a."jobId" JOIN "Team" t ON t.id = j."teamId"
    WHERE a."clusterId" = ${clusterId} AND a.state <> 'over'
    ORDER BY a."jobId"`
  return rows.map((row) => ({
    attempt: toAttempt(row),
    job: {
      id: row.jobId,
      name: row.jobName,
      teamName: row.teamName,
      state: readJobState(row.detail),
      desired: row.desired === 'running' ? 'running' : 'stopped',
      generation: row.generation,
    },
    operating: row.operating,
  }))
}

const readProofOrNull = orNull(readProof)

function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    jobId: row.jobId,
    number: row.number,
    release: row.release,
    parallelism: row.parallelism,
    clusterId: row.clusterId,
    operationId: row.operationId,
    identity: readIdentity(row.identity),
    flinkJobId: flinkJobId(row.flinkJobId),
    state: readAttemptState(row.state),
    born: row.born,
    restoredFrom: row.restoredFrom,
    proof: readProofOrNull(row.proof),
    intendedAt: instantOf(row.intendedAt),
    liveAt: instantOf(row.liveAt),
    overAt: instantOf(row.overAt),
  }
}
