import type { AccountRef, By, Member, Permit, Platform, Subject, Verb } from '../../platform/platform.ts'
import type { UrgentMeans, Vendor } from '../adapters/adapter.ts'
import type { Card } from '../cards/card.ts'
import type { ChatDesk } from '../chat-desk.ts'
import type { Chat, ChatChange } from '../conversation.ts'
import type { Args, Both, CommandShape, Values } from '../grammar/spec.ts'
import type { Pictures } from '../pictures/pictures.ts'
import type { Voice } from '../texts/voice.ts'

/** What a command may use while it answers. */
export interface Turn {
  platform: Platform
  /** Every command there is, for help. */
  commands: readonly Command[]
  chat: Chat
  voice: Voice
  /** Null: an account that is not linked to a member. */
  by: By | null
  account: AccountRef | null
  requestId: string
  /** For choosing buttons; never a ground to act. */
  may(verb: Verb, subject: Subject): boolean
  setChat(change: ChatChange): Promise<void>
  /** Vendors' chats, and what goes out to them. */
  desk: ChatDesk
  /** Null: none can be drawn. */
  pictures: Pictures | null
  /** Reaches a member now, by the vendor's urgent means. By which ways; empty: there is none. */
  call(call: { member: Member; means: UrgentMeans; draw(voice: Voice): Card }): Promise<readonly Vendor[]>
}

/** A turn of somebody we know. */
export interface MemberTurn extends Turn {
  by: By
}

/** One card as an answer. */
export interface Reply {
  card: Card
  /** What it follows from now on: it is drawn anew whenever that changes. */
  follows?: { subject: string; version: number }
  /** Only who asked may see it. */
  private?: boolean
  /** Shown to who asked, this once, and never kept: a secret. `card` is what is kept. */
  once?: Card
  /** Not for a group: on chats where others read along it goes to who asked, unless the chat allows it. */
  sensitive?: boolean
  /** Only tells who tapped that nothing was done: where a tap is answered in place, no card is made of it. */
  aside?: boolean
  /** Something was changed: the button that led here is used up. */
  did?: boolean
}

export type Replies = Reply | readonly Reply[]

/** What a command is about, or the card that says why there is no such thing. */
export type Target<F> =
  | { ok: true; subject: Subject; found: F }
  | { ok: false; reply: Reply }
  /** The value of `arg` names nothing. `near`: names that do, offered as buttons. */
  | { ok: false; unknown: { arg: string; title: string; near: readonly string[] } }

export type Group = 'job' | 'op' | 'cluster' | 'team' | 'sluice'

interface Spoken<A extends Args> extends CommandShape {
  group: Group
  summary: Both
  /** In both languages; each is parsed by a test. */
  examples: readonly string[]
  args: A
}

interface Given<A extends Args, F, V extends Verb> {
  args: Values<A>
  found: F
  permit: Permit<V>
}

/** A command that needs a permission: its subject is found, the permit asked for, then it runs. */
export interface GuardedCommand<A extends Args = Args, F = unknown, V extends Verb = Verb> extends Spoken<A> {
  needs: V
  /** Also where nothing may be changed: it changes that. */
  inReadOnly?: true
  find(turn: MemberTurn, args: Values<A>): Promise<Target<F>>
  run(turn: MemberTurn, given: Given<A, F, V>): Promise<Replies>
}

/** A command for everybody we know; `forStrangers`: also for accounts that are not linked. */
export interface OpenCommand<A extends Args = Args> extends Spoken<A> {
  needs: null
  forStrangers: boolean
  run(turn: Turn, args: Values<A>): Promise<Replies>
}

export type Command = GuardedCommand | OpenCommand

export function command<A extends Args, F, V extends Verb>(spec: GuardedCommand<A, F, V>): Command {
  // Methods compare loosely, so a command of particular arguments is one of any: `read` checks them before `run`.
  return spec as GuardedCommand
}

export function openCommand<A extends Args>(spec: Omit<OpenCommand<A>, 'needs'>): Command {
  return { ...spec, needs: null } as OpenCommand
}
