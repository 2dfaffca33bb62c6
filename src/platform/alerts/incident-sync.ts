import type { Instant } from '../../lib/clock.ts'
import { type Alert, TIERS, type Tier } from './alert.ts'
import type { FlushContext, FlushStores, Look } from './flushing.ts'
import { advance, begin } from './incident-steps.ts'
import { lingersUntil } from './life/flapping.ts'
import type { ClosedAs } from './life/incident-life.ts'
import type { IncidentGist, IncidentRow } from './ports.ts'

/** Opens, changes or closes the incident that shows a group to people. */
export async function syncIncident(
  stores: FlushStores,
  context: FlushContext,
  { look, alerts }: { look: Look; alerts: readonly Alert[] },
): Promise<void> {
  const subject = `group:${look.group.id}`
  const open = await stores.incidents.lockOpen(subject)
  const firing = alerts.filter(({ state }) => state === 'firing')
  const shown = look.shown.filter(({ state }) => state === 'firing')
  if (!open) {
    if (shown.length > 0 && look.mutedBy.length === 0)
      await trigger(stores, context, { look, shown, subject })
    return
  }
  if (firing.length === 0 && alerts.some((alert) => lingersUntil(alert, look.now)))
    return countOn(stores, context, { open, alerts, now: look.now })
  if (firing.length === 0) return close(stores, context, { open, alerts, now: look.now })
  await change(stores, context, { open, firing, look })
}

async function trigger(
  stores: FlushStores,
  context: FlushContext,
  { look, shown, subject }: { look: Look; shown: readonly Alert[]; subject: string },
): Promise<void> {
  const gravest = gravestOf(shown)
  if (!gravest) return
  await begin(stores, context, {
    subject,
    kind: gravest.kind,
    tier: gravest.tier,
    gist: gistOf(gravest, shown, 0),
    about: aboutOf(gravest, shown),
    chain: look.route.receiver.chain,
    since: Math.min(...shown.map(({ startsAt }) => startsAt)),
    now: look.now,
  })
}

async function change(
  stores: FlushStores,
  context: FlushContext,
  { open, firing, look }: { open: IncidentRow; firing: readonly Alert[]; look: Look },
): Promise<void> {
  const held = new Set(look.held.map(({ alert }) => alert.fingerprint))
  const shown = firing.filter(({ fingerprint }) => !held.has(fingerprint))
  const gravest = gravestOf(shown.length > 0 ? shown : firing)
  if (!gravest) return
  const gist = gistOf(gravest, firing, firing.length - shown.length)
  const more = { gist, kind: gravest.kind, ...aboutOf(gravest, firing) }
  await advance(stores, context, {
    incident: open,
    events: [
      { is: 'alerts-changed', tier: gravest.tier, blast: shown.length },
      { is: 'silenced', yes: shown.length === 0 },
    ],
    more: JSON.stringify(gist) === JSON.stringify(open.gist) ? {} : more,
    now: look.now,
  })
}

/** It is away for the moment, and has been before: it stays the same incident. */
async function countOn(
  stores: FlushStores,
  context: FlushContext,
  { open, alerts, now }: { open: IncidentRow; alerts: readonly Alert[]; now: Instant },
): Promise<void> {
  const gist = { ...open.gist, firing: 0, flapping: flapsOf(alerts) }
  const more = JSON.stringify(gist) === JSON.stringify(open.gist) ? {} : { gist }
  await advance(stores, context, { incident: open, events: [], more, now })
}

function flapsOf(alerts: readonly Alert[]): number | null {
  const turns = alerts.filter(({ flapping }) => flapping).map((alert) => alert.turns.length)
  return turns.length === 0 ? null : Math.max(...turns)
}

async function close(
  stores: FlushStores,
  context: FlushContext,
  { open, alerts, now }: { open: IncidentRow; alerts: readonly Alert[]; now: Instant },
): Promise<void> {
  const last = alerts.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0)).at(-1)
  // All of it is told by other routes now.
  if (!last) return endAs(stores, context, { open, as: 'gone', now })
  const as = alerts.every(({ state }) => state === 'expired') ? 'expired' : (last.endedAs ?? 'recovered')
  await endAs(stores, context, { open, as, now })
}

async function endAs(
  stores: FlushStores,
  context: FlushContext,
  { open, as, now }: { open: IncidentRow; as: ClosedAs; now: Instant },
): Promise<void> {
  await advance(stores, context, { incident: open, events: [{ is: 'all-over', as }], more: {}, now })
}

/** The highest tier; of several, the one that began first. */
export function gravestOf(alerts: readonly Alert[]): Alert | null {
  const order = (tier: Tier) => TIERS.indexOf(tier)
  return alerts.toSorted((a, b) => order(a.tier) - order(b.tier) || a.startsAt - b.startsAt)[0] ?? null
}

const MOST_JOBS = 10

function gistOf(gravest: Alert, firing: readonly Alert[], held: number): IncidentGist {
  const { labels, annotations, facts } = gravest
  const jobs = [...new Set(firing.flatMap((each) => each.labels.job ?? []))].toSorted()
  return {
    ...{ labels, annotations, facts, held },
    firing: firing.length,
    jobs: jobs.slice(0, MOST_JOBS),
    flapping: flapsOf(firing),
  }
}

/** Of one job or cluster only where all of it is. */
function aboutOf(gravest: Alert, alerts: readonly Alert[]) {
  const common = <K extends 'jobId' | 'clusterId' | 'teamId' | 'environment'>(key: K) =>
    alerts.every((each) => each[key] === gravest[key]) ? gravest[key] : null
  return {
    jobId: common('jobId'),
    clusterId: common('clusterId'),
    teamId: common('teamId'),
    environment: common('environment'),
  }
}
