import type { Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import type { Stores, Transact } from '../jobs/stores.ts'
import { type Chore, StuckError, type Timer } from './alarm-clock.ts'
import type { Alert } from './alert.ts'
import { flush } from './flush.ts'
import type { FlushContext } from './flushing.ts'
import { advance } from './incident-steps.ts'
import { join, takeIn } from './intake.ts'
import { dueAt } from './life/incident-life.ts'
import { beginWindows } from './maintenance/windows.ts'
import { gapsAhead, handoffsBetween } from './oncall/handoffs.ts'
import type { AlertGroup, IncidentRow, NewNotice } from './ports.ts'
import { KEPT_MS, WHOLE_MS } from './rules/sample.ts'
import { silenceTimer } from './silences.ts'

/** All of alerting that happens because time passes. */
export function alertTimers(context: FlushContext): readonly Timer[] {
  return [
    groupTimer(context),
    incidentTimer(context),
    silenceTimer(context),
    expiryTimer(context),
    rerouteTimer(context),
  ]
}

/**
 * What holds alerts back is the same for all groups of one commit, their alerts are read together, and what programs are
 * told is written together: a storm is many groups, each with little to do.
 */
async function together(stores: Stores, groups: readonly AlertGroup[]): Promise<Together> {
  const hooks: NewNotice[] = []
  const alerts = await stores.alerts.ofGroups(groups.map(({ id }) => id))
  let active: ReturnType<Stores['silences']['active']> | null = null
  let sources: ReturnType<Stores['alerts']['sources']> | null = null
  return {
    stores: {
      ...stores,
      silences: {
        ...stores.silences,
        active: (now) => {
          active ??= stores.silences.active(now)
          return active
        },
      },
      alerts: {
        ...stores.alerts,
        ofGroup: async (id) => alerts.get(id) ?? [],
        sources: () => {
          sources ??= stores.alerts.sources()
          return sources
        },
      },
      notices: {
        ...stores.notices,
        async add(notice, afterMs) {
          if (notice.content.is !== 'hook') return stores.notices.add(notice, afterMs)
          // Counted under the group's lock: it is never there already.
          hooks.push(notice)
          return true
        },
      },
    },
    finish: () => stores.notices.addAll(hooks),
  }
}

interface Together {
  stores: Stores
  finish(): Promise<void>
}

/** So many groups are looked at in one commit. */
const GROUPS = 10

/** Says of a failure what it failed with, so that it does not hold up the others. */
async function naming(id: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new StuckError(id, error)
  }
}

function groupTimer(context: FlushContext): Timer {
  return {
    name: 'groups',
    nextDue: (read) => read.groups.nextDue(),
    lanes: 3,
    putOff: (stores, id, until) => stores.groups.putOff(id, until),
    async once(stores, now) {
      const groups = await stores.groups.takeDue(now, GROUPS)
      if (groups.length === 0) return false
      const { stores: joint, finish } = await together(stores, groups)
      for (const group of groups) await naming(group.id, () => flush(joint, context, { group, now }))
      await finish()
      return groups.length === GROUPS
    },
  }
}

function incidentTimer(context: FlushContext): Timer {
  return {
    name: 'incidents',
    nextDue: (read) => read.incidents.nextDue(),
    lanes: 2,
    putOff: (stores, id, until) => stores.incidents.putOff(id, until),
    async once(stores, now) {
      const incident = await stores.incidents.takeDue(now)
      if (!incident) return false
      const step = { incident, events: [{ is: 'timer' as const }], more: {}, now }
      await naming(incident.id, () => advance(stores, context, step))
      return true
    },
  }
}

const BATCH = 200

/** What nobody told again in time is no longer believed. */
function expiryTimer(context: FlushContext): Timer {
  return {
    name: 'expiry',
    nextDue: (read) => read.alerts.nextExpiry(),
    async once(stores, now) {
      const overdue = await stores.alerts.overdue(now, BATCH)
      const told = overdue.map((alert) => ({
        ...alert,
        ended: { state: 'expired' as const, as: null, at: alert.expiresAt ?? now },
      }))
      await takeIn(stores, context, { told, now })
      return overdue.length === BATCH
    },
  }
}

/** After a change of the routing, what fires is told by the routes that take it now. */
function rerouteTimer(context: FlushContext): Timer {
  return {
    name: 'routing',
    nextDue: async () => null,
    async once(stores, now) {
      const routing = context.routing()
      const old = await stores.alerts.routedBefore(routing.revision, BATCH)
      if (old.length === 0) return false
      await moveAlerts(stores, context, old, now)
      return old.length === BATCH
    },
  }
}

/** Out of the groups that take it no more, into those that do. A group that stays keeps what it was told. */
async function moveAlerts(
  stores: Stores,
  context: FlushContext,
  alerts: readonly Alert[],
  now: Instant,
): Promise<void> {
  const routing = context.routing()
  const members = await stores.groups.of(alerts.map(({ fingerprint }) => fingerprint))
  const groups = await stores.groups.lockAll([...new Set(members.map(({ groupId }) => groupId))])
  const byPrint = new Map(alerts.map((alert) => [alert.fingerprint, alert]))
  for (const group of groups) {
    const leaving = members.filter(({ groupId, fingerprint }) => {
      const alert = groupId === group.id ? byPrint.get(fingerprint) : undefined
      if (!alert) return false
      return !routing
        .routesOf(alert.labels)
        .some((route) => route.receiver.name === group.receiver && route.keyOf(alert.labels) === group.key)
    })
    await stores.groups.leave(
      group.id,
      leaving.map(({ fingerprint }) => fingerprint),
    )
    if (leaving.length > 0) await stores.groups.hurry([{ id: group.id, dueAt: now }])
  }
  const rerouted = alerts.map((alert) => ({
    ...alert,
    ...{
      routed: routing.revision,
      tier: routing.tierOf(alert.labels),
      inhibits: routing.mayInhibit(alert.labels),
    },
  }))
  await stores.alerts.save(rerouted)
  await join(stores, { alerts: rerouted, routing, ids: context.ids, now })
}

// --- now and then -----------------------------------------------------------------------------------------------------

const KEEP_ENDED_MS = 15 * 60_000
const KEEP_EMPTY_MS = 5 * 86_400_000

export interface ChoreDependencies {
  transact: Transact
  read: Stores
  ids: Ids
  log: Log
}

export function alertChores({ transact, read, ids, log }: ChoreDependencies): readonly Chore[] {
  return [
    {
      name: 'forget alerts',
      everyMs: 60_000,
      async run(now) {
        await read.alerts.forgetEnded(now - KEEP_ENDED_MS)
        await read.groups.forgetEmpty(now - KEEP_EMPTY_MS)
      },
    },
    {
      name: 'forget samples',
      everyMs: 600_000,
      run: (now) => read.samples.forget({ thinBefore: now - WHOLE_MS, dropBefore: now - KEPT_MS }),
    },
    { name: 'maintenance', everyMs: 10_000, run: (now) => beginWindows({ transact, read }, now) },
    { name: 'heartbeats', everyMs: 5_000, run: (now) => watchSources({ transact, read }, now) },
    { name: 'auditor', everyMs: 60_000, run: (now) => auditIncidents({ transact, read, log }, now) },
    { name: 'handoffs', everyMs: 20_000, run: (now) => tellHandoffs({ transact, read, ids }, now) },
    { name: 'gaps', everyMs: 3_600_000, run: (now) => tellGaps({ transact, read, ids }, now) },
  ]
}

/** Told late is better than not: after a standstill those of the last quarter of an hour are. */
const HANDOFF_LATE_MS = 15 * 60_000

async function tellHandoffs(
  { transact, read, ids }: Omit<ChoreDependencies, 'log'>,
  now: Instant,
): Promise<void> {
  for (const schedule of await read.onCall.schedules()) {
    for (const { at, before } of await handoffsBetween(read, schedule, {
      from: now - HANDOFF_LATE_MS,
      to: now,
    })) {
      await transact(async (stores) => {
        if (!(await stores.told.first(`handoff:${schedule.id}:${at}`, now))) return
        await stores.notices.add({
          ...{
            id: ids.next('ntc'),
            subject: `schedule:${schedule.id}`,
            reason: `handoff:${at}`,
            target: 'team',
          },
          content: { is: 'handoff', scheduleId: schedule.id, schedule: schedule.name, at, before },
          createdAt: now,
        })
      })
    }
  }
}

const GAP_DAYS = 7

async function tellGaps(
  { transact, read, ids }: Omit<ChoreDependencies, 'log'>,
  now: Instant,
): Promise<void> {
  for (const schedule of await read.onCall.schedules()) {
    const [first] = await gapsAhead(read, schedule, { now, days: GAP_DAYS })
    if (!first) continue
    await transact(async (stores) => {
      if (!(await stores.told.first(`gap:${schedule.id}:${first.to}`, now))) return
      await stores.notices.add({
        ...{
          id: ids.next('ntc'),
          subject: `schedule:${schedule.id}`,
          reason: `gap:${first.to}`,
          target: 'team',
        },
        content: { is: 'gap', scheduleId: schedule.id, from: first.from, to: first.to },
        createdAt: now,
      })
    })
  }
}

// --- what watches the watchers ----------------------------------------------------------------------------------------

/** A source that is to be heard and is not is an alert itself. */
export async function watchSources(
  { transact, read }: Pick<ChoreDependencies, 'transact' | 'read'>,
  now: Instant,
): Promise<void> {
  for (const { name, heartbeatMs, heardAt, createdAt, revokedAt } of await read.sources.all()) {
    if (heartbeatMs === null) continue
    const isSilent = revokedAt === null && now - (heardAt ?? createdAt) > heartbeatMs
    const labels = { from: name }
    await transact(({ alarms }) =>
      isSilent
        ? alarms.raise({ kind: 'source-silent', about: { is: 'sluice', labels }, facts: {}, at: now })
        : alarms.settle({ labels }, { as: 'recovered', at: now, kinds: ['source-silent'] }),
    )
  }
}

const LATE_MS = 60_000
const MOST_AUDITED = 10_000

/**
 * Proves that no open incident is forgotten: each waits for a step, a holder or a time, or everybody was told. Whoever
 * is found without any of them is looked at again at once, and the log says so: that is our mistake.
 */
export async function auditIncidents(
  { transact, read, log }: Pick<ChoreDependencies, 'transact' | 'read' | 'log'>,
  now: Instant,
): Promise<void> {
  const open = await read.incidents.allOpen(MOST_AUDITED)
  const forgotten = open.filter((incident) => isForgotten(incident, now))
  for (const { id, life, dueAt: stored } of forgotten) {
    log.error({ incident: id, state: life.state, dueAt: stored }, 'An open incident was waiting for nothing')
    await transact(async (stores) => {
      const incident = await stores.incidents.lock(id)
      if (incident) await stores.incidents.save({ id, life: incident.life, dueAt: dueAt(incident.life) })
    })
  }
}

function isForgotten({ life, dueAt: stored }: IncidentRow, now: Instant): boolean {
  const due = dueAt(life)
  if (due !== stored) return true
  return due !== null && due < now - LATE_MS
}
