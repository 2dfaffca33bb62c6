import type { Instant } from '../../lib/clock.ts'
import type { Page, PageAsk } from '../../platform/platform.ts'
import type { Handle, Receiver, Vendor } from '../adapters/adapter.ts'
import type { Change, Delivery, NewDelivery } from './delivery.ts'

/** Where who sends is woken: the vendor's name. */
export const DELIVERY_CHANNEL = 'sluice_delivery'

/** What is to be shown in vendors' chats, durably. Rows come with their cards, in one commit (`Conversation`). */
export interface Outbox {
  /** Ready now, the most urgent and oldest first, without those to the given receivers. */
  due(ask: {
    vendor: Vendor
    now: Instant
    limit: number
    without: readonly Receiver[]
  }): Promise<readonly Due[]>
  /** When the next one is ready; null: none waits. */
  nextDue(vendor: Vendor): Promise<Instant | null>
  /** Marks them as being sent by the holder of this fence, before the first call. Those that somebody else has are left out. */
  claim(ids: readonly string[], fence: number, now: Instant): Promise<readonly Delivery[]>
  /** Writes what became of it; false: the fence is no longer ours, or never was. */
  settle(id: string, fence: number, change: Change, now: Instant): Promise<boolean>
  ringed(id: string, fence: number): Promise<void>
  /** What a former holder was sending: it may or may not have arrived. */
  recover(vendor: Vendor, fence: number): Promise<number>
  /** Calls of the last `ms`, for the pace. */
  recentCalls(vendor: Vendor, since: Instant): Promise<readonly { receiver: Receiver; at: Instant }[]>
  /** A tap told something about the message. */
  learn(key: { id: string; message: number }, handle: Handle): Promise<void>

  add(cardId: string, chat: string, draft: NewDelivery, now: Instant): Promise<boolean>
  /** Not shown past their deadline, dead ones included, and no other way taken yet. */
  overdue(now: Instant, limit: number): Promise<readonly Delivery[]>
  /** Another way was taken, or there is none. */
  wentElsewhere(id: string): Promise<void>
  /** Those that are over and were made before. */
  forget(before: Instant): Promise<void>
  ofCard(cardId: string): Promise<readonly Delivery[]>

  byId(id: string): Promise<Delivery | null>
  list(ask: PageAsk & { state: 'dead' | 'open'; vendor?: Vendor }): Promise<Page<Delivery>>
  retry(id: string, now: Instant): Promise<'waiting' | 'unknown' | 'not-dead'>
  /** Waiting and dead ones by vendor, and how long the oldest one that is due has waited. */
  depth(
    now: Instant,
  ): Promise<readonly { vendor: string; waiting: number; dead: number; oldestMs: number | null }[]>
  /** Wakes on new work, this process's and others'. */
  onWork(listener: () => void): Promise<() => Promise<void>>
}

export interface Due {
  id: string
  receiver: Receiver
  urgent: boolean
  /** For edits: the message. */
  message: string | null
}
