import type { Clock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { FlushContext } from '../../src/platform/alerts/flushing.ts'
import { defaultRouting } from '../../src/platform/alerts/routing/routing-holder.ts'
import { auditLog } from '../../src/platform/audit/audit-log.prisma.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { createStores, type OpenStores } from '../../src/platform/stores.prisma.ts'

/** Stores whose work goes nowhere: for use cases that send none, or whose tests do not look at it. */
export function storesOn(database: Database, clock: Clock): OpenStores {
  const queue = { send: async () => {}, sendNew: async () => {} }
  return createStores({ database, clock, queue, audit: auditLog, alerting })
}

const routing = defaultRouting()

/** Alerts as they are routed where nobody has set anything else. */
export const alerting: FlushContext = {
  routing: () => routing,
  ids: randomIds,
  externalUrl: 'http://sluice.example.com',
  flappingTurns: 4,
}

/** Two teams and two environments. */
export async function seedTeams({ prisma }: Database): Promise<void> {
  const createdAt = new Date(0)
  await prisma.team.createMany({
    data: ['data', 'ads'].map((name) => ({ id: `team_${name}`, name, title: name, createdAt })),
  })
  await prisma.environment.createMany({
    data: [
      { name: 'prod', titleZh: '生产', titleEn: 'Production', approvals: [] },
      { name: 'preprod', titleZh: '预发', titleEn: 'Pre-production', approvals: [] },
    ],
  })
}

/** What the audit holds, oldest first. */
export async function auditedIn({ prisma }: Database) {
  return prisma.auditEntry.findMany({ orderBy: { id: 'asc' } })
}
