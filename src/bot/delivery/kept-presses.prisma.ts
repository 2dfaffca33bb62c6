import type { Clock } from '../../lib/clock.ts'
import type { Database } from '../../platform/platform.ts'
import type { KeptPresses } from './kept-presses.ts'

export function prismaKeptPresses(
  { prisma, sql }: Pick<Database, 'prisma' | 'sql'>,
  clock: Clock,
): KeptPresses {
  return {
    async keep(presses) {
      if (presses.length === 0) return
      const ids = presses.map(({ id }) => id)
      await sql(KEEP, [ids, presses.map(({ press }) => press), new Date(clock.now())])
    },
    async forget(before) {
      await prisma.keptPress.deleteMany({ where: { createdAt: { lt: new Date(before) } } })
    },
    async byId(id) {
      return (await prisma.keptPress.findUnique({ where: { id } }))?.press ?? null
    },
  }
}

// A button that is drawn again is in use: it is not forgotten by the day on which it was first drawn.
const KEEP = `
INSERT INTO "KeptPress" ("id", "press", "createdAt")
SELECT DISTINCT ON (k."id") k."id", k."press", $3::timestamptz FROM unnest($1::text[], $2::text[]) AS k("id", "press")
ON CONFLICT ("id") DO UPDATE SET "createdAt" = EXCLUDED."createdAt"`
