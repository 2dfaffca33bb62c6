import type { Clock, Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { wallClock } from '../../lib/wall-clock.ts'
import type { Chore } from '../alerts/alarm-clock.ts'
import { onCallOfTeam } from '../alerts/oncall/duty.ts'
import type { Stores, Transact } from '../jobs/stores.ts'
import type { Digest, DigestFacts } from './digest.ts'
import { DEFAULT_TIME, dueDay, isTime } from './digest-time.ts'
import type { DigestsApi } from './digests-api.ts'
import type { DigestTeam } from './ports.ts'

export interface DigestsDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
}

const DAY_MS = 86_400_000
const KEPT_MS = 400 * DAY_MS

export function createDigests(dependencies: DigestsDependencies): DigestsApi {
  const { transact, read, clock, ids } = dependencies
  return {
    byId: (id) => read.digests.byId(id),
    ofDay: (team, date) => read.digests.ofDay(team, date),
    async now(_permit, name, days) {
      const team = await read.digests.team(name)
      if (!team) return null
      const to = clock.now()
      const { date } = wallClock(to, team.zone)
      const facts = await factsOf(read, team, { from: to - days * DAY_MS, to, date })
      const digest = { id: ids.next('dig'), date, kind: 'asked' as const, createdAt: to, facts }
      await read.digests.insert({ ...digest, teamId: team.id })
      return { ...digest, team: name, version: 1 }
    },
    setTime: ({ by, verb }, name, at) =>
      transact(async (stores) => {
        const team = await stores.digests.team(name)
        if (!team) return { ok: false, why: 'unknown' }
        if (at !== null && at !== 'off' && !isTime(at)) return { ok: false, why: 'bad-time' }
        await stores.digests.setTime(team.id, at)
        const { member, via, requestId } = by
        const change = { before: { digestAt: team.digestAt }, after: { digestAt: at } }
        const subject = `digest of ${name}`
        await stores.audit.record({
          ...{ member, via, requestId, verb, subject, job: null, decision: 'done', ...change },
        })
        return { ok: true, value: { at: timeOf({ digestAt: at }), zone: team.zone } }
      }),
  }
}

/** Null: never. */
function timeOf({ digestAt }: Pick<DigestTeam, 'digestAt'>): string | null {
  return digestAt === 'off' ? null : (digestAt ?? DEFAULT_TIME)
}

async function factsOf(
  stores: Stores,
  team: DigestTeam,
  span: { from: Instant; to: Instant; date: string },
): Promise<DigestFacts> {
  const [facts, schedules, now, tomorrow] = await Promise.all([
    stores.digests.gather(team, span),
    stores.onCall.ofTeam(team.id),
    namesOnCall(stores, team.id, span.to),
    namesOnCall(stores, team.id, span.to + DAY_MS),
  ])
  return { ...facts, onCall: { now, tomorrow, isPlanned: schedules.length > 0 } }
}

async function namesOnCall(stores: Stores, teamId: string, at: Instant): Promise<readonly string[]> {
  const names = await onCallOfTeam(stores, teamId, at)
  return (await stores.members.byNames(names)).map(({ displayName }) => displayName)
}

/** Each team's day, told once: by whichever process comes first, and after a crash by the next. */
export function digestChores(dependencies: DigestsDependencies): readonly Chore[] {
  const { read } = dependencies
  return [
    { name: 'digests', everyMs: 15_000, run: (now) => tellDigests(dependencies, now) },
    { name: 'forget digests', everyMs: DAY_MS, run: (now) => read.digests.forget(now - KEPT_MS) },
  ]
}

export async function tellDigests(dependencies: DigestsDependencies, now: Instant): Promise<void> {
  for (const team of await dependencies.read.digests.teams()) {
    const at = timeOf(team)
    const day = at === null ? null : dueDay(at, team.zone, now)
    // A team that is newer than that has no such day.
    if (day && team.createdAt < day.to) await tellDay(dependencies, team, { ...day, now })
  }
}

async function tellDay(
  { transact, read, ids }: DigestsDependencies,
  team: DigestTeam,
  { date, from, to, now }: { date: string; from: Instant; to: Instant; now: Instant },
): Promise<void> {
  if (await read.digests.ofDay(team.name, date)) return
  const facts = await factsOf(read, team, { from, to, date })
  await transact(async (stores) => {
    if (!(await stores.told.first(`digest:${team.id}:${date}`, now))) return
    const id = ids.next('dig')
    const digest: Omit<Digest, 'team' | 'version'> = { id, date, kind: 'daily', createdAt: now, facts }
    await stores.digests.insert({ ...digest, teamId: team.id })
    await stores.notices.add({
      ...{ id: ids.next('ntc'), subject: `digest:${id}`, reason: 'daily', target: 'team', createdAt: now },
      content: { is: 'digest', digestId: id },
    })
  })
}
