import type { Instant } from '../../lib/clock.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { type PageAsk, pageLimit, pageOf } from '../paging.ts'
import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { type Operation as OperationRecord, Prisma } from '../storage/generated/client.ts'
import {
  orNull,
  readApprovalState,
  readOperationState,
  readOrder,
  readOutcome,
  readPlan,
  readProgress,
  readStep,
} from './columns.ts'
import { type Approval, isOpen, type Operation } from './operation.ts'
import { FIRST_STEP } from './step.ts'
import type { HeldOperation, NewOperation, OperationStore } from './stores.ts'

const OPEN = ['waiting-approval', 'queued', 'running']

export function createOperationStore(client: Tx): OperationStore {
  const one = async (source: Prisma.Sql): Promise<Operation | null> => {
    const [row] = await client.$queryRaw<OperationRow[]>(viewOf(source))
    return row ? toOperation(row) : null
  }
  const held = async (query: Prisma.Sql): Promise<HeldOperation | null> => {
    const [row] = await client.$queryRaw<OperationRow[]>(query)
    return row ? toHeld(row) : null
  }
  /** What people see of it has changed: cards follow the version. */
  const change = async (id: string, data: Prisma.OperationUpdateManyMutationInput): Promise<void> => {
    await client.operation.updateMany({ where: { id }, data: { ...data, version: { increment: 1 } } })
  }
  return {
    async insert(operation) {
      await client.operation.createMany({ data: [toRow(operation)] })
    },
    byId: (id) => one(Prisma.sql`SELECT * FROM "Operation" WHERE id = ${id}`),
    held: (id) => held(viewOf(Prisma.sql`SELECT * FROM "Operation" WHERE id = ${id}`)),
    openByMergeKey: (jobId, mergeKey) =>
      one(Prisma.sql`SELECT * FROM "Operation" WHERE "jobId" = ${jobId} AND "mergeKey" = ${mergeKey}
        AND state IN ('waiting-approval', 'queued', 'running')`),
    ofRequest: (jobId, mergeKey, requestId) =>
      one(Prisma.sql`SELECT * FROM "Operation" WHERE "jobId" = ${jobId} AND "mergeKey" = ${mergeKey}
        AND "requestId" = ${requestId} ORDER BY "createdAt" LIMIT 1`),
    openOf: (jobId) =>
      one(Prisma.sql`SELECT * FROM "Operation" WHERE "jobId" = ${jobId}
        AND state IN ('waiting-approval', 'queued', 'running')
        ORDER BY (state = 'running') DESC, (state = 'queued') DESC, "createdAt", id LIMIT 1`),
    next: (jobId) => next(client, jobId),
    async runningOn(clusterId, now) {
      const [row] = await client.$queryRaw<{ running: number }[]>`
        SELECT count(*)::int AS running FROM "Operation" o JOIN "Job" j ON j.id = o."jobId"
        WHERE o.state = 'running' AND o."leaseUntil" > ${new Date(now)} AND j."clusterId" = ${clusterId}`
      return row?.running ?? 0
    },
    async claim(id, by, until, at) {
      const claimed = await held(claiming(id, by, { until, at }))
      if (!claimed) throw new Error(`Operation ${id} cannot be claimed: it is not queued or running.`)
      return claimed
    },
    async renew(id, fence, until) {
      const where = { id, fence, state: 'running' }
      return (await client.operation.updateMany({ where, data: { leaseUntil: dateOf(until) } })).count === 1
    },
    async save(id, fence, { step, progress, plan, planDigest }) {
      const data: Prisma.OperationUpdateManyMutationInput = {
        ...(step && { step: toJson(step) }),
        ...(progress && { progress: toJson(progress) }),
        ...(plan && { plan: toJson(plan) }),
        ...(planDigest !== undefined && { planDigest }),
        ...((progress || plan) && { version: { increment: 1 } }),
      }
      const where = { id, fence, state: { in: OPEN } }
      return (await client.operation.updateMany({ where, data })).count === 1
    },
    async release(id, fence) {
      await client.operation.updateMany({ where: { id, fence }, data: { leaseBy: null, leaseUntil: null } })
    },
    async end(id, fence, state, outcome, at) {
      const { count } = await client.operation.updateMany({
        where: { id, fence, state: { in: OPEN } },
        data: {
          state,
          outcome: outcome ? toJson(outcome) : Prisma.DbNull,
          endedAt: dateOf(at),
          leaseBy: null,
          leaseUntil: null,
          version: { increment: 1 },
        },
      })
      return count === 1
    },
    setState: (id, state, at) => change(id, { state, ...(!isOpen(state) && { endedAt: dateOf(at) }) }),
    async askCancel(id, by) {
      const data = { cancelAsked: by, version: { increment: 1 } }
      await client.operation.updateMany({ where: { id, cancelAsked: null }, data })
    },
    async workedOn(jobIds) {
      const rows = await client.operation.findMany({
        where: { jobId: { in: [...jobIds] }, state: 'running' },
        select: { id: true, jobId: true },
      })
      return new Map(rows.map(({ id, jobId }) => [jobId, id]))
    },
    abandoned: (now, ownName) => abandoned(client, now, ownName),
    async openApproval(id, planDigest, expiresAt) {
      const open = { state: 'open', planDigest, expiresAt: dateOf(expiresAt) }
      const undecided = { decidedBy: null, decider: null, decidedAt: null, note: null }
      await client.approval.upsert({
        where: { operationId: id },
        create: { operationId: id, ...open },
        update: { ...open, ...undecided },
      })
      await change(id, {})
    },
    async decideApproval(id, state, by, note, at) {
      const { count } = await client.approval.updateMany({
        where: { operationId: id, state: 'open' },
        data: { state, decidedBy: by?.id ?? null, decider: by?.name ?? null, note, decidedAt: dateOf(at) },
      })
      if (count === 0) throw new Error(`Operation ${id} has no approval that is open.`)
      await change(id, {})
    },
    replan: (id, plan, planDigest) => change(id, { plan: toJson(plan), planDigest }),
    async usualMs(jobId, verb) {
      const [row] = await client.$queryRaw<{ ms: number | null }[]>(
        usualOf(Prisma.sql`${jobId}`, Prisma.sql`${verb}`),
      )
      return row?.ms ?? null
    },
    list: (filter, ask) => list(client, filter, ask),
  }
}

// --- queries ------------------------------------------------------------------------------------------------------

type OperationRow = OperationRecord & {
  jobName: string
  environmentName: string
  teamName: string
  sandbox: boolean
  approvalState: string | null
  approvalDigest: string | null
  expiresAt: Date | null
  decider: string | null
  decidedAt: Date | null
  note: string | null
  usualMs: number | null
}

/** Rows of "Operation", from a query or a statement that returns some, with all that a view of them needs. */
function viewOf(source: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    WITH o AS (${source})
    SELECT o.*, j.name AS "jobName", j."environmentName", t.name AS "teamName", c.sandbox,
      a.state AS "approvalState", a."planDigest" AS "approvalDigest", a."expiresAt", a.decider, a."decidedAt",
      a.note, usual.ms AS "usualMs"
    FROM o
    JOIN "Job" j ON j.id = o."jobId"
    JOIN "Team" t ON t.id = j."teamId"
    JOIN "Cluster" c ON c.id = j."clusterId"
    LEFT JOIN "Approval" a ON a."operationId" = o.id
    LEFT JOIN LATERAL (${usualOf(Prisma.sql`o."jobId"`, Prisma.sql`o.verb`)}) usual ON true
    ORDER BY o."createdAt" DESC, o.id DESC`
}

/** The median of the last twenty that were done; the wait for a second person does not count. */
function usualOf(jobId: Prisma.Sql, verb: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY recent.ms) AS ms FROM (
      SELECT (extract(epoch FROM d."endedAt" - d."startedAt") * 1000)::float8 AS ms FROM "Operation" d
      WHERE d."jobId" = ${jobId} AND d.verb = ${verb} AND d.state = 'done' AND d."startedAt" IS NOT NULL
      ORDER BY d."endedAt" DESC LIMIT 20
    ) recent`
}

function claiming(id: string, by: string, { until, at }: { until: Instant; at: Instant }): Prisma.Sql {
  return viewOf(Prisma.sql`
    UPDATE "Operation" SET
      fence = fence + 1,
      "leaseBy" = ${by},
      "leaseUntil" = ${new Date(until)},
      version = version + CASE WHEN state = 'running' THEN 0 ELSE 1 END,
      state = 'running',
      "startedAt" = COALESCE("startedAt", ${new Date(at)})
    WHERE id = ${id} AND state IN ('queued', 'running')
    RETURNING *`)
}

async function next(client: Tx, jobId: string) {
  const [row] = await client.$queryRaw<
    { id: string; state: string; leaseBy: string | null; leaseUntil: Date | null }[]
  >`
    SELECT id, state, "leaseBy", "leaseUntil" FROM "Operation"
    WHERE "jobId" = ${jobId} AND state IN ('queued', 'running')
    ORDER BY (state = 'running') DESC, "createdAt", id LIMIT 1`
  if (!row) return null
  const { id, leaseBy, leaseUntil } = row
  return { id, state: readOperationState(row.state), leasedBy: leaseBy, leaseUntil: instantOf(leaseUntil) }
}

/** A lease in our own name is from before we were restarted: nobody holds it. */
async function abandoned(client: Tx, now: Instant, ownName: string | null): Promise<{ jobId: string }[]> {
  return client.$queryRaw<{ jobId: string }[]>`
    SELECT "jobId" FROM "Operation" WHERE state IN ('queued', 'running') GROUP BY "jobId"
    HAVING NOT bool_or(state = 'running' AND "leaseUntil" IS NOT NULL AND "leaseUntil" > ${new Date(now)}
      AND "leaseBy" IS DISTINCT FROM ${ownName}::text)
    ORDER BY min("createdAt")`
}

async function list(client: Tx, filter: Parameters<OperationStore['list']>[0], ask: PageAsk) {
  const { teams, jobId, state, open, requestedBy } = filter
  const behind = placeOf(ask.cursor)
  const where = [Prisma.sql`true`]
  if (teams !== 'all') where.push(Prisma.sql`j."teamId" = ANY(${[...teams]}::text[])`)
  if (filter.environments)
    where.push(Prisma.sql`j."environmentName" = ANY(${[...filter.environments]}::text[])`)
  if (jobId !== undefined) where.push(Prisma.sql`o."jobId" = ${jobId}`)
  if (state !== undefined) where.push(Prisma.sql`o.state = ${state}`)
  if (open !== undefined) where.push(open ? IS_OPEN : Prisma.sql`NOT ${IS_OPEN}`)
  if (requestedBy !== undefined) where.push(Prisma.sql`o."requestedBy" = ${requestedBy}`)
  if (behind) where.push(Prisma.sql`(o."createdAt", o.id) < (${new Date(behind.at)}, ${behind.id})`)
  const rows = await client.$queryRaw<OperationRow[]>(
    viewOf(Prisma.sql`
      SELECT o.* FROM "Operation" o JOIN "Job" j ON j.id = o."jobId" WHERE ${Prisma.join(where, ' AND ')}
      ORDER BY o."createdAt" DESC, o.id DESC LIMIT ${pageLimit(ask) + 1}`),
  )
  return pageOf(rows, ask, (row) => cursorOf({ at: row.createdAt.getTime(), id: row.id }), toOperation)
}

const IS_OPEN = Prisma.sql`(o.state IN ('waiting-approval', 'queued', 'running'))`

// --- shapes -------------------------------------------------------------------------------------------------------

const readPlanOrNull = orNull(readPlan)
const readProgressOrNull = orNull(readProgress)
const readOutcomeOrNull = orNull(readOutcome)

function toRow(operation: NewOperation): Prisma.OperationCreateManyInput {
  const { order, plan, requester, at, ...same } = operation
  return {
    ...same,
    verb: order.verb,
    order: toJson(order),
    plan: plan ? toJson(plan) : Prisma.DbNull,
    step: toJson(FIRST_STEP),
    requestedBy: requester.memberId,
    requester: requester.name,
    createdAt: dateOf(at),
  }
}

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    job: {
      id: row.jobId,
      name: row.jobName,
      environment: row.environmentName,
      team: row.teamName,
      sandbox: row.sandbox,
    },
    order: readOrder(row.order),
    state: readOperationState(row.state),
    plan: readPlanOrNull(row.plan),
    progress: readProgressOrNull(row.progress),
    outcome: readOutcomeOrNull(row.outcome),
    requester: { memberId: row.requestedBy, name: row.requester },
    via: row.via,
    reason: row.reason,
    force: row.force,
    approval: toApproval(row),
    cancelAskedBy: row.cancelAsked,
    requestId: row.requestId,
    version: row.version,
    createdAt: instantOf(row.createdAt),
    startedAt: instantOf(row.startedAt),
    endedAt: instantOf(row.endedAt),
    usualMs: row.usualMs === null ? null : Math.round(row.usualMs),
  }
}

function toApproval({ approvalState, expiresAt, decider, decidedAt, note }: OperationRow): Approval | null {
  if (approvalState === null || expiresAt === null) return null
  return {
    state: readApprovalState(approvalState),
    expiresAt: instantOf(expiresAt),
    decider,
    decidedAt: instantOf(decidedAt),
    note,
  }
}

function toHeld(row: OperationRow): HeldOperation {
  return {
    operation: toOperation(row),
    step: readStep(row.step),
    fence: row.fence,
    planDigest: row.planDigest,
    approvedDigest: row.approvalState === 'approved' ? row.approvalDigest : null,
  }
}
