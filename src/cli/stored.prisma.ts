import { createClusterStore } from '../platform/flink/cluster-store.prisma.ts'
import { createFlinkVersionStore } from '../platform/flink/flink-version-store.prisma.ts'
import type { Database } from '../platform/storage/database.prisma.ts'
import { readMigrations } from '../platform/storage/migrate.prisma.ts'

export type SchemaState =
  | { is: 'current' }
  | { is: 'behind'; missing: number }
  | { is: 'ahead'; migration: string }

/** Compares without applying anything. */
export async function lookAtSchema(database: Database): Promise<SchemaState> {
  const known = readMigrations().map(({ name }) => name)
  const [table] = await database.sql<{ there: boolean }>(
    `SELECT to_regclass('schema_migration') IS NOT NULL AS there`,
  )
  const rows = table?.there ? await database.sql<{ name: string }>('SELECT name FROM schema_migration') : []
  const applied = new Set(rows.map(({ name }) => name))
  const unknown = [...applied].find((name) => !known.includes(name))
  if (unknown !== undefined) return { is: 'ahead', migration: unknown }
  const missing = known.filter((name) => !applied.has(name)).length
  return missing === 0 ? { is: 'current' } : { is: 'behind', missing }
}

/** The Flink homes and clusters that jobs may use. */
export async function registered({ prisma }: Database) {
  const [homes, clusters] = await Promise.all([
    createFlinkVersionStore(prisma).all(),
    createClusterStore(prisma).all(),
  ])
  return {
    homes: homes.map(({ name, home, javaHome }) => ({ name, home, javaHome })),
    clusters: clusters.map(({ name, address, managed, sandbox }) => ({
      name,
      address,
      private: managed || sandbox,
    })),
  }
}
