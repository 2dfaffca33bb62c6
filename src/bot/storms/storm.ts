import type { Instant } from '../../lib/clock.ts'
import type { Tier } from '../../platform/platform.ts'

/** An incident whose own card waits until the storm is over. */
export interface Folded {
  incidentId: string
  tier: Tier
  /** By what a storm's card counts. */
  cluster: string
  team: string
  name: string
}

/** How many cards came to a chat lately, and what is folded there. */
export interface Storm {
  /** When incidents came within the last minutes, shown or folded. */
  recent: readonly Instant[]
  /** Null: it is calm. */
  since: Instant | null
  /** Counts storms: each has a card of its own. */
  number: number
  /** Grows with every change; the card follows. */
  version: number
  folded: readonly Folded[]
  /** Whose first P0 was shown in it. */
  services: readonly string[]
}

export const CALM: Storm = { recent: [], since: null, number: 0, version: 0, folded: [], services: [] }

export interface StormRules {
  /** More cards than this in a minute are one. */
  perMinute: number
  /** So long with less than half of that, and the storm is over. */
  calmMs: number
}

export const STORM_RULES: StormRules = { perMinute: 12, calmMs: 2 * 60_000 }
const MINUTE = 60_000

export interface Admitted {
  storm: Storm
  show: boolean
}

/** Whether an incident gets a card of its own now. The first P0 of any service always does. */
export function admit(
  storm: Storm,
  incident: Folded,
  { now, rules }: { now: Instant; rules: StormRules },
): Admitted {
  const known = storm.folded.find(({ incidentId }) => incidentId === incident.incidentId)
  if (known) return { storm: refreshed(storm, known, incident), show: false }
  const recent = [...storm.recent.filter((at) => at > now - rules.calmMs), now]
  const before = recent.filter((at) => at > now - MINUTE).length - 1
  if (storm.since === null && before < rules.perMinute) return { storm: { ...storm, recent }, show: true }
  const begun = storm.since === null ? begin(storm, now) : storm
  if (incident.tier === 'P0' && !begun.services.includes(incident.name)) {
    const services = [...begun.services, incident.name]
    return { storm: { ...begun, recent, services, version: begun.version + 1 }, show: true }
  }
  const folded = [...begun.folded, incident]
  return { storm: { ...begun, recent, folded, version: begun.version + 1 }, show: false }
}

function begin(storm: Storm, now: Instant): Storm {
  return { ...storm, since: now, number: storm.number + 1, version: 1, folded: [], services: [] }
}

function refreshed(storm: Storm, known: Folded, incident: Folded): Storm {
  if (known.tier === incident.tier) return storm
  const folded = storm.folded.map((each) => (each === known ? incident : each))
  return { ...storm, folded, version: storm.version + 1 }
}

/** It is over: what is still open gets its own card, unless that would be the next storm. */
export function isOver(
  { since, recent }: Storm,
  { now, rules }: { now: Instant; rules: StormRules },
): boolean {
  if (since === null || now - since < rules.calmMs) return false
  const lately = recent.filter((at) => at > now - rules.calmMs).length
  return lately < ((rules.perMinute / 2) * rules.calmMs) / MINUTE
}

/** What became of folded ones that are over. */
export function without(storm: Storm, over: ReadonlySet<string>): Storm {
  const folded = storm.folded.filter(({ incidentId }) => !over.has(incidentId))
  return folded.length === storm.folded.length ? storm : { ...storm, folded, version: storm.version + 1 }
}

export function ended(storm: Storm): Storm {
  return { ...storm, since: null, version: storm.version + 1, folded: [], services: [] }
}

/** `local 120 · yarn 61`: the largest first. */
export function countBy(
  folded: readonly Folded[],
  by: 'cluster' | 'team',
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const each of folded) counts.set(each[by], (counts.get(each[by]) ?? 0) + 1)
  return [...counts].filter(([name]) => name !== '').toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
}
