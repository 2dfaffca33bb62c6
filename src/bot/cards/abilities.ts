/** What a chat can show. Everything a card loses on a chat is decided by this, in `degrade.ts`, and nowhere else. */
export interface Abilities {
  /** How many buttons fit on a card; 0: none, they become commands to type. */
  buttons: number
  forms: boolean
  tables: boolean
  pictures: boolean
  /** Fixed-width text. */
  code: boolean
  /** A card that was shown can be edited; without that, progress is not worth showing. */
  updates: boolean
  /** A card can be shown to one member alone. */
  privately: boolean
  /** Bytes of text that a card may hold. */
  maxBytes: number
}

/** Lines of text and nothing else: logs, e-mail without links, the tour. */
export const PLAIN_TEXT: Abilities = {
  buttons: 0,
  forms: false,
  tables: false,
  pictures: false,
  code: false,
  updates: false,
  privately: false,
  maxBytes: 100_000,
}
