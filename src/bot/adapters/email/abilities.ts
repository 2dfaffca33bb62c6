import type { Abilities } from '../../cards/abilities.ts'
import type { Pace } from '../adapter.ts'
import type { EmailSetup } from './settings.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A mail whose buttons are signed links. Fill-in forms are not among them: too few mail programs keep one whole. */
export const EMAIL_ABILITIES: Abilities = {
  buttons: 8,
  forms: false,
  tables: true,
  pictures: true,
  code: true,
  // Each is another mail in the thread.
  updates: 'scarcely',
  privately: false,
  // Who taps gets a page of their own.
  toasts: true,
  maxBytes: 30_000,
  // With address, expiry and signature around it a link stays below what old mail programs cut at.
  pressLength: 400,
}

/** Without an address of ours that readers can open there is nothing to link to. */
export function emailAbilities({ publicUrl }: Pick<EmailSetup, 'publicUrl'>): Abilities {
  return publicUrl === null ? { ...EMAIL_ABILITIES, buttons: 0 } : EMAIL_ABILITIES
}

/** 30 a minute is the least that a common provider publishes for one account (Microsoft 365). */
export const EMAIL_PACE: Pace = {
  app: [{ count: 30, ms: MINUTE }],
  chat: [{ count: 10, ms: MINUTE }],
  person: [{ count: 10, ms: MINUTE }],
  message: [{ count: 2, ms: MINUTE }],
  parallel: 3,
  // An old thread is not what one looks at: say it anew.
  editableMs: 7 * DAY,
}
