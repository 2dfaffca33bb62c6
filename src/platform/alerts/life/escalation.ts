import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import { STORABLE } from '../../../lib/storable.ts'
import { isZone } from '../../../lib/wall-clock.ts'
import { TIERS, type Tier } from '../alert.ts'

const text = (most: number) => z.string().min(1).max(most).regex(STORABLE)

/** Whom a step tells; who that is, is found out when it runs. */
export const stepTarget = z.discriminatedUnion('to', [
  /** By the named schedule, or by all of the team's. */
  z.strictObject({ to: z.literal('on-call'), schedule: text(100).optional() }),
  z.strictObject({ to: z.literal('member'), name: text(100) }),
  /** Everybody of the team; `leads`: those who answer for it. */
  z.strictObject({
    to: z.literal('team'),
    name: text(100).optional(),
    leads: z.boolean().optional(),
  }),
  z.strictObject({ to: z.literal('chat'), id: text(200) }),
  z.strictObject({ to: z.literal('webhook'), receiver: text(200) }),
])
export type StepTarget = z.output<typeof stepTarget>

const DAY_MS = 86_400_000

export const step = z.strictObject({
  /** In ms since the former step; the first: since it was triggered. */
  after: z.int().min(0).max(DAY_MS),
  notify: z.array(stepTarget).min(1).max(20),
  /** One of those who are found, another one with every incident. */
  turns: z.boolean().optional(),
})
export type Step = z.output<typeof step>

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/)

export const chainTimes = z.strictObject({
  zone: z.string().min(1).max(60).refine(isZone, 'a zone such as Asia/Shanghai'),
  weekdays: z
    .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
    .min(1)
    .max(7),
  from: clockTime,
  to: clockTime,
})

/** Who is told in which order when nobody answers. */
export const chainBody = z.strictObject({
  tiers: z.array(z.enum(TIERS)).min(1),
  /** Only then; left out: always. Of several chains of a tier one with times goes before one without. */
  times: z.array(chainTimes).max(20).optional(),
  steps: z.array(step).min(1).max(20),
  /** How often all of it is begun again. */
  repeat: z.int().min(0).max(20),
})
export type ChainBody = z.output<typeof chainBody>

/** A chain under way: fixed when the incident was triggered. */
export interface Escalation {
  chain: string
  steps: readonly Step[]
  repeat: number
  /** 0 the first time through. */
  round: number
  /** The step to come; null: all were taken. */
  next: number | null
  nextAt: Instant | null
  /** Which one's turn it is, where steps take turns. */
  turn: number
  finishedAt: Instant | null
}

const MIN = 60_000

/** Where a team has no chain of its own. P2 and P3 call nobody. */
export const DEFAULT_CHAINS: Readonly<Record<Tier, ChainBody | null>> = {
  P0: {
    tiers: ['P0'],
    steps: [
      { after: 0, notify: [{ to: 'on-call' }] },
      { after: 5 * MIN, notify: [{ to: 'on-call' }, { to: 'team', leads: true }] },
      { after: 10 * MIN, notify: [{ to: 'team' }] },
    ],
    repeat: 3,
  },
  P1: {
    tiers: ['P1'],
    steps: [
      { after: 0, notify: [{ to: 'on-call' }] },
      { after: 10 * MIN, notify: [{ to: 'on-call' }, { to: 'team', leads: true }] },
      { after: 20 * MIN, notify: [{ to: 'team' }] },
    ],
    repeat: 1,
  },
  P2: null,
  P3: null,
}

export function begun(
  chain: string,
  { steps, repeat }: { steps: readonly Step[]; repeat: number },
  { now, turn, round = 0 }: { now: Instant; turn: number; round?: number },
): Escalation {
  const [first] = steps
  return {
    // Rounds go on counting through what was begun before, so that no step has the name of one that was taken.
    ...{ chain, steps, repeat: round + repeat, round, turn, finishedAt: null },
    ...(first ? { next: 0, nextAt: now + first.after } : { next: null, nextAt: null }),
  }
}

/** The step that is taken now, and the chain after it. Null: there is none left. */
export function stepOn(
  escalation: Escalation,
  now: Instant,
): { index: number; round: number; step: Step; after: Escalation } | null {
  const { next, steps, round, repeat } = escalation
  const current = next === null ? undefined : steps[next]
  if (next === null || !current) return null
  const following = steps[next + 1]
  // Counted from now, not from when it was due: after a standstill the steps do not all come at once.
  if (following) {
    const after = { ...escalation, next: next + 1, nextAt: now + following.after }
    return { index: next, round, step: current, after }
  }
  const [first] = steps
  if (round < repeat && first) {
    // A first step without a wait comes as long after the last as that came after the one before.
    const wait = Math.max(first.after, current.after, MIN)
    const after = { ...escalation, round: round + 1, next: 0, nextAt: now + wait }
    return { index: next, round, step: current, after }
  }
  return {
    index: next,
    round,
    step: current,
    after: { ...escalation, next: null, nextAt: null, finishedAt: now },
  }
}
