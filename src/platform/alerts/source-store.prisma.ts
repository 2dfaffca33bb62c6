import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { AlertSource } from '../storage/generated/client.ts'
import type { Labels } from './labels.ts'
import type { SourceRow, SourceStore } from './ports.ts'

export function createSourceStore(client: Tx): SourceStore {
  return {
    async all() {
      return (await client.alertSource.findMany({ orderBy: { name: 'asc' } })).map(toSource)
    },
    async byName(name) {
      const row = await client.alertSource.findUnique({ where: { name } })
      return row && toSource(row)
    },
    async byHash(tokenHash) {
      const row = await client.alertSource.findUnique({ where: { tokenHash } })
      return row && toSource(row)
    },
    async insert({ labels, heardAt, createdAt, revokedAt, ...rest }) {
      const times = { heardAt: dateOf(heardAt), createdAt: dateOf(createdAt), revokedAt: dateOf(revokedAt) }
      const data = [{ ...rest, ...times, labels: toJson(labels) }]
      return (await client.alertSource.createMany({ data, skipDuplicates: true })).count === 1
        ? 'saved'
        : 'name-taken'
    },
    async heard(id, at) {
      await client.alertSource.updateMany({ where: { id }, data: { heardAt: dateOf(at) } })
    },
    async revoke(id, at) {
      await client.alertSource.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: dateOf(at) } })
    },
  }
}

function toSource(row: AlertSource): SourceRow {
  return {
    ...row,
    // Written by us alone, from this very type.
    labels: row.labels as Labels,
    heardAt: instantOf(row.heardAt),
    createdAt: row.createdAt.getTime(),
    revokedAt: instantOf(row.revokedAt),
  }
}
