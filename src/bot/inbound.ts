import type { Instant } from '../lib/clock.ts'
import type { AccountRef, Language, TokenScope } from '../platform/platform.ts'

/** Where something was said. */
export interface ChatRef {
  /** `web:ops`, `feishu:oc_…` */
  id: string
  vendor: string
  title: string
  /** False: people also talk to each other here, so words without a slash are not for us. */
  direct?: boolean
  /** One person and we. */
  pair?: boolean
}

/** Who said it: an account of a chat, or a token that stands for its member. */
export type Speaker =
  | { is: 'account'; account: AccountRef }
  | { is: 'token'; memberId: string; token: TokenScope }
  | { is: 'session'; memberId: string }

interface Inbound {
  /** The vendor's event id: what arrives twice is worked once. */
  eventId: string
  chat: ChatRef
  speaker: Speaker
  at: Instant
  requestId: string
  /** A reader's own choice for this message; else the member's, else the chat's. */
  language: Language | null
  /**
   * How often work on it was begun, for events that are kept: after a crash it is worked again, with the same request id,
   * from which the ids of its answers follow.
   */
  tries?: number
}

/** Words, decoded by an adapter. */
export interface Said extends Inbound {
  text: string
}

/** A tap on a card's button, or a form sent. */
export interface Pressed extends Inbound {
  press: string
  values: Readonly<Record<string, string>>
}
