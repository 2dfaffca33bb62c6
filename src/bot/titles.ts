import type { Clock } from '../lib/clock.ts'
import type { AccessApi } from '../platform/platform.ts'
import type { Titles } from './texts/voice.ts'

// How long a new title of a team or an environment may take to reach cards.
const FRESH_MS = 15_000

/** What people call teams and environments, kept for a moment: every card needs them and they hardly change. */
export function createTitles(access: AccessApi, clock: Clock): () => Promise<Titles> {
  let known: Promise<Titles> | null = null
  let readAt = 0

  async function read(): Promise<Titles> {
    const [environments, teams] = await Promise.all([access.environments(), access.teams()])
    return {
      environments: new Map(environments.map(({ name, title }) => [name, title])),
      teams: new Map(teams.map(({ name, title }) => [name, title])),
    }
  }

  return () => {
    if (known && clock.now() - readAt < FRESH_MS) return known
    readAt = clock.now()
    known = read()
    known.catch(() => {
      known = null
    })
    return known
  }
}
