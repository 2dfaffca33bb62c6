import type { Instant } from '../../lib/clock.ts'
import type { Permit } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { Severity } from './alert.ts'
import type { Condition } from './rules/condition.ts'
import type { Unit } from './rules/metric.ts'
import type { RuleDraft, RuleScope } from './rules/rule.ts'

export interface RuleView {
  /** Null: one of ours, which cannot be removed but overruled. */
  id: string | null
  name: string
  scope: RuleScope
  when: Condition
  unit: Unit
  severity: Severity
  enabled: boolean
  updatedBy: string | null
  updatedAt: Instant | null
}

export type RuleRefusal = 'unknown-team' | 'unknown-job' | 'unknown-cluster' | 'unknown-environment'

export interface RulesApi {
  /** All of them, or those that hold for one job. */
  list(of?: { job: string }): Promise<readonly RuleView[]>
  /** One of the same name and scope is overwritten. */
  save(permit: Permit<'alert:manage'>, draft: RuleDraft): Promise<Done<RuleView, RuleRefusal>>
  remove(
    permit: Permit<'alert:manage'>,
    rule: { name: string; scope: RuleScope },
  ): Promise<Done<RuleView, 'unknown'>>
}
