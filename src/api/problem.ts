import type {
  Because,
  JobRefusal,
  OnCallRefusal,
  RequestRefusal,
  RoutingProblem,
} from '../platform/platform.ts'

/** Every way the API says no, with the facts its sentence needs. The sentences stand in texts.ts. */
export interface ProblemFacts {
  'bad-request': { because: string }
  'not-valid': { issues: readonly FieldIssue[] }
  'not-json': { because: string }
  'unknown-cursor': Record<never, never>
  'bad-idempotency-key': Record<never, never>
  'not-signed-in': Record<never, never>
  'bad-token': { why: 'unknown' | 'expired' | 'revoked' | 'disabled' }
  'wrong-password': Record<never, never>
  'bad-code': { why: 'unknown-code' | 'expired' | 'used' }
  disabled: Record<never, never>
  'bad-csrf': Record<never, never>
  'other-origin': { origin: string }
  'session-only': Record<never, never>
  'not-allowed': { because: Because; whoCan: readonly { name: string; displayName: string }[] }
  'no-such-page': { path: string }
  'no-such-method': { method: string; allowed: readonly string[] }
  'not-found': { what: Thing; name: string; near: readonly string[] }
  'too-large': { limit: string }
  'wrong-type': { wanted: string }
  'other-host': { host: string }
  throttled: Record<never, never>
  'key-reused': Record<never, never>
  'key-running': Record<never, never>
  'name-taken': { name: string }
  'bad-name': { name: string }
  'not-a-jar': { name: string }
  'digest-differs': { wanted: string; got: string }
  'job-refused': { job: string; why: JobRefusal }
  'operation-refused': { job: string; why: RequestRefusal }
  'operation-over': Record<never, never>
  'too-late': Record<never, never>
  'own-request': Record<never, never>
  decided: Record<never, never>
  'approval-expired': Record<never, never>
  'plan-changed': Record<never, never>
  'never-ran': { job: string }
  'cluster-silent': { name: string }
  'bad-address': { address: string }
  'no-answer': { address: string; because: string }
  'has-jobs': { name: string; jobs: number }
  'not-managed': { name: string }
  'not-scaled': { name: string; because: string }
  'bad-home': { zh: string; en: string }
  'bad-yarn': { zh: string; en: string }
  'yarn-silent': { name: string; because: string }
  'in-use': { name: string }
  'set-by-environment': { vendor: string }
  'not-set-up': { vendor: string }
  'not-open': { vendor: string }
  'last-admin': Record<never, never>
  'beyond-own-rights': Record<never, never>
  'bad-days': Record<never, never>
  'password-too-short': Record<never, never>
  'not-grantable': Record<never, never>
  'incident-closed': Record<never, never>
  'incident-stale': Record<never, never>
  'incident-not-so': { why: string }
  'on-call-refused': { why: OnCallRefusal }
  'bad-routing': { problems: readonly RoutingProblem[] }
  'no-page-built': Record<never, never>
  stopping: Record<never, never>
  'our-fault': Record<never, never>
}

export type ProblemKind = keyof ProblemFacts

export type Thing =
  | 'job'
  | 'release'
  | 'operation'
  | 'cluster'
  | 'flink-version'
  | 'team'
  | 'member'
  | 'role'
  | 'environment'
  | 'token'
  | 'incident'
  | 'chat'
  | 'card'
  | 'work'
  | 'vendor'
  | 'chat-test'
  | 'schedule'
  | 'override'
  | 'source'
  | 'silence'
  | 'rule'
  | 'digest'
  | 'window'

export interface FieldIssue {
  path: string
  message: string
}

export const STATUS = {
  'bad-request': 400,
  'not-valid': 400,
  'not-json': 400,
  'unknown-cursor': 400,
  'bad-idempotency-key': 400,
  'not-signed-in': 401,
  'bad-token': 401,
  'wrong-password': 401,
  'bad-code': 401,
  disabled: 403,
  'bad-csrf': 403,
  'other-origin': 403,
  'session-only': 403,
  'not-allowed': 403,
  'no-such-page': 404,
  'no-such-method': 405,
  'not-found': 404,
  'too-large': 413,
  'wrong-type': 415,
  'other-host': 421,
  throttled: 429,
  'key-reused': 409,
  'key-running': 409,
  'name-taken': 409,
  'bad-name': 400,
  'not-a-jar': 400,
  'digest-differs': 400,
  'job-refused': 409,
  'operation-refused': 409,
  'operation-over': 409,
  'too-late': 409,
  'own-request': 403,
  decided: 409,
  'approval-expired': 409,
  'plan-changed': 409,
  'never-ran': 409,
  'cluster-silent': 409,
  'bad-address': 400,
  'no-answer': 409,
  'has-jobs': 409,
  'not-managed': 409,
  'not-scaled': 409,
  'bad-home': 400,
  'bad-yarn': 400,
  'yarn-silent': 409,
  'in-use': 409,
  'set-by-environment': 409,
  'not-set-up': 409,
  'not-open': 409,
  'last-admin': 409,
  'beyond-own-rights': 403,
  'bad-days': 400,
  'password-too-short': 400,
  'not-grantable': 400,
  'incident-closed': 409,
  'incident-stale': 409,
  'incident-not-so': 409,
  'on-call-refused': 409,
  'bad-routing': 400,
  'no-page-built': 404,
  stopping: 503,
  'our-fault': 500,
} as const satisfies Record<ProblemKind, number>

export type ProblemStatus = (typeof STATUS)[ProblemKind]

/**
 * Ends a request with an answer of RFC 9457. Thrown, because any depth of a request may have to say no, and because
 * nothing but the one error handler of the app ever catches it.
 */
export class Problem<K extends ProblemKind = ProblemKind> extends Error {
  override readonly name = 'Problem'
  readonly kind: K
  readonly facts: ProblemFacts[K]

  constructor(kind: K, facts: ProblemFacts[K]) {
    super(kind)
    this.kind = kind
    this.facts = facts
  }

  get status(): ProblemStatus {
    return STATUS[this.kind]
  }
}

export function notFound(what: Thing, name: string, near: readonly string[] = []): Problem<'not-found'> {
  return new Problem('not-found', { what, name, near })
}

/** What stands beside the sentence for programs: names close to what was asked, who may do it, wrong fields. */
export function extensions(problem: Problem): Record<string, unknown> {
  if (isKind(problem, 'not-valid')) return { errors: problem.facts.issues }
  if (isKind(problem, 'not-found') && problem.facts.near.length > 0) return { near: problem.facts.near }
  if (isKind(problem, 'not-allowed')) return { whoCan: problem.facts.whoCan }
  if (isKind(problem, 'operation-refused') || isKind(problem, 'job-refused')) {
    return { reason: problem.facts.why.of }
  }
  return {}
}

function isKind<K extends ProblemKind>(problem: Problem, kind: K): problem is Problem<K> {
  return problem.kind === kind
}
