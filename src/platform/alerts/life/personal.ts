import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import type { PageMeans, Tier } from '../alert.ts'
import { holds } from './chain-choice.ts'
import { chainTimes } from './escalation.ts'

const way = z.strictObject({
  /** `any`: the best there is. */
  vendor: z.enum(['any', 'feishu', 'dingtalk', 'wecom', 'slack', 'email']),
  means: z.enum(['message', 'app', 'sms', 'phone']),
  /** Minutes after they are called. */
  after: z.int().min(0).max(240),
})

/** How somebody wants to be called: by which ways, in which order, and when not for what can wait. */
export const personalRules = z.strictObject({
  ways: z.array(way).min(1).max(10),
  /** P2 and below do not call then. */
  quiet: z.array(chainTimes).max(10).default([]),
})
export type PersonalRules = z.output<typeof personalRules>

export interface Way {
  vendor: string | null
  means: PageMeans
  afterMs: number
}

const MEANS: Readonly<Record<Tier, PageMeans>> = { P0: 'phone', P1: 'app', P2: 'message', P3: 'message' }

/** The first way is taken at once, whatever its rule says: somebody who is called is called. */
export function waysFor(
  rules: PersonalRules | null,
  { tier, now }: { tier: Tier; now: Instant },
): readonly Way[] {
  if (rules && canWait(tier) && rules.quiet.some((times) => holds(times, now))) {
    return [{ vendor: null, means: 'message', afterMs: 0 }]
  }
  if (!rules) return [{ vendor: null, means: MEANS[tier], afterMs: 0 }]
  const [first, ...more] = rules.ways.toSorted((a, b) => a.after - b.after)
  const taken = (each: PersonalRules['ways'][number], after: number): Way => ({
    vendor: each.vendor === 'any' ? null : each.vendor,
    means: each.means,
    afterMs: after * 60_000,
  })
  return first ? [taken(first, 0), ...more.map((each) => taken(each, each.after))] : []
}

function canWait(tier: Tier): boolean {
  return tier === 'P2' || tier === 'P3'
}
