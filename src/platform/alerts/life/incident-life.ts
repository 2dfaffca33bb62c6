import type { Instant } from '../../../lib/clock.ts'
import { never } from '../../../lib/never.ts'
import { TIERS, type Tier } from '../alert.ts'
import { begun, type Escalation, type Step, type StepTarget, stepOn } from './escalation.ts'

/** How it ended. `expired`: nobody told it any more, which is not the same as well again. */
export type ClosedAs = 'recovered' | 'expired' | 'stopped' | 'gone' | 'by-hand' | 'merged'

/** Who took it, what it was then, and until when that holds. */
export interface Acked {
  memberId: string
  by: string
  at: Instant
  /** Then it is triggered again. */
  until: Instant
  /** They were asked whether it is still theirs. */
  reminded: boolean
  /** False: a bystander. */
  onCall: boolean
  /** What it was when it was taken: worse than that calls again. */
  tier: Tier
  blast: number
  helpers: readonly { memberId: string; name: string; at: Instant }[]
}

/** One generation of a group of alerts, from its beginning to its end. Plain data: it is a column. */
export interface Life {
  state: 'triggered' | 'acknowledged' | 'resolved'
  tier: Tier
  /** A person set the tier; alerts change it no more. */
  tierByHand: boolean
  openedAt: Instant
  /** How many alerts fire in it. */
  blast: number
  silenced: boolean
  snoozedUntil: Instant | null
  assignee: { memberId: string; name: string } | null
  acked: Acked | null
  /** The chain that its route names; null: the team's for its tier. */
  chain: string | null
  escalation: Escalation | null
  /** Counts what calls people besides the chain's steps, so that each has a name of its own. */
  calls: number
  closed: { as: ClosedAs; at: Instant; by: string | null; into: string | null } | null
}

export interface Person {
  memberId: string
  name: string
}

export type LifeEvent =
  | { is: 'alerts-changed'; tier: Tier; blast: number }
  | { is: 'silenced'; yes: boolean }
  | { is: 'all-over'; as: ClosedAs }
  | { is: 'acknowledge'; by: Person; onCall: boolean }
  | { is: 'unacknowledge'; by: Person }
  | { is: 'still-on-it'; by: Person }
  | { is: 'snooze'; by: Person; until: Instant }
  | { is: 'assign'; by: Person; to: Person }
  | { is: 'set-tier'; by: Person; tier: Tier }
  | { is: 'resolve'; by: Person }
  | { is: 'merge'; by: Person; into: string }
  | { is: 'escalate'; by: Person }
  /** Nobody was found, or could be reached, by the step that was taken last. */
  | { is: 'step-was-empty' }
  /** Its time has come. */
  | { is: 'timer' }

/** What follows, for the caller to carry out in the same commit. */
export type LifeEffect =
  /** `evenIfTaken`: whoever took it should know as well. `reason` is unlike every other of this incident. */
  | { do: 'page'; reason: string; targets: readonly StepTarget[]; turn: number | null; evenIfTaken: boolean }
  | { do: 'remind'; reason: string; memberId: string; until: Instant }
  | { do: 'note'; kind: string; by: Person | null; detail: Readonly<Record<string, unknown>> }

export interface Lived {
  life: Life
  effects: readonly LifeEffect[]
}

const MIN = 60_000

/** How long an acknowledgement holds. */
export const ACK_HOLDS_MS: Readonly<Record<Tier, number>> = {
  P0: 30 * MIN,
  P1: 60 * MIN,
  P2: 4 * 60 * MIN,
  P3: 24 * 60 * MIN,
}
/** So long before its end, and never earlier than at five sixths, who holds it is asked. */
const REMIND_BEFORE_MS = 5 * MIN
/** So much wider than when it was taken calls again. */
const WIDER = { times: 2, more: 5 }

export function newLife({
  tier,
  blast,
  openedAt,
  chain,
}: Pick<Life, 'tier' | 'blast' | 'openedAt' | 'chain'>): Life {
  return {
    ...{ state: 'triggered', tier, tierByHand: false, openedAt, blast, chain, escalation: null },
    ...{ silenced: false, snoozedUntil: null, assignee: null, acked: null, calls: 0, closed: null },
  }
}

/** When its life goes on by itself; null: it waits for somebody. */
export function dueAt(life: Life): Instant | null {
  if (life.state === 'resolved' || life.silenced) return null
  if (life.snoozedUntil !== null) return life.snoozedUntil
  if (life.state === 'acknowledged') return life.acked ? ackDue(life.acked, life.tier) : null
  return life.escalation?.nextAt ?? null
}

function ackDue(acked: Acked, tier: Tier): Instant {
  if (acked.reminded) return acked.until
  return acked.until - Math.min(REMIND_BEFORE_MS, ACK_HOLDS_MS[tier] / 6)
}

/** What an event makes of an incident. A resolved one stays resolved, whatever comes. */
export function live(life: Life, event: LifeEvent, now: Instant): Lived {
  if (life.state === 'resolved') return same(life)
  switch (event.is) {
    case 'alerts-changed':
      return alertsChanged(life, event)
    case 'silenced':
      return silenced(life, event.yes, now)
    case 'all-over':
      return close(life, { as: event.as, at: now, by: null, into: null }, null)
    case 'resolve':
      return close(life, { as: 'by-hand', at: now, by: event.by.name, into: null }, event.by)
    case 'merge':
      return close(life, { as: 'merged', at: now, by: event.by.name, into: event.into }, event.by)
    case 'acknowledge':
      return acknowledge(life, event, now)
    case 'unacknowledge':
      return unacknowledge(life, event.by, now)
    case 'still-on-it':
      return stillOnIt(life, event.by, now)
    case 'snooze':
      return noted({ ...life, snoozedUntil: event.until }, 'snoozed', event.by, { until: event.until })
    case 'assign':
      return noted({ ...life, assignee: event.to }, 'assigned', event.by, { to: event.to.name })
    case 'set-tier':
      return setTier(life, event)
    case 'escalate':
      return takeStep(life, now, event.by)
    case 'step-was-empty':
      return life.state === 'triggered' ? emptyStep(life, now) : same(life)
    case 'timer':
      return timer(life, now)
    default:
      return never(event)
  }
}

function same(life: Life): Lived {
  return { life, effects: [] }
}

function noted(
  life: Life,
  kind: string,
  by: Person | null,
  detail: Readonly<Record<string, unknown>> = {},
): Lived {
  return { life, effects: [{ do: 'note', kind, by, detail }] }
}

function and(first: Lived, ...more: readonly LifeEffect[]): Lived {
  return { life: first.life, effects: [...first.effects, ...more] }
}

// --- what alerts do ---------------------------------------------------------------------------------------------------

function alertsChanged(life: Life, { tier: told, blast }: { tier: Tier; blast: number }): Lived {
  // It never gets better by itself than it was: what was told as P0 stays P0 until it is over.
  const tier = life.tierByHand || !isGraver(told, life.tier) ? life.tier : told
  const changed = { ...life, tier, blast: Math.max(blast, 0) }
  if (tier !== life.tier) return worse(changed, { was: life.tier, why: 'tier' })
  const { acked } = life
  if (!acked || !isWider(blast, acked.blast)) return same(changed)
  return worse(changed, { was: acked.blast, why: 'blast' })
}

/** Who took it keeps it, and is called with everybody whose turn it is. */
function worse(life: Life, detail: { was: Tier | number; why: 'tier' | 'blast' }): Lived {
  const note = {
    do: 'note',
    kind: 'worse',
    by: null,
    detail: { ...detail, tier: life.tier, blast: life.blast },
  } as const
  if (!life.acked) return and(same(life), note)
  const acked = { ...life.acked, tier: life.tier, blast: Math.max(life.blast, life.acked.blast) }
  return and(call({ ...life, acked }, 'worse', { evenIfTaken: true }), note)
}

/** Its chain from the first step again. */
function restart(life: Life, now: Instant): Lived {
  if (!life.escalation) return same(life)
  const { chain, steps, repeat, round, turn } = life.escalation
  const times = Math.max(repeat - round, 0)
  return same({
    ...life,
    escalation: begun(chain, { steps, repeat: times }, { now, turn, round: round + 1 }),
  })
}

/** What became graver is told by the chain of its new tier, which the caller finds. */
export function needsChain(before: Life, after: Life): boolean {
  return after.state === 'triggered' && isGraver(after.tier, before.tier)
}

/** Begins another chain, in the place of the one before. */
export function withChain(
  life: Life,
  chain: { name: string; steps: readonly Step[]; repeat: number; turn: number } | null,
  now: Instant,
): Life {
  if (!chain) return life
  const round = life.escalation ? life.escalation.round + 1 : 0
  return { ...life, escalation: begun(chain.name, chain, { now, turn: chain.turn, round }) }
}

function silenced(life: Life, yes: boolean, now: Instant): Lived {
  if (life.silenced === yes) return same(life)
  if (yes) return noted({ ...life, silenced: true }, 'silenced', null)
  const heard = { ...life, silenced: false }
  const goOn = life.state === 'triggered' ? restart(heard, now) : same(heard)
  return and(goOn, { do: 'note', kind: 'unsilenced', by: null, detail: {} })
}

function close(life: Life, closed: NonNullable<Life['closed']>, by: Person | null): Lived {
  const escalation = life.escalation && { ...life.escalation, next: null, nextAt: null }
  const over = { ...life, state: 'resolved', closed, escalation, snoozedUntil: null } as const
  return noted(over, 'resolved', by, { as: closed.as, into: closed.into })
}

// --- what people do ---------------------------------------------------------------------------------------------------

function acknowledge(life: Life, { by, onCall }: { by: Person; onCall: boolean }, now: Instant): Lived {
  if (life.acked && life.state === 'acknowledged') {
    const { acked } = life
    const knows =
      acked.memberId === by.memberId || acked.helpers.some((each) => each.memberId === by.memberId)
    if (knows) return same(life)
    const helpers = [...acked.helpers, { ...by, at: now }]
    return noted({ ...life, acked: { ...acked, helpers } }, 'helps', by)
  }
  const acked: Acked = {
    ...{ memberId: by.memberId, by: by.name, at: now, until: now + ACK_HOLDS_MS[life.tier] },
    ...{ reminded: false, onCall, tier: life.tier, blast: life.blast, helpers: [] },
  }
  return noted({ ...life, state: 'acknowledged', acked, snoozedUntil: null }, 'acknowledged', by, { onCall })
}

function unacknowledge(life: Life, by: Person, now: Instant): Lived {
  if (life.state !== 'acknowledged') return same(life)
  const open = restart({ ...life, state: 'triggered', acked: null }, now)
  return and(open, { do: 'note', kind: 'unacknowledged', by, detail: {} })
}

function stillOnIt(life: Life, by: Person, now: Instant): Lived {
  if (life.state !== 'acknowledged' || !life.acked) return same(life)
  const acked = { ...life.acked, until: now + ACK_HOLDS_MS[life.tier], reminded: false }
  return noted({ ...life, acked }, 'still-on-it', by, { until: acked.until })
}

function setTier(life: Life, { by, tier }: { by: Person; tier: Tier }): Lived {
  if (tier === life.tier) return same({ ...life, tierByHand: true })
  const changed = { ...life, tier, tierByHand: true }
  const note = { do: 'note', kind: 'tier', by, detail: { from: life.tier, to: tier } } as const
  return and(same(changed), note)
}

// --- what time does ---------------------------------------------------------------------------------------------------

function timer(life: Life, now: Instant): Lived {
  const due = dueAt(life)
  if (due === null || due > now) return same(life)
  if (life.snoozedUntil !== null) return snoozeEnds(life, now)
  if (life.state === 'acknowledged' && life.acked) return ackTimer(life, life.acked, now)
  return takeStep(life, now, null)
}

/** What was put off and is still there begins anew, with whoever took it no longer holding it. */
function snoozeEnds(life: Life, now: Instant): Lived {
  const open = restart({ ...life, state: 'triggered', acked: null, snoozedUntil: null }, now)
  return and(open, { do: 'note', kind: 'snooze-ended', by: null, detail: {} })
}

function ackTimer(life: Life, acked: Acked, now: Instant): Lived {
  if (acked.until <= now) {
    const open = restart({ ...life, state: 'triggered', acked: null }, now)
    const detail = { by: acked.by }
    return and(open, { do: 'note', kind: 'ack-lapsed', by: null, detail })
  }
  const reminded = { ...life, acked: { ...acked, reminded: true } }
  const { memberId, until } = acked
  return and(same(reminded), { do: 'remind', reason: `ack-ends:${until}`, memberId, until })
}

function takeStep(life: Life, now: Instant, by: Person | null): Lived {
  const taken = life.escalation && stepOn(life.escalation, now)
  if (!taken) return by ? noted(life, 'nobody-left', by) : same(life)
  const { index, round, step, after } = taken
  const reason = `step:${round}:${index}`
  const turn = step.turns ? after.turn : null
  const page: LifeEffect = { do: 'page', reason, targets: step.notify, turn, evenIfTaken: by !== null }
  const note: LifeEffect = { do: 'note', kind: by ? 'escalated' : 'step', by, detail: { round, step: index } }
  const last: LifeEffect[] =
    after.next === null
      ? [{ do: 'note', kind: 'chain-finished', by: null, detail: { chain: after.chain } }]
      : []
  return { life: { ...life, escalation: after }, effects: [note, page, ...last] }
}

function emptyStep(life: Life, now: Instant): Lived {
  const note: LifeEffect = { do: 'note', kind: 'step-empty', by: null, detail: {} }
  const { escalation } = life
  // A chain in which nobody is to be found is not run through again and again within one moment.
  const isLoop = escalation?.next === 0
  if (!escalation || escalation.next === null || isLoop) return { life, effects: [note] }
  const next = takeStep(life, now, null)
  return { life: next.life, effects: [note, ...next.effects] }
}

/** The whole of the current step's people once more, besides the chain's own times. */
function call(life: Life, why: string, { evenIfTaken }: { evenIfTaken: boolean }): Lived {
  const calls = life.calls + 1
  const targets = life.escalation?.steps[0]?.notify ?? []
  if (targets.length === 0) return same({ ...life, calls })
  return {
    life: { ...life, calls },
    effects: [{ do: 'page', reason: `${why}:${calls}`, targets, turn: null, evenIfTaken }],
  }
}

function isGraver(a: Tier, b: Tier): boolean {
  return TIERS.indexOf(a) < TIERS.indexOf(b)
}

function isWider(blast: number, was: number): boolean {
  return blast >= was * WIDER.times && blast >= was + WIDER.more
}
