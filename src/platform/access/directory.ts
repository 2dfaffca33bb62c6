import type { Clock, Instant } from '../../lib/clock.ts'
import type { AccountRef } from '../platform.ts'
import type { Stop } from '../storage/connection.ts'
import type { Database, Tx } from '../storage/database.prisma.ts'
import type { Member } from './access.ts'
import { type Cache, createCache } from './cache.ts'
import type { KnownAccount } from './member-store.prisma.ts'
import type { MemberStore, TeamStore, TokenStore } from './stores.ts'
import type { StoredToken } from './token-store.prisma.ts'

/**
 * Members with their roles, accounts and tokens as they are now: on the path of every command, so kept in memory.
 * A change in this process is seen at once, one in another process as soon as it is told, and within a second even
 * when the telling was lost.
 */
export interface Directory {
  byId(id: string): Promise<Member | null>
  byName(name: string): Promise<Member | null>
  account(account: AccountRef, makeKnown: () => Promise<KnownAccount>): Promise<KnownAccount>
  tokenByHash(hash: string): Promise<StoredToken | null>
  isTokenLive(id: string, now: Instant): Promise<boolean>
  teamName(id: string): Promise<string | null>
  /** Everybody forgets what they know once `tx` has committed. */
  changed(tx: Tx): Promise<void>
  /** Begins to hear of changes in other processes. */
  follow(): Promise<Stop>
}

const KEEP_MS = 1_000
const CHANNEL = 'access'

export function createDirectory(parts: {
  database: Pick<Database, 'prisma' | 'afterCommit' | 'notify' | 'listen'>
  clock: Clock
  memberStore: MemberStore
  teamStore: TeamStore
  tokenStore: TokenStore
}): Directory {
  const { database, clock, memberStore, teamStore, tokenStore } = parts
  const { prisma } = database
  const members: Cache<Member> = createCache(clock, KEEP_MS)
  const accounts: Cache<KnownAccount> = createCache(clock, KEEP_MS)
  const tokens: Cache<StoredToken> = createCache(clock, KEEP_MS)
  const teams: Cache<ReadonlyMap<string, string>> = createCache(clock, KEEP_MS)

  function forget(): void {
    for (const cache of [members, accounts, tokens, teams]) cache.forget()
  }

  return {
    byId: (id) => members.get(`id ${id}`, () => memberStore.findMember(prisma, { id })),
    byName: (name) => members.get(`name ${name}`, () => memberStore.findMember(prisma, { name })),
    async account(account, makeKnown) {
      const key = `${account.vendor} ${account.externalId}`
      const load = async () => (await memberStore.findAccount(prisma, account)) ?? (await makeKnown())
      const known = (await accounts.get(key, load)) ?? (await makeKnown())
      if (known.displayName === account.displayName) return known
      accounts.forget()
      return makeKnown()
    },
    tokenByHash: (hash) => tokens.get(`hash ${hash}`, () => tokenStore.findTokenByHash(prisma, hash)),
    async isTokenLive(id, now) {
      const token = await tokens.get(`id ${id}`, () => tokenStore.findToken(prisma, id))
      return token !== null && token.revokedAt === null && now < token.expiresAt
    },
    async teamName(id) {
      const names = await teams.get('names', () => teamStore.teamNames(prisma))
      return names?.get(id) ?? null
    },
    async changed(tx) {
      await database.notify(tx, CHANNEL, '')
      database.afterCommit(tx, forget)
    },
    follow: () => database.listen(CHANNEL, forget),
  }
}
