import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Ids } from '../../../lib/ids.ts'
import type { Permit } from '../../access/access.ts'
import { foldName, isGoodName } from '../../access/names.ts'
import { hashOf, tokenSecret } from '../../access/secrets.ts'
import type { Stores, Transact } from '../../jobs/stores.ts'
import type { Labels } from '../labels.ts'
import { compileMatchers } from '../matcher.ts'
import { onCallOfTeam } from '../oncall/duty.ts'
import type { SourceRow } from '../ports.ts'
import type { RouteExplanation, RoutesApi, RoutingView, SourceView } from '../routes-api.ts'
import { parseRouting } from './config.ts'
import { explainRoutes } from './explain.ts'
import type { RoutingHolder } from './routing-holder.ts'

export interface AlertRoutesDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  holder: RoutingHolder
  teamName(id: string): Promise<string>
}

export function createAlertRoutes(dependencies: AlertRoutesDependencies): RoutesApi {
  const { read, holder } = dependencies
  return {
    current: () => currentView(holder),
    explain: (labels, at) => explain(dependencies, labels, at),
    check(text) {
      const parsed = parseRouting(text)
      return parsed.ok ? { ok: true, value: parsed.notes } : { ok: false, why: parsed.problems }
    },
    save: (permit, text, origin) => saveRouting(dependencies, { by: permit, text, origin }),
    async sources() {
      return Promise.all((await read.sources.all()).map((row) => sourceView(dependencies, row)))
    },
    addSource: (permit, draft) => addSource(dependencies, permit, draft),
    async revokeSource(permit, name) {
      const row = await read.sources.byName(name)
      if (!row) return { ok: false, why: 'unknown' }
      await dependencies.transact(async (stores) => {
        await stores.sources.revoke(row.id, dependencies.clock.now())
        await audit(stores, permit, { subject: `source ${name}`, after: { revoked: true } })
      })
      return {
        ok: true,
        value: await sourceView(dependencies, { ...row, revokedAt: dependencies.clock.now() }),
      }
    },
  }
}

function currentView(holder: RoutingHolder): RoutingView {
  const { revision, text } = holder.now()
  const saved = holder.saved()
  if (!saved) return { revision, text, origin: 'default', savedBy: null, savedAt: null }
  return { revision, text, origin: saved.origin, savedBy: saved.savedBy, savedAt: saved.savedAt }
}

/** A new revision holds for whatever comes from now on; what fires is routed anew soon after. */
export async function saveRouting(
  { transact, clock, holder }: Pick<AlertRoutesDependencies, 'transact' | 'clock' | 'holder'>,
  { by, text, origin }: { by: Permit | null; text: string; origin: 'import' | 'file' },
): ReturnType<RoutesApi['save']> {
  const parsed = parseRouting(text)
  if (!parsed.ok) return { ok: false, why: parsed.problems }
  await transact(async (stores) => {
    const savedBy = by?.by.member.displayName ?? 'Sluice'
    const row = await stores.routings.add({ text, origin, savedBy, savedAt: clock.now() })
    const after = { revision: row.revision, origin }
    if (by) await audit(stores, by, { subject: 'alert routing', after })
    stores.tell({ of: 'alerts', changed: 'routing' })
  })
  await holder.refresh()
  return { ok: true, value: { view: currentView(holder), notes: parsed.notes } }
}

async function explain(
  { read, holder }: AlertRoutesDependencies,
  labels: Labels,
  at: Instant,
): Promise<RouteExplanation> {
  const routing = holder.now()
  const team = labels.team === undefined ? null : await read.teams.byName(labels.team)
  const onCall = team ? await onCallOfTeam(read, team.id, at) : []
  const silences = await read.silences.active(at)
  return {
    ...explainRoutes(routing, labels, at),
    tier: routing.tierOf(labels),
    onCall: (await read.members.byNames(onCall)).map(({ displayName }) => displayName),
    silencedBy: silences.filter(({ matchers }) => matchesAll(matchers, labels)).map(({ id }) => id),
    inhibitedBy: routing.inhibitedBy(labels, await read.alerts.sources()),
  }
}

function matchesAll(matchers: Parameters<typeof compileMatchers>[0], labels: Labels): boolean {
  const compiled = compileMatchers(matchers)
  return compiled.ok && compiled.value(labels)
}

// --- sources ------------------------------------------------------------------------------------------------------

async function addSource(
  dependencies: AlertRoutesDependencies,
  permit: Permit<'alert:route'>,
  draft: Parameters<RoutesApi['addSource']>[1],
): ReturnType<RoutesApi['addSource']> {
  const { transact, read, clock, ids } = dependencies
  const name = foldName(draft.name)
  if (!isGoodName(name)) return { ok: false, why: 'bad-name' }
  const team = draft.team === null ? null : await read.teams.byName(draft.team)
  if (draft.team !== null && !team) return { ok: false, why: 'unknown-team' }
  const secret = tokenSecret(ids.secret())
  const row: SourceRow = {
    ...{ id: ids.next('src'), name, tokenHash: hashOf(secret), labels: draft.labels },
    ...{ teamId: team?.id ?? null, heartbeatMs: draft.heartbeatMs, perSecond: 2_000, heardAt: null },
    ...{ createdBy: permit.by.member.displayName, createdAt: clock.now(), revokedAt: null },
  }
  const saved = await transact(async (stores) => {
    const inserted = await stores.sources.insert(row)
    if (inserted === 'saved')
      await audit(stores, permit, { subject: `source ${name}`, after: { labels: draft.labels } })
    return inserted
  })
  if (saved === 'name-taken') return { ok: false, why: 'name-taken' }
  return { ok: true, value: { source: await sourceView(dependencies, row), secret } }
}

async function sourceView(
  { teamName }: Pick<AlertRoutesDependencies, 'teamName'>,
  { id, name, labels, teamId, heartbeatMs, heardAt, createdBy, revokedAt }: SourceRow,
): Promise<SourceView> {
  const team = teamId === null ? null : await teamName(teamId)
  return { id, name, labels, team, heartbeatMs, heardAt, createdBy, revoked: revokedAt !== null }
}

async function audit(
  stores: Stores,
  { by, verb }: Permit,
  { subject, after }: { subject: string; after: unknown },
): Promise<void> {
  const { member, via, requestId } = by
  await stores.audit.record({ member, via, requestId, verb, subject, job: null, decision: 'done', after })
}
