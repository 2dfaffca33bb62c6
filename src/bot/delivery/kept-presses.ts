import type { Instant } from '../../lib/clock.ts'

/** Presses that were too long for a button, by the short name that it carries instead. */
export interface KeptPresses {
  keep(presses: readonly { id: string; press: string }[]): Promise<void>
  forget(before: Instant): Promise<void>
  byId(id: string): Promise<string | null>
}
