import { z } from 'zod'
import { STORABLE } from '../../../lib/storable.ts'
import { OWN_ALERTS, type OwnAlertKind, type Severity } from '../alert.ts'
import type { Labels } from '../labels.ts'
import { condition } from './condition.ts'
import { METRICS } from './metric.ts'

const label = z.string().min(1).max(200).regex(STORABLE)

/** Which jobs or clusters; empty: all. */
export const ruleScope = z.strictObject({
  env: label.optional(),
  team: label.optional(),
  cluster: label.optional(),
  job: label.optional(),
})
export type RuleScope = z.output<typeof ruleScope>

export const ruleName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'small letters, digits and hyphens, such as checkpoint-slow')

export const ruleDraft = z.strictObject({
  name: ruleName,
  scope: ruleScope.default({}),
  when: condition,
  severity: z.enum(['critical', 'warning', 'info']).optional(),
  /** False: nothing is told where this rule is the nearest one. */
  enabled: z.boolean().default(true),
})
export type RuleDraft = z.output<typeof ruleDraft>

export interface Rule extends RuleDraft {
  /** Null: it is one of ours. */
  id: string | null
}

/** A rule of this name is told as this kind, with the words made for it; others as what they measure. */
export function kindOf({ name }: Pick<Rule, 'name'>): OwnAlertKind {
  return Object.hasOwn(OWN_ALERTS, name) && name !== 'rule' ? (name as OwnAlertKind) : 'rule'
}

/** The alert's name and grade. */
export function alertOf(rule: Rule): { alertname: string; severity: Severity } {
  const kind = kindOf(rule)
  const own = OWN_ALERTS[kind]
  return {
    alertname: kind === 'rule' ? pascalCase(rule.name) : own.alertname,
    severity: rule.severity ?? own.severity,
  }
}

function pascalCase(name: string): string {
  return name.replace(/(^|-)(.)/g, (_all, _hyphen, letter: string) => letter.toUpperCase())
}

const WEIGHTS = { job: 8, cluster: 4, team: 2, env: 1 } as const

function nearness(scope: RuleScope): number {
  return (['job', 'cluster', 'team', 'env'] as const).reduce(
    (sum, name) => sum + (scope[name] === undefined ? 0 : WEIGHTS[name]),
    0,
  )
}

/** Of each name the rule whose scope is nearest to what these labels name; those that are off are left out. */
export function rulesFor(rules: readonly Rule[], labels: Labels): readonly Rule[] {
  const subject = labels.job === undefined ? 'cluster' : 'job'
  const nearest = new Map<string, Rule>()
  for (const rule of rules) {
    if (METRICS[rule.when.metric].of !== subject || !reaches(rule.scope, labels)) continue
    const other = nearest.get(rule.name)
    if (!other || nearness(rule.scope) >= nearness(other.scope)) nearest.set(rule.name, rule)
  }
  return [...nearest.values()].filter(({ enabled }) => enabled)
}

function reaches(scope: RuleScope, labels: Labels): boolean {
  return (['env', 'team', 'cluster', 'job'] as const).every(
    (name) => scope[name] === undefined || scope[name] === labels[name],
  )
}
