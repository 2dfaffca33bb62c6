import type { Clock } from '../../lib/clock.ts'
import type { Database } from '../../platform/platform.ts'
import type { KeptPresses } from './kept-presses.ts'

export function prismaKeptPresses({ prisma }: Pick<Database, 'prisma'>, clock: Clock): KeptPresses {
  return {
    async keep(presses) {
      if (presses.length === 0) return
      const createdAt = new Date(clock.now())
      const data = presses.map((press) => ({ ...press, createdAt }))
      await prisma.keptPress.createMany({ data, skipDuplicates: true })
    },
    async forget(before) {
      await prisma.keptPress.deleteMany({ where: { createdAt: { lt: new Date(before) } } })
    },
    async byId(id) {
      return (await prisma.keptPress.findUnique({ where: { id } }))?.press ?? null
    },
  }
}
