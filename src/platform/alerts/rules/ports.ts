import type { Instant } from '../../../lib/clock.ts'
import type { RuleDraft } from './rule.ts'
import type { Sample } from './sample.ts'

/** What people set; ours are in `default-rules.ts`. */
export interface RuleRow extends RuleDraft {
  id: string
  updatedBy: string
  updatedAt: Instant
}

export interface RuleStore {
  all(): Promise<readonly RuleRow[]>
  save(rule: RuleRow): Promise<void>
  remove(id: string): Promise<void>
}

export interface SampleStore {
  add(samples: readonly (Sample & { jobId: string })[]): Promise<void>
  /** Oldest first. */
  of(jobId: string, since: Instant): Promise<readonly Sample[]>
  forget(times: { thinBefore: Instant; dropBefore: Instant }): Promise<void>
}
