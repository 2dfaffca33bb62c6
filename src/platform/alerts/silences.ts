import type { Clock, Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Permit } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { Stores, Transact } from '../jobs/stores.ts'
import type { Timer } from './alarm-clock.ts'
import { type Alert, TIERS } from './alert.ts'
import type { Labels } from './labels.ts'
import { createWindows } from './maintenance/windows.ts'
import { compileMatchers, type Matcher, matcherText } from './matcher.ts'
import type { Silence } from './ports.ts'
import { newSilence, nextDue, silenceProblem, silenceState } from './silence.ts'
import type { Hidden, SilenceDraft, SilenceRefusal, SilencesApi, SilenceView } from './silences-api.ts'

export interface SilencesDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  /** Titles of teams, by id. */
  teamName(id: string): Promise<string>
}

const MOST_SHOWN = 20

export function createSilences(dependencies: SilencesDependencies): SilencesApi {
  const { transact, read, clock } = dependencies

  async function view(silence: Silence | null): Promise<SilenceView | null> {
    return silence && viewOf(silence, clock.now())
  }

  return {
    async list({ all = false } = {}) {
      const now = clock.now()
      const views = (await read.silences.all(now)).map((silence) => viewOf(silence, now))
      return all ? views : views.filter(({ state }) => state !== 'expired')
    },
    byId: async (id) => view(await read.silences.byId(id)),
    async preview(matchers) {
      const compiled = compileMatchers(matchers)
      if (!compiled.ok) return { count: 0, alerts: [] }
      return hiddenBy(await read.alerts.firing(), compiled.value)
    },
    create: (permit, draft) => createSilence(dependencies, permit, draft),
    ...createWindows(dependencies),
    extend: (permit, id, endsAt) =>
      transact((stores) => change(stores, dependencies, { permit, id, endsAt })),
    expire: (permit, id) => transact((stores) => change(stores, dependencies, { permit, id, endsAt: null })),
  }
}

/** A person's silence. One that a program asks for has the same rules. */
async function createSilence(
  { transact, clock, ids }: SilencesDependencies,
  permit: Permit<'alert:silence'>,
  draft: SilenceDraft,
): Promise<Done<SilenceView, SilenceRefusal>> {
  const now = clock.now()
  const why = refusalOf(draft, now)
  if (why) return { ok: false, why }
  const silence = newSilence({ ...draft, id: ids.next('sil'), now, origin: 'person', by: permit.by.member })
  return transact(async (stores) => {
    await stores.silences.save(silence)
    await audit(stores, permit, { before: null, after: silence })
    if (silence.startsAt <= now) await lookAtHidden(stores, silence.matchers, now)
    stores.tell({ of: 'alerts', changed: 'due' })
    return { ok: true, value: viewOf(silence, now) }
  })
}

function refusalOf({ matchers, startsAt, endsAt }: SilenceDraft, now: Instant): SilenceRefusal | null {
  const compiled = compileMatchers(matchers)
  if (!compiled.ok)
    return { of: 'bad-matcher', because: `${matcherText(compiled.matcher)}: ${compiled.because}` }
  const problem = silenceProblem({ matchers, startsAt, endsAt }, now)
  if (problem === null) return null
  return { of: problem === 'matches-everything' ? 'matches-everything' : 'bad-time' }
}

async function change(
  stores: Stores,
  { clock }: SilencesDependencies,
  // Null: now, whenever it is that we hold the lock.
  { permit, id, endsAt: wanted }: { permit: Permit<'alert:silence'>; id: string; endsAt: Instant | null },
): Promise<Done<SilenceView, SilenceRefusal>> {
  const now = clock.now()
  const silence = await stores.silences.lock(id)
  if (!silence) return { ok: false, why: { of: 'unknown' } }
  if (silence.endsAt <= now) return { ok: false, why: { of: 'over' } }
  const endsAt = wanted ?? now
  if (endsAt < now) return { ok: false, why: { of: 'bad-time' } }
  // One that has not begun yet never does.
  const startsAt = Math.min(silence.startsAt, endsAt)
  const changed = { ...silence, startsAt, endsAt, updatedAt: now, warnedAt: null }
  await stores.silences.save({ ...changed, dueAt: endsAt <= now ? now : nextDue(changed) })
  await audit(stores, permit, { before: silence, after: changed })
  stores.tell({ of: 'alerts', changed: 'due' })
  return { ok: true, value: viewOf(changed, now) }
}

// --- time ---------------------------------------------------------------------------------------------------------

/** Begins, warns and ends silences; what still fires after one is told at once. */
export function silenceTimer({ ids }: { ids: Ids }): Timer {
  return {
    name: 'silences',
    nextDue: (read) => read.silences.nextDue(),
    async once(stores, now) {
      const silence = await stores.silences.takeDue(now)
      if (!silence) return false
      await stores.silences.save(await goOn(stores, silence, { ids, now }))
      return true
    },
  }
}

async function goOn(
  stores: Stores,
  silence: Silence,
  { ids, now }: { ids: Ids; now: Instant },
): Promise<Silence> {
  if (silence.endsAt <= now) {
    await lookAtHidden(stores, silence.matchers, now)
    return { ...silence, begunAt: silence.begunAt ?? now, endedAt: now, dueAt: null }
  }
  if (silence.begunAt === null) {
    await lookAtHidden(stores, silence.matchers, now)
    const begun = { ...silence, begunAt: now }
    return { ...begun, dueAt: nextDue(begun) }
  }
  await stores.notices.add({
    ...{ id: ids.next('ntc'), subject: `silence:${silence.id}`, reason: `ends:${silence.endsAt}` },
    ...{ target: `chat:${silence.chatId}`, content: { is: 'silence-ends', silenceId: silence.id } },
    createdAt: now,
  })
  const warned = { ...silence, warnedAt: now }
  return { ...warned, dueAt: nextDue(warned) }
}

/** Groups of what it hides are looked at anew. */
async function lookAtHidden(
  { alerts, groups }: Pick<Stores, 'alerts' | 'groups'>,
  matchers: readonly Matcher[],
  now: Instant,
): Promise<void> {
  const compiled = compileMatchers(matchers)
  if (!compiled.ok) return
  const hidden = (await alerts.firing()).filter(({ labels }) => compiled.value(labels))
  const members = await groups.of(hidden.map(({ fingerprint }) => fingerprint))
  const locked = await groups.lockAll([...new Set(members.map(({ groupId }) => groupId))])
  // One that waits for its first look finds out by itself.
  const looked = locked.filter(({ lookedAt }) => lookedAt !== null)
  await groups.hurry(looked.map(({ id }) => ({ id, dueAt: now })))
}

// --- showing --------------------------------------------------------------------------------------------------------

export function viewOf(silence: Silence, now: Instant): SilenceView {
  const { id, matchers, startsAt, endsAt, comment, createdBy, origin, chatId } = silence
  const state = silenceState(silence, now)
  return { id, matchers, startsAt, endsAt, comment, createdBy, origin, chatId, state }
}

function hiddenBy(alerts: readonly Alert[], matches: (labels: Labels) => boolean): Hidden {
  const hidden = alerts
    .filter(({ labels }) => matches(labels))
    .toSorted((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.startsAt - b.startsAt)
  const shown = hidden.slice(0, MOST_SHOWN)
  return {
    count: hidden.length,
    alerts: shown.map(({ labels, tier }) => ({ alertname: labels.alertname ?? '', labels, tier })),
  }
}

async function audit(
  stores: Stores,
  { by }: Permit,
  { before, after }: { before: Silence | null; after: Silence },
): Promise<void> {
  const { member, via, requestId } = by
  const brief = (silence: Silence) => ({
    matchers: silence.matchers.map(matcherText),
    endsAt: new Date(silence.endsAt).toISOString(),
    comment: silence.comment,
  })
  await stores.audit.record({
    ...{ member, via, requestId, verb: 'alert:silence', subject: after.id, job: null, decision: 'done' },
    ...{ before: before && brief(before), after: brief(after) },
  })
}
