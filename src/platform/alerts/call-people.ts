import type { Instant } from '../../lib/clock.ts'
import type { FlushContext, FlushStores } from './flushing.ts'
import type { StepTarget } from './life/escalation.ts'
import type { LifeEffect } from './life/incident-life.ts'
import { waysFor } from './life/personal.ts'
import { dutyOf, onCallOfTeam } from './oncall/duty.ts'
import type { IncidentRow, MemberName, NewNotice } from './ports.ts'
import { webhookBody } from './webhook.ts'

type Page = Extract<LifeEffect, { do: 'page' }>

/** Makes a notice for everybody whom a step means now. False: there is nobody. */
export async function paged(
  stores: FlushStores,
  context: FlushContext,
  { incident, effect, now }: { incident: IncidentRow; effect: Page; now: Instant },
): Promise<boolean> {
  const found = await Promise.all(effect.targets.map((target) => peopleOf(stores, incident, target, now)))
  const people = unique(found.flat())
  const called = effect.turn === null ? people : oneOf(people, effect.turn)
  for (const member of called) await pageMember(stores, context, { incident, effect, now, member })
  const others = effect.targets.filter(({ to }) => to === 'chat' || to === 'webhook')
  for (const target of others) await tellOther(stores, context, { incident, effect, now, target })
  return called.length > 0 || others.length > 0
}

async function peopleOf(
  stores: FlushStores,
  { teamId }: IncidentRow,
  target: StepTarget,
  now: Instant,
): Promise<readonly MemberName[]> {
  switch (target.to) {
    case 'on-call':
      return onCall(stores, { teamId, schedule: target.schedule ?? null }, now)
    case 'member':
      return stores.members.byNames([target.name])
    case 'team': {
      const team = target.name === undefined ? teamId : ((await stores.teams.byName(target.name))?.id ?? null)
      if (team === null) return []
      return stores.members.ofTeam(team, target.leads ? 'oncall:manage' : undefined)
    }
    default:
      return []
  }
}

async function onCall(
  stores: FlushStores,
  { teamId, schedule }: { teamId: string | null; schedule: string | null },
  now: Instant,
): Promise<readonly MemberName[]> {
  const named = schedule === null ? null : await stores.onCall.byName(schedule)
  if (named) return stores.members.byNames((await dutyOf(stores, named, now)).members)
  if (schedule !== null || teamId === null) return []
  return stores.members.byNames(await onCallOfTeam(stores, teamId, now))
}

function unique(people: readonly MemberName[]): readonly MemberName[] {
  return [...new Map(people.map((member) => [member.id, member])).values()]
}

function oneOf(people: readonly MemberName[], turn: number): readonly MemberName[] {
  const one = people[turn % Math.max(people.length, 1)]
  return one ? [one] : []
}

interface Paging {
  incident: IncidentRow
  effect: Page
  now: Instant
}

/** By their own rules: several ways, one after the other, until somebody answers. */
async function pageMember(
  { notices, members }: FlushStores,
  { ids }: FlushContext,
  { incident, effect, now, member }: Paging & { member: MemberName },
): Promise<void> {
  const { tier } = incident.life
  const ways = waysFor(await members.rulesOf(member.id), { tier, now })
  for (const [n, { vendor, means, afterMs }] of ways.entries()) {
    const notice: NewNotice = {
      ...{ id: ids.next('ntc'), subject: `incident:${incident.id}`, reason: effect.reason },
      target: n === 0 ? `member:${member.id}` : `member:${member.id}:${n}`,
      content: {
        ...{ is: 'page', incidentId: incident.id, memberId: member.id, tier, means, vendor },
        evenIfTaken: effect.evenIfTaken,
      },
      createdAt: now,
    }
    await notices.add(notice, afterMs)
  }
}

async function tellOther(
  { notices }: FlushStores,
  { ids, externalUrl }: FlushContext,
  { incident, effect, now, target }: Paging & { target: StepTarget },
): Promise<void> {
  const base = {
    ...{ id: ids.next('ntc'), subject: `incident:${incident.id}`, reason: effect.reason, createdAt: now },
  }
  if (target.to === 'chat') {
    const content = { is: 'chat', incidentId: incident.id, chatId: target.id } as const
    await notices.add({ ...base, target: `chat:${target.id}`, content })
  }
  if (target.to === 'webhook') {
    const body = JSON.stringify(escalationBody(incident, target.receiver, externalUrl))
    const content = { is: 'hook', receiver: target.receiver, part: 0, body } as const
    await notices.add({ ...base, target: `hook:${target.receiver}:0`, content })
  }
}

/** As if the incident's gravest alert had been told to that receiver. */
function escalationBody({ gist, life, subject }: IncidentRow, receiver: string, externalUrl: string) {
  const { labels, annotations } = gist
  const alert = {
    ...{ labels, annotations, startsAt: life.openedAt, endedAt: null, state: 'firing' as const },
    ...{ generatorUrl: '', fingerprint: '' },
  }
  return webhookBody({
    ...{ receiver, groupKey: subject, groupLabels: {}, alerts: [alert], externalUrl, maxAlerts: 0 },
  })
}
