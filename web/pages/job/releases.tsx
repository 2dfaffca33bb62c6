import { get } from '../../api.ts'
import { Chip, CopyButton, Empty, Facts, Labelled, Loadable } from '../../parts/basics.tsx'
import { Code } from '../../parts/card.tsx'
import { ChangeList } from '../../parts/changes.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Link } from '../../parts/link.tsx'
import { Pager } from '../../parts/listing.tsx'
import { Time } from '../../parts/time.tsx'
import { useLoad } from '../../parts/use-load.ts'
import { jobPath, query } from '../../rules/routes.ts'
import { go, search } from '../../state/address.ts'
import { texts } from '../../state/reader.ts'
import type { Job, Paged, Release, ReleaseChange } from '../../wire.ts'

export function Releases({ job }: { job: Job }) {
  const t = texts.value.releases
  const cursor = search.value.get('cursor')
  // The key holds the count: a new release shows itself.
  const page = useLoad(`${job.name}|${job.releases}|${cursor}`, (signal) =>
    get<Paged<Release>>(`/jobs/${encodeURIComponent(job.name)}/releases${query({ cursor })}`, { signal }),
  )
  return (
    <>
      <div class="tab-head">
        <Link href={`/jobs/${encodeURIComponent(job.name)}/release`} class="button">
          <Icon name="plus" />
          {texts.value.act.release}
        </Link>
      </div>
      <Loadable of={page}>
        {(answer) =>
          answer.items.length === 0 ? (
            <Empty>{t.none}</Empty>
          ) : (
            <>
              <ul class="plain-list stack">
                {answer.items.map((release) => (
                  <li key={release.number} class="panel">
                    <ReleaseView job={job} release={release} />
                  </li>
                ))}
              </ul>
              <Pager next={answer.next} />
            </>
          )
        }
      </Loadable>
    </>
  )
}

function ReleaseView({ job, release }: { job: Job; release: Release }) {
  const t = texts.value.releases
  const { program } = release
  return (
    <>
      <header class="release-head">
        <h2>{t.show(release.number)}</h2>
        {release.number === job.effectiveRelease && (
          <Chip tone="good" icon="play">
            {t.runs}
          </Chip>
        )}
        <span class="faint small">
          {release.author} · <Time at={release.createdAt} />
        </span>
        {release.number > 1 && (
          <Link
            class="button quiet small"
            href={
              jobPath(job.name, 'diff') +
              query({ from: String(release.number - 1), to: String(release.number) })
            }
          >
            {t.compare}
          </Link>
        )}
      </header>
      {release.note && <p>{release.note}</p>}
      <details>
        <summary>{program.is === 'jar' ? program.fileName : t.script}</summary>
        <div class="stack details-body">
          {program.is === 'sql' && <Code text={program.script} rest={0} />}
          <Facts
            facts={[
              program.is === 'jar'
                ? [
                    t.digest,
                    <span key="digest">
                      <code>{program.digest.slice(0, 12)}…</code> <CopyButton text={program.digest} />
                    </span>,
                  ]
                : null,
              program.is === 'jar' && program.entryClass
                ? [t.entryClass, <code key="entry">{program.entryClass}</code>]
                : null,
              program.is === 'jar' && program.args.length > 0
                ? [t.args, <code key="args">{program.args.join(' ')}</code>]
                : null,
              [t.parallelism, release.parallelism ?? t.clusterDefault],
              [t.flinkVersion, release.flinkVersion ?? t.clusterDefault],
              release.savepointDir ? [t.savepointDir, <code key="dir">{release.savepointDir}</code>] : null,
              ...Object.entries(release.flinkSettings).map(
                ([key, value]) => [key, <code key={key}>{value}</code>] as const,
              ),
            ]}
          />
        </div>
      </details>
    </>
  )
}

export function Diff({ job }: { job: Job }) {
  const t = texts.value.diff
  const to = Number(search.value.get('to')) || job.releases
  const from = Number(search.value.get('from')) || former(job, to)
  const changes = useLoad(`${job.name}|${from}|${to}`, (signal) =>
    job.releases < 2
      ? Promise.resolve([])
      : get<{ changes: readonly ReleaseChange[] }>(
          `/jobs/${encodeURIComponent(job.name)}/diff?from=${from}&to=${to}`,
          { signal },
        ).then((answer) => answer.changes),
  )
  if (job.releases < 2) return <Empty>{t.needTwo}</Empty>
  const show = (pair: { from: number; to: number }) =>
    go(jobPath(job.name, 'diff') + query({ from: String(pair.from), to: String(pair.to) }), { replace: true })
  return (
    <div class="stack">
      <div class="filters">
        <ReleaseChoice
          id="from"
          label={t.from}
          job={job}
          value={from}
          onChoose={(one) => show({ from: one, to })}
        />
        <ReleaseChoice
          id="to"
          label={t.to}
          job={job}
          value={to}
          onChoose={(one) => show({ from, to: one })}
        />
        <button type="button" class="button" onClick={() => show({ from: to, to: from })}>
          {t.swap}
        </button>
      </div>
      <Loadable of={changes}>
        {(found) => (found.length === 0 ? <Empty>{t.same}</Empty> : <ChangeList changes={found} />)}
      </Loadable>
    </div>
  )
}

/** What runs is what one compares with; when that is the newest itself, the one before it. */
function former(job: Job, to: number): number {
  const running = job.effectiveRelease
  return running !== null && running !== to ? running : Math.max(1, to - 1)
}

function ReleaseChoice(props: {
  id: string
  label: string
  job: Job
  value: number
  onChoose: (number: number) => void
}) {
  const numbers = Array.from({ length: props.job.releases }, (_, index) => props.job.releases - index)
  return (
    <Labelled id={props.id} label={props.label}>
      <select
        id={props.id}
        value={props.value}
        onChange={(event) => props.onChoose(Number(event.currentTarget.value))}
      >
        {numbers.map((number) => (
          <option key={number} value={number}>
            {texts.value.releases.show(number)}
          </option>
        ))}
      </select>
    </Labelled>
  )
}
