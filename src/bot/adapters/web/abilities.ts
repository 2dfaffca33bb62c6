import type { Abilities } from '../../cards/abilities.ts'

/** Our own page shows everything a card can hold. */
export const WEB: Abilities = {
  buttons: 12,
  forms: true,
  tables: true,
  pictures: true,
  code: true,
  updates: 'freely',
  privately: true,
  toasts: false,
  maxBytes: 200_000,
  pressLength: Number.POSITIVE_INFINITY,
}
