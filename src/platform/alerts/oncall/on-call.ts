import type { Instant } from '../../../lib/clock.ts'
import type { Permit } from '../../access/access.ts'
import type { Done } from '../../found.ts'
import type { Stores } from '../../jobs/stores.ts'
import type { OnCallApi, OnCallNow, OnCallRefusal, OverrideView, ScheduleView } from '../on-call-api.ts'
import type { OverrideRow, ScheduleRow } from '../ports.ts'
import { createChains } from './chains.ts'
import { dutyOf, shiftsBetween } from './duty.ts'
import { type CalendarShift, calendarOf, readCalendar } from './ical.ts'
import { IMPORTED } from './imported.ts'
import { audit, type OnCallDependencies, strangerAmong, unknownSchedule } from './on-call-dependencies.ts'
import { createSwaps } from './swaps.ts'

const DAY_MS = 86_400_000
const LONGEST_SPAN_MS = 400 * DAY_MS
const FEED_DAYS = 90
/** 2100. */
const END_OF_TIME = 4_102_444_800_000

export function createOnCall(dependencies: OnCallDependencies): OnCallApi {
  const { read, clock } = dependencies
  return {
    ...createChains(dependencies),
    ...createSwaps(dependencies),
    schedules: async () =>
      Promise.all((await read.onCall.schedules()).map((row) => viewOf(dependencies, row))),
    async schedule(name) {
      const row = await read.onCall.byName(name)
      return row && viewOf(dependencies, row)
    },
    async scheduleById(id) {
      const row = await read.onCall.byId(id)
      return row && viewOf(dependencies, row)
    },
    save: (permit, draft) => saveSchedule(dependencies, permit, draft),
    remove: (permit, name) => removeSchedule(dependencies, permit, name),
    async shifts(name, span) {
      const row = await read.onCall.byName(name)
      return row && shiftsBetween(read, row, span)
    },
    async overrides(name, span) {
      const row = await read.onCall.byName(name)
      return row ? (await read.onCall.overrides(row.id, span)).map(overrideView) : []
    },
    override: (permit, name, draft) => addOverride(dependencies, permit, { name, draft }),
    removeOverride: (permit, name, id) => dropOverride(dependencies, permit, { name, id }),
    async calendar(name) {
      const row = await read.onCall.byName(name)
      if (!row) return null
      const now = clock.now()
      const shifts = await shiftsBetween(read, row, { from: now - DAY_MS, to: now + FEED_DAYS * DAY_MS })
      const team = await dependencies.teamName(row.teamId)
      return calendarOf({ name, title: `${name} · ${team}` }, shifts, now)
    },
    importCalendar: (permit, name, text) => importCalendar(dependencies, permit, { name, text }),
    async now(team, at = clock.now()) {
      const rows = team === null ? await read.onCall.schedules() : await ofTeamNamed(read, team)
      return Promise.all(rows.map((row) => nowOf(dependencies, row, at)))
    },
    async mine(member, days) {
      const from = clock.now()
      const span = { from, to: from + days * DAY_MS }
      const rows = await read.onCall.schedules()
      const all = await Promise.all(
        rows.map(async (row) =>
          (await shiftsBetween(read, row, span))
            .filter(({ members }) => members.includes(member))
            .map((shift) => ({ schedule: row.name, from: shift.from, to: shift.to })),
        ),
      )
      return all.flat().toSorted((a, b) => a.from - b.from)
    },
  }
}

async function ofTeamNamed(read: Stores, team: string): Promise<readonly ScheduleRow[]> {
  const found = await read.teams.byName(team)
  return found ? read.onCall.ofTeam(found.id) : []
}

async function nowOf(
  { read, teamName }: OnCallDependencies,
  row: ScheduleRow,
  at: Instant,
): Promise<OnCallNow> {
  const duty = await dutyOf(read, row, at)
  const members = await read.members.byNames(duty.members)
  return {
    schedule: row.name,
    team: await teamName(row.teamId),
    // In the order in which they stand in the schedule.
    members: duty.members.flatMap((name) => members.find((each) => each.name === name) ?? []),
    source: duty.source,
    until: duty.until,
    next: duty.next,
  }
}

// --- schedules ------------------------------------------------------------------------------------------------------

async function saveSchedule(
  dependencies: OnCallDependencies,
  permit: Permit<'oncall:manage'>,
  draft: Parameters<OnCallApi['save']>[1],
): Promise<Done<ScheduleView, OnCallRefusal>> {
  const { transact, clock, ids } = dependencies
  const saved = await transact(async (stores): Promise<Done<ScheduleRow, OnCallRefusal>> => {
    const team = await stores.teams.byName(draft.team)
    if (!team) return { ok: false, why: { of: 'unknown-team' } }
    const former = await stores.onCall.byName(draft.name)
    if (former && former.teamId !== team.id) return { ok: false, why: { of: 'name-taken' } }
    const known = stores.onCall.calendars().map((each) => each.name)
    const calendar = draft.layers
      .flatMap((each) => each.calendar?.name ?? [])
      .find((each) => !known.includes(each))
    if (calendar !== undefined) return { ok: false, why: { of: 'unknown-calendar', calendar, known } }
    const stranger = await strangerAmong(stores, participantsOf(draft.layers))
    if (stranger !== null) return { ok: false, why: { of: 'unknown-member', member: stranger } }
    const row = {
      ...{ id: former?.id ?? ids.next('sch'), name: draft.name, teamId: team.id, zone: draft.zone },
      ...{ layers: draft.layers, updatedBy: permit.by.member.displayName, updatedAt: clock.now() },
    }
    const version = former ? (draft.version ?? former.version) : null
    if ((await stores.onCall.save(row, version)) === 'stale') return { ok: false, why: { of: 'stale' } }
    await audit(stores, permit, { subject: draft.name, before: former?.layers ?? null, after: draft.layers })
    stores.tell({ of: 'alerts', changed: 'due' })
    return { ok: true, value: { ...row, version: (version ?? 0) + 1 } }
  })
  return saved.ok ? { ok: true, value: await viewOf(dependencies, saved.value) } : saved
}

function participantsOf(layers: ScheduleRow['layers']): readonly string[] {
  return [...new Set(layers.flatMap(({ rotation }) => rotation.participants.flat()))]
}

async function removeSchedule(
  { transact, read }: OnCallDependencies,
  permit: Permit<'oncall:manage'>,
  name: string,
): Promise<Done<null, OnCallRefusal>> {
  const row = await read.onCall.byName(name)
  if (!row) return unknownSchedule(read, name)
  await transact(async (stores) => {
    await stores.onCall.remove(row.id)
    await audit(stores, permit, { subject: name, before: row.layers, after: null })
  })
  return { ok: true, value: null }
}

// --- single shifts ----------------------------------------------------------------------------------------------------

async function addOverride(
  { transact, read, clock, ids }: OnCallDependencies,
  permit: Permit<'oncall:override'>,
  { name, draft }: { name: string; draft: Omit<OverrideView, 'id' | 'createdBy'> },
): Promise<Done<OverrideView, OnCallRefusal>> {
  const row = await read.onCall.byName(name)
  if (!row) return unknownSchedule(read, name)
  if (draft.to <= draft.from || draft.to - draft.from > LONGEST_SPAN_MS) {
    return { ok: false, why: { of: 'bad-span' } }
  }
  const names = [draft.member, ...(draft.instead === null ? [] : [draft.instead])]
  const stranger = await strangerAmong(read, names)
  if (stranger !== null) return { ok: false, why: { of: 'unknown-member', member: stranger } }
  const override: OverrideRow = {
    ...{ id: ids.next('ovr'), scheduleId: row.id, kind: draft.kind, from: draft.from, to: draft.to },
    ...{ member: draft.member, instead: draft.instead, swapId: null },
    ...{ createdBy: permit.by.member.displayName, createdAt: clock.now() },
  }
  await transact(async (stores) => {
    await stores.onCall.addOverride(override)
    await audit(stores, permit, { subject: name, before: null, after: overrideView(override) })
  })
  return { ok: true, value: overrideView(override) }
}

async function dropOverride(
  { transact, read }: OnCallDependencies,
  permit: Permit<'oncall:override'>,
  { name, id }: { name: string; id: string },
): Promise<Done<null, OnCallRefusal>> {
  const row = await read.onCall.byName(name)
  if (!row) return unknownSchedule(read, name)
  return transact(async (stores): Promise<Done<null, OnCallRefusal>> => {
    const all = await stores.onCall.overrides(row.id, { from: 0, to: END_OF_TIME })
    const former = all.find((each) => each.id === id)
    if (!former || !(await stores.onCall.removeOverride(id))) return { ok: false, why: { of: 'unknown' } }
    await audit(stores, permit, { subject: name, before: overrideView(former), after: null })
    return { ok: true, value: null }
  })
}

/** As in a calendar that others keep; whoever of its people we do not know is named, and nothing is changed. */
async function importCalendar(
  { transact, read, clock }: OnCallDependencies,
  permit: Permit<'oncall:override'>,
  { name, text }: { name: string; text: string },
): Promise<Done<{ shifts: number }, OnCallRefusal>> {
  const row = await read.onCall.byName(name)
  if (!row) return unknownSchedule(read, name)
  const now = clock.now()
  const found = readCalendar(text, { from: now, to: now + LONGEST_SPAN_MS })
  if (!found.ok) return { ok: false, why: { of: 'bad-calendar' } }
  const stranger = await strangerAmong(read, [...new Set(found.value.flatMap(({ names }) => names))])
  if (stranger !== null) return { ok: false, why: { of: 'unknown-member', member: stranger } }
  const overrides = found.value.flatMap((shift) => overridesOf(shift, row.id, { by: permit, now }))
  await transact(async (stores) => {
    await stores.onCall.replaceImported(row.id, overrides)
    await audit(stores, permit, { subject: name, before: null, after: { shifts: found.value.length } })
    stores.tell({ of: 'alerts', changed: 'due' })
  })
  return { ok: true, value: { shifts: found.value.length } }
}

/** The first of its people takes the shift, the others stand beside. */
function overridesOf(
  { id, from, to, names }: CalendarShift,
  scheduleId: string,
  { by, now }: { by: Permit; now: Instant },
): readonly OverrideRow[] {
  return names.map((member, at) => ({
    ...{
      id: `${IMPORTED}${scheduleId}_${id}_${at}`,
      scheduleId,
      from,
      to,
      member,
      instead: null,
      swapId: null,
    },
    kind: at === 0 ? ('replace' as const) : ('add' as const),
    // In the order in which they are read: of equal times the order is not known.
    ...{ createdBy: by.by.member.displayName, createdAt: now + at },
  }))
}

// --- showing ----------------------------------------------------------------------------------------------------------

async function viewOf({ teamName }: OnCallDependencies, row: ScheduleRow): Promise<ScheduleView> {
  return { ...row, team: await teamName(row.teamId) }
}

function overrideView({ id, kind, from, to, member, instead, createdBy }: OverrideRow): OverrideView {
  return { id, kind, from, to, member, instead: instead ?? null, createdBy }
}
