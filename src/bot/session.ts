import type { Language } from '../platform/platform.ts'
import type { Card } from './cards/card.ts'
import type { Turn } from './commands/command.ts'
import type { Chat } from './conversation.ts'
import type { Asker } from './identity.ts'
import type { Voice } from './texts/voice.ts'

/** What one message or tap is worked with. */
export interface Session {
  turn: Turn
  asker: Asker
  /** Who taps can be answered in place. */
  isTap: boolean
  cardIds: CardIds
}

/** Ids for the cards that answer one message, in their order. */
export interface CardIds {
  next(): string
  /** The message was begun before: its cards may stand already. */
  mayBeThere: boolean
}

/** How it went, for metrics. */
export type Outcome = 'answered' | 'denied' | 'not-understood' | 'fault'

/** A card about to be shown. */
export interface KeepDraft {
  id: string
  chat: Chat
  subject: string | null
  subjectVersion: number
  voice: Voice
  card: Card
  onlyFor: string | null
  /** Whose answer it is; null: everybody's in the chat. */
  memberId: string | null
}

/** Where nobody told us better: our users' zone by the language they read. */
export function defaultZone(language: Language): string {
  return language === 'zh' ? 'Asia/Shanghai' : 'UTC'
}
