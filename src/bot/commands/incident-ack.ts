import type { IncidentView, Job } from '../../platform/platform.ts'
import { card, says } from '../cards/build.ts'
import { incidentCard } from '../cards/incident-card.ts'
import { idArg, numberArg, optional } from './args.ts'
import { command, type MemberTurn, type Reply, type Target } from './command.ts'
import { jobSubject, platformSubject } from './find.ts'

interface FoundIncident {
  incident: IncidentView
  job: Job | null
}

const incidentArg = idArg('incident', { zh: '问题', en: 'incident' }, 'inc')

async function findIncident(
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
  return { ok: true, subject: job ? jobSubject(job) : platformSubject('clusters'), found: { incident, job } }
}

export const incidentShow = command({
  name: ['incident', 'show'],
  zh: ['问题', '查看'],
  aliases: [],
  group: 'op',
  summary: { zh: '一个问题的情况', en: 'one incident' },
  examples: ['/incident show inc_k3x9q2m4n7pa', '/问题 查看 inc_k3x9q2m4n7pa'],
  needs: 'job:view',
  args: { incident: incidentArg },
  find: findIncident,
  run: async ({ voice }, { found }) => replyOf(found, voice),
})

export const incidentAck = command({
  name: ['incident', 'ack'],
  zh: ['问题', '认领'],
  aliases: [['ack'], ['认领']],
  group: 'op',
  summary: { zh: '认领一个问题：我来处理', en: 'say that you are on it' },
  examples: ['/incident ack inc_k3x9q2m4n7pa', '/认领 inc_k3x9q2m4n7pa'],
  needs: 'incident:acknowledge',
  args: {
    incident: incidentArg,
    generation: optional(
      numberArg({ zh: '第几次', en: 'generation' }, { min: 1, max: 1_000_000_000 }, { place: 'named' }),
    ),
  },
  find: findIncident,
  async run({ platform, voice }, { args: { generation }, found, permit }) {
    const { incident } = found
    const done = await platform.incidents.acknowledge(permit, incident.id, generation ?? incident.generation)
    if (done.ok) return { ...replyOf({ ...found, incident: done.value }, voice), did: true }
    const { t } = voice
    const show = says(t.button.show, `/incident show ${incident.id}`)
    const title = {
      unknown: t.incident.unknown(incident.id),
      closed: t.incident.closed,
      stale: t.incident.stale,
    }[done.why]
    return { card: card('warning', title, { buttons: [show] }) }
  },
})

function replyOf({ incident, job }: FoundIncident, voice: MemberTurn['voice']): Reply {
  return {
    card: incidentCard(incident, job, voice),
    follows: { subject: `incident:${incident.id}`, version: incident.version },
  }
}
