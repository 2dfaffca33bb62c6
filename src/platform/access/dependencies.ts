import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import type { AuditPort } from '../audit/audit.ts'
import type { Database } from '../storage/database.prisma.ts'
import type { Directory } from './directory.ts'
import type * as memberStore from './member-store.prisma.ts'
import type { Passwords } from './passwords.ts'
import type * as signInStore from './sign-in-store.prisma.ts'
import type * as teamStore from './team-store.prisma.ts'
import type * as tokenStore from './token-store.prisma.ts'

export type MemberStore = typeof memberStore
export type TeamStore = typeof teamStore
export type TokenStore = typeof tokenStore
export type SignInStore = typeof signInStore

/** What the use cases of access stand on. */
export interface AccessParts {
  database: Pick<Database, 'prisma' | 'transaction' | 'afterCommit' | 'notify' | 'listen'>
  clock: Clock
  ids: Ids
  log: Log
  audit: AuditPort
  passwords: Passwords
  directory: Directory
  memberStore: MemberStore
  teamStore: TeamStore
  tokenStore: TokenStore
  signInStore: SignInStore
}
