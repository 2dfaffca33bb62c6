import type { AuditApi, AuditEntryView, PageAsk } from '../platform.ts'
import type { Database, Db, Tx } from '../storage/database.prisma.ts'
import { type AuditEntry as AuditRow, Prisma } from '../storage/generated/client.ts'
import { type AuditEntry, type AuditPort, reachOf } from './audit.ts'
import { maskSecrets, maskText } from './mask-secrets.ts'

const PAGE = 50
const LARGEST_PAGE = 200

/** Also takes the outer client, for an entry that stands alone. */
export const auditLog: AuditPort & { record(client: Tx | Db, entry: AuditEntry): Promise<void> } = {
  async record(client, entry) {
    await client.auditEntry.createMany({
      data: [
        {
          ...entry,
          at: new Date(entry.at),
          because: entry.because === null ? null : maskText(entry.because),
          before: toJson(entry.before),
          after: toJson(entry.after),
        },
      ],
    })
  },
}

export function createAudit({ prisma }: Pick<Database, 'prisma'>): AuditApi {
  return {
    async list(permit, ask) {
      const reach = reachOf(permit)
      const wanted = reach.is === 'nothing' ? null : await whereAsked(prisma, ask)
      if (!wanted) return { items: [], next: null }
      const conditions = [...wanted, ...afterCursor(ask)]
      if (reach.is === 'teams') conditions.push({ teamId: { in: [...reach.teams] } })
      if (reach.is === 'job') conditions.push({ jobId: reach.job })
      return page(prisma, conditions, limitOf(ask))
    },
  }
}

async function page(prisma: Db, conditions: Prisma.AuditEntryWhereInput[], limit: number) {
  const rows = await prisma.auditEntry.findMany({
    where: { AND: conditions },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const shown = rows.slice(0, limit)
  return {
    items: shown.map(toView),
    next: rows.length > limit ? String(shown.at(-1)?.id) : null,
  }
}

/** The filters as conditions on ids; null when something named in them does not exist. */
async function whereAsked(
  prisma: Db,
  { job, member, team, verb }: { job?: string; member?: string; team?: string; verb?: string },
): Promise<Prisma.AuditEntryWhereInput[] | null> {
  const conditions: Prisma.AuditEntryWhereInput[] = []
  if (verb !== undefined) conditions.push({ verb })
  if (member !== undefined) conditions.push({ actor: member })
  if (job !== undefined) {
    const found = await prisma.job.findUnique({ where: { name: job }, select: { id: true } })
    if (!found) return null
    conditions.push({ jobId: found.id })
  }
  if (team !== undefined) {
    const found = await prisma.team.findUnique({ where: { name: team }, select: { id: true } })
    if (!found) return null
    conditions.push({ teamId: found.id })
  }
  return conditions
}

function afterCursor({ cursor }: PageAsk): Prisma.AuditEntryWhereInput[] {
  // A cursor that we never gave begins at the newest again.
  return cursor && /^\d{1,18}$/.test(cursor) ? [{ id: { lt: BigInt(cursor) } }] : []
}

function limitOf({ limit = PAGE }: PageAsk): number {
  return Math.min(Math.max(1, Math.trunc(limit) || PAGE), LARGEST_PAGE)
}

function toView(row: AuditRow): AuditEntryView {
  return {
    id: String(row.id),
    at: row.at.getTime(),
    actor: row.actor,
    via: row.via,
    verb: row.verb,
    subject: row.subject,
    decision: row.decision,
    because: row.because,
    before: row.before,
    after: row.after,
    requestId: row.requestId,
  }
}

function toJson(value: unknown): Prisma.InputJsonValue | typeof Prisma.DbNull {
  // Masking leaves nothing but JSON.
  return value === null || value === undefined ? Prisma.DbNull : (maskSecrets(value) as Prisma.InputJsonValue)
}
