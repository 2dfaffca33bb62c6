import type { Instant } from '../../lib/clock.ts'
import type { Db, Tx } from '../storage/database.prisma.ts'
import type { Token as TokenRow } from '../storage/generated/client.ts'
import type { Verb } from './access.ts'

type Client = Db | Tx

export interface StoredToken {
  id: string
  name: string
  memberId: string
  memberName: string
  verbs: readonly Verb[]
  /** Ids of teams. */
  teams: readonly string[]
  environments: readonly string[]
  createdAt: Instant
  expiresAt: Instant
  revokedAt: Instant | null
  lastUsedAt: Instant | null
}

export type NewToken = Omit<StoredToken, 'memberName' | 'revokedAt' | 'lastUsedAt'> & { hash: string }

const WITH_OWNER = { member: { select: { name: true } } } as const

export async function findTokenByHash(client: Client, hash: string): Promise<StoredToken | null> {
  // Looked up by the digest of what was given: how long it takes tells nothing of any token.
  const row = await client.token.findUnique({ where: { hash }, include: WITH_OWNER })
  return row && toToken(row)
}

export async function findToken(client: Client, id: string): Promise<StoredToken | null> {
  const row = await client.token.findUnique({ where: { id }, include: WITH_OWNER })
  return row && toToken(row)
}

/** Newest first; `memberId` null: everybody's. */
export async function listTokens(client: Client, memberId: string | null): Promise<StoredToken[]> {
  const rows = await client.token.findMany({
    where: memberId === null ? {} : { memberId },
    include: WITH_OWNER,
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
  })
  return rows.map(toToken)
}

export async function insertToken(client: Client, token: NewToken): Promise<StoredToken> {
  const row = await client.token.create({
    data: {
      ...token,
      verbs: [...token.verbs],
      teams: [...token.teams],
      environments: [...token.environments],
      createdAt: new Date(token.createdAt),
      expiresAt: new Date(token.expiresAt),
    },
    include: WITH_OWNER,
  })
  return toToken(row)
}

/** The first revocation counts. */
export async function revokeTokens(
  client: Client,
  which: { id: string } | { memberId: string },
  now: Instant,
): Promise<void> {
  await client.token.updateMany({ where: { ...which, revokedAt: null }, data: { revokedAt: new Date(now) } })
}

export async function touchToken(client: Client, id: string, now: Instant): Promise<void> {
  await client.token.updateMany({ where: { id }, data: { lastUsedAt: new Date(now) } })
}

function toToken(row: TokenRow & { member: { name: string } }): StoredToken {
  return {
    id: row.id,
    name: row.name,
    memberId: row.memberId,
    memberName: row.member.name,
    // As stored, unknown ones too: a list that lost its last verb would narrow nothing.
    verbs: row.verbs as Verb[],
    teams: row.teams,
    environments: row.environments,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    revokedAt: row.revokedAt?.getTime() ?? null,
    lastUsedAt: row.lastUsedAt?.getTime() ?? null,
  }
}
