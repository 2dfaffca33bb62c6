import type { Instant } from '../../lib/clock.ts'
import type { PressedThere, SaidThere, TapAnswer, ToldThere, Vendor } from '../adapters/adapter.ts'

/** What happened in a vendor's chat. */
export type Happened =
  | { kind: 'said'; said: SaidThere }
  | { kind: 'pressed'; pressed: PressedThere }
  | { kind: 'told'; told: ToldThere }

export interface InboxEvent {
  /** `feishu:` and the vendor's id. */
  id: string
  vendor: Vendor
  happened: Happened
  at: Instant
  receivedAt: Instant
  tries: number
}

/** Events, durably, so that what was acknowledged is worked whatever happens. */
export interface InboxEvents {
  /** Null: it is new, and this process works it now. Else what came of it so far. */
  store(event: Omit<InboxEvent, 'tries'>, until: Instant): Promise<null | { answer: TapAnswer | null }>
  done(id: string, answer: TapAnswer | null, now: Instant): Promise<void>
  /** They are still being worked here, until then. */
  prolong(ids: readonly string[], until: Instant): Promise<void>
  /** Takes over what a process that is gone had begun. */
  takeOver(now: Instant, until: Instant): Promise<readonly InboxEvent[]>
  /** When something was last said and tapped there; null: not lately. */
  last(vendor: Vendor): Promise<{ said: Instant | null; pressed: Instant | null }>
  /** Forgets those that no vendor sends again any more. */
  forget(before: Instant): Promise<void>
}

/** What is older when it comes is not done: who said it may long have thought better of it. */
export const TOO_OLD_MS = 2 * 60_000

export function isTooOld({ at }: Pick<InboxEvent, 'at'>, now: Instant): boolean {
  return now - at > TOO_OLD_MS
}
