import type { Clock, Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { By, Subject } from '../access/access.ts'
import { createCache } from '../access/cache.ts'
import { hashOf } from '../access/secrets.ts'
import type { Done } from '../found.ts'
import type { Job } from '../jobs/job.ts'
import type { Stores, Transact } from '../jobs/stores.ts'
import type { AccessApi } from '../platform.ts'
import type { Alert } from './alert.ts'
import type { FlushContext } from './flushing.ts'
import { holdBack } from './hold-back.ts'
import { takeIn } from './intake.ts'
import { cleanLabels, fingerprintOf, type Labels } from './labels.ts'
import { compileMatchers } from './matcher.ts'
import type { ToldAlert } from './merge.ts'
import type {
  AlertFilter,
  AlertStatus,
  GettableAlert,
  GettableGroup,
  GettableSilence,
  GivenAlert,
  GivenSilence,
  KnownSource,
  OutsideApi,
} from './outside-api.ts'
import type { Silence } from './ports.ts'
import { newSilence, silenceProblem } from './silence.ts'
import { viewOf } from './silences.ts'

export interface OutsideDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  context: FlushContext
  access: Pick<AccessApi, 'permit'>
}

/** A source that was taken back is believed no longer than this. */
const SOURCE_KEPT_MS = 5_000
const NAMES_KEPT_MS = 10_000
/** One commit holds so many; more are taken in several. */
const BATCH = 500
const HEARD_EVERY_MS = 5_000

export function createOutside(dependencies: OutsideDependencies): OutsideApi {
  const { transact, read, clock, context } = dependencies
  const sources = createCache<KnownSource | null>(clock, SOURCE_KEPT_MS)
  const places = createPlaces(dependencies)
  const budget = createBudget(clock)
  const heard = new Map<string, Instant>()

  async function sourceOf(token: string): Promise<KnownSource | null> {
    const hash = hashOf(token)
    return sources.get(hash, async () => {
      const row = await read.sources.byHash(hash)
      return row && row.revokedAt === null ? row : null
    })
  }

  async function beat({ id }: KnownSource): Promise<void> {
    const now = clock.now()
    if (now - (heard.get(id) ?? 0) < HEARD_EVERY_MS) return
    heard.set(id, now)
    await read.sources.heard(id, now)
  }

  return {
    sourceOf,
    beat,
    async take(source, alerts) {
      if (!budget.allows(source, alerts.length)) return 'too-many'
      const now = clock.now()
      const told = await Promise.all(alerts.map((alert) => toldOf(alert, { source, places, context, now })))
      for (let at = 0; at < told.length; at += BATCH) {
        const batch = told.slice(at, at + BATCH)
        const due = await transact((stores) => takeIn(stores, context, { told: batch, now }))
        if (due.length > 0) await transact(async (stores) => stores.tell({ of: 'alerts', changed: 'due' }))
      }
      await beat(source)
      return 'taken'
    },
    alerts: (filter) => gettableAlerts(dependencies, filter),
    groups: (filter) => gettableGroups(dependencies, filter),
    receivers: () => context.routing().config.receivers.map(({ name }) => name),
    async silences() {
      const now = clock.now()
      return (await read.silences.all(now)).map((silence) => gettableSilence(silence, now))
    },
    async silence(id) {
      const found = await read.silences.byId(id)
      return found && gettableSilence(found, clock.now())
    },
    saveSilence: (by, silence) => saveSilence(dependencies, by, silence),
    expireSilence: (by, id) => expireSilence(dependencies, by, id),
  }
}

// --- taking -----------------------------------------------------------------------------------------------------------

interface Telling {
  source: KnownSource
  places: Places
  context: FlushContext
  now: Instant
}

/** Times as Alertmanager fills them: begun now, believed for the resolve timeout, over where the end is past. */
async function toldOf(given: GivenAlert, { source, places, context, now }: Telling): Promise<ToldAlert> {
  const { tierOf, mayInhibit, config } = context.routing()
  const labels = cleanLabels({ ...given.labels, ...source.labels })
  const identity = given.identity ? cleanLabels({ ...given.identity, ...source.labels }) : labels
  const isOver = given.endsAt !== null && given.endsAt <= now
  const startsAt = given.startsAt ?? (isOver ? (given.endsAt ?? now) : now)
  const about = await places.of(labels, source.teamId)
  return {
    ...about,
    ...{ fingerprint: fingerprintOf(identity), labels, annotations: given.annotations, facts: {} },
    ...{ kind: 'outside', origin: source.id, tier: tierOf(labels), inhibits: mayInhibit(labels) },
    ...{ startsAt, expiresAt: isOver ? null : (given.endsAt ?? now + config.resolveTimeout) },
    ...{ generatorUrl: given.generatorUrl },
    ended: isOver ? { state: 'resolved', as: 'recovered', at: given.endsAt ?? now } : null,
  }
}

interface Places {
  of(
    labels: Labels,
    teamId: string | null,
  ): Promise<Pick<Alert, 'jobId' | 'clusterId' | 'teamId' | 'environment'>>
}

/** Labels that name what we know: with a job of ours the card has a button to restart it. */
function createPlaces({ read, clock }: OutsideDependencies): Places {
  // Wrapped, so that names of nothing of ours are remembered too: most of what others tell is such.
  const jobs = createCache<{ job: Job | null }>(clock, NAMES_KEPT_MS)
  const teams = createCache<{ id: string | null }>(clock, NAMES_KEPT_MS)
  const jobOf = async (name: string) =>
    (await jobs.get(name, async () => ({ job: await read.jobs.byName(name) })))?.job ?? null
  const teamOf = async (name: string) =>
    (await teams.get(name, async () => ({ id: (await read.teams.byName(name))?.id ?? null })))?.id ?? null
  return {
    async of(labels, ofSource) {
      const named = labels.job ? await jobOf(labels.job) : null
      // Prometheus has jobs of its own: ours is meant where the environment is not another.
      const job = named && (labels.env === undefined || labels.env === named.environment) ? named : null
      const team = labels.team ? await teamOf(labels.team) : null
      return {
        ...{ jobId: job?.id ?? null, clusterId: job?.cluster.id ?? null },
        ...{ teamId: team ?? job?.team.id ?? ofSource, environment: labels.env ?? job?.environment ?? null },
      }
    },
  }
}

/** So many in a second, and what was not used for two. */
function createBudget(clock: Clock): { allows(source: KnownSource, count: number): boolean } {
  const buckets = new Map<string, { left: number; at: Instant }>()
  return {
    allows({ id, perSecond }, count) {
      const now = clock.now()
      const most = perSecond * 2
      const bucket = buckets.get(id) ?? { left: most, at: now }
      const left = Math.min(most, bucket.left + ((now - bucket.at) / 1_000) * perSecond)
      // A batch that is larger than the bucket is let in when it is full, or it never would be.
      const allowed = left >= count || left >= most
      buckets.set(id, { left: allowed ? left - count : left, at: now })
      return allowed
    },
  }
}

// --- showing ----------------------------------------------------------------------------------------------------------

async function gettableAlerts(
  { read, clock, context }: OutsideDependencies,
  filter: AlertFilter,
): Promise<readonly GettableAlert[]> {
  const now = clock.now()
  const { routesOf } = context.routing()
  const matches = filterOf(filter)
  const firing = (await read.alerts.firing()).filter(({ labels }) => matches(labels))
  const held = new Map(
    (await holdBack(read, context, { alerts: firing, now })).map((each) => [each.alert.fingerprint, each.by]),
  )
  const isReceiver = receiverFilter(filter)
  return firing
    .map((alert): GettableAlert => {
      const by = held.get(alert.fingerprint)
      const status: AlertStatus = {
        state: by ? 'suppressed' : 'active',
        silencedBy: by?.is === 'silenced' ? by.silences : [],
        inhibitedBy: by?.is === 'inhibited' ? by.sources : [],
      }
      const receivers = routesOf(alert.labels).map(({ receiver }) => receiver.name)
      return {
        ...{ fingerprint: alert.fingerprint, labels: alert.labels, annotations: alert.annotations },
        ...{ startsAt: alert.startsAt, endsAt: alert.expiresAt ?? now + DAY_MS, updatedAt: alert.updatedAt },
        ...{ generatorUrl: alert.generatorUrl, receivers, status },
      }
    })
    .filter(({ status, receivers }) => isWanted(status, filter) && receivers.some(isReceiver))
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
}

const DAY_MS = 86_400_000

function isWanted({ state, silencedBy, inhibitedBy }: AlertStatus, filter: AlertFilter): boolean {
  if (state === 'active') return filter.active
  if (silencedBy.length > 0 && !filter.silenced) return false
  return inhibitedBy.length === 0 || filter.inhibited
}

function filterOf({ matchers }: AlertFilter): (labels: Labels) => boolean {
  const compiled = compileMatchers(matchers)
  return compiled.ok ? compiled.value : () => false
}

function receiverFilter({ receiver }: AlertFilter): (name: string) => boolean {
  if (receiver === null) return () => true
  const compiled = compileMatchers([{ name: 'receiver', op: '=~', value: receiver }])
  return (name) => compiled.ok && compiled.value({ receiver: name })
}

async function gettableGroups(
  dependencies: OutsideDependencies,
  filter: AlertFilter,
): Promise<readonly GettableGroup[]> {
  const { read } = dependencies
  const alerts = new Map((await gettableAlerts(dependencies, filter)).map((each) => [each.fingerprint, each]))
  const members = await read.groups.of([...alerts.keys()])
  const isReceiver = receiverFilter(filter)
  const groups = (await read.groups.all()).filter(({ receiver }) => isReceiver(receiver))
  return groups.flatMap((group) => {
    const own = members
      .filter(({ groupId }) => groupId === group.id)
      .flatMap(({ fingerprint }) => alerts.get(fingerprint) ?? [])
    return own.length === 0 ? [] : [{ labels: group.labels, receiver: group.receiver, alerts: own }]
  })
}

// --- silences ---------------------------------------------------------------------------------------------------------

function gettableSilence(silence: Silence, now: Instant): GettableSilence {
  const { id, matchers, startsAt, endsAt, updatedAt, createdBy, comment } = silence
  return { id, matchers, startsAt, endsAt, updatedAt, createdBy, comment, state: viewOf(silence, now).state }
}

async function saveSilence(
  dependencies: OutsideDependencies,
  by: By,
  given: GivenSilence,
): Promise<Done<string, 'unknown' | 'not-allowed' | 'bad'>> {
  const { transact, clock, ids, access } = dependencies
  const asked = await access.permit(by, 'alert:silence', await subjectOf(dependencies, given))
  if (!asked.ok) return { ok: false, why: 'not-allowed' }
  const now = clock.now()
  if (silenceProblem(given, now) !== null || !compileMatchers(given.matchers).ok)
    return { ok: false, why: 'bad' }
  return transact(async (stores): Promise<Done<string, 'unknown'>> => {
    const former = given.id === null ? null : await stores.silences.lock(given.id)
    if (given.id !== null && !former) return { ok: false, why: 'unknown' }
    // One that hides others than before is another one: what is over can still be read as it was.
    const isSame =
      former !== null &&
      JSON.stringify(former.matchers) === JSON.stringify(given.matchers) &&
      former.endsAt > now
    if (former && !isSame && former.endsAt > now) await endNow(stores, former, now)
    const { matchers, endsAt, comment } = given
    const startsAt = Math.max(given.startsAt, now)
    const draft = { matchers, startsAt, endsAt, comment, chatId: former?.chatId ?? null }
    const origin = { id: by.member.id, displayName: given.createdBy || by.member.displayName }
    const made = newSilence({
      ...draft,
      id: isSame ? former.id : ids.next('sil'),
      now,
      origin: 'api',
      by: origin,
    })
    const begun = isSame
      ? { ...made, startsAt: former.startsAt, begunAt: former.begunAt, dueAt: endsAt }
      : made
    // Its beginning is acted upon by the clock, with that of all others.
    await stores.silences.save(isSame ? begun : { ...begun, begunAt: null, dueAt: startsAt })
    stores.tell({ of: 'alerts', changed: 'due' })
    return { ok: true, value: begun.id }
  })
}

async function expireSilence(
  dependencies: OutsideDependencies,
  by: By,
  id: string,
): Promise<Done<null, 'unknown' | 'not-allowed' | 'over'>> {
  const { transact, read, clock, access } = dependencies
  const found = await read.silences.byId(id)
  if (!found) return { ok: false, why: 'unknown' }
  const asked = await access.permit(by, 'alert:silence', await subjectOf(dependencies, found))
  if (!asked.ok) return { ok: false, why: 'not-allowed' }
  return transact(async (stores): Promise<Done<null, 'unknown' | 'over'>> => {
    const locked = await stores.silences.lock(id)
    if (!locked) return { ok: false, why: 'unknown' }
    if (locked.endsAt <= clock.now()) return { ok: false, why: 'over' }
    await endNow(stores, locked, clock.now())
    stores.tell({ of: 'alerts', changed: 'due' })
    return { ok: true, value: null }
  })
}

async function endNow(stores: Stores, silence: Silence, now: Instant): Promise<void> {
  const startsAt = Math.min(silence.startsAt, now)
  await stores.silences.save({ ...silence, startsAt, endsAt: now, updatedAt: now, dueAt: now })
}

/** A team's own alerts are its members' to silence; everybody's are an admin's. */
async function subjectOf(
  { read }: OutsideDependencies,
  { matchers }: Pick<Silence, 'matchers'>,
): Promise<Subject> {
  const name = matchers.find((each) => each.name === 'team' && each.op === '=')?.value
  const team = name === undefined ? null : await read.teams.byName(name)
  if (!team) return { of: 'platform', what: 'silences' }
  return { of: 'team', team: team.id, environment: null, job: null }
}
