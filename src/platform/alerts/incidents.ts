import type { Clock, Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { By, Permit } from '../access/access.ts'
import type { JobReach } from '../access/job-reach.ts'
import type { Done } from '../found.ts'
import type { Stores, Transact } from '../jobs/stores.ts'
import type { FlushContext } from './flushing.ts'
import { advance, begin } from './incident-steps.ts'
import { incidentView, viewsOf } from './incident-view.ts'
import type { IncidentDraft, IncidentRefusal, IncidentsApi, IncidentView } from './incidents-api.ts'
import type { LifeEvent, Person } from './life/incident-life.ts'
import { onCallOfTeam } from './oncall/duty.ts'
import type { IncidentRow } from './ports.ts'

export interface IncidentsDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  context: FlushContext
  reach(by: By): JobReach
}

const LONGEST_SNOOZE_MS = 7 * 86_400_000

export function createIncidents(dependencies: IncidentsDependencies): IncidentsApi {
  const { read, clock, reach, context } = dependencies
  const happen = <Why>(permit: Permit, id: string, change: Change<Why>) =>
    changed(dependencies, permit, { id, change })
  const view = (row: IncidentRow) => incidentView(read, context, row, clock.now())
  return {
    async byId(id) {
      const row = await read.incidents.byId(id)
      return row && view(row)
    },
    async list(by, { state, ...ask }) {
      const { teams } = reach(by)
      const page = await read.incidents.list({ teams, ...(state && { state }) }, ask)
      return { items: await viewsOf(read, context, page.items, clock.now()), next: page.next }
    },
    async openOfTeam(name) {
      const team = await read.teams.byName(name)
      if (!team) return []
      const { items } = await read.incidents.list({ teams: [team.id], state: 'open' }, { limit: 50 })
      return viewsOf(
        read,
        context,
        items.filter(({ teamId }) => teamId === team.id),
        clock.now(),
      )
    },
    acknowledge: (permit, id, generation) =>
      happen(permit, id, async (row, by, stores) => {
        if (row.generation !== generation) return { ok: false, why: 'stale' }
        return {
          ok: true,
          value: { is: 'acknowledge', by, onCall: await isOnCall(stores, row, by, clock.now()) },
        }
      }),
    unacknowledge: (permit, id) =>
      happen(permit, id, (row, by) =>
        row.life.state === 'acknowledged'
          ? { ok: true, value: { is: 'unacknowledge', by } }
          : { ok: false, why: 'not-acknowledged' },
      ),
    stillOnIt: (permit, id) =>
      happen(permit, id, (row, by) =>
        row.life.state === 'acknowledged'
          ? { ok: true, value: { is: 'still-on-it', by } }
          : { ok: false, why: 'not-acknowledged' },
      ),
    escalate: (permit, id) =>
      happen(permit, id, (row, by) =>
        row.life.escalation?.next == null
          ? { ok: false, why: 'nobody-left' }
          : { ok: true, value: { is: 'escalate', by } },
      ),
    snooze: (permit, id, until) =>
      happen(permit, id, (_row, by) => {
        const ahead = until - clock.now()
        if (ahead <= 0 || ahead > LONGEST_SNOOZE_MS) return { ok: false, why: 'bad-time' }
        return { ok: true, value: { is: 'snooze', by, until } }
      }),
    note: (permit, id, text) => noted(dependencies, permit, { id, text }),
    assign: (permit, id, member) =>
      happen(permit, id, async (_row, by, stores) => {
        const [to] = await stores.members.byNames([member])
        if (!to) return { ok: false, why: 'unknown-member' }
        return { ok: true, value: { is: 'assign', by, to: { memberId: to.id, name: to.displayName } } }
      }),
    setTier: (permit, id, tier) =>
      happen(permit, id, (_row, by) => ({ ok: true, value: { is: 'set-tier', by, tier } })),
    resolve: (permit, id) => happen(permit, id, (_row, by) => ({ ok: true, value: { is: 'resolve', by } })),
    merge: (permit, id, into) =>
      happen(permit, id, async (_row, by, stores) => {
        if (id === into) return { ok: false, why: 'same' }
        const other = await stores.incidents.byId(into)
        if (!other || other.life.state === 'resolved') return { ok: false, why: 'unknown-other' }
        return { ok: true, value: { is: 'merge', by, into } }
      }),
    create: (permit, draft) => createManual(dependencies, permit, draft),
    async timeline(id) {
      const row = await read.incidents.byId(id)
      if (!row) return null
      const [events, notices] = await Promise.all([
        read.incidents.events(id),
        read.notices.ofSubject(`incident:${id}`),
      ])
      return { incident: await view(row), events, notices }
    },
  }
}

type Change<Why> = (
  row: IncidentRow,
  by: Person,
  stores: Stores,
) => Done<LifeEvent, Why> | Promise<Done<LifeEvent, Why>>

/** What somebody does to an incident, under its lock: of two that tap at once one comes first. */
async function changed<Why>(
  { transact, read, context, clock }: IncidentsDependencies,
  permit: Permit,
  { id, change }: { id: string; change: Change<Why> },
): Promise<Done<IncidentView, Why | IncidentRefusal>> {
  const { member } = permit.by
  const person = { memberId: member.id, name: member.displayName }
  const done = await transact(async (stores): Promise<Done<null, Why | IncidentRefusal>> => {
    const row = await stores.incidents.lock(id)
    if (!row) return { ok: false, why: 'unknown' }
    if (row.life.state === 'resolved') return { ok: false, why: 'closed' }
    const event = await change(row, person, stores)
    if (!event.ok) return event
    const life = await advance(stores, context, {
      incident: row,
      events: [event.value],
      more: {},
      now: clock.now(),
    })
    if (JSON.stringify(life) !== JSON.stringify(row.life)) await audit(stores, permit, row, event.value)
    stores.tell({ of: 'alerts', changed: 'due' })
    return { ok: true, value: null }
  })
  if (!done.ok) return done
  const after = await read.incidents.byId(id)
  if (!after) throw new Error(`Incident ${id} vanished.`)
  return { ok: true, value: await incidentView(read, context, after, clock.now()) }
}

async function isOnCall(stores: Stores, row: IncidentRow, by: Person, now: Instant): Promise<boolean> {
  if (row.teamId === null) return false
  const names = await onCallOfTeam(stores, row.teamId, now)
  return (await stores.members.byNames(names)).some(({ id }) => id === by.memberId)
}

async function audit(stores: Stores, permit: Permit, row: IncidentRow, event: LifeEvent): Promise<void> {
  const { member, via, requestId } = permit.by
  const job = row.jobId === null ? null : await stores.jobs.byId(row.jobId)
  const subject = job?.name ?? row.gist.labels.alertname ?? row.id
  const { is, ...detail } = event
  await stores.audit.record({
    ...{ member, via, requestId, verb: permit.verb, subject, job, decision: 'done' },
    after: { incident: row.id, did: is, ...withoutBy(detail) },
  })
}

function withoutBy(detail: object): object {
  return Object.fromEntries(Object.entries(detail).filter(([name]) => name !== 'by'))
}

async function noted(
  { transact, read, clock, context }: IncidentsDependencies,
  { by }: Permit,
  { id, text }: { id: string; text: string },
): Promise<Done<IncidentView, 'unknown'>> {
  const at = clock.now()
  const row = await read.incidents.byId(id)
  if (!row) return { ok: false, why: 'unknown' }
  await transact((stores) =>
    stores.incidents.tell({
      ...{ incidentId: id, at, kind: 'note', actor: by.member.displayName, memberId: by.member.id },
      detail: { text },
    }),
  )
  return { ok: true, value: await incidentView(read, context, row, at) }
}

/** A person's own: it has no alerts, and ends when a person says so. */
async function createManual(
  { transact, read, ids, context, clock }: IncidentsDependencies,
  permit: Permit<'incident:manage'>,
  { title, tier, team, job: jobName }: IncidentDraft,
): Promise<Done<IncidentView, 'unknown-team' | 'unknown-job'>> {
  const now = clock.now()
  const made = await transact(async (stores): Promise<Done<string, 'unknown-team' | 'unknown-job'>> => {
    const job = jobName === null ? null : await stores.jobs.byName(jobName)
    if (jobName !== null && !job) return { ok: false, why: 'unknown-job' }
    const owner = team === null ? null : await stores.teams.byName(team)
    if (team !== null && !owner) return { ok: false, why: 'unknown-team' }
    const teamName = job?.team.name ?? owner?.name
    const id = await begin(stores, context, {
      ...{ subject: `manual:${ids.next('man')}`, kind: 'manual', tier, chain: null, since: now, now },
      gist: {
        labels: { alertname: title, ...(teamName && { team: teamName }), ...(job && { job: job.name }) },
        ...{ annotations: {}, facts: {}, firing: 1, held: 0, jobs: job ? [job.name] : [], flapping: null },
      },
      about: {
        ...{ jobId: job?.id ?? null, clusterId: null, teamId: job?.team.id ?? owner?.id ?? null },
        environment: job?.environment ?? null,
      },
    })
    const { member, via, requestId } = permit.by
    await stores.audit.record({
      ...{ member, via, requestId, verb: permit.verb, subject: title, job, decision: 'done' },
      after: { incident: id, did: 'opened', tier },
    })
    return { ok: true, value: id }
  })
  if (!made.ok) return made
  const row = await read.incidents.byId(made.value)
  if (!row) throw new Error(`Incident ${made.value} vanished.`)
  return { ok: true, value: await incidentView(read, context, row, now) }
}
