import { randomBytes } from 'node:crypto'
import type { FakeCounts } from '../fake-chat.ts'
import type { Card } from './card.ts'

export interface World {
  appId: string
  appSecret: string
  encryptKey: string
  verificationToken: string
  tenant: string
  botId: string
  now: () => number
  people: Map<string, Human>
  chats: Map<string, Chat>
  messages: Message[]
  byUuid: Map<string, { message: Message; at: number }>
  pictures: Set<string>
  tokens: Map<string, number>
  /** Every token and ticket ever given out. */
  issued: Set<string>
  counts: FakeCounts
  /** Published limits are enforced. */
  pace: boolean
  faults: {
    drop: number
    limit: number
    garbage: number
    slowMs: number
    chance: { limited: number; droppedAfterAccept: number; next: () => number } | null
    tokenSeconds: number
    /** The next calls are answered by this code. */
    answers: { path: RegExp; status: number; code: number; msg: string }[]
  }
  /** What every call was, for looking at afterwards. */
  calls: { method: string; path: string; authorization: string }[]
}

export interface Human {
  id: string
  name: string
  email: string | null
  staffNumber: string | null
  active: boolean
  p2p: string
  department: string
}

export interface Chat {
  id: string
  title: string
  type: 'p2p' | 'group'
  members: Set<string>
  botIn: boolean
}

export interface Message {
  id: string
  chat: Chat
  card: Card
  uuid: string
  at: number
  edits: number
  recalled: boolean
  foreign: boolean
  replyTo: string | null
  urged: { means: string; people: readonly string[] }[]
}

export function emptyWorld(options: { now: () => number; pace: boolean }): World {
  return {
    appId: 'cli_0123456789abcdef',
    appSecret: `secret-${hex(16)}`,
    encryptKey: `encrypt-${hex(8)}`,
    verificationToken: `verify-${hex(8)}`,
    tenant: 'tenant_home',
    botId: `ou_${hex(16)}`,
    people: new Map(),
    chats: new Map(),
    messages: [],
    byUuid: new Map(),
    pictures: new Set(),
    tokens: new Map(),
    issued: new Set(),
    counts: {
      posts: 0,
      edits: 0,
      tokens: 0,
      limited: 0,
      overLimit: 0,
      refused: 0,
      duplicates: 0,
    },
    faults: { drop: 0, limit: 0, garbage: 0, slowMs: 0, chance: null, tokenSeconds: 7_200, answers: [] },
    calls: [],
    ...options,
  }
}

export function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

/** So many calls in any stretch of the window. */
export function slidingWindows(now: () => number) {
  const calls = new Map<string, number[]>()
  return {
    /** False: one too many, and not counted. */
    take(key: string, count: number, ms: number): boolean {
      const recent = (calls.get(key) ?? []).filter((at) => now() - at < ms)
      if (recent.length < count) recent.push(now())
      else return false
      calls.set(key, recent)
      return true
    },
  }
}
