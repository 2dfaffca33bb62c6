import type { Instant } from '../../../lib/clock.ts'
import { dateOf, instantOf, toJson } from '../../storage/columns.ts'
import type { Tx } from '../../storage/database.prisma.ts'
import type {
  OnCallOverride as OverrideRecord,
  OnCallSchedule as ScheduleRecord,
  OnCallSwap as SwapRecord,
} from '../../storage/generated/client.ts'
import type { OnCallStore, OverrideRow, ScheduleRow, SwapRow } from '../ports.ts'
import { IMPORTED } from './imported.ts'
import type { DayCalendar } from './schedule.ts'

export function createOnCallStore(client: Tx, calendars: readonly DayCalendar[]): OnCallStore {
  return {
    async schedules() {
      return (await client.onCallSchedule.findMany({ orderBy: { name: 'asc' } })).map(toSchedule)
    },
    async byName(name) {
      const row = await client.onCallSchedule.findUnique({ where: { name } })
      return row && toSchedule(row)
    },
    async byId(id) {
      const row = await client.onCallSchedule.findUnique({ where: { id } })
      return row && toSchedule(row)
    },
    async ofTeam(teamId) {
      const rows = await client.onCallSchedule.findMany({ where: { teamId }, orderBy: { name: 'asc' } })
      return rows.map(toSchedule)
    },
    async save({ id, layers, updatedAt, ...rest }, version) {
      const data = { ...rest, layers: toJson([...layers]), updatedAt: dateOf(updatedAt) }
      if (version === null) {
        const { count } = await client.onCallSchedule.createMany({
          data: [{ id, ...data }],
          skipDuplicates: true,
        })
        return count === 1 ? 'saved' : 'stale'
      }
      const { count } = await client.onCallSchedule.updateMany({
        where: { id, version },
        data: { ...data, version: { increment: 1 } },
      })
      return count === 1 ? 'saved' : 'stale'
    },
    async remove(id) {
      await client.onCallSchedule.deleteMany({ where: { id } })
    },
    async overrides(scheduleId, span) {
      const rows = await client.onCallOverride.findMany({
        where: { scheduleId, ...within(span) },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      })
      return rows.map(toOverride)
    },
    async addOverride({ from, to, createdAt, ...rest }) {
      await client.onCallOverride.create({
        data: {
          ...rest,
          instead: rest.instead ?? null,
          ...{ from: dateOf(from), to: dateOf(to), createdAt: dateOf(createdAt) },
        },
      })
    },
    async replaceImported(scheduleId, overrides) {
      await client.onCallOverride.deleteMany({ where: { scheduleId, id: { startsWith: IMPORTED } } })
      const data = overrides.map(({ from, to, createdAt, ...rest }) => ({
        ...rest,
        ...{ from: dateOf(from), to: dateOf(to), createdAt: dateOf(createdAt) },
      }))
      await client.onCallOverride.createMany({ data })
    },
    calendars: () => calendars,
    removeOverride: async (id) => (await client.onCallOverride.deleteMany({ where: { id } })).count === 1,
    async timeOff(span) {
      const rows = await client.$queryRaw<
        { id: string; member: string; from: Date; to: Date; reason: string; createdBy: string }[]
      >`SELECT o.id, m.name AS member, o."from", o."to", o.reason, o."createdBy"
        FROM "TimeOff" o JOIN "Member" m ON m.id = o."memberId"
        WHERE o."to" > ${dateOf(span.from)} AND o."from" < ${dateOf(span.to)} ORDER BY o."from", o.id`
      return rows.map(({ from, to, ...rest }) => ({ ...rest, from: from.getTime(), to: to.getTime() }))
    },
    async addTimeOff({ id, member, from, to, reason, createdBy }, at) {
      const { id: memberId } = await client.member.findUniqueOrThrow({ where: { name: member } })
      await client.timeOff.create({
        data: { id, memberId, reason, createdBy, from: dateOf(from), to: dateOf(to), createdAt: dateOf(at) },
      })
    },
    removeTimeOff: async (id) => (await client.timeOff.deleteMany({ where: { id } })).count === 1,
    async swap(id) {
      const row = await client.onCallSwap.findUnique({ where: { id } })
      return row && toSwap(row)
    },
    async lockSwap(id) {
      const [row] = await client.$queryRaw<
        SwapRecord[]
      >`SELECT * FROM "OnCallSwap" WHERE id = ${id} FOR UPDATE`
      return row ? toSwap(row) : null
    },
    async saveSwap({ id, terms, createdAt, decidedAt, ...rest }) {
      const data = {
        ...{ ...rest, terms: toJson(terms) },
        ...{ createdAt: dateOf(createdAt), decidedAt: dateOf(decidedAt) },
      }
      await client.onCallSwap.upsert({ where: { id }, create: { id, ...data }, update: data })
    },
  }
}

function within({ from, to }: { from: Instant; to: Instant }) {
  return { to: { gt: dateOf(from) }, from: { lt: dateOf(to) } }
}

function toSchedule({ layers, updatedAt, ...row }: ScheduleRecord): ScheduleRow {
  // Written by us alone, from this very type.
  return { ...row, layers: layers as unknown as ScheduleRow['layers'], updatedAt: updatedAt.getTime() }
}

function toOverride({ from, to, createdAt, kind, ...row }: OverrideRecord): OverrideRow {
  return {
    ...row,
    kind: kind as OverrideRow['kind'],
    ...{ from: from.getTime(), to: to.getTime(), createdAt: createdAt.getTime() },
  }
}

function toSwap({ terms, state, createdAt, decidedAt, ...row }: SwapRecord): SwapRow {
  return {
    ...row,
    // Written by us alone, from this very type.
    terms: terms as unknown as SwapRow['terms'],
    state: state as SwapRow['state'],
    ...{ createdAt: createdAt.getTime(), decidedAt: instantOf(decidedAt) },
  }
}
