import type { Database, Tx } from '../../platform/platform.ts'
import { CALM, type Folded, type Storm } from './storm.ts'
import type { StormStore } from './storm-store.ts'

interface Row {
  recent: Date[]
  since: Date | null
  storm: number
  version: number
  folded: unknown
  services: string[]
}

export function prismaStorms(database: Database): StormStore {
  return {
    async of(chatId) {
      const row = await database.prisma.chatStorm.findUnique({ where: { chatId } })
      return row ? toStorm(row) : CALM
    },
    change: (chatId, change) =>
      database.transaction(async (tx) => {
        const before = await locked(tx, chatId)
        const { storm, result } = change(before)
        if (storm !== before) await save(tx, chatId, storm)
        return result
      }),
    async going() {
      const rows = await database.prisma.chatStorm.findMany({
        where: { since: { not: null } },
        select: { chatId: true },
      })
      return rows.map(({ chatId }) => chatId)
    },
  }
}

async function locked(tx: Tx, chatId: string): Promise<Storm> {
  await tx.$executeRaw`
    INSERT INTO "ChatStorm" ("chatId", folded, version) VALUES (${chatId}, '[]'::jsonb, 0) ON CONFLICT DO NOTHING`
  const [row] = await tx.$queryRaw<Row[]>`SELECT * FROM "ChatStorm" WHERE "chatId" = ${chatId} FOR UPDATE`
  return row ? toStorm(row) : CALM
}

async function save(tx: Tx, chatId: string, storm: Storm): Promise<void> {
  const { recent, since, number, version, folded, services } = storm
  await tx.$executeRaw`
    UPDATE "ChatStorm" SET recent = ${recent.map((at) => new Date(at))}::timestamptz[],
      since = ${since === null ? null : new Date(since)}::timestamptz, storm = ${number}, version = ${version},
      folded = ${JSON.stringify(folded)}::jsonb, services = ${[...services]}::text[]
    WHERE "chatId" = ${chatId}`
}

function toStorm({ recent, since, storm, version, folded, services }: Row): Storm {
  return {
    recent: recent.map((at) => at.getTime()),
    since: since?.getTime() ?? null,
    // Written by us alone, from this very type.
    ...{ number: storm, version, folded: folded as Folded[], services },
  }
}
