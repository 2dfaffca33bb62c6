import type { IncidentView, Job } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, sandboxFooter, says, text, to } from './build.ts'
import type { Button, Card } from './card.ts'

/** What is wrong, since when, why, and what can be done. It is the same for everybody in the chat. */
export function incidentCard(incident: IncidentView, job: Job | null, voice: Voice): Card {
  const drawn = incident.closed ? overCard(incident, incident.closed, voice) : openCard(incident, job, voice)
  return { ...drawn, footer: sandboxFooter(voice, incident.sandbox) }
}

export function incidentTitle({ kind, subject, cause }: IncidentView, voice: Voice): string {
  return voice.t.incident.title[kind](subject.name, cause && voice.cause(cause))
}

function openCard(incident: IncidentView, job: Job | null, voice: Voice): Card {
  const { t, f } = voice
  const { acked } = incident
  return card(acked ? 'warning' : 'bad', incidentTitle(incident, voice), {
    subtitle: [
      placeOf(incident, voice),
      t.incident.since(f.when(incident.openedAt), f.age(incident.openedAt)),
    ],
    body: [text(...howItStands(incident, voice)), text(...whatIsKept(incident, voice))].filter(
      (block) => block.is !== 'text' || block.text !== '',
    ),
    buttons: [...(acked ? [] : [acknowledgeButton(incident, voice)]), ...actions(incident, job, voice)],
  })
}

function howItStands({ kind, facts, cause }: IncidentView, voice: Voice): (string | null)[] {
  const { t, f } = voice
  return [
    cause &&
      t.incident.cause(cause.task ? t.incident.inTask(voice.cause(cause), cause.task) : voice.cause(cause)),
    cause && voice.advice(cause),
    facts.restarts ? t.incident.restarts(facts.restarts) : null,
    facts.sinceCheckpointMs === undefined
      ? null
      : t.incident.sinceCheckpoint(f.duration(facts.sinceCheckpointMs)),
    kind === 'cluster-silent' && facts.jobs ? t.incident.clusterJobs(facts.jobs) : null,
    kind === 'job-lost' ? t.incident.lost : null,
  ]
}

function whatIsKept({ subject, savepoint, facts, acked }: IncidentView, { t, f }: Voice): (string | null)[] {
  const kept = savepoint ? t.incident.savepoint(f.when(savepoint.at)) : t.incident.noSavepoint
  return [
    subject.is === 'job' ? kept : null,
    facts.willRestartAt === undefined ? null : t.incident.willRestart(f.when(facts.willRestartAt)),
    facts.gaveUp ? t.incident.gaveUp : null,
    acked && t.incident.acked(acked.by, f.when(acked.at)),
  ]
}

function actions({ subject, kind }: IncidentView, job: Job | null, { t }: Voice): Button[] {
  if (subject.is === 'cluster') return [says(t.button.showCluster, to('cluster show', subject.name))]
  const look = [
    says(t.button.logs, to('job logs', subject.name)),
    says(t.button.show, to('job show', subject.name)),
  ]
  // Of a job we cannot see, nobody should start another.
  if (kind === 'job-lost') return look
  const changes = job ? { changes: job } : {}
  return [says(t.button.restart, to('job restart', subject.name), { style: 'primary', ...changes }), ...look]
}

function acknowledgeButton({ id, generation }: IncidentView, { t }: Voice): Button {
  return {
    label: t.button.acknowledge,
    style: 'plain',
    press: { is: 'acknowledges', incidentId: id, generation },
  }
}

function overCard(incident: IncidentView, closed: NonNullable<IncidentView['closed']>, voice: Voice): Card {
  const { t, f } = voice
  const { subject, acked } = incident
  const answers = subject.is === 'cluster' && closed.as === 'recovered'
  const title = answers ? t.incident.over_cluster(subject.name) : t.incident.over[closed.as](subject.name)
  return card(closed.as === 'recovered' ? 'good' : 'neutral', title, {
    subtitle: [
      placeOf(incident, voice),
      t.incident.lasted(f.when(incident.openedAt), f.duration(closed.at - incident.openedAt)),
    ],
    body: [
      text(
        incident.cause && t.incident.cause(voice.cause(incident.cause)),
        acked && t.incident.acked(acked.by, f.when(acked.at)),
      ),
    ].filter((block) => block.is !== 'text' || block.text !== ''),
    buttons: [
      subject.is === 'job'
        ? says(t.button.show, to('job show', subject.name))
        : says(t.button.showCluster, to('cluster show', subject.name)),
    ],
  })
}

function placeOf({ environment, team }: IncidentView, voice: Voice): string {
  return team === null ? voice.environment(environment) : voice.place(environment, team)
}
