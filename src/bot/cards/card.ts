import type { Instant } from '../../lib/clock.ts'
import type { Language } from '../../platform/platform.ts'

/** How a card feels at a glance. */
export type Tone = 'neutral' | 'progress' | 'good' | 'warning' | 'bad'

/**
 * A card as data, before any chat's own form. Its texts are already in the reader's language; its buttons carry what
 * they mean, not yet signed. Order on every chat: title, facts, body, buttons, footer.
 */
export interface Card {
  tone: Tone
  /** The first line alone must be enough: it is the push notification. */
  title: string
  /** Short facts after the title: environment, team, who, when. */
  subtitle: readonly string[]
  body: readonly Block[]
  buttons: readonly Button[]
  /** Sandbox notice, request id. */
  footer: readonly string[]
}

export type Block =
  | { is: 'text'; text: string }
  | { is: 'facts'; facts: readonly { label: string; value: string; before?: string }[] }
  /** `done` of 0 to 1; null: working, no measure. */
  | { is: 'progress'; label: string; done: number | null }
  | { is: 'table'; columns: readonly string[]; rows: readonly (readonly Cell[])[] }
  /** Logs, stack traces, SQL: fixed width; `rest` = how many more lines there are. */
  | { is: 'code'; text: string; rest: number }
  | { is: 'form'; name: string; fields: readonly Field[]; submit: Button }
  | { is: 'picture'; alt: string; png: string }

/** A cell may say a command when tapped (typed for the reader). */
export type Cell = string | { text: string; says: string }

export interface Field {
  name: string
  label: string
  /** `choices` of a select: value and label. */
  input:
    | { is: 'text'; placeholder: string; multiline: boolean }
    | { is: 'select'; choices: readonly { value: string; label: string }[] }
    | { is: 'number'; min: number | null; max: number | null }
  value: string
  required: boolean
}

export interface Button {
  label: string
  style: 'primary' | 'plain' | 'danger'
  press: Meaning
}

/**
 * What a press means. `says` stands for words typed by whoever presses; `does` is bound to a subject's version and is
 * refused when that is past.
 */
export type Meaning =
  /** `generation`: of the job the words are about, when they are; a later one makes the button stale. */
  | { is: 'says'; text: string; job: { id: string; generation: number } | null }
  /** `version`: of the operation as the card showed it; a plan that changed since is not decided by this button. */
  | { is: 'approves' | 'rejects' | 'cancels'; operationId: string; version: number }
  | { is: 'acknowledges'; incidentId: string; generation: number }
  /** Values of the card's form become arguments of this command. */
  | { is: 'submits'; command: string; given: Readonly<Record<string, string>> }
  /** The card itself came, and can be pressed: nothing is done but to say so. */
  | { is: 'arrives'; test: string }

/** A card that was shown, with its buttons signed: what chats, REST and the live feed carry. */
export interface ShownCard {
  id: string
  chat: string
  version: number
  /** Position among everything shown or edited in the chat. */
  seq: string
  subject: string | null
  language: Language
  /** The one member who may see it; null: everybody in the chat. */
  onlyFor: string | null
  /** Plain rendering, for logs, REST and readers without cards. */
  text: string
  card: Omit<Card, 'buttons' | 'body'> & { body: readonly ShownBlock[] }
  buttons: readonly ShownButton[]
  createdAt: Instant
  updatedAt: Instant
}

export type ShownBlock =
  | Exclude<Block, { is: 'form' }>
  | { is: 'form'; name: string; fields: readonly Field[]; submit: ShownButton }

export interface ShownButton {
  label: string
  style: 'primary' | 'plain' | 'danger'
  /** Signed; give it back by a press. */
  press: string
}
