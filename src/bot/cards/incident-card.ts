import type { IncidentView, Job, MetricName } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, sandboxFooter, says, text, to } from './build.ts'
import type { Button, Card } from './card.ts'
import { underWay } from './operation-card.ts'

/** What is wrong, how bad, why, who is on it, and what can be done. It is the same for everybody in the chat. */
export function incidentCard(incident: IncidentView, job: Job | null, voice: Voice): Card {
  const drawn = incident.closed ? overCard(incident, incident.closed, voice) : openCard(incident, job, voice)
  return { ...drawn, footer: sandboxFooter(voice, incident.sandbox) }
}

/** `P1 · orders-cdc is down: …`: alone it must be enough. */
export function incidentTitle(incident: IncidentView, voice: Voice): string {
  return voice.t.incident.tiered(voice.t.tier[incident.tier], bareTitle(incident, voice))
}

function bareTitle({ kind, subject, cause, annotations, labels }: IncidentView, voice: Voice): string {
  const { title, aboutJob } = voice.t.incident
  if (kind === 'outside' && subject.is !== 'alerts')
    return aboutJob(subject.name, annotations.summary ?? labels.alertname ?? '')
  return title[kind](subject.name, cause && voice.cause(cause))
}

// --- open -------------------------------------------------------------------------------------------------------------

function openCard(incident: IncidentView, job: Job | null, voice: Voice): Card {
  const { t, f } = voice
  const isTaken = incident.state === 'acknowledged'
  return card(isTaken || incident.silenced ? 'warning' : 'bad', incidentTitle(incident, voice), {
    subtitle: [
      ...placeOf(incident, voice),
      t.incident.since(f.when(incident.openedAt), f.age(incident.openedAt)),
    ],
    body: [
      ...(incident.operation ? underWay(incident.operation, voice) : []),
      ...paragraphs(
        howItStands(incident, voice),
        howFarItReaches(incident, voice),
        whatIsKept(incident, voice),
        whoIsOnIt(incident, voice),
      ),
    ],
    buttons: [...lifeButtons(incident, voice), ...actions(incident, job, voice)],
  })
}

type Lines = readonly (string | null | false | undefined)[]

function paragraphs(...all: readonly Lines[]) {
  return all.map((lines) => text(...lines)).filter((block) => block.is !== 'text' || block.text !== '')
}

function howItStands({ kind, facts, cause, annotations }: IncidentView, voice: Voice): Lines {
  const { t, f } = voice
  const { measured } = facts
  return [
    cause &&
      t.incident.cause(cause.task ? t.incident.inTask(voice.cause(cause), cause.task) : voice.cause(cause)),
    cause && voice.advice(cause),
    // What others say of their own alerts; the title has the first of the two already.
    kind === 'outside' && annotations.summary ? annotations.description : null,
    measured &&
      t.incident.measured(
        metricName(measured.metric, voice),
        f.measure(measured.value, measured.unit),
        f.measure(measured.limit, measured.unit),
      ),
    measured?.usual ? t.incident.usually(f.measure(measured.usual, measured.unit)) : null,
    facts.restarts ? t.incident.restarts(facts.restarts) : null,
    facts.sinceCheckpointMs === undefined
      ? null
      : t.incident.sinceCheckpoint(f.duration(facts.sinceCheckpointMs)),
    kind === 'cluster-silent' && facts.jobs ? t.incident.clusterJobs(facts.jobs) : null,
    kind === 'job-lost' ? t.incident.lost : null,
  ]
}

/** One that an older version measured is called as it was. */
function metricName(metric: string, { t }: Voice): string {
  return Object.hasOwn(t.rule.metric, metric) ? t.rule.metric[metric as MetricName] : metric
}

function howFarItReaches({ alerts, subject }: IncidentView, { t }: Voice): Lines {
  const several = alerts.jobs.length > 1 || (alerts.jobs.length === 1 && subject.is === 'alerts')
  return [
    alerts.firing > 1 ? t.incident.alerts(alerts.firing) : null,
    several ? t.incident.downstream(t.and(alerts.jobs), alerts.jobs.length) : null,
    alerts.held > 0 ? t.incident.held(alerts.held) : null,
    alerts.flapping === null ? null : t.incident.flapping(alerts.flapping),
  ]
}

function whatIsKept({ subject, savepoint, facts }: IncidentView, { t, f }: Voice): Lines {
  const kept = savepoint ? t.incident.savepoint(f.when(savepoint.at)) : t.incident.noSavepoint
  return [
    subject.is === 'job' ? kept : null,
    facts.willRestartAt === undefined ? null : t.incident.willRestart(f.when(facts.willRestartAt)),
    facts.gaveUp ? t.incident.gaveUp : null,
  ]
}

function whoIsOnIt(incident: IncidentView, voice: Voice): Lines {
  const { t, f } = voice
  const { acked, snoozedUntil, assignee, silenced, escalation, onCall, tier } = incident
  const calls = tier === 'P0' || tier === 'P1'
  return [
    acked && ackedLine(acked, voice),
    assignee && t.incident.assigned(assignee),
    snoozedUntil === null ? null : t.incident.snoozed(f.when(snoozedUntil)),
    silenced && t.incident.silencedNow,
    acked === null &&
      calls &&
      (onCall.length > 0
        ? t.incident.onCall(t.and(onCall.map(({ name }) => name)))
        : t.incident.nobodyOnCall),
    acked === null && escalation && escalationLine(escalation, voice),
  ]
}

function ackedLine(acked: NonNullable<IncidentView['acked']>, { t, f }: Voice): string {
  const taken = t.incident.acked(acked.by, f.when(acked.at))
  return acked.helpers.length === 0 ? taken : `${taken} · ${t.incident.helpers(t.and(acked.helpers))}`
}

function escalationLine({ nextAt }: NonNullable<IncidentView['escalation']>, { t, f }: Voice): string {
  return nextAt === null ? t.incident.chainDone : t.incident.nextStep(f.when(nextAt))
}

/** Whoever took it finds the way to go on at the same place. */
function lifeButtons({ id, generation, state }: IncidentView, { t }: Voice): Button[] {
  if (state === 'acknowledged') return [says(t.button.stillOnIt, to('incident still', id))]
  return [
    {
      label: t.button.acknowledge,
      style: 'plain',
      press: { is: 'acknowledges', incidentId: id, generation },
    },
  ]
}

function actions({ id, subject, kind, state }: IncidentView, job: Job | null, { t }: Voice): Button[] {
  const more = [
    says(t.button.silence, to('silence incident', id)),
    ...(state === 'triggered' ? [says(t.button.escalate, to('incident escalate', id))] : []),
  ]
  if (subject.is === 'cluster') return [says(t.button.showCluster, to('cluster show', subject.name)), ...more]
  if (subject.is === 'alerts') return [says(t.button.timeline, to('incident timeline', id)), ...more]
  const look = [
    says(t.button.logs, to('job logs', subject.name)),
    says(t.button.show, to('job show', subject.name)),
  ]
  // Of a job we cannot see, nobody should start another.
  if (kind === 'job-lost') return [...look, ...more]
  const changes = job ? { changes: job } : {}
  const back = job !== null && job.releases > 1
  return [
    says(t.button.restart, to('job restart', subject.name), { style: 'primary', ...changes }),
    ...(back ? [says(t.button.rollback, to('job rollback', subject.name), changes)] : []),
    ...look,
    ...more,
  ]
}

// --- over -------------------------------------------------------------------------------------------------------------

function overCard(incident: IncidentView, closed: NonNullable<IncidentView['closed']>, voice: Voice): Card {
  const { t, f } = voice
  const { subject, acked } = incident
  const answers = subject.is === 'cluster' && closed.as === 'recovered'
  const name = subject.is === 'alerts' ? bareTitle(incident, voice) : subject.name
  const title = answers ? t.incident.over_cluster(name) : t.incident.over[closed.as](name)
  return card(closed.as === 'recovered' ? 'good' : 'neutral', title, {
    subtitle: [
      ...placeOf(incident, voice),
      t.incident.lasted(f.when(incident.openedAt), f.duration(closed.at - incident.openedAt)),
    ],
    body: paragraphs([
      closed.as === 'expired' && t.incident.expiredText,
      closed.as === 'merged' && incident.mergedInto && t.incident.mergedInto(incident.mergedInto),
      incident.cause && t.incident.cause(voice.cause(incident.cause)),
      acked && ackedLine(acked, voice),
      closed.by && t.incident.closedBy(closed.by, f.when(closed.at)),
    ]),
    buttons: [whereToLook(incident, voice)],
  })
}

function whereToLook({ id, subject }: IncidentView, { t }: Voice): Button {
  if (subject.is === 'job') return says(t.button.show, to('job show', subject.name))
  if (subject.is === 'cluster') return says(t.button.showCluster, to('cluster show', subject.name))
  return says(t.button.timeline, to('incident timeline', id))
}

function placeOf({ environment, team }: IncidentView, voice: Voice): readonly string[] {
  if (team !== null && environment !== '') return [voice.place(environment, team)]
  if (team !== null) return [voice.team(team)]
  return environment === '' ? [] : [voice.environment(environment)]
}
