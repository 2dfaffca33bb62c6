import type { IncidentRefusal, IncidentView, Job, Subject, TeamId } from '../../platform/platform.ts'
import { card, says, to } from '../cards/build.ts'
import { incidentCard } from '../cards/incident-card.ts'
import { idArg } from './args.ts'
import type { MemberTurn, Reply, Target } from './command.ts'
import { jobSubject, platformSubject } from './find.ts'

export interface FoundIncident {
  incident: IncidentView
  job: Job | null
}

export const incidentArg = idArg('incident', { zh: '问题', en: 'incident' }, 'inc')

/** An incident is its job's team's to answer; without a job its team's; without either, anybody's who answers for a team. */
export async function findIncident(
  turn: MemberTurn,
  { incident: id }: { incident: string },
): Promise<Target<FoundIncident>> {
  const { t } = turn.voice
  const incident = await turn.platform.incidents.byId(id)
  if (!incident) {
    const list = says(t.button.show, '/incident list')
    return { ok: false, reply: { card: card('warning', t.incident.unknown(id), { buttons: [list] }) } }
  }
  const found = incident.subject.is === 'job' ? await turn.platform.jobs.find(incident.subject.name) : null
  const job = found?.ok ? found.value : null
  const subject = job ? jobSubject(job) : await subjectOf(turn, incident)
  return { ok: true, subject, found: { incident, job } }
}

async function subjectOf({ platform }: MemberTurn, { team, environment }: IncidentView): Promise<Subject> {
  const found = team === null ? null : await platform.access.team(team)
  if (!found?.ok) return platformSubject('clusters')
  // The platform gave this id out as a team's.
  const id = found.value.id as TeamId
  return { of: 'team', team: id, environment: environment === '' ? null : environment, job: null }
}

export function incidentReply({ incident, job }: FoundIncident, voice: MemberTurn['voice']): Reply {
  return {
    card: incidentCard(incident, job, voice),
    follows: { subject: `incident:${incident.id}`, version: incident.version },
  }
}

/** What was not done, and what is true now. */
export function incidentRefusal(id: string, why: IncidentRefusal, { t }: MemberTurn['voice']): Reply {
  const title = { unknown: t.incident.unknown(id), closed: t.incident.closed, stale: t.incident.stale }[why]
  return { card: card('warning', title, { buttons: [says(t.button.show, to('incident show', id))] }) }
}
