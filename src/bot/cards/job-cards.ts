import { never } from '../../lib/never.ts'
import type { Job, JobDetail, JobPage, JobState, RestartPolicy, Verb } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, facts, sandboxFooter, says, text, to } from './build.ts'
import type { Block, Button, Card, Tone } from './card.ts'
import { operationLine } from './operation-card.ts'

/** One job, for who asked: buttons for what they may do. */
export function jobCard(page: JobPage, may: (verb: Verb) => boolean, voice: Voice): Card {
  const { job, operation } = page
  const { t, f } = voice
  return card(jobTone(job.state), jobTitle(job, voice), {
    subtitle: [
      voice.place(job.environment, job.team.name),
      t.job.since(f.when(job.stateSince), f.age(job.stateSince)),
      ...(job.archivedAt === null ? [] : [t.job.archived]),
    ],
    body: [
      ...situation(page, voice),
      ...facts(
        [t.label.release, job.effectiveRelease === null ? null : releaseText(job)],
        [t.label.cluster, job.cluster.name],
        [t.label.operation, operation && operationLine(operation, voice)],
        ...detailFacts(page.detail, voice),
        [t.label.savepoint, page.savepoint && f.when(page.savepoint.at)],
        [t.label.policy, policyText(job.restartPolicy, voice)],
        [t.label.note, job.note],
      ),
    ],
    buttons: jobButtons(job, may, voice),
    footer: sandboxFooter(voice, job.cluster.sandbox),
  })
}

export function jobTitle({ name, state }: Job, voice: Voice): string {
  const { t } = voice
  switch (state.is) {
    case 'recovering':
      return t.job.title.recovering(name, `${state.tasks.running}/${state.tasks.total}`)
    case 'failed':
      return t.job.title.failed(name, state.cause && voice.cause(state.cause))
    case 'ended':
      return state.outside ? t.job.title.endedOutside(name, state.as) : t.job.title.finished(name)
    case 'new':
    case 'stopped':
    case 'starting':
    case 'running':
    case 'stopping':
    case 'lost':
      return t.job.title[state.is](name)
    default:
      return never(state)
  }
}

export function jobTone({ is }: JobState): Tone {
  if (is === 'running') return 'good'
  if (is === 'starting' || is === 'stopping' || is === 'recovering') return 'progress'
  return is === 'failed' || is === 'lost' ? 'bad' : 'neutral'
}

export function policyText(policy: RestartPolicy, { t, f }: Voice): string {
  return policy.is === 'none'
    ? t.job.policyNone
    : t.job.policyOnFailure(policy.limit, f.duration(policy.windowMs))
}

function releaseText({ effectiveRelease, releases }: Job): string {
  return effectiveRelease === releases ? String(effectiveRelease) : `${effectiveRelease} (${releases})`
}

function situation({ job, cluster, incident }: JobPage, voice: Voice): Block[] {
  const { t, f } = voice
  const { state } = job
  const lines = [
    cluster.reach.is === 'silent' ? t.job.clusterSilent(cluster.name, f.when(cluster.reach.since)) : null,
    state.is === 'lost' ? t.job.lost(state.because) : null,
    incident?.acked ? t.incident.acked(incident.acked.by, f.when(incident.acked.at)) : null,
    job.desired === 'running' && (state.is === 'failed' || state.is === 'ended')
      ? t.job.desiredRunning
      : null,
  ].filter((line) => line !== null)
  return lines.length === 0 ? [] : [text(...lines)]
}

function detailFacts(detail: JobDetail | null, { t, f }: Voice): (readonly [string, string | null])[] {
  if (!detail) return []
  const { tasks, restarts, lastCheckpoint, vertices } = detail
  const read = sum(vertices.map(({ readRecords }) => readRecords))
  const written = sum(vertices.map(({ writeRecords }) => writeRecords))
  return [
    [t.label.tasks, `${tasks.running}/${tasks.total}`],
    [t.label.restarts, restarts ? String(restarts) : null],
    [
      t.label.checkpoint,
      lastCheckpoint &&
        t.job.checkpoint(
          f.age(lastCheckpoint.at),
          f.duration(lastCheckpoint.durationMs),
          f.size(lastCheckpoint.sizeBytes),
        ),
    ],
    [
      t.label.what,
      read === null || written === null ? null : t.job.throughput(f.count(read), f.count(written)),
    ],
  ]
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0)
}

type Offer = readonly [verb: Verb, label: 'start' | 'stop' | 'restart' | 'savepoint', style: Button['style']]

/** What makes sense in this state, best first. */
function offers(state: JobState): readonly Offer[] {
  switch (state.is) {
    case 'running':
    case 'recovering':
      return [
        ['job:restart', 'restart', 'plain'],
        ['job:savepoint', 'savepoint', 'plain'],
        ['job:stop', 'stop', 'danger'],
      ]
    case 'new':
    case 'stopped':
    case 'ended':
      return [['job:start', 'start', 'primary']]
    case 'failed':
      return [['job:restart', 'restart', 'primary']]
    case 'starting':
    case 'stopping':
    case 'lost':
      return []
    default:
      return never(state)
  }
}

function jobButtons(job: Job, may: (verb: Verb) => boolean, { t }: Voice): Button[] {
  const acting = job.archivedAt === null ? offers(job.state) : []
  return [
    ...acting
      .filter(([verb]) => may(verb))
      .map(([, label, style]) =>
        says(t.button[label], to(`job ${label}`, job.name), { style, changes: job }),
      ),
    ...(may('job:logs') && job.attempts > 0 ? [says(t.button.logs, to('job logs', job.name))] : []),
    says(t.button.history, to('job history', job.name)),
  ]
}

export interface JobListView {
  jobs: readonly Job[]
  counts: Readonly<Record<string, number>>
  /** The command that shows the next page; null: this was the last. */
  more: string | null
  /** Somebody asked for only some of them. */
  filtered: boolean
}

export function jobListCard({ jobs, counts, more, filtered }: JobListView, voice: Voice): Card {
  const { t, f } = voice
  const total = Object.values(counts).reduce((a, b) => a + b, 0)
  if (jobs.length === 0) return emptyList(filtered, voice)
  const row = (job: Job) => [
    { text: job.name, says: to('job show', job.name) },
    t.state[job.state.is],
    job.effectiveRelease === null ? '' : String(job.effectiveRelease),
    voice.place(job.environment, job.team.name),
    f.age(job.stateSince),
  ]
  const columns = [t.label.job, t.label.state, t.label.release, t.label.environment, t.label.lasting]
  return card('neutral', t.job.listTitle(total), {
    subtitle: [countsLine(counts, voice)],
    body: [{ is: 'table', columns, rows: jobs.map(row) }],
    buttons: more === null ? [] : [says(t.button.next, more)],
    footer: sandboxFooter(
      voice,
      jobs.some(({ cluster }) => cluster.sandbox),
    ),
  })
}

function emptyList(filtered: boolean, { t }: Voice): Card {
  return card('neutral', filtered ? t.job.noneMatch : t.job.noneYet, {
    body: [text(filtered ? t.job.noneMatchHint : t.job.noneYetHint)],
    buttons: filtered ? [says(t.button.jobs, '/job list')] : [],
  })
}

const ORDER = [
  'failed',
  'lost',
  'recovering',
  'starting',
  'stopping',
  'running',
  'stopped',
  'ended',
  'new',
] as const

/** What needs eyes first: `1 failing · 148 running`. */
function countsLine(counts: Readonly<Record<string, number>>, { t }: Voice): string {
  return ORDER.filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => `${counts[state]} ${t.state[state]}`)
    .join(' · ')
}
