import type { Bot } from '../bot/bot.ts'
import type { ShownCard } from '../bot/cards/card.ts'
import type { Conversation, Utterance } from '../bot/conversation.ts'
import type { SetupDesk } from '../chats/setup-desk.ts'
import type { Instant } from '../lib/clock.ts'
import type { Emitter } from '../lib/emitter.ts'
import type { Job, WebSignIn } from '../platform/platform.ts'

/** Where vendors' chats are set up. */
export type SetupsPort = SetupDesk

/** What the API asks of the bot: the same path as a person's message in any chat. */
export type BotPort = Pick<Bot, 'hear' | 'press' | 'complete' | 'shown'>

/** What was said and shown in the chats of the web page. */
export type ConversationPort = Pick<Conversation, 'chats' | 'card' | 'since' | 'before'>

/** News for the pages that are open right now. Whoever misses one finds it in the conversation by its `seq`. */
export type LiveEvent =
  /** New or edited. */
  | { is: 'card'; card: ShownCard }
  | { is: 'utterance'; utterance: Utterance }
  | { is: 'job'; job: Job }
  /** Connections of this member must prove again who they are. */
  | { is: 'signed-out'; memberId: string }

export type LiveFeed = Emitter<LiveEvent>

/** Only in the demo: one visitor plays all members. */
export interface DemoPort {
  members(): Promise<readonly { name: string; displayName: string; role: string }[]>
  signInAs(memberName: string): Promise<WebSignIn | null>
}

/** Answers kept under a caller's key, so that a repeated write is answered and not repeated. */
export interface IdempotencyStore {
  /** Claims `id`, or tells what became of it. A claim older than `staleBefore` without an answer is taken over. */
  claim(id: string, request: string, at: { now: Instant; staleBefore: Instant }): Promise<KeyClaim>
  answer(id: string, status: number, response: string): Promise<void>
  /** Nothing came of it: the key may be used again. */
  release(id: string): Promise<void>
  forgetBefore(instant: Instant): Promise<number>
}

export type KeyClaim =
  | { is: 'yours' }
  | { is: 'other-request' }
  | { is: 'running' }
  | { is: 'answered'; status: number; response: string }

/** Each resolves when its part works and rejects with the reason when it does not. */
export interface Readiness {
  database(): Promise<void>
  queue(): Promise<void>
}

export interface About {
  version: string
  /** Nothing real runs here. */
  sandbox: boolean
}
