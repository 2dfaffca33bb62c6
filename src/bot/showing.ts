import { card, text } from './cards/build.ts'
import type { ShownCard } from './cards/card.ts'
import { shownCard, shownInstead } from './cards/shown.ts'
import type { Replies, Reply } from './commands/command.ts'
import type { Conversation, KeptCard } from './conversation.ts'
import { vendorOf } from './delivery/carriage.ts'
import type { NewDelivery } from './delivery/delivery.ts'
import type { Following } from './following.ts'
import type { Keep } from './keep.ts'
import type { Outside } from './outside.ts'
import type { PressSigner } from './press.ts'
import type { KeepDraft, Session } from './session.ts'

/** From answers to what stands in the chat. */
export interface Showing {
  /** `on`: the card that was tapped. */
  show(session: Session, replies: Replies, on?: KeptCard | null): Promise<readonly ShownCard[]>
}

export interface ShowingDependencies {
  conversation: Conversation
  outside: Pick<Outside, 'abilitiesOf' | 'carriage'>
  following: Following
  signer: PressSigner
  keep: Keep
}

export function createShowing(dependencies: ShowingDependencies): Showing {
  const { conversation, outside, following, signer, keep } = dependencies

  async function showOne(session: Session, reply: Reply, on: KeptCard | null): Promise<readonly ShownCard[]> {
    const { turn, isTap } = session
    // The card that was tapped shows what came of it; a second one would only repeat it.
    if (on && on.subject !== null && on.subject === reply.follows?.subject) {
      await following.follow(on.subject)
      return [shownCard((await conversation.card(on.id)) ?? on, signer)]
    }
    if (isTap && reply.aside && outside.abilitiesOf(turn.chat.vendor).toasts) return [toast(session, reply)]
    return isPrivate(session, reply) ? showPrivately(session, reply) : [await showHere(session, reply)]
  }

  async function showHere(session: Session, reply: Reply): Promise<ShownCard> {
    const parcel = parcelOf(session, reply, null)
    return keepReply(session, reply, { onlyFor: null, deliveries: await outside.carriage.of(parcel) })
  }

  /** To who asked alone. In a group of a vendor that is their own chat, and the group hears that it went there. */
  async function showPrivately(session: Session, reply: Reply): Promise<readonly ShownCard[]> {
    const { turn, asker } = session
    const { t } = turn.voice
    const onlyFor = turn.by?.member.id ?? null
    const deliveries = await outside.carriage.of(parcelOf(session, reply, onlyFor))
    const isElsewhere = vendorOf(turn.chat) !== null && !turn.chat.direct
    if (isElsewhere && deliveries.length === 0) {
      const body = [text(t.chat.cannotReachText)]
      return [
        await showHere(session, { card: card('warning', t.chat.cannotReach(asker.displayName), { body }) }),
      ]
    }
    const shown = await keepReply(session, reply, { onlyFor, deliveries })
    if (!isElsewhere) return [shown]
    const note = { card: card('neutral', t.chat.sentPrivately(asker.displayName)) }
    return [shown, await showHere(session, note)]
  }

  async function keepReply(
    session: Session,
    reply: Reply,
    { onlyFor, deliveries }: { onlyFor: string | null; deliveries: readonly NewDelivery[] },
  ): Promise<ShownCard> {
    const { turn, cardIds } = session
    const id = cardIds.next()
    const draft: KeepDraft = {
      id,
      chat: turn.chat,
      subject: reply.follows?.subject ?? null,
      subjectVersion: reply.follows?.version ?? 0,
      voice: turn.voice,
      card: reply.card,
      onlyFor,
      memberId: turn.by?.member.id ?? null,
    }
    const kept = (await keep(draft, deliveries)) ?? (cardIds.mayBeThere ? await conversation.card(id) : null)
    if (!kept) throw new Error('A card with a fresh id was there already')
    if (reply.once) return shownInstead(kept, reply.once, signer)
    // What it follows may have moved on before the card was there to be drawn anew.
    const newest = reply.follows ? await following.catchUp(kept) : kept
    return shownCard(newest, signer)
  }

  /** Seen by who tapped, for a moment, and kept nowhere. */
  function toast({ turn }: Session, { card: drawn }: Reply): ShownCard {
    const { language, zone } = turn.voice
    return shownCard({ ...NOT_KEPT, chat: turn.chat.id, language, zone, card: drawn }, signer)
  }

  return {
    async show(session, replies, on = null) {
      const shown: ShownCard[] = []
      for (const reply of [replies].flat()) shown.push(...(await showOne(session, reply, on)))
      return shown
    },
  }
}

const NOT_KEPT = {
  ...{
    id: '',
    version: 0,
    seq: '0',
    subject: null,
    subjectVersion: 0,
    onlyFor: null,
    createdAt: 0,
    updatedAt: 0,
  },
} satisfies Partial<KeptCard>

function isPrivate({ turn }: Session, { private: isAlways, sensitive }: Reply): boolean {
  if (turn.by === null) return false
  return isAlways === true || (sensitive === true && !turn.chat.openly && vendorOf(turn.chat) !== null)
}

function parcelOf({ turn }: Session, { once }: Reply, onlyFor: string | null) {
  const { chat, account, by } = turn
  return { chat, onlyFor, account, memberId: by?.member.id ?? null, once: once ?? null }
}
