import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Ids } from '../../../lib/ids.ts'
import { isZone } from '../../../lib/wall-clock.ts'
import type { Permit } from '../../access/access.ts'
import type { Stores, Transact } from '../../jobs/stores.ts'
import { compileMatchers, matcherText } from '../matcher.ts'
import type { WindowRow } from '../ports.ts'
import { newSilence, silenceProblem } from '../silence.ts'
import type { MaintenanceView, SilencesApi } from '../silences-api.ts'
import { nextWindow } from './window-times.ts'

export interface WindowsDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  teamName(id: string): Promise<string>
}

type WindowsApi = Pick<SilencesApi, 'windows' | 'window' | 'saveWindow' | 'removeWindow'>

/** Work that is done again and again: each time a silence of its own, so that it shows and ends as any other. */
export function createWindows(dependencies: WindowsDependencies): WindowsApi {
  const { transact, read } = dependencies
  return {
    async windows() {
      return Promise.all((await read.windows.all()).map((row) => viewOf(dependencies, row)))
    },
    async window(name) {
      const row = await read.windows.byName(name)
      return row && viewOf(dependencies, row)
    },
    saveWindow: (permit, draft) => saveWindow(dependencies, permit, draft),
    removeWindow: (permit, name) =>
      transact(async (stores) => {
        const row = await stores.windows.byName(name)
        if (!row) return false
        await stores.windows.remove(row.id)
        await audit(stores, permit, { before: row, after: null })
        return true
      }),
  }
}

async function saveWindow(
  dependencies: WindowsDependencies,
  permit: Permit<'alert:silence'>,
  draft: Parameters<SilencesApi['saveWindow']>[1],
): ReturnType<SilencesApi['saveWindow']> {
  const { transact, clock, ids } = dependencies
  const compiled = compileMatchers(draft.matchers)
  if (!compiled.ok) {
    const because = `${matcherText(compiled.matcher)}: ${compiled.because}`
    return { ok: false, why: { of: 'bad-matcher', because } }
  }
  if (!isZone(draft.zone)) return { ok: false, why: { of: 'bad-zone' } }
  const now = clock.now()
  const always = { matchers: draft.matchers, startsAt: now, endsAt: now + 1 }
  if (silenceProblem(always, now) !== null) return { ok: false, why: { of: 'matches-everything' } }
  const { team: teamNamed, ...rest } = draft
  const saved = await transact(async (stores) => {
    const team = teamNamed === null ? null : await stores.teams.byName(teamNamed)
    if (teamNamed !== null && !team) return 'unknown-team'
    const former = await stores.windows.byName(draft.name)
    // Who may silence one team's alerts must not change another's window.
    if (former && former.teamId !== (team?.id ?? null)) return 'name-taken'
    const row: WindowRow = {
      ...rest,
      ...{ id: former?.id ?? ids.next('mnt'), teamId: team?.id ?? null, createdAt: now },
      createdBy: permit.by.member.displayName,
    }
    await stores.windows.save(row)
    await audit(stores, permit, { before: former, after: row })
    return row
  })
  if (typeof saved === 'string') return { ok: false, why: { of: saved } }
  return { ok: true, value: await viewOf(dependencies, saved) }
}

/** The silence of a window that is now, made by whichever process comes first. */
export async function beginWindows(
  { transact, read }: Pick<WindowsDependencies, 'transact' | 'read'>,
  now: Instant,
): Promise<void> {
  for (const window of await read.windows.all()) {
    const { from, to } = nextWindow(window.times, window.zone, now)
    if (from > now) continue
    await transact(async (stores) => {
      if (!(await stores.told.first(`window:${window.id}:${from}`, now))) return
      const silence = newSilence({
        ...{ id: `sil_${window.id}_${from}`, matchers: window.matchers, startsAt: now, endsAt: to, now },
        ...{ comment: window.comment || window.name, chatId: null, origin: `window:${window.name}` },
        by: { id: null, displayName: window.createdBy },
      })
      // Its beginning is acted upon by the clock, with that of all others.
      await stores.silences.save({ ...silence, begunAt: null, dueAt: now })
      stores.tell({ of: 'alerts', changed: 'due' })
    })
  }
}

async function viewOf(
  { clock, teamName }: Pick<WindowsDependencies, 'clock' | 'teamName'>,
  { id, name, teamId, matchers, times, zone, comment, createdBy }: WindowRow,
): Promise<MaintenanceView> {
  return {
    ...{ id, name, team: teamId === null ? null : await teamName(teamId), matchers, times, zone, comment },
    ...{ createdBy, next: nextWindow(times, zone, clock.now()) },
  }
}

async function audit(
  stores: Stores,
  { by }: Permit,
  { before, after }: { before: WindowRow | null; after: WindowRow | null },
): Promise<void> {
  const { member, via, requestId } = by
  const brief = (row: WindowRow | null) =>
    row && { matchers: row.matchers.map(matcherText), times: row.times, zone: row.zone }
  const subject = `maintenance ${(after ?? before)?.name}`
  await stores.audit.record({
    ...{ member, via, requestId, verb: 'alert:silence', subject, job: null, decision: 'done' },
    ...{ before: brief(before), after: brief(after) },
  })
}
