import type { Express } from 'express'
import type { Clock, Instant } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { Abilities } from '../cards/abilities.ts'
import type { ShownCard, Tone } from '../cards/card.ts'
import type { Both } from '../grammar/spec.ts'

/** The chats that we stand in besides our own page. */
export const VENDORS = ['feishu', 'dingtalk', 'wecom', 'slack', 'email'] as const
export type Vendor = (typeof VENDORS)[number]

/**
 * One vendor, as the bot sees it: it carries words in and cards out, and decides nothing. What it is called with is
 * checked, paced, ordered and retried by the outbox; what it hands in is deduplicated, stored and worked by the inbox.
 */
export interface ChatAdapter {
  readonly vendor: Vendor
  readonly abilities: Abilities
  readonly pace: Pace
  /**
   * Its connection is one for all processes, and a second one ends the first. So whoever sends starts it, and stops it
   * when another process takes over; it may be started again afterwards. Webhooks are taken by every process all the same.
   */
  readonly alone?: true
  /** Connects, and keeps connected until `stop`. Resolves when the first try ended, however it ended. */
  start(): Promise<void>
  /** Takes nothing new. Calls under way end or are cut off. */
  stop(): Promise<void>
  /** Whether events reach us now, and since when. */
  connection(): Connection

  /** Pure: whether the vendor would take this drawing (bytes, elements, buttons). Too large ones are cut by the outbox and asked again. */
  fits(shown: ShownCard): boolean
  post(post: Post): Promise<Posted>
  /** Shows a newer version in the same place. Never called when `abilities.updates` is `never`. */
  edit(edit: Edit): Promise<Posted>
  /**
   * After a post whose answer was lost, for vendors that have no key of their own: was it shown? Left out where
   * posting again with the same key is safe, or nothing can tell.
   */
  find?(post: Post): Promise<{ is: 'there'; handle: Handle } | { is: 'absent' } | { is: 'unknown' }>
  /** Rings people about a message that was shown, by the vendor's own urgent means. */
  urge?(urge: Urge): Promise<Posted>

  /** The vendor's own list of people; left out where it has none that an app may read. */
  readonly directory?: Directory
  /** What a group is called; null when the vendor does not say. Left out where events carry it. */
  titleOf?(chat: string): Promise<string | null>

  /** Looks at everything that must be right, live, without telling anybody anything. In the order of the guide. */
  check(): Promise<readonly Finding[]>
}

/** What an adapter is built from. Its settings are its own, already parsed. */
export interface AdapterParts<Setup> {
  setup: Setup
  inbox: Inbox
  clock: Clock
  log: Log
  /** 0 to 1; for jitter. */
  random: () => number
}

/**
 * A vendor that calls us: mounts its routes below `/chat/<vendor>`, before any body parser and outside of the checks
 * that pages need. It verifies every request itself.
 */
export interface Webhooks {
  mount(app: Pick<Express, 'get' | 'post'>): void
}

export type Connection =
  | { is: 'connected'; since: Instant }
  /** Events come to us over HTTP. `lastAt`: when one did; null: none yet. */
  | { is: 'waiting-for-calls'; lastAt: Instant | null }
  | { is: 'connecting'; since: Instant; because: string | null }
  /** Nothing comes in by design (e-mail), or it was stopped. */
  | { is: 'outgoing-only' }
  | { is: 'stopped' }

// --- out ----------------------------------------------------------------------------------------------------------

/** To a group or a conversation by the vendor's id of it (without `feishu:`), or to one person in their own chat. */
export type Receiver = { is: 'chat'; id: string } | { is: 'person'; id: string }

/** Where a message stands with its vendor: only its adapter reads it. Kept with the delivery; small, and no secret. */
export type Handle = Readonly<Record<string, string>>

export interface Post {
  to: Receiver
  shown: ShownCard
  /** Names this message for ever, [0-9a-z_-], at most 40 characters. Called again with the same key, it is shown once where the vendor can tell. */
  key: string
  /** Accounts to mention, by the vendor's ids. */
  mention: readonly string[]
  /** The message this one goes on from, when that could not be edited any more. */
  after: Handle | null
}

export interface Edit {
  to: Receiver
  at: Handle
  shown: ShownCard
  /** Of the message. */
  key: string
}

export interface Urge {
  at: Handle
  people: readonly string[]
  means: UrgentMeans
  /** For means that carry text of their own. */
  text: string
}

export type UrgentMeans = 'app' | 'sms' | 'phone'

/** What the vendor said, in its words; no secret among them. */
export interface VendorWords {
  /** `230020`, `ratelimited`, `timeout`; a label of metrics, so one of few. */
  code: string
  message: string
}

export type Posted =
  /**
   * `missed`: people it did not reach although it was accepted. `asFirst`: if this key was posted before, that post is what
   * stands there, and not this one.
   */
  | { is: 'accepted'; handle: Handle; missed?: readonly string[]; asFirst?: true }
  /** Too fast: nothing of this scope before `ms` have passed. */
  | { is: 'limited'; ms: number; scope: 'app' | 'receiver' | 'message'; said: VendorWords }
  /** Did not get through. `uncertain`: it may have been shown all the same. */
  | { is: 'unreached'; uncertain: boolean; said: VendorWords }
  /** The message can no longer be edited (too old, recalled, its only code used): a new one is to follow it. `asked`: false, known without a call. */
  | { is: 'fixed'; said: VendorWords; asked?: false }
  /** No for good: the receiver is gone, we are not in the group, the content is refused. */
  | { is: 'refused'; said: VendorWords }
  /** Nothing will get through until somebody changes our settings there: secret, permission, quota of the month. */
  | { is: 'misconfigured'; said: VendorWords }

/** How fast we may speak. All buckets that apply must have room. */
export interface Pace {
  app: readonly Bucket[]
  /** Per group or conversation. */
  chat: readonly Bucket[]
  person: readonly Bucket[]
  /** Per message, for edits. */
  message: readonly Bucket[]
  /** How many calls at once. */
  parallel: number
  /** How old a message may be and still be edited, in ms; an older one is followed by a new one. */
  editableMs: number
}

/** `count` calls per `ms`, refilled evenly. */
export interface Bucket {
  count: number
  ms: number
}

// --- in -----------------------------------------------------------------------------------------------------------

interface Happening {
  /** The vendor's own id of the event: the same when it is sent again. */
  eventId: string
  /** When the vendor says it happened. */
  at: Instant
  chat: { id: string; title: string | null; direct: boolean }
  from: { id: string; name: string | null }
}

export interface SaidThere extends Happening {
  /** Words as typed; our own mention is taken off, others read `@name`. */
  text: string
  /** True when it is for us without doubt: a conversation of two, or we were mentioned. */
  addressed: boolean
}

export interface PressedThere extends Happening {
  press: string
  values: Readonly<Record<string, string>>
  /** What this tap tells about the message it was made on: added to the handle of the post with this key. */
  learned?: { key: string; handle: Handle }
}

export type ToldThere =
  | { is: 'joined' | 'left'; eventId: string; at: Instant; chat: { id: string; title: string | null } }
  /** A person is no longer with the company, or no longer sees our app. */
  | { is: 'person-left'; eventId: string; at: Instant; person: string }

/** What who tapped sees at once, on vendors that show such a thing. */
export interface TapAnswer {
  tone: Tone
  text: string
}

/** Where adapters hand in what happened, once it is verified and decoded. Never throws for what people did. */
export interface Inbox {
  /** Resolves when it is stored: acknowledge it then. It is worked afterwards. */
  said(said: SaidThere): Promise<void>
  /** Resolves when it is worked, or after 2 s with a word that it is being worked. */
  pressed(pressed: PressedThere): Promise<TapAnswer>
  told(told: ToldThere): Promise<void>
  /** The card that a press is on, as it is drawn now: for vendors that open a form in a window of its own. Null: gone, or not for this person. */
  cardOf(press: string, person: string): Promise<ShownCard | null>
}

// --- people -------------------------------------------------------------------------------------------------------

export interface Person {
  /** As in events. */
  id: string
  name: string
  email: string | null
  staffNumber: string | null
  /** False: left, suspended, or not activated. */
  active: boolean
}

export interface Directory {
  /** Null: unknown, or outside of what the app may see. */
  person(id: string): Promise<Person | null>
  /** A page of everybody that the app may see. */
  people(cursor: string | null): Promise<{ people: readonly Person[]; next: string | null }>
}

// --- how it is set up ---------------------------------------------------------------------------------------------

export interface Finding {
  /** `token`, `bot`, `events`: of the guide's checks. */
  of: string
  is: 'ok' | 'warn' | 'fail'
  says: Both
  /** What to do; null when it is ok. */
  cure: Both | null
}

/** A vendor's setup as data: the page, `docs/setup` and the settings follow from it. */
export interface SetupGuide {
  vendor: Vendor
  title: Both
  /** What one has when done, and what not. */
  summary: Both
  fields: readonly SetupField[]
  /** The vendor's console, step by step; every button and menu by the name it has there. */
  steps: readonly { title: Both; text: Both }[]
  /** Permissions, as they must be ticked. */
  scopes: readonly { name: string; why: Both }[]
  /** What this vendor cannot do, and what we do instead. */
  limits: readonly Both[]
  /** What goes wrong, as it looks to who sees it, and what helps. */
  troubles: readonly { seen: Both; cure: Both }[]
}

export interface SetupField {
  /** `appSecret` */
  name: string
  /** `FEISHU_APP_SECRET` */
  env: string
  label: Both
  /** Where it is found. */
  hint: Both
  secret: boolean
  required: boolean
  /** Left out: any text. */
  choices?: readonly string[]
}
