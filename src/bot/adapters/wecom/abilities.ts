import type { Abilities } from '../../cards/abilities.ts'
import type { Pace } from '../adapter.ts'
import type { WecomSetup } from './settings.ts'

/** Cards in a person's chat with the app: changed once for each code that WeCom gives out, so when they have settled. */
export const WECOM_ABILITIES: Abilities = {
  buttons: 6,
  forms: false,
  tables: false,
  pictures: true,
  code: false,
  updates: 'scarcely',
  privately: false,
  toasts: false,
  // Markdown holds 2,048 bytes, marks and escapes included.
  maxBytes: 1_400,
  pressLength: 1_000,
}

/** WeCom refuses cards with buttons from an app that it cannot call back. */
export function wecomAbilities({ callback }: Pick<WecomSetup, 'callback'>): Abilities {
  return callback === null ? { ...WECOM_ABILITIES, buttons: 0, updates: 'never' } : WECOM_ABILITIES
}

/**
 * Published: 10,000 calls a minute of one interface, 30 messages a minute and 1,000 an hour to one member, the same for
 * a chat of the robot. What is over a member's share is dropped without a word, and a card with its details and its
 * picture is up to three messages, most are one or two; hence well below.
 */
export const WECOM_PACE: Pace = {
  app: [{ count: 100, ms: 1_000 }],
  chat: [
    { count: 14, ms: 60_000 },
    { count: 400, ms: 3_600_000 },
  ],
  person: [
    { count: 14, ms: 60_000 },
    { count: 400, ms: 3_600_000 },
  ],
  message: [],
  parallel: 4,
  // Codes live 72 hours.
  editableMs: 71 * 3_600_000,
}
