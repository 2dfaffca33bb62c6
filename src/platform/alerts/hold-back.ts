import type { Instant } from '../../lib/clock.ts'
import type { Alert } from './alert.ts'
import type { FlushContext, FlushStores, HeldBack } from './flushing.ts'
import { compileMatchers } from './matcher.ts'
import type { Silence } from './ports.ts'

/**
 * Which of these alerts are not told now. What is over is held back as what fires is, as Alertmanager does; except
 * while somebody operates on the job: what that mends is told.
 */
export async function holdBack(
  { alerts: store, silences, operations }: Pick<FlushStores, 'alerts' | 'silences' | 'operations'>,
  { routing }: Pick<FlushContext, 'routing'>,
  { alerts, now }: { alerts: readonly Alert[]; now: Instant },
): Promise<readonly HeldBack[]> {
  const { mayBeInhibited, inhibitedBy } = routing()
  const sources = alerts.some(({ labels }) => mayBeInhibited(labels)) ? await store.sources() : []
  const active = (await silences.active(now)).map(compiled)
  const jobIds = alerts.flatMap((alert) => (isPartOfIt(alert) ? (alert.jobId ?? []) : []))
  const worked = jobIds.length === 0 ? new Map<string, string>() : await operations.workedOn(jobIds)
  return alerts.flatMap((alert): HeldBack[] => {
    const by = inhibitedBy(alert.labels, sources)
    if (by.length > 0) return [{ alert, by: { is: 'inhibited', sources: by } }]
    const quiet = active.filter(({ matches }) => matches(alert.labels)).map(({ id }) => id)
    const operation = isPartOfIt(alert) ? worked.get(alert.jobId ?? '') : undefined
    if (operation !== undefined) quiet.push(operation)
    return quiet.length > 0 ? [{ alert, by: { is: 'silenced', silences: quiet } }] : []
  })
}

/** What goes wrong while a job is stopped and started on purpose; that the operation itself failed is news. */
function isPartOfIt({ state, kind }: Alert): boolean {
  return state === 'firing' && kind !== 'operation-failed' && kind !== 'savepoint-failed'
}

function compiled({ id, matchers }: Silence) {
  const compiledMatchers = compileMatchers(matchers)
  // It was checked when it was made.
  if (!compiledMatchers.ok) throw new Error(`Silence ${id} cannot be read: ${compiledMatchers.because}`)
  return { id, matches: compiledMatchers.value }
}
