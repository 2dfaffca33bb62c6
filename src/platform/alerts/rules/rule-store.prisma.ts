import { dateOf, toJson } from '../../storage/columns.ts'
import type { Tx } from '../../storage/database.prisma.ts'
import type { AlertRule } from '../../storage/generated/client.ts'
import type { Condition } from './condition.ts'
import { METRIC_NAMES, type MetricName } from './metric.ts'
import type { RuleRow, RuleStore, SampleStore } from './ports.ts'
import type { RuleDraft, RuleScope } from './rule.ts'
import type { Sample } from './sample.ts'

export function createRuleStore(client: Tx): RuleStore {
  return {
    async all() {
      const rows = await client.alertRule.findMany({ orderBy: [{ name: 'asc' }, { updatedAt: 'asc' }] })
      return rows.map(toRule)
    },
    async save({ id, name, scope, when, severity, enabled, updatedBy, updatedAt }) {
      const body = toJson({ when, ...(severity && { severity }) })
      const data = { name, scope: toJson(scope), body, enabled, updatedBy, updatedAt: dateOf(updatedAt) }
      await client.alertRule.upsert({ where: { id }, create: { id, ...data }, update: data })
    },
    async remove(id) {
      await client.alertRule.deleteMany({ where: { id } })
    },
  }
}

function toRule({ id, name, scope, body, enabled, updatedBy, updatedAt }: AlertRule): RuleRow {
  // Written by us alone, from these very types.
  const { when, severity } = body as unknown as { when: Condition } & Pick<RuleDraft, 'severity'>
  return {
    ...{ id, name, scope: scope as RuleScope, when, enabled, updatedBy, updatedAt: updatedAt.getTime() },
    ...(severity && { severity }),
  }
}

export function createSampleStore(client: Tx): SampleStore {
  return {
    async add(samples) {
      if (samples.length === 0) return
      const data = samples.map(({ jobId, at, values }) => ({ jobId, at: dateOf(at), values: toJson(values) }))
      await client.jobSample.createMany({ data, skipDuplicates: true })
    },
    async of(jobId, since) {
      const rows = await client.jobSample.findMany({
        where: { jobId, at: { gt: dateOf(since) } },
        orderBy: { at: 'asc' },
      })
      return rows.map(({ at, values }) => ({ at: at.getTime(), values: valuesOf(values) }))
    },
    async forget({ thinBefore, dropBefore }) {
      // As `withSample` keeps them in memory: of what is older than an hour, the first of every ten minutes.
      await client.$executeRaw`
        DELETE FROM "JobSample" s
        WHERE s.at < ${dateOf(dropBefore)} OR (s.at < ${dateOf(thinBefore)} AND EXISTS (
          SELECT 1 FROM "JobSample" e
          WHERE e."jobId" = s."jobId" AND e.at < s.at
            AND e.at >= date_bin('10 minutes', s.at, TIMESTAMPTZ 'epoch')))`
    },
  }
}

/** What an older version measured and this one does not is left out. */
function valuesOf(json: unknown): Sample['values'] {
  const all = json as Record<string, number>
  const known = METRIC_NAMES.filter((name) => typeof all[name] === 'number')
  return Object.fromEntries(known.map((name) => [name, all[name]])) as Partial<Record<MetricName, number>>
}
