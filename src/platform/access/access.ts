import type { Brand } from '../../lib/brand.ts'
import type { Instant } from '../../lib/clock.ts'

declare const permitted: unique symbol

export type MemberId = Brand<'MemberId'>
export type TeamId = Brand<'TeamId'>
export type Language = 'zh' | 'en'

/** A stored language; Chinese where it is unknown. */
export function languageOf(stored: string): Language {
  return stored === 'en' ? 'en' : 'zh'
}

/** Everything a person may be allowed to do. The text after the colon is what the audit shows. */
export const VERBS = [
  'job:view',
  'job:logs',
  'job:create',
  'job:release',
  'job:start',
  'job:stop',
  'job:restart',
  'job:rollback',
  'job:savepoint',
  'job:scale',
  'job:cancel',
  'job:adopt',
  'job:archive',
  'job:force',
  'operation:cancel',
  'approval:decide',
  'incident:acknowledge',
  'incident:manage',
  'alert:silence',
  'alert:manage',
  'alert:route',
  'oncall:override',
  'oncall:manage',
  'cluster:view',
  'cluster:manage',
  'flink:view',
  'flink:manage',
  'team:view',
  'team:manage',
  'member:view',
  'member:manage',
  'member:page',
  'chat:manage',
  'token:create',
  'token:manage',
  'audit:view',
  'work:view',
  'work:manage',
] as const
export type Verb = (typeof VERBS)[number]

/** What a permission is asked for: something a team owns in an environment, or the platform itself. */
export type Subject =
  | { of: 'team'; team: TeamId; environment: string | null; job: { id: string; name: string } | null }
  | { of: 'platform'; what: string }

export interface Member {
  id: MemberId
  name: string
  displayName: string
  language: Language
  zone: string
  isAdmin: boolean
  disabled: boolean
  /** Permissions by team: what the member's role in that team holds. */
  roles: ReadonlyMap<TeamId, { team: string; role: string; permissions: ReadonlySet<Verb> }>
}

/** What a token narrows its member's rights to. Empty lists do not narrow. */
export interface TokenScope {
  tokenId: string
  verbs: readonly Verb[]
  teams: readonly string[]
  environments: readonly string[]
}

/** Who acts, and from where. Every use case that changes something takes one. */
export interface By {
  member: Member
  /** `web:ops`, `api:tok_…`, `cli` */
  via: string
  token: TokenScope | null
  requestId: string
}

export type Decision = { yes: true } | { yes: false; because: Because }

/** Why not; the bot turns it into a sentence. */
export type Because =
  | { why: 'disabled' }
  | { why: 'not-in-team'; team: string }
  | { why: 'role-lacks'; role: string; verb: Verb; team: string | null }
  | { why: 'admins-only' }
  | { why: 'token-scope'; verb: Verb }

/**
 * Proof that somebody was allowed to do this, and that the decision stands in the audit.
 * Only `Access.permit` makes one, so a use case that demands it cannot be called without asking.
 */
export interface Permit<V extends Verb = Verb> {
  readonly [permitted]: true
  readonly by: By
  readonly verb: V
  readonly subject: Subject
  readonly at: Instant
}

export type Asked<V extends Verb> =
  | { ok: true; permit: Permit<V> }
  | { ok: false; because: Because; whoCan: readonly { name: string; displayName: string }[] }
