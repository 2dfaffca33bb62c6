import type { Abilities } from '../../cards/abilities.ts'
import type { Pace } from '../adapter.ts'

/** A request that carries a card may not be longer. */
export const CARD_BYTES = 30 * 1024

export const FEISHU_ABILITIES: Abilities = {
  buttons: 12,
  forms: true,
  tables: true,
  pictures: true,
  code: true,
  updates: 'freely',
  privately: false,
  toasts: true,
  // The limit is on JSON within JSON, where quotes, markup and Chinese take more than they do as text.
  maxBytes: 12_000,
  pressLength: 1_000,
}

/** As published: 50 calls a second and 1,000 a minute for an app; five a second to a group, a person, a message. */
export const FEISHU_PACE: Pace = {
  app: [
    { count: 50, ms: 1_000 },
    { count: 1_000, ms: 60_000 },
  ],
  chat: [{ count: 5, ms: 1_000 }],
  person: [{ count: 5, ms: 1_000 }],
  message: [{ count: 5, ms: 1_000 }],
  parallel: 8,
  editableMs: 14 * 24 * 3_600_000,
}
