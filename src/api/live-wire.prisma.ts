import type { ShownCard } from '../bot/cards/card.ts'
import type { Conversation, KeptCard } from '../bot/conversation.ts'
import type { Database, Platform } from '../platform/platform.ts'
import type { Look, Wire } from './live-feed.ts'

const CHANNEL = 'sluice_live'

export function databaseWire(database: Pick<Database, 'transaction' | 'notify' | 'listen'>): Wire {
  return {
    send: (payload) => database.transaction((tx) => database.notify(tx, CHANNEL, payload)),
    listen: (onMessage) => database.listen(CHANNEL, onMessage),
  }
}

/** Finds in the database what other processes name. */
export function lookInDatabase({
  conversation,
  jobs,
  shown,
}: {
  conversation: Pick<Conversation, 'card' | 'since'>
  jobs: Pick<Platform['jobs'], 'find'>
  shown(card: KeptCard): ShownCard
}): Look {
  return {
    async card(id) {
      const kept = await conversation.card(id)
      return kept && { is: 'card', card: shown(kept) }
    },
    async utterance({ chat, seq }) {
      const before = String(BigInt(seq) - 1n)
      const { utterances } = await conversation.since({ chat, after: before, reader: null, limit: 1 })
      const utterance = utterances.find((one) => one.seq === seq)
      return utterance ? { is: 'utterance', utterance } : null
    },
    async job(name) {
      const found = await jobs.find(name)
      return found.ok ? { is: 'job', job: found.value } : null
    },
  }
}
