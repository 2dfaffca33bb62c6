import { useState } from 'preact/hooks'
import { get, post, sentence } from '../../api.ts'
import { Facts, Trouble } from '../../parts/basics.tsx'
import { Code } from '../../parts/card.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Link } from '../../parts/link.tsx'
import { Rows } from '../../parts/listing.tsx'
import { Ago, ageText, agoText, Elapsed, Time, timeText, took } from '../../parts/time.tsx'
import { useAgain } from '../../parts/use-again.ts'
import { useLoad } from '../../parts/use-load.ts'
import { bytes, count } from '../../rules/amounts.ts'
import { jobPath } from '../../rules/routes.ts'
import { texts } from '../../state/reader.ts'
import type { IncidentView, JobPage, RuntimeCause } from '../../wire.ts'

/** Changes of state are told at once; this is for numbers. Not shorter: every look stands in the audit. */
const AGAIN_MS = 30_000

export function Overview({ known, reload }: { known: JobPage; reload: () => void }) {
  useAgain(reload, AGAIN_MS)
  return (
    <div class="stack">
      <Silence known={known} />
      {known.incident && <Incident incident={known.incident} reload={reload} />}
      <div class="panels">
        <StatePanel known={known} />
        <WhatPanel known={known} />
      </div>
      {needsCause(known) && <Causes job={known.job.name} since={known.job.stateSince} />}
      {known.detail && known.detail.vertices.length > 0 && <Vertices detail={known.detail} />}
    </div>
  )
}

const needsCause = ({ job }: JobPage) => job.state.is === 'failed' || job.state.is === 'recovering'

function Silence({ known: { cluster } }: { known: JobPage }) {
  const t = texts.value.job
  if (cluster.reach.is === 'reachable') return null
  return (
    <p class="banner">
      <Icon name="warning" />
      <span>
        {cluster.reach.is === 'not-seen' ? t.neverSeen : t.silent(ageText(cluster.reach.since))}
        {cluster.reach.is === 'silent' && <code class="small"> {cluster.reach.because}</code>}
      </span>
    </p>
  )
}

function Incident({ incident, reload }: { incident: IncidentView; reload: () => void }) {
  const t = texts.value
  const [trouble, setTrouble] = useState<string | null>(null)
  const acknowledge = () => {
    post(`/incidents/${incident.id}/acknowledge`, { generation: incident.generation })
      .then(reload)
      .catch((error: unknown) => setTrouble(sentence(error)))
  }
  return (
    <section class="card tone-bad">
      <header class="card-head">
        <Icon name="bad" class="card-tone" />
        <h2>{t.incident[incident.kind]}</h2>
        <Ago at={incident.openedAt} />
      </header>
      <p>
        {incident.acked ? t.job.acked(incident.acked.by, timeText(incident.acked.at)) : t.job.notAcked}
        {incident.facts.willRestartAt && ` ${t.job.restartsAt(timeText(incident.facts.willRestartAt))}`}
        {incident.facts.gaveUp && ` ${t.job.gaveUp}`}
      </p>
      {!incident.acked && (
        <div class="buttons">
          <button type="button" class="button primary" onClick={acknowledge}>
            {t.job.acknowledge}
          </button>
        </div>
      )}
      {trouble && <Trouble because={trouble} />}
    </section>
  )
}

function StatePanel({ known: { job, detail, savepoint } }: { known: JobPage }) {
  const t = texts.value
  const checkpoint = detail?.lastCheckpoint ?? null
  return (
    <section class="panel">
      <h2>{t.job.state}</h2>
      <Facts
        facts={[
          [
            t.job.state,
            <>
              {t.state[job.state.is]} · {t.job.forTime('')}
              <Elapsed since={job.stateSince} />
              <span class="block faint small">
                {job.state.is === 'lost' ? t.job.lostHint(job.state.because) : t.stateHint[job.state.is]}
              </span>
            </>,
          ],
          detail && [t.job.tasks, t.job.tasksOf(detail.tasks.running, detail.tasks.total)],
          checkpoint && [
            t.job.checkpoint,
            t.job.checkpointOf(
              agoText(checkpoint.at),
              took(checkpoint.durationMs),
              bytes(checkpoint.sizeBytes),
            ),
          ],
          detail?.failedCheckpoints ? [t.job.failedCheckpoints, count(detail.failedCheckpoints)] : null,
          detail?.restarts ? [t.job.restarts, count(detail.restarts)] : null,
          detail?.restored
            ? [
                t.job.restored,
                <>
                  <Time at={detail.restored.at} /> <code class="small block">{detail.restored.path}</code>
                </>,
              ]
            : null,
          savepoint && [
            t.job.savepoint,
            <>
              <Ago at={savepoint.at} /> · {t.savepoints.presences[savepoint.presence]}
            </>,
          ],
        ]}
      />
      {!detail && <p class="faint">{t.job.noDetail}</p>}
    </section>
  )
}

function WhatPanel({ known: { job, cluster } }: { known: JobPage }) {
  const t = texts.value
  const policy = job.restartPolicy
  return (
    <section class="panel">
      <h2>{job.note || t.releases.details}</h2>
      <Facts
        facts={[
          [
            t.job.release,
            <Link key="release" href={jobPath(job.name, 'releases')}>
              {t.job.releaseOf(job.effectiveRelease, job.releases)}
            </Link>,
          ],
          [t.job.kind, t.job.kinds[job.kind]],
          [t.job.team, job.team.name],
          [t.job.environment, job.environment],
          [
            t.job.cluster,
            `${cluster.name}${cluster.room?.of === 'slots' ? ` · Flink ${cluster.room.flinkVersion}` : ''}`,
          ],
          [
            t.job.policy,
            policy.is === 'none' ? t.job.policyNone : t.job.policyOf(policy.limit, took(policy.windowMs)),
          ],
          [t.job.created, <Time key="created" at={job.createdAt} />],
        ]}
      />
    </section>
  )
}

function Causes({ job, since }: { job: string; since: string }) {
  const t = texts.value.job
  const causes = useLoad(`${job}${since}`, (signal) =>
    get<readonly RuntimeCause[]>(`/jobs/${encodeURIComponent(job)}/causes`, { signal }),
  )
  if (causes.loaded.is === 'failed') return <Trouble because={causes.loaded.because} retry={causes.reload} />
  if (!causes.value) return null
  return (
    <section class="panel">
      <h2>{t.causes}</h2>
      {causes.value.length === 0 && <p class="faint">{t.noCause}</p>}
      {causes.value.map((cause) => (
        <div class="cause" key={`${cause.exception}${cause.message}${cause.at}`}>
          <p>
            <strong>{cause.message || cause.exception}</strong>
          </p>
          <p class="faint small">
            <code>{cause.exception}</code>
            {cause.task && ` · ${cause.task}`}
            {cause.at && (
              <>
                {' · '}
                <Time at={cause.at} />
              </>
            )}
          </p>
          <details>
            <summary>{t.stack}</summary>
            <Code text={cause.stack} rest={0} />
          </details>
        </div>
      ))}
    </section>
  )
}

function Vertices({ detail }: { detail: NonNullable<JobPage['detail']> }) {
  const t = texts.value.job
  const share = (ms: number | null) => (ms === null ? '–' : t.percent(Math.round(ms / 10)))
  const number = (value: number | null) => (value === null ? '–' : count(value))
  return (
    <section>
      <h2 class="section-head">{t.vertices}</h2>
      <Rows
        caption={t.vertices}
        rows={detail.vertices}
        rowKey={(vertex) => vertex.id}
        columns={[
          { key: 'name', head: t.vertex, cell: (vertex) => vertex.name },
          { key: 'status', head: t.status, cell: (vertex) => vertex.state },
          { key: 'parallelism', head: t.parallelism, right: true, cell: (vertex) => vertex.parallelism },
          { key: 'read', head: t.read, right: true, cell: (vertex) => number(vertex.readRecords) },
          { key: 'written', head: t.written, right: true, cell: (vertex) => number(vertex.writeRecords) },
          { key: 'busy', head: t.busy, right: true, cell: (vertex) => share(vertex.busyMsPerSecond) },
          {
            key: 'backpressure',
            head: t.backpressure,
            right: true,
            cell: (vertex) => share(vertex.backPressuredMsPerSecond),
          },
        ]}
      />
    </section>
  )
}
