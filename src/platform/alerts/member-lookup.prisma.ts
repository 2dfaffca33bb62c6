import { dateOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { PersonalRules } from './life/personal.ts'
import type { MemberLookup } from './ports.ts'

const NAME = { id: true, name: true, displayName: true } as const

/** Members belong to access; alerting only finds whom to tell. */
export function createMemberLookup(client: Tx): MemberLookup {
  return {
    byId: (id) => client.member.findUnique({ where: { id, disabledAt: null }, select: NAME }),
    byNames: (names) =>
      client.member.findMany({
        where: { name: { in: [...names] }, disabledAt: null },
        select: NAME,
        orderBy: { name: 'asc' },
      }),
    ofTeam: (teamId, holding) =>
      client.member.findMany({
        where: {
          disabledAt: null,
          memberships: { some: { teamId, ...(holding && { role: { permissions: { has: holding } } }) } },
        },
        select: NAME,
        orderBy: { name: 'asc' },
      }),
    async rulesOf(memberId) {
      const row = await client.personalRule.findUnique({ where: { memberId } })
      // Written by us alone, from this very type.
      return row && (row.body as unknown as PersonalRules)
    },
    async saveRules(memberId, rules, at) {
      const data = { body: toJson(rules), updatedAt: dateOf(at) }
      await client.personalRule.upsert({ where: { memberId }, create: { memberId, ...data }, update: data })
    },
  }
}
