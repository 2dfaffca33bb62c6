import type { Clock } from '../../lib/clock.ts'

const MOST_ENTRIES = 10_000

/** Remembers what was found for a short while, loads once for all who ask at the same time, and forgets on demand. */
export interface Cache<V> {
  get(key: string, load: () => Promise<V | null>): Promise<V | null>
  /** Whoever asks from now on gets what is loaded from now on, even if an older load is still under way. */
  forget(): void
}

export function createCache<V>(clock: Clock, keepMs: number): Cache<V> {
  let entries = new Map<string, { value: Promise<V | null>; until: number }>()

  async function load(key: string, work: () => Promise<V | null>): Promise<V | null> {
    const mine = entries
    const value = work()
    mine.set(key, { value, until: clock.now() + keepMs })
    try {
      const found = await value
      // Not remembered: what is missing now may be made at any moment.
      if (found === null) mine.delete(key)
      return found
    } catch (error) {
      mine.delete(key)
      throw error
    }
  }

  return {
    async get(key, work) {
      const entry = entries.get(key)
      if (entry && clock.now() < entry.until) return entry.value
      if (entries.size >= MOST_ENTRIES) entries.clear()
      return load(key, work)
    },
    forget() {
      entries = new Map()
    },
  }
}
