import { dateOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { EscalationChain as ChainRecord } from '../storage/generated/client.ts'
import type { ChainRow, ChainStore } from './ports.ts'

export function createChainStore(client: Tx): ChainStore {
  return {
    async all() {
      return (await client.escalationChain.findMany({ orderBy: { name: 'asc' } })).map(toChain)
    },
    async byName(name) {
      const row = await client.escalationChain.findUnique({ where: { name } })
      return row && toChain(row)
    },
    async ofTeam(teamId) {
      const rows = await client.escalationChain.findMany({ where: { teamId }, orderBy: { name: 'asc' } })
      return rows.map(toChain)
    },
    async save({ id, body, updatedAt, ...rest }) {
      const data = { ...rest, body: toJson(body), updatedAt: dateOf(updatedAt) }
      await client.escalationChain.upsert({ where: { id }, create: { id, ...data }, update: data })
    },
    async remove(id) {
      await client.escalationChain.deleteMany({ where: { id } })
    },
    async takeTurn(id) {
      const { turns } = await client.escalationChain.update({
        where: { id },
        data: { turns: { increment: 1 } },
        select: { turns: true },
      })
      return turns - 1
    },
  }
}

function toChain({ body, updatedAt, ...row }: ChainRecord): ChainRow {
  // Written by us alone, from this very type.
  return { ...row, body: body as unknown as ChainRow['body'], updatedAt: updatedAt.getTime() }
}
