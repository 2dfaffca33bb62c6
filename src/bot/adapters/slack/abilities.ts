import type { Abilities } from '../../cards/abilities.ts'
import type { Pace } from '../adapter.ts'

/** What a Slack message can show. Sizes are kept below what Slack refuses, see `size.ts`. */
export const SLACK_ABILITIES: Abilities = {
  buttons: 10,
  forms: true,
  tables: true,
  pictures: true,
  code: true,
  updates: 'freely',
  // A message for one person's eyes cannot be edited, so their card goes to their own conversation.
  privately: false,
  toasts: true,
  maxBytes: 9_000,
  pressLength: 2_000,
}

/** Slack: about one message a second per conversation, and several hundred a minute per workspace, unnamed. */
export const SLACK_PACE: Pace = {
  app: [{ count: 240, ms: 60_000 }],
  chat: [{ count: 1, ms: 1_000 }],
  person: [{ count: 1, ms: 1_000 }],
  message: [{ count: 1, ms: 1_200 }],
  parallel: 8,
  // Slack sets no age (a workspace may). Past a month nobody looks there, so news gets a message of its own.
  editableMs: 30 * 24 * 3_600_000,
}

/** Edits of all messages together: fifty a minute. */
export const EDITS = { count: 50, ms: 60_000 } as const
