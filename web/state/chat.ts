/** The chats: their threads, the live feed, what is being said. */
import { computed, effect, signal, untracked } from '@preact/signals'
import { get, post, sentence } from '../api.ts'
import type { Live, LiveStatus } from '../live.ts'
import { createLive } from '../live.ts'
import type { Thread } from '../rules/thread.ts'
import {
  emptyThread,
  forgotten,
  notSaid,
  reached,
  resumeAfter,
  said,
  saying,
  withCards,
  withLive,
  withNewestPage,
  withOlderPage,
} from '../rules/thread.ts'
import type { Chat, ChatPage, LiveEvent, ShownCard } from '../wire.ts'
import { route } from './address.ts'
import { stillMember, visit } from './session.ts'

export type Loading = { is: 'loading' } | { is: 'ready' } | { is: 'failed'; because: string }

const PAGE = 40
export const chats = signal<readonly Chat[] | null>(null)
export const opening = signal<Loading>({ is: 'loading' })
export const thread = signal<Thread>(emptyThread)
export const live = signal<LiveStatus>({ is: 'closed' })
/** Grows with every hint that a job changed; job pages look again. */
export const jobHint = signal<{ name: string; count: number }>({ name: '', count: 0 })

/** The chat in the address, else the first one; it stays while other pages are looked at. */
const asked = signal<string | null>(null)
effect(() => {
  const at = route.value
  if (at.is === 'chat' && at.chat) asked.value = at.chat
})
export const chat = computed<Chat | null>(() => {
  const all = chats.value ?? []
  return all.find((one) => one.name === asked.value) ?? all[0] ?? null
})

let feed: Live | null = null
let entered: { member: string; chat: string | null } = { member: '', chat: null }

/** Follows who looks and at which chat. */
effect(() => {
  const now = visit.value
  const member = now.is === 'member' ? now.session.member.name : ''
  const name = chat.value?.name ?? null
  untracked(() => {
    if (member !== entered.member) return void changeMember(member)
    if (name !== entered.chat) changeChat(name)
  })
})

async function changeMember(member: string): Promise<void> {
  entered = { member, chat: null }
  feed?.close()
  feed = null
  thread.value = emptyThread
  opening.value = { is: 'loading' }
  chats.value = null
  if (!member) return
  try {
    const answer = await get<readonly Chat[]>('/chats')
    if (entered.member !== member) return
    chats.value = answer
    if (chats.value.length === 0) noChat()
  } catch (error) {
    opening.value = { is: 'failed', because: sentence(error) }
  }
}

/** Job pages live from the feed too, whether or not there is a chat. */
function noChat(): void {
  opening.value = { is: 'ready' }
  feed = startFeed()
}

export function loadAgain(): void {
  const { member, chat: name } = entered
  if (name === null) void changeMember(member)
  else void open(name)
}

/** Not `randomUUID`, which browsers withhold from pages that came over plain HTTP. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function changeChat(name: string | null): void {
  entered = { ...entered, chat: name }
  thread.value = emptyThread
  if (name !== null) void open(name)
}

async function open(name: string): Promise<void> {
  opening.value = { is: 'loading' }
  try {
    const page = await get<ChatPage>(`/chats/${encodeURIComponent(name)}/history?limit=${PAGE}`)
    if (entered.chat !== name) return
    thread.value = withNewestPage(thread.value, page)
    opening.value = { is: 'ready' }
    if (feed) feed.restart()
    else feed = startFeed()
  } catch (error) {
    if (entered.chat === name) opening.value = { is: 'failed', because: sentence(error) }
  }
}

/** One socket watches one chat: what it brings needs no name on it. */
function startFeed(): Live {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return createLive({
    url: `${scheme}://${location.host}/api/v1/live`,
    watches: () => [
      ...(entered.chat === null ? [] : [{ watch: { chat: entered.chat, after: resumeAfter(thread.value) } }]),
      { watch: { jobs: true } },
    ],
    onEvent,
    onRefused: () => void stillMember(),
    onStatus: (status) => {
      live.value = status
    },
  })
}

function onEvent(event: LiveEvent): void {
  if ('caughtUp' in event) thread.value = reached(thread.value, event.caughtUp)
  else if ('job' in event) jobHint.value = { name: event.job.name, count: jobHint.value.count + 1 }
  else if ('card' in event || 'utterance' in event) thread.value = withLive(thread.value, event)
}

export function reconnect(): void {
  feed?.tryNow()
}

export async function loadOlder(): Promise<void> {
  const { older } = thread.value
  const name = entered.chat
  if (older === null || name === null) return
  const page = await get<ChatPage>(
    `/chats/${encodeURIComponent(name)}/history?before=${encodeURIComponent(older)}&limit=${PAGE}`,
  )
  if (entered.chat === name) thread.value = withOlderPage(thread.value, page)
}

/** Says words; they stand in the thread at once, and stay there as "not sent" when that is so. */
export async function say(text: string): Promise<void> {
  const key = newKey()
  thread.value = saying(thread.value, { key, text, now: new Date().toISOString() })
  await deliver(key, text)
}

export async function sayAgain(key: string): Promise<void> {
  const words = thread.value.pending.find((one) => one.key === key)
  if (!words) return
  const pending = thread.value.pending.map((one) =>
    one.key === key ? { ...one, state: 'sending' as const, because: null } : one,
  )
  thread.value = { ...thread.value, pending }
  await deliver(key, words.text)
}

/** The key makes a second sending of words whose answer was lost the same saying. */
async function deliver(key: string, text: string): Promise<void> {
  const name = entered.chat
  try {
    const answer = await post<{ cards: readonly ShownCard[] }>('/say', { text, chat: name }, { key })
    if (entered.chat === name) thread.value = said(thread.value, key, answer.cards)
  } catch (error) {
    if (entered.chat === name) thread.value = notSaid(thread.value, key, sentence(error))
  }
}

export function discard(key: string): void {
  thread.value = forgotten(thread.value, key)
}

export async function press(token: string, values?: Readonly<Record<string, string>>): Promise<void> {
  const name = entered.chat
  const answer = await post<{ cards: readonly ShownCard[] }>('/press', {
    press: token,
    ...(values ? { values } : {}),
    ...(name === null ? {} : { chat: name }),
  })
  if (entered.chat === name) thread.value = withCards(thread.value, answer.cards)
}
