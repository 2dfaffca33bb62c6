/** What a chat shows, merged from pages, answers and the live feed in whatever order they arrive. */
import type { ChatPage, ShownCard, Utterance } from '../wire.ts'

/** The visitor's words before the chat has told them back. */
export interface Pending {
  key: string
  text: string
  at: string
  state: 'sending' | 'sent' | 'not-sent'
  because: string | null
}

export interface Thread {
  cards: ReadonlyMap<string, ShownCard>
  utterances: ReadonlyMap<string, Utterance>
  pending: readonly Pending[]
  /** Everything up to here has arrived; a reconnected feed starts after it. */
  newest: string
  /** Where older pages go on; null: the beginning is here. */
  older: string | null
}

export type Item =
  | { is: 'card'; key: string; at: string; card: ShownCard }
  | { is: 'said'; key: string; at: string; said: Utterance }
  | { is: 'pending'; key: string; at: string; pending: Pending }

export const emptyThread: Thread = {
  cards: new Map(),
  utterances: new Map(),
  pending: [],
  newest: '0',
  older: null,
}

/** Positions are whole numbers too long for a double, as text. */
export function compareSeq(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

const later = (a: string, b: string) => (compareSeq(a, b) >= 0 ? a : b)

/**
 * Cards from an answer to a request. They may be ahead of events that the feed has yet to bring, so they do not move
 * `newest`: a reconnect would skip those.
 */
export function withCards(thread: Thread, cards: readonly ShownCard[]): Thread {
  const news = cards.filter((card) => {
    const known = thread.cards.get(card.id)
    return !known || card.version > known.version
  })
  if (news.length === 0) return thread
  const merged = new Map(thread.cards)
  for (const card of news) {
    const other = merged.get(card.id)
    if (!other || card.version > other.version) merged.set(card.id, card)
  }
  return { ...thread, cards: merged }
}

export function withUtterances(thread: Thread, said: readonly Utterance[]): Thread {
  const news = said.filter((one) => !thread.utterances.has(one.seq))
  if (news.length === 0) return thread
  const merged = new Map(thread.utterances)
  let pending = thread.pending
  for (const one of news) {
    merged.set(one.seq, one)
    if (one.mine) pending = withoutFirst(pending, one.text)
  }
  return { ...thread, utterances: merged, pending }
}

function withoutFirst(pending: readonly Pending[], text: string): readonly Pending[] {
  const at = pending.findIndex((one) => one.text === text && one.state !== 'not-sent')
  return at < 0 ? pending : pending.filter((_, index) => index !== at)
}

/** A card or words from the live feed, which comes in order. */
export function withLive(thread: Thread, event: { card: ShownCard } | { utterance: Utterance }): Thread {
  return 'card' in event
    ? reached(withCards(thread, [event.card]), event.card.seq)
    : reached(withUtterances(thread, [event.utterance]), event.utterance.seq)
}

export function reached(thread: Thread, seq: string): Thread {
  return compareSeq(seq, thread.newest) > 0 ? { ...thread, newest: seq } : thread
}

/**
 * Where a feed goes on. Two things that happen at once may arrive in either order, so it begins a little before the
 * newest: what is known already changes nothing.
 */
export function resumeAfter(thread: Thread): string {
  const from = BigInt(thread.newest) - 50n
  return String(from > 0n ? from : 0n)
}

/** The newest page, which opens the chat. */
export function withNewestPage(thread: Thread, page: ChatPage): Thread {
  const seqs = [...page.cards.map((card) => card.seq), ...page.utterances.map((one) => one.seq)]
  return reached(withOlderPage(thread, page), seqs.reduce(later, thread.newest))
}

export function withOlderPage(thread: Thread, page: ChatPage): Thread {
  return { ...withUtterances(withCards(thread, page.cards), page.utterances), older: page.next }
}

export function saying(thread: Thread, words: { key: string; text: string; now: string }): Thread {
  const pending: Pending = {
    key: words.key,
    text: words.text,
    // Our clock may be behind the server's: new words still belong at the end.
    at: lastTime(thread, words.now),
    state: 'sending',
    because: null,
  }
  return { ...thread, pending: [...thread.pending, pending] }
}

function lastTime(thread: Thread, now: string): string {
  const last = itemsOf(thread).at(-1)
  const after = last ? new Date(Date.parse(last.at) + 1).toISOString() : now
  return after > now ? after : now
}

/** The server took the words; its answer must stand below them even if our clock is ahead. */
export function said(thread: Thread, key: string, answer: readonly ShownCard[]): Thread {
  const first = answer.map((card) => card.createdAt).sort()[0]
  const pending = thread.pending.map((one) =>
    one.key === key ? { ...one, state: 'sent' as const, at: first && first < one.at ? first : one.at } : one,
  )
  return withCards({ ...thread, pending }, answer)
}

export function notSaid(thread: Thread, key: string, because: string): Thread {
  const pending = thread.pending.map((one) =>
    one.key === key ? { ...one, state: 'not-sent' as const, because } : one,
  )
  return { ...thread, pending }
}

export function forgotten(thread: Thread, key: string): Thread {
  return { ...thread, pending: thread.pending.filter((one) => one.key !== key) }
}

/** In reading order: by first appearance, words before the card that answers them. An edit never moves a card. */
export function itemsOf(thread: Thread): readonly Item[] {
  const items: Item[] = [
    ...[...thread.utterances.values()].map((one) => ({
      is: 'said' as const,
      key: `u${one.seq}`,
      at: one.at,
      said: one,
    })),
    ...thread.pending.map((one) => ({
      is: 'pending' as const,
      key: `p${one.key}`,
      at: one.at,
      pending: one,
    })),
    ...[...thread.cards.values()].map((card) => ({
      is: 'card' as const,
      key: `c${card.id}`,
      at: card.createdAt,
      card,
    })),
  ]
  return items.sort(byAppearance)
}

function byAppearance(a: Item, b: Item): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  if (a.is === 'pending' || b.is === 'pending') return rank(a) - rank(b)
  // Words keep their position and edits only raise a card's, so what was said before stays before.
  return compareSeq(seqOf(a), seqOf(b))
}

const rank = (item: Item) => (item.is === 'card' ? 1 : 0)
const seqOf = (item: Exclude<Item, { is: 'pending' }>) => (item.is === 'card' ? item.card.seq : item.said.seq)

/** What the visitor said here, oldest first, without doubles in a row: for recalling with the arrow keys. */
export function ownWords(thread: Thread): readonly string[] {
  const texts = itemsOf(thread).flatMap((item) => {
    if (item.is === 'said' && item.said.mine) return [item.said.text]
    return item.is === 'pending' ? [item.pending.text] : []
  })
  return texts.filter((text, index) => text !== texts[index - 1])
}
