import type { Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Stores } from '../jobs/stores.ts'
import type { Alert } from './alert.ts'
import { firstLook, nextBeat } from './grouping.ts'
import { type Merged, merge, type ToldAlert } from './merge.ts'
import type { AlertGroup, NewGroup } from './ports.ts'
import type { Route, Routing } from './routing/current.ts'

export type AlertStores = Pick<Stores, 'alerts' | 'groups'>

export interface IntakeContext {
  routing(): Routing
  ids: Ids
  /** See MergeRules. */
  flappingTurns: number
}

/** An incident is brought up to date at most this often, however fast alerts of its group come. */
const LOOK_EVERY_MS = 1_000

/**
 * Takes in what is told: merges it with what is known, finds its groups, and sets when they are looked at. Gives the
 * groups that are due at once. Alerts and groups are locked in the order of their keys, so that any number may be told
 * at the same time.
 */
export async function takeIn(
  stores: AlertStores,
  { routing, ids, flappingTurns }: IntakeContext,
  { told, now }: { told: readonly ToldAlert[]; now: Instant },
): Promise<readonly string[]> {
  const newest = new Map(told.map((each) => [each.fingerprint, each]))
  const known = await stores.alerts.lock([...newest.keys()])
  const merged = [...newest.values()].flatMap(
    (each) => merge(known.get(each.fingerprint) ?? null, each, { now, flappingTurns }) ?? [],
  )
  const current = routing()
  await store(stores, merged, current, now)
  const began = merged.filter(({ change }) => change === 'began').map(({ alert }) => alert)
  const others = merged.filter(({ change }) => change === 'changed' || change === 'ended')
  const joined = await join(stores, { alerts: began, routing: current, ids, now })
  const touched = await touch(
    stores,
    others.map(({ alert }) => alert.fingerprint),
    { routing: current, now },
  )
  return [...joined, ...touched]
}

async function store(
  { alerts }: AlertStores,
  merged: readonly Merged[],
  routing: Routing,
  now: Instant,
): Promise<void> {
  const refreshed = merged.filter(({ change }) => change === 'refreshed').map(({ alert }) => alert)
  const saved = merged
    .filter(({ change }) => change !== 'refreshed' && change !== 'nothing')
    .map(({ change, alert }) => (change === 'began' ? { ...alert, routed: routing.revision } : alert))
  await alerts.refresh(refreshed, now)
  await alerts.save(saved)
}

interface Joining {
  alerts: readonly Alert[]
  routing: Routing
  ids: Ids
  now: Instant
}

/** Finds the groups that tell these alerts, making those that are missing, and puts the alerts there. */
export async function join(
  { groups }: AlertStores,
  { alerts, routing, ids, now }: Joining,
): Promise<readonly string[]> {
  const wanted = new Map<string, { group: NewGroup; members: Alert[] }>()
  for (const alert of alerts) {
    for (const route of routing.routesOf(alert.labels)) {
      const key = route.keyOf(alert.labels)
      const name = `${key} ${route.receiver.name}`
      const group = {
        route: route.id,
        receiver: route.receiver.name,
        key,
        labels: route.groupOf(alert.labels),
      }
      const entry = wanted.get(name) ?? {
        group: { ...group, id: ids.next('grp'), createdAt: now },
        members: [],
      }
      entry.members.push(alert)
      wanted.set(name, entry)
    }
  }
  const found = await groups.lockOrMake([...wanted.values()].map(({ group }) => group))
  const placed = found.flatMap((group) => {
    const entry = wanted.get(`${group.key} ${group.receiver}`)
    return entry ? [{ group, members: entry.members }] : []
  })
  await groups.join(
    placed.flatMap(({ group, members }) =>
      members.map(({ fingerprint }) => ({ groupId: group.id, fingerprint })),
    ),
  )
  const times = placed.map(({ group, members }) => ({
    id: group.id,
    ...lookAt(group, members, { routing, now }),
  }))
  await groups.hurry(times)
  return dueNow(times, now)
}

/** What changed in a group's alerts is seen at its next look. */
export async function touch(
  { groups }: AlertStores,
  fingerprints: readonly string[],
  { routing, now }: { routing: Routing; now: Instant },
): Promise<readonly string[]> {
  if (fingerprints.length === 0) return []
  const ids = [...new Set((await groups.of(fingerprints)).map(({ groupId }) => groupId))]
  // One that waits for its first look sees the change then.
  const looked = (await groups.lockAll(ids)).filter(({ lookedAt }) => lookedAt !== null)
  const times = looked.map((group) => ({ id: group.id, ...lookAt(group, [], { routing, now }) }))
  await groups.hurry(times)
  return dueNow(times, now)
}

interface Look {
  dueAt: Instant
  /** When programs hear of it; null: there are none, or it is the first look. */
  beatAt: Instant | null
}

function lookAt(
  group: AlertGroup,
  members: readonly Alert[],
  { routing, now }: { routing: Routing; now: Instant },
): Look {
  const route = routing.routeOf(group.route)
  if (!route) return { dueAt: now, beatAt: null }
  if (group.lookedAt !== null) return nextLook({ ...group, lookedAt: group.lookedAt }, route, now)
  // Who may be held back by another waits for that one as long as the rule says.
  const first = members.map(({ startsAt, labels }) =>
    Math.max(firstLook(startsAt, route.times, now), Math.min(startsAt, now) + routing.headStart(labels)),
  )
  return { dueAt: first.length === 0 ? now + route.times.wait : Math.min(...first), beatAt: null }
}

/** Cards are edited at once; what is told to programs keeps the beat of the group's interval. */
function nextLook(
  { lookedAt, flushedAt }: { lookedAt: Instant; flushedAt: Instant | null },
  { receiver, times }: Route,
  now: Instant,
): Look {
  const beatAt =
    receiver.hooks.length === 0 ? null : flushedAt === null ? now : nextBeat(flushedAt, times, now)
  const cardsAt = times.wait === 0 ? now : Math.max(now, lookedAt + LOOK_EVERY_MS)
  if (!receiver.showsCards) return { dueAt: beatAt ?? now, beatAt }
  return { dueAt: Math.min(beatAt ?? cardsAt, cardsAt), beatAt }
}

function dueNow(times: readonly { id: string; dueAt: Instant }[], now: Instant): readonly string[] {
  return times.filter(({ dueAt }) => dueAt <= now).map(({ id }) => id)
}
