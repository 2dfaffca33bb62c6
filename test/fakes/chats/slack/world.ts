/** What the fake workspace holds. */
export interface World {
  readonly now: () => number
  readonly pace: boolean
  readonly team: string
  readonly botUser: string
  readonly bot: string
  readonly app: string
  readonly tokens: { bot: string; app: string; signing: string }
  /** Every ticket and address to answer at ever given out. */
  readonly issued: Set<string>
  revoked: boolean
  /** How long Slack waits to be acknowledged. */
  deadlineMs: number
  /** Given to the bot; one taken away makes its methods answer `missing_scope`. */
  readonly scopes: Set<string>
  readonly users: Map<string, User>
  readonly channels: Map<string, Channel>
  readonly messages: Message[]
  readonly files: Map<string, { length: number; uploaded: boolean; complete: boolean }>
  readonly triggers: Map<string, { at: number; person: string }>
  readonly views: OpenView[]
  /** Behind each `response_url`. */
  readonly answerable: Map<string, Answerable>
  readonly counts: {
    /** Tokens sent where none is wanted. */
    leaks: number
    posts: number
    edits: number
    limited: number
    overLimit: number
    refused: number
    duplicates: number
  }
  readonly faults: Faults
  /** Called for every method, in order. */
  readonly calls: string[]
  id(letter: string): string
  ts(): string
}

export interface User {
  id: string
  name: string
  email: string | null
  deleted: boolean
  bot: boolean
}

export interface Channel {
  id: string
  name: string
  /** The other one of a conversation of two with the bot. */
  person: string | null
  secret: boolean
  archived: boolean
  members: Set<string>
}

export interface Message {
  channel: string
  ts: string
  text: string
  blocks: unknown[]
  metadata: unknown
  thread: string | null
  onlyFor: string | null
  edits: number
  urged: { means: string; people: string[] }[]
  at: number
}

export interface OpenView {
  id: string
  person: string
  view: Record<string, unknown>
  sent: boolean
}

export interface Answerable {
  at: number
  person: string
  answers: { text: string; onlyFor: string | null }[]
}

export interface Faults {
  drop: number
  limit: number
  /** By method: what it says instead of doing anything, once each. */
  errors: Map<string, string[]>
  /** Without a time to wait, or inside of a 200. */
  limitForm: 'timed' | 'untimed' | 'in-200'
  limitS: number
  garbage: number
  slowMs: number
  /** The edit window of the workspace, in ms. */
  editWindow: number
  chance: { limited: number; dropped: number; next: () => number } | null
}

const SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:write',
  'users:read',
  'users:read.email',
]

export function emptyWorld({ now, pace }: { now: () => number; pace: boolean }): World {
  let ids = 0
  let lastTs = 0
  const id = (letter: string) =>
    `${letter}${(10_000_000 + ++ids).toString(36).toUpperCase().padStart(10, '0')}`
  const botUser = id('U')
  const secret = () => Math.random().toString(36).slice(2).padEnd(12, '0')
  return {
    now,
    pace,
    team: id('T'),
    botUser,
    bot: id('B'),
    app: id('A'),
    tokens: { bot: `xoxb-1-${secret()}`, app: `xapp-1-${secret()}`, signing: secret() + secret() },
    issued: new Set(),
    revoked: false,
    deadlineMs: 3_000,
    scopes: new Set(SCOPES),
    users: new Map([[botUser, { id: botUser, name: 'sluice', email: null, deleted: false, bot: true }]]),
    channels: new Map(),
    messages: [],
    files: new Map(),
    triggers: new Map(),
    views: [],
    answerable: new Map(),
    counts: { leaks: 0, posts: 0, edits: 0, limited: 0, overLimit: 0, refused: 0, duplicates: 0 },
    faults: {
      drop: 0,
      limit: 0,
      errors: new Map(),
      limitForm: 'timed',
      limitS: 1,
      garbage: 0,
      slowMs: 0,
      editWindow: Number.POSITIVE_INFINITY,
      chance: null,
    },
    calls: [],
    id,
    ts() {
      lastTs = Math.max(lastTs + 1, now() * 1_000)
      return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(6, '0')}`
    },
  }
}

/** The conversation of two between the bot and a person, opened when it is not there. */
export function directChannel(world: World, person: string): Channel {
  const known = [...world.channels.values()].find((channel) => channel.person === person)
  if (known) return known
  const members = new Set([person, world.botUser])
  const channel = { id: world.id('D'), name: '', person, secret: true, archived: false, members }
  world.channels.set(channel.id, channel)
  return channel
}

export function trigger(world: World, person: string): string {
  const id = `${world.id('1')}.${world.id('2')}.${Math.random().toString(16).slice(2)}`
  world.triggers.set(id, { at: world.now(), person })
  return id
}

/** The last part of a new `response_url`. */
export function answerable(world: World, person: string): string {
  const id = world.id('R')
  world.issued.add(`respond/${id}`)
  world.answerable.set(id, { at: world.now(), person, answers: [] })
  return id
}

/** A seeded chance, the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
