import type { Clock } from '../../lib/clock.ts'
import type { By, Subject, Verb } from './access.ts'

const KEEP_MS = 60_000
const MOST_ENTRIES = 10_000

/**
 * A page that is left open looks at the same job every few seconds. Of equal looks within a minute the first stands in
 * the audit; everything that changes something, and every refusal, always does.
 */
export interface SeenLately {
  /** True when the same look was recorded less than a minute ago; otherwise this one counts as recorded. */
  again(by: By, verb: Verb, subject: Subject): boolean
}

export function createSeenLately(clock: Clock): SeenLately {
  let seen = new Map<string, number>()
  return {
    again(by, verb, subject) {
      if (!verb.endsWith(':view')) return false
      const key = JSON.stringify([by.member.id, by.via, by.token?.tokenId, verb, subject])
      const now = clock.now()
      if (now - (seen.get(key) ?? Number.NEGATIVE_INFINITY) < KEEP_MS) return true
      if (seen.size >= MOST_ENTRIES) seen = new Map()
      seen.set(key, now)
      return false
    },
  }
}
