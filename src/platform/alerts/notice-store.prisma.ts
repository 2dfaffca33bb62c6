import type { WorkSender } from '../jobs/stores.ts'
import { dateOf } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { Notice as NoticeRecord } from '../storage/generated/client.ts'
import type { Notice, NoticeContent, NoticeStore, ToldStore } from './ports.ts'

/** `queue`: tells it, in the same commit. */
export function createNoticeStore(client: Tx, queue: Pick<WorkSender, 'tell' | 'tellAll'>): NoticeStore {
  return {
    async add({ id, subject, reason, target, content, createdAt }, afterMs = 0) {
      const added = await client.$executeRaw`
        INSERT INTO "Notice" (id, subject, reason, target, content, "createdAt")
        VALUES (${id}, ${subject}, ${reason}, ${target}, ${JSON.stringify(content)}::jsonb, ${dateOf(createdAt)})
        ON CONFLICT (subject, reason, target) DO NOTHING`
      if (added === 0) return false
      await queue.tell(id, afterMs)
      return true
    },
    async addAll(notices) {
      if (notices.length === 0) return
      const rows = JSON.stringify(
        notices.map((notice) => ({ ...notice, createdAt: new Date(notice.createdAt) })),
      )
      const added = await client.$queryRaw<{ id: string }[]>`
        INSERT INTO "Notice" (id, subject, reason, target, content, "createdAt")
        SELECT id, subject, reason, target, content, "createdAt"
        FROM jsonb_to_recordset(${rows}::jsonb)
          AS n(id text, subject text, reason text, target text, content jsonb, "createdAt" timestamptz)
        ON CONFLICT (subject, reason, target) DO NOTHING
        RETURNING id`
      await queue.tellAll(added.map(({ id }) => id))
    },
    async byId(id) {
      const row = await client.notice.findUnique({ where: { id } })
      return row && toNotice(row)
    },
    async end(id, state, because, at) {
      await client.notice.updateMany({
        where: { id, state: 'waiting' },
        data: { state, because, endedAt: dateOf(at) },
      })
    },
    async ofSubject(subject) {
      const rows = await client.notice.findMany({
        where: { subject },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      })
      return rows.map(toNotice)
    },
  }
}

export function createToldStore(client: Tx): ToldStore {
  return {
    async first(key, at) {
      return (
        (await client.$executeRaw`
        INSERT INTO "Told" (key, at) VALUES (${key}, ${dateOf(at)}) ON CONFLICT (key) DO NOTHING`) === 1
      )
    },
  }
}

function toNotice(row: NoticeRecord): Notice {
  return {
    id: row.id,
    subject: row.subject,
    reason: row.reason,
    target: row.target,
    // Written by us alone, from this very type.
    content: row.content as unknown as NoticeContent,
    state: row.state as Notice['state'],
    because: row.because,
    createdAt: row.createdAt.getTime(),
  }
}
