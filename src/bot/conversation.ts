import type { Instant } from '../lib/clock.ts'
import type { Language } from '../platform/platform.ts'
import type { Card } from './cards/card.ts'
import type { NewDelivery } from './delivery/delivery.ts'
import type { ChatRef } from './inbound.ts'

/** A chat we know. */
export interface Chat {
  id: string
  vendor: string
  title: string
  /** The team whose chat it is; null: everybody's. */
  teamId: string | null
  /** Of these environments alone; empty: of all. */
  environments: readonly string[]
  language: Language
  /** One person and we; nothing is announced there. */
  direct: boolean
  /** Commands that change something are refused here. */
  readOnly: boolean
  /** Logs and the like are shown to everybody here, not to who asked alone. */
  openly: boolean
  /** We were put out of it, and hear and show nothing there. */
  leftAt: Instant | null
}

/** What can be set about a chat. */
export type ChatChange = Partial<
  Pick<Chat, 'language' | 'teamId' | 'environments' | 'readOnly' | 'openly' | 'leftAt'>
>

/** What somebody said, with its place among everything in the chat. */
export interface Utterance {
  seq: string
  chat: string
  memberId: string | null
  speaker: string
  text: string
  at: Instant
}

/** A card as it is kept: unsigned, so that what it means can be drawn for any chat and signed with today's key. */
export interface KeptCard {
  id: string
  chat: string
  version: number
  seq: string
  /** `operation:op_…`, `incident:inc_…`; null: a plain answer. */
  subject: string | null
  subjectVersion: number
  language: Language
  /** The zone its times were written in. */
  zone: string
  card: Card
  onlyFor: string | null
  createdAt: Instant
  updatedAt: Instant
}

export interface NewCard {
  id: string
  chat: string
  subject: string | null
  subjectVersion: number
  language: Language
  zone: string
  card: Card
  onlyFor: string | null
  at: Instant
}

/** A button that was pressed, by whom, and what came of it. */
export interface Tap {
  id: string
  memberId: string
  member: string
  cardId: string
  answer: string | null
  at: Instant
}

/** Who reads: cards for one member only are kept from everybody else. */
export interface Reading {
  chat: string
  reader: string | null
  limit: number
}

export interface ChatSlice {
  cards: readonly KeptCard[]
  utterances: readonly Utterance[]
}

/** What was said and shown, in one order per chat: a place that is visible has no later-coming one before it. */
export interface Conversation {
  /** Knows the chat from now on. `language` is for a new one. */
  chat(ref: ChatRef, language: Language, at: Instant): Promise<Chat>
  chatById(id: string): Promise<Chat | null>
  chats(): Promise<readonly Chat[]>
  setChat(id: string, change: ChatChange): Promise<void>

  /** Null: this event was heard before. */
  hear(utterance: Omit<Utterance, 'seq'> & { eventId: string }): Promise<Utterance | null>

  /** With what is to carry it to a vendor's chat, in one commit. Null: a card of this id is there already. */
  insert(card: NewCard, deliveries?: readonly NewDelivery[]): Promise<KeptCard | null>
  /** Its deliveries are to show the new version. Null: somebody edited it since `version`, or it shows something newer already. */
  edit(
    id: string,
    edit: { version: number; subjectVersion: number; card: Card; at: Instant },
  ): Promise<KeptCard | null>
  card(id: string): Promise<KeptCard | null>
  cardsOf(subject: string): Promise<readonly KeptCard[]>

  /** What was said, shown and edited after a place, oldest first: at most `limit` of both together. */
  since(reading: Reading & { after: string }): Promise<ChatSlice>
  /** What came last, or before a place: at most `limit` of both together, given oldest first. */
  before(reading: Reading & { before: string | null }): Promise<ChatSlice>

  /** Takes the button: `taken` when nobody had, else who did. */
  tap(tap: Omit<Tap, 'answer'>): Promise<{ is: 'taken' } | { is: 'was-taken'; by: Tap }>
  answerTap(id: string, answer: string | null): Promise<void>
  /** Who took the button, by `pressIdOf`. */
  tapOf(id: string): Promise<Tap | null>
  /** Nothing came of it: the button is free again. */
  releaseTap(id: string): Promise<void>
}
