import { deliveryRow } from '../../src/bot/conversation.prisma.ts'
import type { KeptCard } from '../../src/bot/conversation.ts'
import {
  type Change,
  type Delivery,
  keyOf,
  type NewDelivery,
  RANK,
  receiverText,
} from '../../src/bot/delivery/delivery.ts'
import type { KeptPresses } from '../../src/bot/delivery/kept-presses.ts'
import type { Outbox } from '../../src/bot/delivery/outbox.ts'
import type { Clock } from '../../src/lib/clock.ts'

/** The outbox in memory; passes the same contract as the one in the database. */
export interface MemoryOutbox extends Outbox {
  /** For the conversation in memory: in one commit with the card. */
  carried(card: KeptCard, deliveries: readonly NewDelivery[]): void
  moved(card: KeptCard): void
}

interface Row extends Delivery {
  fence: number
  calledAt: number | null
}

export function memoryOutbox(): MemoryOutbox {
  const rows = new Map<string, Row>()
  const listeners = new Set<() => void>()

  function wake(): void {
    for (const listener of listeners) queueMicrotask(listener)
  }

  function insert(card: KeptCard, chat: string, draft: NewDelivery, at: number): boolean {
    const { urgency: _urgency, receiver, ...rest } = draft
    const isThere = [...rows.values()].some(
      (row) =>
        row.cardId === card.id && row.vendor === draft.vendor && placeOf(row) === receiverText(receiver),
    )
    if (isThere || rows.has(draft.id)) return false
    rows.set(draft.id, {
      ...NEW,
      ...rest,
      ...deliveryRow(draft, at),
      receiver,
      ...{ chat, cardId: card.id, wanted: card.version, dueAt: at, createdAt: at },
    })
    wake()
    return true
  }

  /** What is still his who holds the fence. */
  function ours(id: string, fence: number): Row | null {
    const row = rows.get(id)
    return row?.state === 'sending' && row.fence === fence ? row : null
  }

  const copies = (found: readonly Row[]): Delivery[] => found.map(copyOf)
  const byAge = (a: Row, b: Row) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)

  return {
    carried: (card, deliveries) => {
      for (const draft of deliveries) insert(card, card.chat, draft, card.createdAt)
    },
    moved(card) {
      for (const row of [...rows.values()].filter(({ cardId }) => cardId === card.id)) {
        row.wanted = card.version
        if (row.shown > 0 && !row.urgent) row.rank = RANK.edit
        if (row.state === 'done') Object.assign(row, { state: 'waiting', tries: 0, dueAt: card.updatedAt })
        wake()
      }
    },

    async due({ vendor, now, limit, without }) {
      const left = new Set(without.map(receiverText))
      return [...rows.values()]
        .filter((row) => row.vendor === vendor && row.state === 'waiting' && row.dueAt <= now)
        .filter((row) => !left.has(placeOf(row)))
        .sort((a, b) => a.rank - b.rank || byAge(a, b))
        .slice(0, limit)
        .map((row) => {
          const { id, receiver, urgent } = row
          return { id, receiver, urgent, message: row.handle === null ? null : keyOf(row) }
        })
    },
    async nextDue(vendor) {
      const waiting = [...rows.values()].filter((row) => row.vendor === vendor && row.state === 'waiting')
      return waiting.length === 0 ? null : Math.min(...waiting.map(({ dueAt }) => dueAt))
    },
    async claim(ids, fence, now) {
      const free = ids.flatMap((id) => rows.get(id) ?? []).filter(({ state }) => state === 'waiting')
      for (const row of free) {
        const postedAs = row.uncertain ? row.postedAs : row.wanted
        Object.assign(row, { state: 'sending', tries: row.tries + 1, fence, calledAt: now, postedAs })
      }
      return copies(free)
    },
    async settle(id, fence, change, now) {
      const row = ours(id, fence)
      if (row) Object.assign(row, changed(row, change, now))
      return row !== null
    },
    async ringed(id, fence) {
      const row = ours(id, fence)
      if (!row?.ring) return
      row.ring = { ...row.ring, done: true }
      row.state = row.wanted > row.shown ? 'waiting' : 'done'
    },
    async recover(vendor, fence) {
      const left = [...rows.values()].filter(
        (row) => row.vendor === vendor && row.state === 'sending' && row.fence <= fence,
      )
      for (const row of left)
        Object.assign(row, { state: 'waiting', uncertain: row.uncertain || row.handle === null })
      return left.length
    },
    recentCalls: async (vendor, since) =>
      [...rows.values()]
        .filter((row) => row.vendor === vendor && (row.calledAt ?? 0) > since)
        .map(({ receiver, calledAt }) => ({ receiver, at: calledAt ?? 0 }))
        .sort((a, b) => a.at - b.at),
    async learn({ id, message }, handle) {
      const row = rows.get(id)
      if (row?.message === message && row.handle !== null) row.handle = { ...row.handle, ...handle }
    },

    add: async (cardId, chat, draft, now) => {
      const versions = [...rows.values()].filter((row) => row.cardId === cardId).map(({ wanted }) => wanted)
      // Here a card is known by its deliveries alone.
      if (versions.length === 0) return false
      return insert({ id: cardId, version: Math.max(...versions) } as KeptCard, chat, draft, now)
    },
    overdue: async (now, limit) =>
      copies(
        [...rows.values()]
          .filter((row) => row.shown === 0 && row.deadlineAt !== null && row.deadlineAt <= now)
          .sort((a, b) => (a.deadlineAt ?? 0) - (b.deadlineAt ?? 0))
          .slice(0, limit),
      ),
    async wentElsewhere(id) {
      const row = rows.get(id)
      if (row) row.deadlineAt = null
    },
    async forget(before) {
      for (const { id, state, createdAt } of rows.values()) {
        if ((state === 'done' || state === 'dead') && createdAt < before) rows.delete(id)
      }
    },
    ofCard: async (cardId) =>
      copies(
        [...rows.values()].filter((row) => row.cardId === cardId).sort((a, b) => a.createdAt - b.createdAt),
      ),

    async byId(id) {
      const row = rows.get(id)
      return row ? copyOf(row) : null
    },
    async list({ state, vendor, cursor, limit = 50 }) {
      const wanted = state === 'dead' ? ['dead'] : ['waiting', 'sending']
      const all = [...rows.values()]
        .filter((row) => wanted.includes(row.state) && (vendor === undefined || row.vendor === vendor))
        .sort((a, b) => byAge(b, a))
      const rest = all.slice(cursor ? all.findIndex(({ id }) => id === cursor) + 1 : 0)
      const items = rest.slice(0, limit)
      return { items: copies(items), next: rest.length > items.length ? (items.at(-1)?.id ?? null) : null }
    },
    async retry(id, now) {
      const row = rows.get(id)
      if (row?.state !== 'dead') return row ? 'not-dead' : 'unknown'
      Object.assign(row, { state: 'waiting', tries: 0, dueAt: now, createdAt: now })
      wake()
      return 'waiting'
    },
    async depth(now) {
      const open = [...rows.values()].filter(({ state }) => state !== 'done')
      return [...new Set(open.map(({ vendor }) => vendor))].sort().map((vendor) => {
        const its = open.filter((row) => row.vendor === vendor)
        const due = its.filter(({ state, dueAt }) => state === 'waiting' && dueAt <= now)
        const dead = its.filter(({ state }) => state === 'dead').length
        const oldestMs = due.length === 0 ? null : now - Math.min(...due.map(({ dueAt }) => dueAt))
        return { vendor, waiting: its.length - dead, dead, oldestMs }
      })
    },
    async onWork(listener) {
      listeners.add(listener)
      return async () => void listeners.delete(listener)
    },
  }
}

const NEW = {
  shown: 0,
  state: 'waiting',
  message: 1,
  handle: null,
  after: null,
  uncertain: false,
  postedAs: 0,
  tries: 0,
  error: null,
  postedAt: null,
  shownAt: null,
  fence: 0,
  calledAt: null,
} as const

function changed(row: Row, change: Change, now: number): Partial<Row> {
  switch (change.is) {
    case 'shown': {
      const { version, handle, before, error } = change
      const learned = Object.entries(row.handle ?? {}).filter(([key, value]) => before?.[key] !== value)
      const isNew = row.handle === null || row.postedAt === null
      return {
        ...{ shown: version, state: after(row, version), error, dueAt: now, shownAt: now },
        ...{ handle: { ...handle, ...Object.fromEntries(learned) }, postedAt: isNew ? now : row.postedAt },
        ...{ after: null, instead: null, uncertain: false, tries: 0, deadlineAt: null },
      }
    }
    case 'skipped':
      return { state: after(row, change.version), tries: 0, dueAt: now }
    case 'again': {
      const { dueAt, uncertain, counts, error } = change
      return { state: 'waiting', dueAt, uncertain, error, tries: counts ? row.tries : row.tries - 1 }
    }
    case 'anew':
      return {
        ...{ state: 'waiting', after: row.handle, handle: null, message: row.message + 1 },
        ...{ uncertain: false, dueAt: now, error: change.error },
      }
    case 'dead':
      return { state: 'dead', deadlineAt: row.shown === 0 ? now : null, error: change.error }
  }
}

function after({ wanted, ring }: Row, version: number): Row['state'] {
  return wanted > version || (ring !== null && !ring.done) ? 'waiting' : 'done'
}

function copyOf(row: Row): Delivery {
  return structuredClone(row)
}

function placeOf({ receiver }: Pick<Delivery, 'receiver'>): string {
  return receiverText(receiver)
}

/** Kept presses in memory; pass the same contract as those in the database. */
export function memoryKeptPresses(clock: Pick<Clock, 'now'>): KeptPresses {
  const kept = new Map<string, { press: string; at: number }>()
  return {
    async keep(presses) {
      for (const { id, press } of presses) kept.set(id, { press, at: clock.now() })
    },
    async forget(before) {
      for (const [id, { at }] of kept) if (at < before) kept.delete(id)
    },
    byId: async (id) => kept.get(id)?.press ?? null,
  }
}
