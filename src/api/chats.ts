import type { Chat, ChatSlice, Utterance } from '../bot/conversation.ts'
import type { BotPort } from './ports.ts'
import { notFound } from './problem.ts'
import type { Caller, Services } from './route.ts'

const PREFIX = 'web:'

type Reader = Pick<Caller, 'member' | 'token'>

/** `ops` on the wire is the chat `web:ops` inside. */
export function chatName(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id
}

export function onWeb(chat: Chat): boolean {
  return chat.id.startsWith(PREFIX)
}

/** A team's chat is for its members; a chat without a team is for everybody who signs in. */
export function mayRead({ teamId }: Chat, { member, token }: Reader): boolean {
  if (teamId === null) return true
  const inTeam = member.isAdmin || [...member.roles.keys()].some((team) => team === teamId)
  return inTeam && (token === null || token.teams.length === 0 || token.teams.includes(teamId))
}

export async function chatNamed(
  { conversation }: Pick<Services, 'conversation'>,
  name: string,
  reader: Reader,
): Promise<Chat> {
  const chats = (await conversation.chats()).filter((chat) => onWeb(chat) && mayRead(chat, reader))
  const chat = chats.find((one) => one.id === PREFIX + name)
  if (chat) return chat
  throw notFound(
    'chat',
    name,
    chats.slice(0, 5).map((one) => chatName(one.id)),
  )
}

export function utteranceOut({ seq, speaker, text, at, memberId }: Utterance, readerId: string) {
  return { seq, speaker, text, at, mine: memberId === readerId }
}

export function sliceOut(bot: Pick<BotPort, 'shown'>, { cards, utterances }: ChatSlice, readerId: string) {
  return {
    cards: cards.map((card) => bot.shown(card)),
    utterances: utterances.map((one) => utteranceOut(one, readerId)),
  }
}

/** Where the next page after this one begins; null: there was room for more, and there was no more. */
export function nextAfter(slice: ChatSlice, limit: number): string | null {
  return seqs(slice).length < limit ? null : (seqs(slice).at(-1) ?? null)
}

/** The same for a page that goes backwards. */
export function nextBefore(slice: ChatSlice, limit: number): string | null {
  return seqs(slice).length < limit ? null : (seqs(slice)[0] ?? null)
}

function seqs({ cards, utterances }: ChatSlice): string[] {
  return [...cards, ...utterances].map(({ seq }) => seq).sort(bySeq)
}

/** Positions are decimal numbers as text: the longer one is the later one. */
export function bySeq(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
