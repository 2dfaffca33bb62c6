import type { Instant } from '../../lib/clock.ts'
import type { Digest, DigestFacts } from './digest.ts'

export interface DigestTeam {
  id: string
  name: string
  zone: string
  /** As it is stored: a time, `off`, or null for the default. */
  digestAt: string | null
  createdAt: Instant
}

export interface DigestStore {
  teams(): Promise<readonly DigestTeam[]>
  team(name: string): Promise<DigestTeam | null>
  setTime(teamId: string, at: string | null): Promise<void>
  insert(digest: Omit<Digest, 'team' | 'version'> & { teamId: string }): Promise<void>
  byId(id: string): Promise<Digest | null>
  ofDay(team: string, date: string): Promise<Digest | null>
  /** Everything but who is on call, read at one time. */
  gather(
    team: DigestTeam,
    span: { from: Instant; to: Instant; date: string },
  ): Promise<Omit<DigestFacts, 'onCall'>>
  forget(before: Instant): Promise<void>
}
