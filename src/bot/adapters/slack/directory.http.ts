import type { Clock } from '../../../lib/clock.ts'
import type { Directory, Person } from '../adapter.ts'
import type { SlackApi } from './slack-api.http.ts'
import { Faulty } from './slack-api.http.ts'

export interface Names {
  nameOf(person: string): string | null
  /** Takes a second at most, whether everything was learnt or not. */
  learn(people: readonly string[]): Promise<void>
}

const PAGE = 200
const QUICK_MS = 1_000
const MOST_NAMES = 5_000
const MOST_AT_ONCE = 10

export function createDirectory(api: SlackApi, clock: Clock): Directory & Names {
  const names = new Map<string, string>()

  function remember(person: Person): Person {
    if (names.size >= MOST_NAMES) names.clear()
    names.set(person.id, person.name)
    return person
  }

  async function person(id: string): Promise<Person | null> {
    const asked = await api.ask((client) => client.users.info({ user: id }))
    if (asked.ok) {
      const found = personOf(asked.value.user ?? {})
      return found && remember(found)
    }
    // Unknown is an answer; anything else is none.
    if (asked.fault.is === 'no' && UNKNOWN.has(asked.fault.code)) return null
    throw new Faulty(asked.fault)
  }

  return {
    person,
    async people(cursor) {
      const page = { limit: PAGE, ...(cursor !== null && { cursor }) }
      const asked = await api.ask((client) => client.users.list(page))
      if (!asked.ok) throw new Faulty(asked.fault)
      const found = (asked.value.members ?? []).flatMap((member) => personOf(member) ?? [])
      const next = asked.value.response_metadata?.next_cursor
      return { people: found.map(remember), next: next ? next : null }
    },
    nameOf: (id) => names.get(id) ?? null,
    async learn(people) {
      const unknown = [...new Set(people)].filter((id) => !names.has(id)).slice(0, MOST_AT_ONCE)
      if (unknown.length === 0) return
      const learnt = new AbortController()
      const asked = Promise.allSettled(unknown.map(person)).finally(() => learnt.abort())
      await Promise.race([asked, clock.sleep(QUICK_MS, learnt.signal)])
    },
  }
}

const UNKNOWN = new Set(['user_not_found', 'user_not_visible', 'users_not_found'])

interface Listed {
  id?: string | undefined
  name?: string | undefined
  real_name?: string | undefined
  deleted?: boolean | undefined
  is_bot?: boolean | undefined
  profile?: { real_name?: string; display_name?: string; email?: string } | undefined
}

/** Null: a program. Slack's own is not marked as one. */
function personOf({ id, name, real_name, deleted, is_bot, profile }: Listed): Person | null {
  if (!id || is_bot === true || id === 'USLACKBOT') return null
  return {
    id,
    name: profile?.display_name || profile?.real_name || real_name || name || id,
    email: profile?.email || null,
    staffNumber: null,
    active: deleted !== true,
  }
}
