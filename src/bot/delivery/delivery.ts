import { fullJitter } from '../../lib/backoff.ts'
import type { Instant } from '../../lib/clock.ts'
import type { Handle, Posted, Receiver, UrgentMeans, Vendor, VendorWords } from '../adapters/adapter.ts'

/** A card on its way to one receiver, whatever version stands there. */
export interface Delivery {
  id: string
  vendor: Vendor
  receiver: Receiver
  chat: string
  cardId: string
  /** Whose answer or duty it is; null: nobody's in particular. */
  memberId: string | null
  rank: Rank
  urgent: boolean
  mention: readonly string[]
  ring: Ring | null
  /** What is shown instead of the kept card, once; sealed. */
  instead: string | null
  /** The card's version that should stand there, and the one that does. */
  wanted: number
  shown: number
  state: 'waiting' | 'sending' | 'done' | 'dead'
  /** Messages made of it so far. */
  message: number
  handle: Handle | null
  after: Handle | null
  /** A post whose answer was lost: it may stand there. */
  uncertain: boolean
  /** The card's version when that post, or the one under way, was first made. */
  postedAs: number
  tries: number
  dueAt: Instant
  deadlineAt: Instant | null
  insteadOf: string | null
  error: VendorWords | null
  createdAt: Instant
  postedAt: Instant | null
  shownAt: Instant | null
}

/** What goes first. */
export const RANK = { urgent: 0, fresh: 1, edit: 2, digest: 3 } as const
export type Rank = (typeof RANK)[keyof typeof RANK]

/** People to be rung once the message stands. */
export interface Ring {
  means: UrgentMeans
  people: readonly string[]
  text: string
  done: boolean
}

export interface NewDelivery {
  id: string
  vendor: Vendor
  receiver: Receiver
  memberId: string | null
  urgency: Urgency
  mention?: readonly string[]
  ring?: Omit<Ring, 'done'>
  instead?: string
  insteadOf?: string
}

/** How much it matters that it arrives now; decides its place and after how long another way is tried. */
export type Urgency = 'urgent' | 'ordinary' | 'low'

export const DEADLINES_MS: Readonly<Record<Urgency, number>> = {
  urgent: 20_000,
  ordinary: 10 * 60_000,
  low: 6 * 3_600_000,
}

/** By its key the vendor knows the message again. A new message of the same card has another one. */
export function keyOf({ id, message }: Pick<Delivery, 'id' | 'message'>): string {
  return message === 1 ? id : `${id}-${message}`
}

/** What a call changed. `settled`: this version stands there, or never will. */
export type Change =
  /** `before`: the handle that the call was made with; what taps added to it since is kept. */
  | { is: 'shown'; version: number; handle: Handle; before: Handle | null; error: VendorWords | null }
  /** Nothing worth an edit: it waits for a later version. */
  | { is: 'skipped'; version: number }
  | { is: 'again'; dueAt: Instant; uncertain: boolean; counts: boolean; error: VendorWords }
  /** The message cannot be edited any more: a new one goes on from it. */
  | { is: 'anew'; error: VendorWords }
  | { is: 'dead'; error: VendorWords }

export interface SettleContext {
  version: number
  now: Instant
  random: () => number
}

const BACKOFF = { base: 1_000, cap: 5 * 60_000 }
const MISCONFIGURED_MS = 60_000
// After a day nobody waits for it any more, and the other ways have long been taken.
const GIVE_UP_MS = 24 * 3_600_000
// A new message that is at once fixed again would go on for ever.
const MOST_MESSAGES = 50

export function settle(delivery: Delivery, posted: Posted, { version, now, random }: SettleContext): Change {
  switch (posted.is) {
    case 'accepted':
      return {
        is: 'shown',
        version: posted.asFirst && delivery.uncertain ? Math.min(version, delivery.postedAs) : version,
        handle: posted.handle,
        before: delivery.handle,
        error: missed(posted.missed),
      }
    case 'limited':
      return later(delivery, { dueAt: now + posted.ms, counts: false, error: posted.said }, now)
    case 'misconfigured':
      return later(delivery, { dueAt: now + MISCONFIGURED_MS, error: posted.said }, now)
    case 'unreached': {
      const uncertain = delivery.uncertain || (posted.uncertain && delivery.handle === null)
      const dueAt = now + fullJitter(delivery.tries, BACKOFF, random)
      return later(delivery, { dueAt, uncertain, error: posted.said }, now)
    }
    case 'fixed':
      if (delivery.message >= MOST_MESSAGES) return { is: 'dead', error: posted.said }
      return { is: 'anew', error: posted.said }
    case 'refused':
      return { is: 'dead', error: posted.said }
  }
}

function later(
  { createdAt, shown, uncertain }: Delivery,
  again: { dueAt: Instant; uncertain?: boolean; counts?: boolean; error: VendorWords },
  now: Instant,
): Change {
  if (shown === 0 && now - createdAt > GIVE_UP_MS) return { is: 'dead', error: again.error }
  return { is: 'again', counts: true, uncertain, ...again }
}

function missed(people: readonly string[] | undefined): VendorWords | null {
  return people && people.length > 0 ? { code: 'missed', message: people.join(', ') } : null
}

/** `chat:oc_…` as it is stored. */
export function receiverText({ is, id }: Receiver): string {
  return `${is}:${id}`
}

export function receiverOf(text: string): Receiver {
  const at = text.indexOf(':')
  return { is: text.slice(0, at) === 'person' ? 'person' : 'chat', id: text.slice(at + 1) }
}
