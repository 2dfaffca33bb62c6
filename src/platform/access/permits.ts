import { decisionEntry } from '../audit/audit.ts'
import type { Asked, Because, By, Decision, Permit, Subject, Verb } from './access.ts'
import type { AccessParts } from './dependencies.ts'
import { GROUNDS, may } from './may.ts'
import { createSeenLately } from './seen-lately.ts'
import { SLUICE } from './sluice-member.ts'

/** As many as fit into one sentence. */
const MOST_NAMES = 5

export interface Permits {
  permit<V extends Verb>(by: By, verb: V, subject: Subject): Promise<Asked<V>>
  /** For what Sluice does by itself (a restart policy, a watcher): always granted, and audited as Sluice's own. */
  permitSluice<V extends Verb>(verb: V, subject: Subject, requestId: string): Promise<Permit<V>>
}

/** Not to be called inside a transaction: the decision stands in the audit even if what follows is rolled back. */
export function createPermits({
  database,
  clock,
  audit,
  directory,
  memberStore,
}: Pick<AccessParts, 'database' | 'clock' | 'audit' | 'directory' | 'memberStore'>): Permits {
  const { prisma } = database
  const lately = createSeenLately(clock)

  async function record(by: By, verb: Verb, subject: Subject, decision: Decision): Promise<void> {
    if (decision.yes && lately.again(by, verb, subject)) return
    const teamName = subject.of === 'team' ? await directory.teamName(subject.team) : null
    await audit.record(prisma, decisionEntry({ by, verb, subject, teamName }, decision, clock.now()))
  }

  /** Decided about who the member is now: `by` may be a while old. */
  async function decide(by: By, verb: Verb, subject: Subject): Promise<{ fresh: By; decision: Decision }> {
    const member = await directory.byId(by.member.id)
    if (!member) return { fresh: by, decision: { yes: false, because: { why: 'disabled' } } }
    const fresh = { ...by, member }
    const live = !by.token || (await directory.isTokenLive(by.token.tokenId, clock.now()))
    if (!live) return { fresh, decision: { yes: false, because: { why: 'token-scope', verb } } }
    return { fresh, decision: may(member, by.token, verb, subject) }
  }

  async function named(because: Because): Promise<Because> {
    if (because.why !== 'not-in-team') return because
    return { ...because, team: (await directory.teamName(because.team)) ?? because.team }
  }

  return {
    async permit(by, verb, subject) {
      const { fresh, decision } = await decide(by, verb, subject)
      await record(fresh, verb, subject, decision)
      if (decision.yes) return { ok: true, permit: make(fresh, verb, subject, clock.now()) }
      const adminsAlone = GROUNDS[verb] === 'admins' || subject.of === 'platform'
      const whoCan = await memberStore.findWhoCan(prisma, {
        team: adminsAlone ? null : subject.team,
        verb,
        limit: MOST_NAMES,
      })
      return { ok: false, because: await named(decision.because), whoCan }
    },
    async permitSluice(verb, subject, requestId) {
      const by: By = { member: SLUICE, via: 'sluice', token: null, requestId }
      await record(by, verb, subject, { yes: true })
      return make(by, verb, subject, clock.now())
    },
  }
}

/** The only place where a permit is made; the cast stands for the decision that was just recorded. */
function make<V extends Verb>(by: By, verb: V, subject: Subject, at: number): Permit<V> {
  return { by, verb, subject, at } as unknown as Permit<V>
}
