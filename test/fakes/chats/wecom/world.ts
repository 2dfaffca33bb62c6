import { randomBytes } from 'node:crypto'
import type { FakeCounts } from '../fake-chat.ts'
import type { Body } from './messages.ts'
import { Refusal } from './refusal.ts'

export interface World {
  corpId: string
  agentId: number
  secret: string
  token: string
  aesKey: string
  botId: string
  botSecret: string
  now: () => number
  /** Published limits are enforced. */
  pace: boolean
  people: Map<string, Human>
  /** By their bare id. */
  chats: Map<string, Chat>
  messages: Message[]
  tokens: Map<string, number>
  /** Every token and ticket ever given out. */
  issued: Set<string>
  /** Of every card ever taken: unique for ever. */
  tasks: Set<string>
  codes: Map<string, { message: Message; at: number; used: boolean }>
  media: Map<string, number>
  /** Requests that may not be shown twice, by their JSON. */
  requests: Map<string, { at: number; msgid: string }>
  counts: FakeCounts
  faults: {
    drop: number
    limit: number
    garbage: number
    slowMs: number
    chance: { limited: number; droppedAfterAccept: number; next: () => number } | null
    tokenSeconds: number
    /** The next calls of a path are answered by this code. */
    answers: { path: RegExp; errcode: number; errmsg: string; more?: object }[]
  }
  /** What every call was, for looking at afterwards. */
  calls: { method: string; path: string; body: unknown }[]
}

export interface Human {
  id: string
  name: string
  email: string | null
  staffNumber: string | null
  active: boolean
  department: number
}

export interface Chat {
  id: string
  title: string
  /** Made by the app, or one that the robot was added to. */
  is: 'app-group' | 'robot-group'
  members: Set<string>
  robotIn: boolean
  /** The robot may speak where it was spoken to before. */
  greeted: boolean
}

export interface Message {
  id: string
  /** `user:`, `group:` or `bot:` and the id of it. */
  chat: string
  body: Body
  at: number
  edits: number
  recalled: boolean
  /** Over a member's share: taken, and never shown. */
  undelivered: boolean
  urged: { means: string; people: readonly string[] }[]
}

export function emptyWorld(options: { now: () => number; pace: boolean }): World {
  return {
    corpId: 'ww0123456789abcdef',
    agentId: 1_000_002,
    secret: `secret-${hex(16)}`,
    token: `Token${hex(8)}`,
    aesKey: `${hex(21)}A`,
    botId: `aib${hex(8)}`,
    botSecret: `robot-${hex(16)}`,
    people: new Map(),
    chats: new Map(),
    messages: [],
    tokens: new Map(),
    issued: new Set(),
    tasks: new Set(),
    codes: new Map(),
    media: new Map(),
    requests: new Map(),
    counts: { posts: 0, edits: 0, tokens: 0, limited: 0, overLimit: 0, refused: 0, duplicates: 0 },
    faults: { drop: 0, limit: 0, garbage: 0, slowMs: 0, chance: null, tokenSeconds: 7_200, answers: [] },
    calls: [],
    ...options,
  }
}

export function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

/** What stands in a chat from now on. */
export function show(world: World, chat: string, body: Body): Message {
  const message: Message = {
    ...{ id: `msg-${hex(12)}`, chat, body, at: world.now(), edits: 0, recalled: false, undelivered: false },
    urged: [],
  }
  world.messages.push(message)
  return message
}

export function takeFault({ faults }: World, which: 'garbage' | 'drop' | 'limit'): boolean {
  const { chance } = faults
  if (which === 'drop' && chance !== null && chance.next() < chance.droppedAfterAccept) return true
  if (faults[which] <= 0) return false
  faults[which]--
  return true
}

/** By chance a call is one too many at once: a block of a minute would strike all calls, not one of five. */
export function checkLimits(world: World): void {
  const { chance } = world.faults
  if (chance !== null && chance.next() < chance.limited)
    throw new Refusal(45033, 'api concurrent out of limit')
  if (takeFault(world, 'limit')) throw new Refusal(45009, 'api freq out of limit')
}

/** So many calls in any stretch of the window. */
export function slidingWindows(now: () => number) {
  const calls = new Map<string, number[]>()
  return {
    /** False: one too many, and not counted. */
    take(key: string, count: number, ms: number): boolean {
      const recent = (calls.get(key) ?? []).filter((at) => now() - at < ms)
      const room = recent.length < count
      if (room) recent.push(now())
      calls.set(key, recent)
      return room
    },
  }
}
