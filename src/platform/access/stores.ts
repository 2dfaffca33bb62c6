import type * as memberStore from './member-store.prisma.ts'
import type * as signInStore from './sign-in-store.prisma.ts'
import type * as teamStore from './team-store.prisma.ts'
import type * as tokenStore from './token-store.prisma.ts'

export type MemberStore = typeof memberStore
export type TeamStore = typeof teamStore
export type TokenStore = typeof tokenStore
export type SignInStore = typeof signInStore
