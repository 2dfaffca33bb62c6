import type { Instant } from '../../lib/clock.ts'
import type { Alert, AlertFacts } from './alert.ts'
import { turnsNow } from './life/flapping.ts'

/** An alert as somebody tells it. */
export interface ToldAlert
  extends Omit<Alert, 'state' | 'endedAs' | 'endedAt' | 'turns' | 'flapping' | 'routed' | 'updatedAt'> {
  /** Null: it fires. */
  ended: { state: 'resolved' | 'expired'; as: Alert['endedAs']; at: Instant } | null
  /** Only adds to what fires: the end of what does not fire, and facts of it, are nothing. */
  onlyIfFiring?: true
}

export interface Merged {
  /** `refreshed`: only how long it is believed, or its annotations. `nothing`: as it was. */
  change: 'began' | 'changed' | 'refreshed' | 'ended' | 'nothing'
  alert: Alert
}

export interface MergeRules {
  now: Instant
  /** An alert that began or ended so often within the hour comes and goes. */
  flappingTurns: number
}

/** What was known of an alert and what is told of it now, as one. */
export function merge(known: Alert | null, told: ToldAlert, rules: MergeRules): Merged | null {
  const { now } = rules
  const fires = known?.state === 'firing'
  if (told.ended) return known && fires ? { change: 'ended', alert: ended(known, told.ended, rules) } : null
  if (!known || !fires)
    return told.onlyIfFiring ? null : { change: 'began', alert: began(known, told, rules) }
  const alert: Alert = {
    ...known,
    ...{
      annotations: told.annotations,
      labels: told.labels,
      tier: told.tier,
      generatorUrl: told.generatorUrl,
    },
    ...{ expiresAt: told.expiresAt, startsAt: Math.min(known.startsAt, told.startsAt), updatedAt: now },
    facts: mergedFacts(known.facts, told.facts),
  }
  const isSame = known.tier === alert.tier && JSON.stringify(known.facts) === JSON.stringify(alert.facts)
  return { change: isSame ? 'refreshed' : 'changed', alert }
}

function began(known: Alert | null, told: ToldAlert, { now, flappingTurns }: MergeRules): Alert {
  const { ended: _, onlyIfFiring: __, ...alert } = told
  const turns = turnsNow([...(known?.turns ?? []), now], now)
  const state = { state: 'firing', endedAs: null, endedAt: null } as const
  return {
    ...alert,
    ...state,
    turns,
    flapping: turns.length >= flappingTurns,
    routed: known?.routed ?? 0,
    updatedAt: now,
  }
}

function ended(
  known: Alert,
  { state, as, at }: NonNullable<ToldAlert['ended']>,
  { now, flappingTurns }: MergeRules,
): Alert {
  const turns = turnsNow([...known.turns, now], now)
  // Never before it began, whatever the other's clock says.
  const endedAt = Math.max(known.startsAt, Math.min(at, now))
  const flapping = turns.length >= flappingTurns
  return { ...known, state, endedAs: as, endedAt, turns, flapping, updatedAt: now }
}

/** What is planned now stands instead of what was planned before. */
function mergedFacts(former: AlertFacts, facts: AlertFacts): AlertFacts {
  if (facts.willRestartAt === undefined && facts.gaveUp === undefined) return { ...former, ...facts }
  const { willRestartAt: _was, gaveUp: _had, ...kept } = former
  return { ...kept, ...facts }
}
