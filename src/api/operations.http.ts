import { z } from 'zod'
import { parseDuration } from '../lib/duration.ts'
import type { Operation, OperationVerb, Permit } from '../platform/platform.ts'
import { operation, operationState } from './core-schemas.ts'
import { operationBody, orderOf } from './job-bodies.ts'
import { given, paged } from './paging.ts'
import { findJob, jobPermit, mayView } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { byOf, type Call, ok, type Route, route } from './route.ts'
import { flag, name, page, pageQuery, text } from './schemas.ts'

const about = 'Operations'
const LONGEST_WAIT = 60_000
const idParams = z.strictObject({ id: name })

const request = route({
  method: 'post',
  path: '/jobs/{name}/operations',
  about,
  summary: 'Ask for an operation; an equal one that is still open is joined',
  for: 'member',
  params: z.strictObject({ name }),
  body: operationBody,
  responses: { 202: operation },
  problems: ['not-found', 'operation-refused'],
  async run(call) {
    const { body } = call
    const verb: `job:${OperationVerb}` = `job:${body.verb}`
    const { job, permit } = await jobPermit(call, call.params.name, verb)
    const { reason, force } = body
    const asked = await call.services.platform.operations.request(permit, job.id, orderOf(body), {
      reason,
      force,
    })
    if (!asked.ok) throw new Problem('operation-refused', { job: job.name, why: asked.why })
    return {
      status: 202 as const,
      headers: { Location: `/api/v1/operations/${asked.operation.id}` },
      body: asked.operation,
    }
  },
})

const listOperations = route({
  method: 'get',
  path: '/operations',
  about,
  summary: 'Operations, newest first',
  for: 'member',
  query: z.strictObject({
    ...pageQuery,
    job: name.optional(),
    state: operationState.optional(),
    open: flag.optional(),
  }),
  responses: { 200: page(operation) },
  problems: ['not-found', 'unknown-cursor'],
  async run(call) {
    const { cursor, limit, job: jobName, ...filters } = call.query
    const job = jobName === undefined ? undefined : (await viewedJob(call, jobName)).id
    const asked = given({ ...filters, job })
    return ok(
      await paged(call, `operations ${JSON.stringify(asked)}`, { cursor, limit }, (ask) =>
        call.services.platform.operations.list(byOf(call), { ...asked, ...ask }),
      ),
    )
  },
})

const show = route({
  method: 'get',
  path: '/operations/{id}',
  about,
  summary: 'One operation; with `wait` the answer comes when it ends or the time is over',
  for: 'member',
  params: idParams,
  query: z.strictObject({
    wait: z
      .string()
      .regex(/^\d{1,5}(ms|s|m)$/)
      .optional(),
  }),
  responses: { 200: operation },
  problems: ['not-found'],
  async run(call) {
    const { services, params, query, signal } = call
    const seen = await viewedOperation(call, params.id)
    const ms = Math.min(parseDuration(query.wait ?? '0ms') ?? 0, LONGEST_WAIT)
    if (ms === 0) return ok(seen)
    return ok((await services.platform.operations.wait(seen.id, ms, signal)) ?? seen)
  },
})

const cancel = route({
  method: 'post',
  path: '/operations/{id}/cancel',
  about,
  summary: 'Do not go on with it, where that is still possible',
  for: 'member',
  params: idParams,
  responses: { 200: operation },
  problems: ['not-found', 'operation-over', 'too-late'],
  async run(call) {
    const permit = await operationPermit(call, call.params.id, 'operation:cancel')
    const cancelled = await call.services.platform.operations.cancel(permit, call.params.id)
    if (cancelled.ok) return ok(cancelled.value)
    throw new Problem(cancelled.why === 'ended' ? 'operation-over' : 'too-late', {})
  },
})

const decision = z.strictObject({ note: text(1000, 1).nullable().default(null) }).default({ note: null })

const approve = route({
  method: 'post',
  path: '/operations/{id}/approve',
  about,
  summary: 'Approve exactly the plan that it shows',
  for: 'member',
  params: idParams,
  body: decision,
  responses: { 200: operation },
  problems: ['not-found', 'own-request', 'decided', 'approval-expired', 'plan-changed'],
  async run(call) {
    const permit = await operationPermit(call, call.params.id, 'approval:decide')
    const { operations } = call.services.platform
    const approved = await operations.approve(permit, call.params.id, call.body.note)
    if (approved.ok) return ok(approved.value)
    throw undecided(approved.why)
  },
})

const reject = route({
  method: 'post',
  path: '/operations/{id}/reject',
  about,
  summary: 'Reject it',
  for: 'member',
  params: idParams,
  body: decision,
  responses: { 200: operation },
  problems: ['not-found', 'own-request', 'decided', 'approval-expired'],
  async run(call) {
    const permit = await operationPermit(call, call.params.id, 'approval:decide')
    const { operations } = call.services.platform
    const rejected = await operations.reject(permit, call.params.id, call.body.note)
    if (rejected.ok) return ok(rejected.value)
    throw undecided(rejected.why)
  },
})

function undecided(why: 'own-request' | 'decided' | 'expired' | 'plan-changed'): Problem {
  return new Problem(why === 'expired' ? 'approval-expired' : why, {})
}

async function viewedJob(call: Call<'member'>, jobName: string) {
  const job = await findJob(call, jobName)
  if (!mayView(call, job)) throw notFound('job', jobName)
  return job
}

async function viewedOperation(call: Call<'member'>, id: string): Promise<Operation> {
  const operation = await call.services.platform.operations.byId(id)
  const job = operation && (await call.services.platform.jobs.find(operation.job.name))
  if (!operation || !job?.ok || !mayView(call, job.value)) throw notFound('operation', id)
  return operation
}

/** A permit about an operation is one about its job. */
async function operationPermit<V extends 'operation:cancel' | 'approval:decide'>(
  call: Call<'member'>,
  id: string,
  verb: V,
): Promise<Permit<V>> {
  const operation = await call.services.platform.operations.byId(id)
  if (!operation) throw notFound('operation', id)
  const { permit } = await jobPermit(call, operation.job.name, verb).catch((error: unknown) => {
    // Who may not know of the job may not learn its name from its operation.
    throw error instanceof Problem && error.kind === 'not-found' ? notFound('operation', id) : error
  })
  return permit
}

export const operationRoutes: readonly Route[] = [request, listOperations, show, cancel, approve, reject]
