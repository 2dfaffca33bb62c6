import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import type { AuditPort } from '../audit/audit.ts'
import type { Database } from '../storage/database.prisma.ts'
import type { Directory } from './directory.ts'
import type { Passwords } from './passwords.ts'
import type { MemberStore, SignInStore, TeamStore, TokenStore } from './stores.ts'

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
