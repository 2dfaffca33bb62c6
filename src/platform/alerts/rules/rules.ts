import type { Clock } from '../../../lib/clock.ts'
import type { Permit } from '../../access/access.ts'
import type { Stores, Transact } from '../../jobs/stores.ts'
import { labelsText } from '../labels.ts'
import type { RuleRefusal, RulesApi, RuleView } from '../rules-api.ts'
import { DEFAULT_RULES } from './default-rules.ts'
import { METRICS } from './metric.ts'
import type { RuleRow } from './ports.ts'
import { alertOf, type Rule, type RuleScope, rulesFor } from './rule.ts'

export interface RulesDependencies {
  transact: Transact
  read: Stores
  clock: Clock
}

export function createRules({ transact, read, clock }: RulesDependencies): RulesApi {
  return {
    async list(of) {
      const rows = await read.rules.all()
      const all: readonly (Rule | RuleRow)[] = [...DEFAULT_RULES, ...rows]
      if (!of) return all.map(viewOf)
      const job = await read.jobs.byName(of.job)
      if (!job) return []
      const labels = { env: job.environment, team: job.team.name, cluster: job.cluster.name, job: job.name }
      return rulesFor(all, labels).map(viewOf)
    },
    async save(permit, draft) {
      const why = await scopeProblem(read, draft.scope)
      if (why) return { ok: false, why }
      return transact(async (stores) => {
        const before = await find(stores, draft)
        const row: RuleRow = {
          ...draft,
          ...{ id: ruleId(draft), updatedAt: clock.now() },
          updatedBy: permit.by.member.displayName,
        }
        await stores.rules.save(row)
        stores.tell({ of: 'alerts', changed: 'rules' })
        await audit(stores, permit, { name: draft.name, before, after: row })
        return { ok: true, value: viewOf(row) }
      })
    },
    remove: (permit, wanted) =>
      transact(async (stores) => {
        const row = await find(stores, wanted)
        if (!row) return { ok: false, why: 'unknown' }
        await stores.rules.remove(row.id)
        stores.tell({ of: 'alerts', changed: 'rules' })
        await audit(stores, permit, { name: wanted.name, before: row, after: null })
        return { ok: true, value: viewOf(row) }
      }),
  }
}

async function find(
  { rules }: Pick<Stores, 'rules'>,
  wanted: { name: string; scope: RuleScope },
): Promise<RuleRow | null> {
  const id = ruleId(wanted)
  return (await rules.all()).find((row) => row.id === id) ?? null
}

/** One rule of a name per scope: two people who set it at once leave one. */
function ruleId({ name, scope }: { name: string; scope: RuleScope }): string {
  return `${name}${labelsText(JSON.parse(JSON.stringify(scope)))}`
}

async function scopeProblem(read: Stores, scope: RuleScope): Promise<RuleRefusal | null> {
  if (scope.team !== undefined && !(await read.teams.byName(scope.team))) return 'unknown-team'
  if (scope.job !== undefined && !(await read.jobs.byName(scope.job))) return 'unknown-job'
  if (scope.env !== undefined && !(await read.environments.exists(scope.env))) return 'unknown-environment'
  if (scope.cluster === undefined) return null
  const known = (await read.clusters.all()).some(({ name }) => name === scope.cluster)
  return known ? null : 'unknown-cluster'
}

/** As people see it. */
export function viewOf(rule: Rule | RuleRow): RuleView {
  const { id, name, scope, when, enabled } = rule
  const rated = when.is === 'rate-above' || when.is === 'rate-below'
  return {
    ...{ id, name, scope, when, enabled, severity: alertOf(rule).severity },
    unit: rated ? 'per-second' : METRICS[when.metric].unit,
    updatedBy: 'updatedBy' in rule ? rule.updatedBy : null,
    updatedAt: 'updatedAt' in rule ? rule.updatedAt : null,
  }
}

async function audit(
  stores: Stores,
  { by, verb }: Permit,
  { name, before, after }: { name: string; before: RuleRow | null; after: RuleRow | null },
): Promise<void> {
  const { member, via, requestId } = by
  const entry = { member, via, requestId, verb, subject: `rule ${name}`, job: null, before, after }
  await stores.audit.record({ ...entry, decision: 'done' })
}
