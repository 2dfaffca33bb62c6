import type { TapAnswer } from '../../src/bot/adapters/adapter.ts'
import type { InboxEvent, InboxEvents } from '../../src/bot/inbox/event.ts'

/** Events in memory, shared by the processes that see them; pass the same contract as those in the database. */
export interface MemoryInboxEvents {
  as(worker: string): InboxEvents
  /** Those that nobody has done yet. */
  open(): readonly string[]
  clear(): void
}

interface Row extends InboxEvent {
  worker: string
  until: number
  doneAt: number | null
  answer: TapAnswer | null
}

export function memoryInboxEvents(): MemoryInboxEvents {
  const rows = new Map<string, Row>()
  const open = () => [...rows.values()].filter(({ doneAt }) => doneAt === null)
  return {
    open: () => open().map(({ id }) => id),
    clear: () => rows.clear(),
    as: (worker) => ({
      async store(event, until) {
        const known = rows.get(event.id)
        if (known) return { answer: known.answer }
        rows.set(event.id, { ...event, tries: 1, worker, until, doneAt: null, answer: null })
        return null
      },
      async done(id, answer, now) {
        const row = rows.get(id)
        if (row) Object.assign(row, { answer, doneAt: now })
      },
      async prolong(ids, until) {
        for (const row of open()) if (ids.includes(row.id) && row.worker === worker) row.until = until
      },
      async takeOver(now, until) {
        const left = open().filter((row) => row.until < now)
        for (const row of left) Object.assign(row, { worker, until, tries: row.tries + 1 })
        return left.map(eventOf)
      },
      async last(vendor) {
        const at = (kind: string) => {
          const its = [...rows.values()].filter((row) => row.vendor === vendor && row.happened.kind === kind)
          return its.length === 0 ? null : Math.max(...its.map(({ receivedAt }) => receivedAt))
        }
        return { said: at('said'), pressed: at('pressed') }
      },
      async forget(before) {
        for (const { id, doneAt } of rows.values()) if (doneAt !== null && doneAt < before) rows.delete(id)
      },
    }),
  }
}

function eventOf({ id, vendor, happened, at, receivedAt, tries }: Row): InboxEvent {
  return structuredClone({ id, vendor, happened, at, receivedAt, tries })
}
