import { orNull, readPulse, readRoom, readYarnPlace } from '../jobs/columns.ts'
import type { ClusterRecord, ClusterStore } from '../jobs/stores.ts'
import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { Cluster as ClusterRow } from '../storage/generated/client.ts'

export function createClusterStore(client: Tx): ClusterStore {
  return {
    /** Removed ones too: what ran there is still told. */
    async byId(id) {
      const row = await client.cluster.findUnique({ where: { id } })
      return row && toCluster(row)
    },
    async byName(name) {
      const row = await client.cluster.findFirst({ where: { name, removedAt: null } })
      return row && toCluster(row)
    },
    async all() {
      const rows = await client.cluster.findMany({ where: { removedAt: null }, orderBy: { name: 'asc' } })
      return rows.map(toCluster)
    },
    async insert({ environment, yarn, ...same }, at) {
      const row = {
        ...same,
        ...(yarn && { yarn: toJson(yarn) }),
        environmentName: environment,
        createdAt: dateOf(at),
      }
      const { count } = await client.cluster.createMany({ data: [row], skipDuplicates: true })
      return count === 1 ? 'saved' : 'name-taken'
    },
    async setAddress(id, address) {
      await client.cluster.updateMany({ where: { id }, data: { address } })
    },
    async savePulse(id, pulse) {
      await client.cluster.updateMany({ where: { id }, data: { pulse: toJson(pulse) } })
    },
    async saveRoom(id, room) {
      await client.cluster.updateMany({ where: { id }, data: { room: toJson(room) } })
    },
    async saveReach(id, reach) {
      const data =
        reach.is === 'reachable'
          ? { reachableAt: dateOf(reach.at), unreachableSince: null, unreachableBecause: null }
          : { unreachableSince: dateOf(reach.since), unreachableBecause: reach.because }
      await client.cluster.updateMany({ where: { id }, data })
    },
    async remove(id, at) {
      await client.cluster.updateMany({ where: { id, removedAt: null }, data: { removedAt: dateOf(at) } })
    },
    jobCount: (id) => client.job.count({ where: { clusterId: id, archivedAt: null } }),
    async jobCounts() {
      const rows = await client.job.groupBy({
        by: ['clusterId'],
        where: { archivedAt: null },
        _count: { _all: true },
      })
      return new Map(rows.map(({ clusterId, _count }) => [clusterId, _count._all]))
    },
  }
}

const readPulseOrNull = orNull(readPulse)
const readRoomOrNull = orNull(readRoom)

function kindOf({ kind, yarn }: ClusterRow) {
  return kind === 'yarn'
    ? ({ kind: 'yarn', yarn: readYarnPlace(yarn) } as const)
    : ({ kind: 'session', yarn: null } as const)
}

function toCluster(row: ClusterRow): ClusterRecord {
  return {
    id: row.id,
    name: row.name,
    ...kindOf(row),
    environment: row.environmentName,
    address: row.address,
    managed: row.managed,
    sandbox: row.sandbox,
    flinkVersionId: row.flinkVersionId,
    savepointDir: row.savepointDir,
    checkpointDir: row.checkpointDir,
    archiveDir: row.archiveDir,
    parallelOperations: row.parallelOperations,
    pulse: readPulseOrNull(row.pulse),
    room: readRoomOrNull(row.room),
    reachableAt: instantOf(row.reachableAt),
    unreachableSince: instantOf(row.unreachableSince),
    unreachableBecause: row.unreachableBecause,
    removedAt: instantOf(row.removedAt),
  }
}
