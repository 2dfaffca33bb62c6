import type { OnCallApi } from '../on-call-api.ts'
import { audit, type OnCallDependencies } from './on-call-dependencies.ts'

type Chains = Pick<OnCallApi, 'chains' | 'saveChain' | 'removeChain' | 'rules' | 'saveRules'>

/** Who is told in which order, and how people want to be told. */
export function createChains({ transact, read, clock, ids, teamName }: OnCallDependencies): Chains {
  return {
    async chains() {
      const rows = await read.chains.all()
      return Promise.all(
        rows.map(async ({ name, teamId, body }) => ({ name, team: await teamName(teamId), body })),
      )
    },
    saveChain: (permit, { name, team, body }) =>
      transact(async (stores) => {
        const owner = await stores.teams.byName(team)
        if (!owner) return { ok: false, why: { of: 'unknown-team' } }
        const former = await stores.chains.byName(name)
        if (former && former.teamId !== owner.id) return { ok: false, why: { of: 'name-taken' } }
        await stores.chains.save({
          ...{ id: former?.id ?? ids.next('esc'), name, teamId: owner.id, body },
          ...{ updatedBy: permit.by.member.displayName, updatedAt: clock.now() },
        })
        await audit(stores, permit, { subject: `chain ${name}`, before: former?.body ?? null, after: body })
        return { ok: true, value: null }
      }),
    removeChain: (permit, name) =>
      transact(async (stores) => {
        const former = await stores.chains.byName(name)
        if (!former) return { ok: false, why: { of: 'unknown' } }
        await stores.chains.remove(former.id)
        await audit(stores, permit, { subject: `chain ${name}`, before: former.body, after: null })
        return { ok: true, value: null }
      }),
    rules: (memberId) => read.members.rulesOf(memberId),
    saveRules: (by, rules) =>
      transact(async (stores) => {
        const before = await stores.members.rulesOf(by.member.id)
        await stores.members.saveRules(by.member.id, rules, clock.now())
        const whose = { by, verb: 'oncall:rules' }
        await audit(stores, whose, { subject: by.member.name, before, after: rules })
      }),
  }
}
