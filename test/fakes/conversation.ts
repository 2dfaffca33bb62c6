import type { Chat, ChatSlice, Conversation, KeptCard, Tap, Utterance } from '../../src/bot/conversation.ts'
import type { MemoryOutbox } from './outbox.ts'

/** The conversation in memory; passes the same contract as the one in the database. `outbox`: what carries its cards. */
export function memoryConversation(outbox?: Pick<MemoryOutbox, 'carried' | 'moved'>): Conversation {
  const chats = new Map<string, Chat>()
  const places = new Map<string, number>()
  const heard: Utterance[] = []
  const events = new Set<string>()
  const cards = new Map<string, KeptCard>()
  const taps = new Map<string, Tap>()

  function place(chat: string): string {
    if (!chats.has(chat)) throw new Error(`A card was shown in a chat that is not known: ${chat}`)
    const next = (places.get(chat) ?? 0) + 1
    places.set(chat, next)
    return String(next)
  }

  function keep(card: KeptCard): KeptCard {
    const copy = structuredClone(card)
    cards.set(card.id, copy)
    return structuredClone(copy)
  }

  function cut(
    chat: string,
    reader: string | null,
    limit: number,
    order: 1 | -1,
    within: (seq: number) => boolean,
  ): ChatSlice {
    const byPlace = (a: { seq: string }, b: { seq: string }) => Number(a.seq) - Number(b.seq)
    const mine = [...cards.values()].filter(
      (card) => card.chat === chat && (card.onlyFor === null || card.onlyFor === reader),
    )
    const said = heard.filter((utterance) => utterance.chat === chat)
    const seqs = [...mine, ...said]
      .map(({ seq }) => Number(seq))
      .filter(within)
      .sort((a, b) => order * (a - b))
      .slice(0, limit)
    const chosen = new Set(seqs)
    return {
      cards: mine
        .filter(({ seq }) => chosen.has(Number(seq)))
        .sort(byPlace)
        .map((card) => structuredClone(card)),
      utterances: said.filter(({ seq }) => chosen.has(Number(seq))).sort(byPlace),
    }
  }

  return {
    async chat(ref, language) {
      const now = chats.get(ref.id) ?? {
        id: ref.id,
        vendor: ref.vendor,
        title: ref.title,
        teamId: null,
        environments: [],
        language,
        direct: ref.pair ?? false,
        readOnly: false,
        openly: false,
        leftAt: null,
      }
      const chat: Chat = { ...now, title: ref.title, leftAt: null }
      chats.set(ref.id, chat)
      return chat
    },
    chatById: async (id) => chats.get(id) ?? null,
    chats: async () => [...chats.values()],
    async setChat(id, change) {
      const now = chats.get(id)
      if (!now) throw new Error(`Unknown chat ${id}`)
      chats.set(id, { ...now, ...change })
    },
    async hear({ eventId, ...utterance }) {
      if (events.has(eventId)) return null
      events.add(eventId)
      const full = { ...utterance, seq: place(utterance.chat) }
      heard.push(full)
      return full
    },
    async insert({ at, ...card }, deliveries = []) {
      if (cards.has(card.id)) return null
      const kept = keep({ ...card, version: 1, seq: place(card.chat), createdAt: at, updatedAt: at })
      outbox?.carried(kept, deliveries)
      return kept
    },
    async edit(id, { version, subjectVersion, card, at }) {
      const now = cards.get(id)
      if (!now || now.version !== version || now.subjectVersion > subjectVersion) return null
      const next = { ...now, version: version + 1, subjectVersion, card, seq: place(now.chat), updatedAt: at }
      outbox?.moved(next)
      return keep(next)
    },
    async card(id) {
      const card = cards.get(id)
      return card ? structuredClone(card) : null
    },
    cardsOf: async (subject) =>
      [...cards.values()].filter((card) => card.subject === subject).map((card) => structuredClone(card)),
    since: async ({ chat, reader, limit, after }) =>
      cut(chat, reader, limit, 1, (seq) => seq > Number(after)),
    before: async ({ chat, reader, limit, before }) =>
      cut(chat, reader, limit, -1, (seq) => before === null || seq < Number(before)),
    async tap(tap) {
      const by = taps.get(tap.id)
      if (by) return { is: 'was-taken', by }
      taps.set(tap.id, { ...tap, answer: null })
      return { is: 'taken' }
    },
    async answerTap(id, answer) {
      const tap = taps.get(id)
      if (tap) taps.set(id, { ...tap, answer })
    },
    tapOf: async (id) => taps.get(id) ?? null,
    async releaseTap(id) {
      taps.delete(id)
    },
  }
}
