import type { Instant } from '../../lib/clock.ts'
import type { Alert } from './alert.ts'
import type { FlushContext, FlushStores, Look } from './flushing.ts'
import { lastBeat, nextBeat, reasonToTell, type Seen, type Telling } from './grouping.ts'
import { holdBack } from './hold-back.ts'
import { syncIncident } from './incident-sync.ts'
import { lingersUntil } from './life/flapping.ts'
import type { AlertGroup } from './ports.ts'
import type { Hook, Route } from './routing/current.ts'
import { webhookBody } from './webhook.ts'

/** Looks at a group that is locked: brings its incident up to date and, on its beat, tells programs. */
export async function flush(
  stores: FlushStores,
  context: FlushContext,
  { group, now }: { group: AlertGroup; now: Instant },
): Promise<void> {
  const route = context.routing().routeOf(group.route)
  const alerts = await stores.alerts.ofGroup(group.id)
  if (!route) return leaveRoute(stores, group, alerts)
  const look = await lookAt(stores, context, { group, route, alerts, now })
  const isBeat = group.flushedAt === null || (group.beatAt !== null && group.beatAt <= now)
  const told =
    isBeat && alerts.length > 0
      ? await tellHooks(stores, context, look)
      : { told: group.told, tellings: group.tellings }
  if (route.receiver.showsCards) await syncIncident(stores, context, { look, alerts })
  // Of what comes and goes people see one incident that counts on; programs hear every turn, as from Alertmanager.
  const lingering = route.receiver.showsCards ? alerts.flatMap((each) => lingersUntil(each, now) ?? []) : []
  const over = alerts
    .filter((each) => each.state !== 'firing' && !(lingering.length > 0 && lingersUntil(each, now)))
    .map(({ fingerprint }) => fingerprint)
  // What a program still has to hear stays until its beat.
  const isHeard = isBeat || route.receiver.hooks.length === 0
  if (isHeard) await stores.groups.leave(group.id, over)
  const { id, beatAt } = group
  if (isHeard && over.length === alerts.length) {
    // A group without alerts begins anew with the next one, and waits for those that come with it.
    const anew = { flushedAt: null, lookedAt: null, dueAt: null, beatAt: null }
    await stores.groups.save({ id, ...told, told: alerts.length === 0 ? {} : told.told, ...anew })
    return
  }
  const flushedAt = isBeat ? lastBeat(group.flushedAt, route.times, now) : group.flushedAt
  const next = nextDue({ ...look, group: { ...group, ...told, flushedAt } })
  const calm = lingering.length > 0 ? Math.min(...lingering) : null
  const beat = earliest(calm, isBeat ? next : earliest(beatAt, next))
  await stores.groups.save({ id, ...told, flushedAt, lookedAt: now, dueAt: beat, beatAt: beat })
}

function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

/** The routing changed, and this route is gone: its alerts are told by others now. */
async function leaveRoute(
  { groups }: FlushStores,
  group: AlertGroup,
  alerts: readonly Alert[],
): Promise<void> {
  await groups.leave(
    group.id,
    alerts.map(({ fingerprint }) => fingerprint),
  )
  await groups.save({ ...group, dueAt: null, beatAt: null })
}

async function lookAt(
  stores: FlushStores,
  context: FlushContext,
  { group, route, alerts, now }: { group: AlertGroup; route: Route; alerts: readonly Alert[]; now: Instant },
): Promise<Look> {
  const held = await holdBack(stores, context, { alerts, now })
  const heldBack = new Set(held.map(({ alert }) => alert.fingerprint))
  const shown = alerts.filter(({ fingerprint }) => !heldBack.has(fingerprint))
  return { group, route, shown, held, mutedBy: route.mutedBy(now), now }
}

/** When there is something to do again if no alert of it changes before. */
function nextDue({ group, route, shown, held, mutedBy, now }: Look): Instant | null {
  const beat = nextBeat(group.flushedAt ?? now, route.times, now + 1)
  if (held.length > 0 || mutedBy.length > 0) return beat
  const firing = shown.some(({ state }) => state === 'firing')
  if (!firing || group.flushedAt === null) return null
  const tellings = route.receiver.hooks.flatMap((_, part) => group.told[`hook:${part}`] ?? [])
  const oldest = Math.min(...tellings.map(({ at }) => at))
  return tellings.length === 0
    ? null
    : nextBeat(group.flushedAt, route.times, oldest + route.times.repeat + 1)
}

// --- programs ---------------------------------------------------------------------------------------------------------

async function tellHooks(
  stores: FlushStores,
  context: FlushContext,
  look: Look,
): Promise<Pick<AlertGroup, 'told' | 'tellings'>> {
  const { group, route, shown, mutedBy, now } = look
  if (mutedBy.length > 0 || route.receiver.hooks.length === 0) return group
  const seen = seenOf(shown)
  const told: Record<string, Telling> = { ...group.told }
  let { tellings } = group
  for (const [part, hook] of route.receiver.hooks.entries()) {
    const name = `hook:${part}`
    const { repeat } = route.times
    const reason = reasonToTell(told[name] ?? null, seen, { now, repeat, sendResolved: hook.sendResolved })
    if (reason === null) continue
    tellings += 1
    await tellHook(stores, context, { look, hook, part, telling: tellings })
    told[name] = { ...seen, at: now }
  }
  return { told, tellings }
}

async function tellHook(
  { notices }: FlushStores,
  { ids, externalUrl }: FlushContext,
  { look, hook, part, telling }: { look: Look; hook: Hook; part: number; telling: number },
): Promise<void> {
  const { group, route, shown, now } = look
  const alerts = hook.sendResolved ? shown : shown.filter(({ state }) => state === 'firing')
  const body = webhookBody({
    receiver: route.receiver.name,
    groupKey: group.key,
    groupLabels: group.labels,
    alerts: alerts.length > 0 ? alerts : shown,
    externalUrl,
    maxAlerts: hook.maxAlerts,
  })
  await notices.add({
    id: ids.next('ntc'),
    subject: `group:${group.id}`,
    reason: `flush:${telling}`,
    target: `hook:${route.receiver.name}:${part}`,
    content: { is: 'hook', receiver: route.receiver.name, part, body: JSON.stringify(body) },
    createdAt: now,
  })
}

function seenOf(alerts: readonly Alert[]): Seen {
  const of = (firing: boolean) =>
    alerts.filter(({ state }) => (state === 'firing') === firing).map(({ fingerprint }) => fingerprint)
  return { firing: of(true), resolved: of(false) }
}
