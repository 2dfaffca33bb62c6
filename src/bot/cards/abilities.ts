/** What a chat can show. Everything a card loses on a chat is decided by this, in `degrade.ts`, and nowhere else. */
export interface Abilities {
  /** How many buttons fit on a card; 0: none, they become commands to type. */
  buttons: number
  forms: boolean
  tables: boolean
  pictures: boolean
  /** Fixed-width text. */
  code: boolean
  /**
   * A card that was shown can be edited: whenever it changes; `scarcely`: once or twice, or by another message, so only
   * when it has settled; or never. Without edits progress is not worth showing.
   */
  updates: 'freely' | 'scarcely' | 'never'
  /** A card can be shown to one member alone in a group. Without that it goes to their own chat. */
  privately: boolean
  /** Who taps is answered at once and alone. Without that a card says it. */
  toasts: boolean
  /** Bytes of text that a card may hold. */
  maxBytes: number
  /** Characters that a button may carry; longer presses are kept by us and named. */
  pressLength: number
}

/** Lines of text and nothing else: logs, e-mail without links, the tour. */
export const PLAIN_TEXT: Abilities = {
  buttons: 0,
  forms: false,
  tables: false,
  pictures: false,
  code: false,
  updates: 'never',
  privately: false,
  toasts: false,
  maxBytes: 100_000,
  pressLength: Number.POSITIVE_INFINITY,
}
