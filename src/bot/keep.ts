import { createHash } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Conversation, KeptCard } from './conversation.ts'
import type { NewDelivery } from './delivery/delivery.ts'
import type { Outside } from './outside.ts'
import type { CardIds, KeepDraft } from './session.ts'

/** Keeps a card with what carries it to its chat. Null: a card of this id is there already. */
export type Keep = (draft: KeepDraft, deliveries?: readonly NewDelivery[]) => Promise<KeptCard | null>

export function createKeep({
  conversation,
  carriage,
  publishCard,
  clock,
}: {
  conversation: Conversation
  carriage: Outside['carriage']
  publishCard(kept: KeptCard): void
  clock: Clock
}): Keep {
  return async ({ voice, chat, memberId, ...draft }, given) => {
    const parcel = { chat, onlyFor: draft.onlyFor, memberId, account: null, once: null }
    const deliveries = given ?? (await carriage.of(parcel))
    const { language, zone } = voice
    const kept = await conversation.insert(
      { ...draft, chat: chat.id, language, zone, at: clock.now() },
      deliveries,
    )
    if (kept) publishCard(kept)
    return kept
  }
}

/** Fresh ones, or for an event that may be worked again such that the same answer has the same. */
export function cardIdsOf(ids: Ids, { requestId, tries }: { requestId: string; tries?: number }): CardIds {
  if (tries === undefined) return { next: () => ids.next('card'), mayBeThere: false }
  let count = 0
  return { next: () => followingId(`${requestId} ${++count}`), mayBeThere: tries > 1 }
}

/** The same card for the same words, whoever makes it and however often. */
export function followingId(of: string): string {
  return `card_${createHash('sha256').update(of).digest('hex').slice(0, 16)}`
}
