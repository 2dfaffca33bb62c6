import { z } from 'zod'
import { type Permit, type RuleScope, ruleCondition, ruleDraft, ruleScope } from '../platform/platform.ts'
import { findJob, jobPermit, onPlatform, permit, teamSubject } from './permits.ts'
import { notFound } from './problem.ts'
import { type Call, ok, type Route, route } from './route.ts'
import { list, name, nothing, time } from './schemas.ts'

const about = 'Alert rules'

const rule = z
  .object({
    id: z.string().nullable(),
    name: z.string(),
    scope: ruleScope,
    when: ruleCondition,
    unit: z.enum(['ms', 'bytes', 'count', 'records', 'share', 'per-second']),
    severity: z.enum(['critical', 'warning', 'info']),
    enabled: z.boolean(),
    updatedBy: z.string().nullable(),
    updatedAt: time.nullable(),
  })
  .meta({ id: 'AlertRule' })

const show = route({
  method: 'get',
  path: '/alert-rules',
  about,
  summary: 'The rules over samples: ours and those that people set, or those that hold for one job',
  for: 'member',
  query: z.strictObject({ job: name.optional() }),
  responses: { 200: list(rule) },
  problems: ['not-found'],
  async run(call) {
    const { rules } = call.services.platform
    if (call.query.job !== undefined) {
      const job = await findJob(call, call.query.job)
      return ok(await rules.list({ job: job.name }))
    }
    await permit(call, 'alert:manage', onPlatform('alert rules'))
    return ok(await rules.list())
  },
})

const put = route({
  method: 'put',
  path: '/alert-rules',
  about,
  summary: 'Set a rule for a job, a team, a cluster, an environment or everywhere; the nearest one holds',
  for: 'member',
  body: ruleDraft,
  responses: { 200: rule },
  problems: ['not-found'],
  async run(call) {
    const allowed = await permitFor(call, call.body.scope)
    const saved = await call.services.platform.rules.save(allowed, call.body)
    if (saved.ok) return ok(saved.value)
    const kind = saved.why.replace('unknown-', '') as 'team' | 'job' | 'cluster' | 'environment'
    throw notFound(kind, call.body.scope[kind === 'environment' ? 'env' : kind] ?? '')
  },
})

const drop = route({
  method: 'delete',
  path: '/alert-rules/{name}',
  about,
  summary: 'Take a rule away; the next nearest one holds',
  for: 'member',
  params: z.strictObject({ name }),
  query: ruleScope,
  responses: { 204: nothing },
  problems: ['not-found'],
  async run(call) {
    const allowed = await permitFor(call, call.query)
    const wanted = { name: call.params.name, scope: call.query }
    const gone = await call.services.platform.rules.remove(allowed, wanted)
    if (!gone.ok) throw notFound('rule', call.params.name)
    return { status: 204 as const, body: null }
  },
})

/** A team's own jobs are its own to judge; whatever reaches further is an admin's. */
async function permitFor(call: Call<'member'>, scope: RuleScope): Promise<Permit<'alert:manage'>> {
  if (scope.job !== undefined) return (await jobPermit(call, scope.job, 'alert:manage')).permit
  if (scope.team !== undefined) return permit(call, 'alert:manage', await teamSubject(call, scope.team))
  return permit(call, 'alert:manage', onPlatform('alert rules'))
}

export const alertRuleRoutes: readonly Route[] = [show, put, drop]
