import type { Permit } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { Digest } from './digest.ts'

export interface DigestsApi {
  byId(id: string): Promise<Digest | null>
  /** The daily one of that date; null: there is none. */
  ofDay(team: string, date: string): Promise<Digest | null>
  /** Of the last so many days until now; kept, so that its card can be drawn again. */
  now(permit: Permit<'job:view'>, team: string, days: number): Promise<Digest | null>
  /** `off`: never. Null: as everywhere. */
  setTime(
    permit: Permit<'team:manage'>,
    team: string,
    at: string | null,
  ): Promise<Done<{ at: string | null; zone: string }, 'unknown' | 'bad-time'>>
}
