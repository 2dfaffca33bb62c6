import type { ChatAdapter, Inbox, Vendor, Webhooks } from '../../../src/bot/adapters/adapter.ts'

/**
 * A vendor's server on this machine, as reference texts say it behaves: its signatures, tokens, limits, error forms and
 * deadlines. The adapters and the vendors' own SDKs talk to it over real HTTP and WebSockets. Its clock can be handed in.
 */
export interface FakeChat {
  readonly vendor: Vendor
  /** What the adapter's setup must hold to reach it, by field name of the guide. */
  setup(): Record<string, string>
  /** Where it pushes events to, for vendors that call us: `http://127.0.0.1:PORT`. Null: over the connection that we opened. */
  callAt(base: string | null): void

  /** A person of the company; its id is the vendor's. Speaks to the app in a conversation of two, unless a group is named. */
  person(name: string, more?: { email?: string; staffNumber?: string }): FakePerson
  group(title: string, members: readonly FakePerson[]): FakeGroup
  /** Every message that stands, in the order in which they were posted. */
  messages(where?: { chat?: string; person?: FakePerson }): readonly SeenMessage[]
  /** Resolves when a message is as wanted; rejects with what stands there after 10 s. */
  seen(
    wanted: (message: SeenMessage) => boolean,
    where?: { chat?: string; person?: FakePerson },
  ): Promise<SeenMessage>

  /** What it has given out that opens something by itself: tokens, tickets, addresses to answer at. */
  issued(): readonly string[]
  faults: FakeFaults
  counts: FakeCounts
  /** The same server, from its own port, without what is in its memory being lost. */
  close(): Promise<void>
}

export interface FakePerson {
  readonly id: string
  readonly name: string
  /** Said in a conversation of two, or in a group with the app mentioned. Resolves when it was acknowledged. */
  say(
    text: string,
    where?: { in?: FakeGroup; eventId?: string; at?: number; mention?: boolean },
  ): Promise<Acknowledged>
  /** Presses a button as this person sees it, by its label. */
  press(message: SeenMessage, label: string, more?: { eventId?: string }): Promise<Acknowledged>
  /** Fills in the form on the message, or the one that a button opens, and sends it. */
  send(message: SeenMessage, values: Readonly<Record<string, string>>): Promise<Acknowledged>
  /** Leaves the company. */
  leave(): Promise<void>
}

export interface FakeGroup {
  readonly id: string
  readonly title: string
  /** The app is put in or out. */
  invite(): Promise<void>
  remove(): Promise<void>
}

export interface Acknowledged {
  /** In time, as the vendor demands. */
  ok: boolean
  ms: number
  /** What the vendor's app would show to who did it. */
  toast: string | null
}

/** A message as people see it, whatever its form on the wire. */
export interface SeenMessage {
  id: string
  chat: string
  /** Everybody who sees it; empty: all in the chat. */
  onlyFor: readonly string[]
  title: string
  /** All text on it, in order, markup taken off. */
  text: string
  tone: 'neutral' | 'progress' | 'good' | 'warning' | 'bad'
  buttons: readonly { label: string; link: string | null; style: 'primary' | 'plain' | 'danger' }[]
  fields: readonly { name: string; label: string; choices: readonly string[] | null; value: string }[]
  pictures: number
  mentions: readonly string[]
  /** How often it was edited. */
  edits: number
  /** Rung about by the vendor's urgent means, and who. */
  urged: readonly { means: string; people: readonly string[] }[]
  at: number
  /** As it came over the wire, for golden files and the page. */
  raw: unknown
}

export interface FakeFaults {
  /** Accepts and then answers nothing, for the next `times` calls that would show something. */
  dropAfterAccept(times: number): void
  /** Answers `too fast` in the vendor's own form. */
  limit(times: number): void
  /** A gateway's HTML page with 502. */
  garbage(times: number): void
  /** Answers after so long. 0: at once again. */
  slow(ms: number): void
  /** Every token given out is void from now on. */
  revokeTokens(): void
  /** Cuts every open connection; new ones are taken. */
  disconnect(): Promise<void>
  /** Each call independently, by a seeded chance: for the long runs. Null: none any more. */
  chance(chance: { limited: number; droppedAfterAccept: number; seed: number } | null): void
}

export interface FakeCounts {
  /** Calls that would show or change a message. */
  posts: number
  edits: number
  tokens: number
  /** Messages refused for coming faster than the published limits; `overLimit` counts those that a well-paced client never makes. */
  limited: number
  overLimit: number
  /** Refused as too long or malformed. */
  refused: number
  /** How often one key of ours was shown more than once. */
  duplicates: number
}

/** For contract runs: how a vendor's adapter is built against its fake. */
export interface AdapterUnderTest {
  fake: FakeChat
  /** Builds the adapter, its routes mounted on a server of the test where it has any. */
  open(parts: { inbox: Inbox; now?: () => number }): Promise<{
    adapter: ChatAdapter
    webhooks: Webhooks | null
    logged: () => string
    close(): Promise<void>
  }>
}
