import { dateOf } from '../../storage/columns.ts'
import type { Tx } from '../../storage/database.prisma.ts'
import type { AlertRouting } from '../../storage/generated/client.ts'
import type { RoutingRow, RoutingStore } from '../ports.ts'

export function createRoutingStore(client: Tx): RoutingStore {
  return {
    async latest() {
      const row = await client.alertRouting.findFirst({ orderBy: { revision: 'desc' } })
      return row && toRouting(row)
    },
    async add({ savedAt, ...rest }) {
      return toRouting(await client.alertRouting.create({ data: { ...rest, savedAt: dateOf(savedAt) } }))
    },
  }
}

function toRouting({ origin, savedAt, ...row }: AlertRouting): RoutingRow {
  return { ...row, origin: origin === 'file' ? 'file' : 'import', savedAt: savedAt.getTime() }
}
