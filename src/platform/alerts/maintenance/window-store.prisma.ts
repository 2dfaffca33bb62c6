import { dateOf, toJson } from '../../storage/columns.ts'
import type { Tx } from '../../storage/database.prisma.ts'
import type { MaintenanceWindow } from '../../storage/generated/client.ts'
import type { WindowRow, WindowStore } from '../ports.ts'

export function createWindowStore(client: Tx): WindowStore {
  return {
    async all() {
      return (await client.maintenanceWindow.findMany({ orderBy: { name: 'asc' } })).map(toWindow)
    },
    async byName(name) {
      const row = await client.maintenanceWindow.findUnique({ where: { name } })
      return row && toWindow(row)
    },
    async save({ id, matchers, times, createdAt, ...rest }) {
      const json = { matchers: toJson([...matchers]), times: toJson(times) }
      const data = { ...rest, ...json, createdAt: dateOf(createdAt) }
      await client.maintenanceWindow.upsert({ where: { id }, create: { id, ...data }, update: data })
    },
    async remove(id) {
      await client.maintenanceWindow.deleteMany({ where: { id } })
    },
  }
}

function toWindow(row: MaintenanceWindow): WindowRow {
  const { id, name, teamId, zone, comment, createdBy } = row
  return {
    ...{ id, name, teamId, zone, comment, createdBy, createdAt: row.createdAt.getTime() },
    // Written by us alone, from these very types.
    matchers: row.matchers as unknown as WindowRow['matchers'],
    times: row.times as unknown as WindowRow['times'],
  }
}
