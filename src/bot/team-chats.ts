import type { AccessApi } from '../platform/platform.ts'
import type { Chat, Conversation } from './conversation.ts'
import { defaultZone } from './session.ts'

/** Where something is announced, with the zone its times are written in. */
export interface Place {
  chat: Chat
  zone: string
}

export interface About {
  /** By name; null: no team's. */
  team: string | null
  /** Null: of no environment in particular. */
  environment: string | null
}

/** The team's own chats; without any, those that are everybody's. What is no team's goes to all. */
export async function teamChats(
  { team, environment }: About,
  { conversation, access }: { conversation: Pick<Conversation, 'chats'>; access: Pick<AccessApi, 'teams'> },
): Promise<readonly Place[]> {
  const [all, teams] = await Promise.all([conversation.chats(), access.teams()])
  const zones = new Map(teams.map(({ id, zone }) => [id, zone]))
  const places = all
    .filter((chat) => isFor(chat, environment))
    .map((chat) => ({ chat, zone: zoneOfChat(chat, zones) }))
  if (team === null) return places
  const id = teams.find(({ name }) => name === team)?.id
  const own = places.filter(({ chat }) => chat.teamId !== null && chat.teamId === id)
  return own.length > 0 ? own : places.filter(({ chat }) => chat.teamId === null)
}

/** Nothing is announced to one person, where we are no more, or to who cares for other environments. */
function isFor({ direct, leftAt, environments }: Chat, environment: string | null): boolean {
  if (direct || leftAt !== null) return false
  return environment === null || environments.length === 0 || environments.includes(environment)
}

function zoneOfChat({ teamId, language }: Chat, zones: ReadonlyMap<string, string>): string {
  const own = teamId === null ? undefined : zones.get(teamId)
  return own ?? defaultZone(language)
}
