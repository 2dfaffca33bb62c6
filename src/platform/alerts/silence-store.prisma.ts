import type { Instant } from '../../lib/clock.ts'
import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import { Prisma, type Silence as SilenceRecord } from '../storage/generated/client.ts'
import type { Matcher } from './matcher.ts'
import type { Silence, SilenceStore } from './ports.ts'

/** How long one that has ended stays readable, as Alertmanager keeps it. */
const KEPT_MS = 120 * 3_600_000

export function createSilenceStore(client: Tx): SilenceStore {
  const all = async (query: Prisma.Sql) => (await client.$queryRaw<SilenceRecord[]>(query)).map(toSilence)
  const one = async (query: Prisma.Sql) => (await all(query))[0] ?? null
  const endedAfter = (instant: Instant) =>
    all(Prisma.sql`SELECT * FROM "Silence" WHERE "endsAt" > ${dateOf(instant)} ORDER BY "endsAt", id`)
  return {
    byId: (id) => one(Prisma.sql`SELECT * FROM "Silence" WHERE id = ${id}`),
    lock: (id) => one(Prisma.sql`SELECT * FROM "Silence" WHERE id = ${id} FOR UPDATE`),
    async save({ id, ...silence }) {
      const data = columns(silence)
      await client.silence.upsert({ where: { id }, create: { id, ...data }, update: data })
    },
    all: (now) => endedAfter(now - KEPT_MS),
    active: async (now) => (await endedAfter(now)).filter(({ startsAt }) => startsAt <= now),
    takeDue: (now) =>
      one(Prisma.sql`
        SELECT * FROM "Silence" WHERE "dueAt" <= ${dateOf(now)}
        ORDER BY "dueAt" LIMIT 1 FOR UPDATE SKIP LOCKED`),
    async nextDue() {
      const { _min } = await client.silence.aggregate({ _min: { dueAt: true } })
      return instantOf(_min.dueAt)
    },
  }
}

function columns(silence: Omit<Silence, 'id'>) {
  return {
    ...silence,
    matchers: toJson([...silence.matchers]),
    startsAt: dateOf(silence.startsAt),
    endsAt: dateOf(silence.endsAt),
    createdAt: dateOf(silence.createdAt),
    updatedAt: dateOf(silence.updatedAt),
    begunAt: dateOf(silence.begunAt),
    warnedAt: dateOf(silence.warnedAt),
    endedAt: dateOf(silence.endedAt),
    dueAt: dateOf(silence.dueAt),
  }
}

function toSilence(row: SilenceRecord): Silence {
  return {
    ...row,
    // Written by us alone, from this very type.
    matchers: row.matchers as unknown as Matcher[],
    startsAt: row.startsAt.getTime(),
    endsAt: row.endsAt.getTime(),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
    begunAt: instantOf(row.begunAt),
    warnedAt: instantOf(row.warnedAt),
    endedAt: instantOf(row.endedAt),
    dueAt: instantOf(row.dueAt),
  }
}
