import type { Instant } from '../../lib/clock.ts'
import type { By, Decision, Member, Permit, Subject, TeamId } from '../access/access.ts'
import { may } from '../access/may.ts'
import { SLUICE } from '../access/sluice-member.ts'
import type { Tx } from '../storage/database.prisma.ts'

/** Allowed and refused are answers to "may I?"; done and failed tell what became of it. */
export type AuditDecision = 'allowed' | 'refused' | 'done' | 'failed'

export interface AuditEntry {
  at: Instant
  /** Null: Sluice itself, or somebody not linked. */
  memberId: string | null
  actor: string
  via: string
  /** A permission, or another thing that happened, such as `session:sign-in`. */
  verb: string
  /** For people: `job orders-cdc`, `team data`. */
  subject: string
  subjectId: string | null
  jobId: string | null
  teamId: string | null
  decision: AuditDecision
  because: string | null
  before: unknown
  after: unknown
  requestId: string
}

/** Writes into somebody else's transaction, so that what was done and its entry share one commit. Masks secrets. */
export interface AuditPort {
  record(tx: Tx, entry: AuditEntry): Promise<void>
}

/** What happened under a permit, with the state before and after. */
export function entryFor(
  permit: Permit,
  what: Partial<Omit<AuditEntry, 'at' | 'memberId' | 'actor' | 'via' | 'requestId'>>,
  now: Instant,
): AuditEntry {
  return {
    ...entryOf(permit.by, permit.verb, permit.subject),
    at: now,
    decision: 'done',
    because: null,
    before: null,
    after: null,
    ...what,
  }
}

/** The answer to "may I?". */
export function decisionEntry(
  asked: { by: By; verb: string; subject: Subject; teamName: string | null },
  decision: Decision,
  now: Instant,
): AuditEntry {
  return {
    ...entryOf(asked.by, asked.verb, asked.subject, asked.teamName),
    at: now,
    decision: decision.yes ? 'allowed' : 'refused',
    because: decision.yes ? null : decision.because.why,
    before: null,
    after: null,
  }
}

function entryOf(by: By, verb: string, subject: Subject, teamName: string | null = null) {
  return {
    memberId: by.member.id === SLUICE.id ? null : by.member.id,
    actor: by.member.name,
    via: by.via,
    verb,
    ...subjectFields(by.member, subject, teamName),
    requestId: by.requestId,
  }
}

function subjectFields(member: Member, subject: Subject, teamName: string | null) {
  if (subject.of === 'platform') {
    return { subject: subject.what, subjectId: null, jobId: null, teamId: null }
  }
  const { job, team } = subject
  const name = teamName ?? member.roles.get(team)?.team ?? team
  return {
    subject: job ? `job ${job.name}` : `team ${name}`,
    subjectId: job?.id ?? team,
    jobId: job?.id ?? null,
    teamId: team,
  }
}

/** Which entries a permit to view the audit reaches. */
export type AuditReach =
  | { is: 'everything' }
  | { is: 'teams'; teams: readonly TeamId[] }
  | { is: 'job'; job: string }
  | { is: 'nothing' }

/**
 * Admins see everything. A permit for one job or one team reaches that. A permit for the platform reaches the teams
 * in which its holder may view the audit, and nothing of the platform itself. Entries do not tell an environment, so
 * a token that is limited to environments reads them job by job.
 */
export function reachOf(permit: Permit<'audit:view'>): AuditReach {
  const { by, subject } = permit
  if (subject.of === 'team') {
    if (subject.job) return { is: 'job', job: subject.job.id }
    return by.token?.environments.length ? { is: 'nothing' } : { is: 'teams', teams: [subject.team] }
  }
  if (by.member.isAdmin) return { is: 'everything' }
  return { is: 'teams', teams: [...by.member.roles.keys()].filter((team) => mayView(by, team)) }
}

function mayView(by: By, team: TeamId): boolean {
  return may(by.member, by.token, 'audit:view', { of: 'team', team, environment: null, job: null }).yes
}
