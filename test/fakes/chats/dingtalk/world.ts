import type { FakeCounts } from '../fake-chat.ts'

export interface Staff {
  id: string
  name: string
  email: string | null
  staffNumber: string | null
  active: boolean
}

export interface Group {
  id: string
  title: string
  members: Set<string>
  robotIsIn: boolean
}

export type Spot = { is: 'group'; id: string } | { is: 'person'; id: string }

export interface Stored {
  id: string
  spot: Spot
  /** Ours, of a card. */
  outTrackId: string | null
  callback: 'STREAM' | 'HTTP' | null
  params: Record<string, string>
  markdown: { title: string; text: string } | null
  mentions: readonly string[]
  edits: number
  urged: { means: string; people: readonly string[] }[]
  at: number
}

/** What makes the server answer in another way than it would. */
export interface Knobs {
  /** Accepted, but never answered, by closing the connection. */
  drop: number
  limit: number
  garbage: number
  slowMs: number
  /** 504, although it was done. */
  lateButDone: number
  /** The page for an address that called too often. */
  ban: boolean
  quotaSpent: boolean
  permissionDenied: boolean
  flowControlled: Set<string>
  dingFailed: Set<string>
  chance: ((of: 'limited' | 'dropped') => boolean) | null
}

export interface World {
  readonly now: () => number
  readonly pace: boolean
  readonly clientId: string
  readonly clientSecret: string
  readonly robotCode: string
  readonly corpId: string
  readonly templateId: string
  readonly staff: Map<string, Staff>
  readonly groups: Map<string, Group>
  readonly messages: Stored[]
  readonly media: Set<string>
  /** Until when each is good. */
  readonly tokens: Map<string, number>
  /** Every token and ticket ever given out. */
  readonly issued: Set<string>
  /** Where taps of HTTP cards go. */
  readonly routes: Map<string, { url: string; apiSecret: string }>
  /** When each API was called, within the last second. */
  readonly calls: Map<string, number[]>
  readonly knobs: Knobs
  readonly counts: FakeCounts
  next(prefix: string): string
}

export function emptyWorld({ now, pace }: { now: () => number; pace: boolean }): World {
  let serial = 0
  return {
    now,
    pace,
    clientId: 'dingfakeclient0001',
    clientSecret: 'fake-client-secret-0123456789abcdef',
    robotCode: 'dingfakeclient0001',
    corpId: 'dingfakecorp0001',
    templateId: '0f4a0b5e-fake-4c5e-9a53-000000000001.schema',
    staff: new Map(),
    groups: new Map(),
    messages: [],
    media: new Set(),
    tokens: new Map(),
    issued: new Set(),
    routes: new Map(),
    calls: new Map(),
    knobs: {
      drop: 0,
      limit: 0,
      garbage: 0,
      slowMs: 0,
      lateButDone: 0,
      ban: false,
      quotaSpent: false,
      permissionDenied: false,
      flowControlled: new Set(),
      dingFailed: new Set(),
      chance: null,
    },
    counts: { posts: 0, edits: 0, tokens: 0, limited: 0, overLimit: 0, refused: 0, duplicates: 0 },
    next: (prefix) => `${prefix}${(++serial).toString(36).padStart(6, '0')}`,
  }
}

/** A person may be written to as long as they are with the company. */
export function isReachable({ staff, groups }: World, spot: Spot): boolean {
  return spot.is === 'person' ? staff.get(spot.id)?.active === true : groups.get(spot.id)?.robotIsIn === true
}
