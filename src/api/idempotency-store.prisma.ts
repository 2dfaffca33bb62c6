import type { Db } from '../platform/platform.ts'
import type { IdempotencyStore, KeyClaim } from './ports.ts'

export function createIdempotencyStore(prisma: Db): IdempotencyStore {
  return {
    async claim(id, request, { now, staleBefore }): Promise<KeyClaim> {
      const createdAt = new Date(now)
      const made = await prisma.idempotencyKey.createMany({
        data: [{ id, request, createdAt }],
        skipDuplicates: true,
      })
      if (made.count === 1) return { is: 'yours' }
      const known = await prisma.idempotencyKey.findUnique({ where: { id } })
      // Released between the two: the next look claims it.
      if (!known) return { is: 'running' }
      if (known.request !== request) return { is: 'other-request' }
      if (known.status !== null && typeof known.response === 'string') {
        return { is: 'answered', status: known.status, response: known.response }
      }
      const takenOver = await prisma.idempotencyKey.updateMany({
        where: { id, status: null, createdAt: { lt: new Date(staleBefore) } },
        data: { createdAt },
      })
      return takenOver.count === 1 ? { is: 'yours' } : { is: 'running' }
    },
    async answer(id, status, response) {
      await prisma.idempotencyKey.updateMany({ where: { id }, data: { status, response } })
    },
    async release(id) {
      await prisma.idempotencyKey.deleteMany({ where: { id, status: null } })
    },
    async forgetBefore(instant) {
      const { count } = await prisma.idempotencyKey.deleteMany({
        where: { createdAt: { lt: new Date(instant) } },
      })
      return count
    },
  }
}
