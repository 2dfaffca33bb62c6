import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import { auditLog } from '../audit/audit-log.prisma.ts'
import type { AccessApi } from '../platform.ts'
import type { Stop } from '../storage/connection.ts'
import type { Database } from '../storage/database.prisma.ts'
import { createDirectory } from './directory.ts'
import { createLinking } from './linking.ts'
import { may } from './may.ts'
import * as memberStore from './member-store.prisma.ts'
import { createMembers } from './members.ts'
import { createPasswords, type Passwords } from './passwords.ts'
import { createPermits, type Permits } from './permits.ts'
import { createReaching } from './reaching.ts'
import { createSignIn } from './sign-in.ts'
import * as signInStore from './sign-in-store.prisma.ts'
import * as teamStore from './team-store.prisma.ts'
import { createTeams } from './teams.ts'
import * as tokenStore from './token-store.prisma.ts'
import { createTokens } from './tokens.ts'
import { createTries } from './tries.ts'

export interface Access extends AccessApi, Permits {
  /** Begins to hear at once of changes that other processes make; without it they are seen within a second. */
  follow(): Promise<Stop>
}

export function createAccess(given: {
  database: Database
  clock: Clock
  ids: Ids
  log: Log
  passwords?: Passwords
}): Access {
  const stores = { memberStore, teamStore, tokenStore, signInStore }
  const directory = createDirectory({ ...given, ...stores })
  const base = {
    ...given,
    ...stores,
    directory,
    audit: auditLog,
    passwords: given.passwords ?? createPasswords(),
  }
  const parts = { ...base, tries: createTries(base) }
  return {
    mightDo: (member, token, verb, subject) => may(member, token, verb, subject).yes,
    ...createPermits(parts),
    ...createMembers(parts),
    ...createTeams(parts),
    ...createTokens(parts),
    ...createLinking(parts),
    ...createReaching(parts),
    ...createSignIn(parts),
    follow: directory.follow,
  }
}
