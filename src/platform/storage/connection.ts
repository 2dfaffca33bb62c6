import type pg from 'pg'
import type { Clock } from '../../lib/clock.ts'

export type DatabasePlace =
  /** `template`: a dump to begin from, for tests; only with `memory`. */
  { is: 'embedded'; directory: string; template?: Blob } | { is: 'server'; url: string; max?: number }

export type Stop = () => Promise<void>

/** What an open place, embedded or server, offers underneath. */
export interface Connection {
  pool: pg.Pool
  listen(channel: string, onMessage: (payload: string) => void): Promise<Stop>
  close(): Promise<void>
}

export interface DatabaseDependencies {
  clock: Clock
  random: () => number
}
