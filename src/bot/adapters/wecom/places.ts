import type { Receiver } from '../adapter.ts'

/** Three products of WeCom, three kinds of chats. */
export type Place =
  /** A member's own chat with the app. */
  | { is: 'member'; id: string }
  /** A group that the app made: it can be spoken to and cannot be heard. */
  | { is: 'app-group'; id: string }
  /** A group that the robot was added to, or a member's own chat with the robot. */
  | { is: 'robot-chat'; id: string }

const KINDS = { user: 'member', group: 'app-group', bot: 'robot-chat' } as const

export function memberChat(member: string): string {
  return `user:${member}`
}

export function robotChat(id: string): string {
  return `bot:${id}`
}

/** Null: WeCom has no such receiver. Separators and `@all` would make many receivers of one. */
export function placeOf(to: Receiver): Place | null {
  const [, kind = 'user', id = ''] =
    to.is === 'person' ? [null, 'user', to.id] : (/^(user|group|bot):(.+)$/.exec(to.id) ?? [null, 'user', ''])
  const is = KINDS[kind as keyof typeof KINDS]
  if (is === 'member') return isMember(id) ? { is, id } : null
  return /^[\w@.-]{1,128}$/.test(id) && id !== '@all' ? { is, id } : null
}

export function isMember(id: string): boolean {
  return /^[A-Za-z0-9][\w.@-]{0,63}$/.test(id)
}

/** WeCom takes ids of members in any case, and tells them in several. */
export function memberId(id: string): string {
  return id.toLowerCase()
}
