import type { Abilities } from '../../cards/abilities.ts'
import type { Pace } from '../adapter.ts'
import type { DingtalkSetup } from './settings.ts'

/** A card drawn by our template. A tap is answered with nothing that the tapper alone would see. */
export const DINGTALK_ABILITIES: Abilities = {
  buttons: 6,
  forms: false,
  tables: false,
  pictures: true,
  code: true,
  updates: 'freely',
  privately: false,
  toasts: false,
  maxBytes: 5_000,
  // Two buttons share one template value of 1 KB.
  pressLength: 120,
}

/** Without a template there is markdown: no buttons, and what was sent stays as it is. */
const MARKDOWN_ABILITIES: Abilities = {
  ...DINGTALK_ABILITIES,
  buttons: 0,
  code: false,
  updates: 'never',
  maxBytes: 6_000,
}

export function dingtalkAbilities({ cardTemplateId }: Pick<DingtalkSetup, 'cardTemplateId'>): Abilities {
  return cardTemplateId === null ? MARKDOWN_ABILITIES : DINGTALK_ABILITIES
}

/**
 * Published: 20 calls a second for each API and app on the standard edition, and 20 messages a minute for custom group
 * robots. Nothing is published for app robots in one chat, so theirs is taken as no higher. Every call counts against
 * the organisation's monthly quota, hence the slow edits.
 */
export const DINGTALK_PACE: Pace = {
  app: [{ count: 15, ms: 1_000 }],
  chat: [{ count: 20, ms: 60_000 }],
  person: [{ count: 20, ms: 60_000 }],
  message: [{ count: 1, ms: 3_000 }],
  parallel: 4,
  // How long a card takes updates is not published; past a week a new one is easier to find anyway.
  editableMs: 7 * 24 * 60 * 60_000,
}
