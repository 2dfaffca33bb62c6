import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabasePlace } from '../../src/platform/storage/connection.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../test/support/postgres.ts'

export type PlaceKind = 'embedded' | 'server'

/** Where a bench runs: a home of its own and empty databases. */
export interface Place {
  kind: PlaceKind
  /** SLUICE_HOME: empty at first, gone at the end. */
  home: string
  database: DatabasePlace
  /** As a server would be told of it. */
  environment: Record<string, string>
  close(): Promise<void>
}

export type OfferedPlace = { is: 'there'; open(): Promise<Place> } | { is: 'missing'; because: string }

/** Both databases, or the one asked for. */
export function places(on: PlaceKind | null): OfferedPlace[] {
  const missing = postgresMissing()
  const server: OfferedPlace = missing
    ? { is: 'missing', because: missing }
    : { is: 'there', open: openServer }
  const embedded: OfferedPlace = { is: 'there', open: openEmbedded }
  if (on === null) return [embedded, server]
  return [on === 'embedded' ? embedded : server]
}

async function openEmbedded(): Promise<Place> {
  const home = newHome()
  const directory = join(home, 'database')
  return {
    kind: 'embedded',
    home,
    database: { is: 'embedded', directory },
    environment: { SLUICE_HOME: home, SLUICE_SECRET: SECRET },
    close: async () => rmSync(home, { recursive: true, force: true }),
  }
}

async function openServer(): Promise<Place> {
  const home = newHome()
  // Tests switch durability off; a figure must be of a server that keeps what it confirms.
  const postgres = await startPostgres(['fsync=on', 'synchronous_commit=on', 'full_page_writes=on'])
  const url = await urlOrStop(postgres)
  return {
    kind: 'server',
    home,
    database: { is: 'server', url },
    environment: { SLUICE_HOME: home, SLUICE_SECRET: SECRET, DATABASE_URL: url },
    async close() {
      postgres.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function urlOrStop(postgres: PrivatePostgres): Promise<string> {
  try {
    return await postgres.emptyDatabase()
  } catch (error) {
    postgres.stop()
    throw error
  }
}

const SECRET = 'a secret of benches, as long as it must be'

function newHome(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-bench-'))
}
