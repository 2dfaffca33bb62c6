import type { FlinkVersionRecord, FlinkVersionStore } from '../jobs/stores.ts'
import type { Tx } from '../storage/database.prisma.ts'

export function createFlinkVersionStore(client: Tx): FlinkVersionStore {
  return {
    byName: (name) => client.flinkVersion.findUnique({ where: { name }, omit: { createdAt: true } }),
    byId: (id) => client.flinkVersion.findUnique({ where: { id }, omit: { createdAt: true } }),
    all: () => client.flinkVersion.findMany({ orderBy: { name: 'asc' }, omit: { createdAt: true } }),
    insert: (version, at) => insert(client, version, new Date(at)),
    async remove(id) {
      await client.flinkVersion.deleteMany({ where: { id } })
    },
    async uses({ id, name }) {
      const [row] = await client.$queryRaw<{ uses: number }[]>`
        SELECT (SELECT count(*) FROM "Cluster" WHERE "flinkVersionId" = ${id} AND "removedAt" IS NULL)::int
          + (SELECT count(*) FROM "Job" j JOIN "Release" r ON r."jobId" = j.id AND r.number = j.releases
             WHERE r."flinkVersion" = ${name} AND j."archivedAt" IS NULL)::int AS uses`
      return row?.uses ?? 0
    },
  }
}

async function insert(client: Tx, version: FlinkVersionRecord, at: Date): Promise<'saved' | 'name-taken'> {
  const rows = [{ ...version, isDefault: false, createdAt: at }]
  const { count } = await client.flinkVersion.createMany({ data: rows, skipDuplicates: true })
  if (count === 0) return 'name-taken'
  if (!version.isDefault) return 'saved'
  // One after the other: at no moment are there two.
  await client.flinkVersion.updateMany({ where: { isDefault: true }, data: { isDefault: false } })
  await client.flinkVersion.updateMany({ where: { id: version.id }, data: { isDefault: true } })
  return 'saved'
}
