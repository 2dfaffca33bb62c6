import { get } from '../api.ts'
import { Chip, Empty, JobStateChip, Loadable } from '../parts/basics.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { ChoiceFilter, FilterBar, PageHead, Pager, Rows, TextFilter } from '../parts/listing.tsx'
import { Ago } from '../parts/time.tsx'
import { useCalm } from '../parts/use-again.ts'
import { useLoad } from '../parts/use-load.ts'
import { jobPath, query } from '../rules/routes.ts'
import { refine, search } from '../state/address.ts'
import { jobHint } from '../state/chat.ts'
import { clusters, environments, teams } from '../state/places.ts'
import { language, texts } from '../state/reader.ts'
import type { Job, JobStateTag, Paged } from '../wire.ts'

type Answer = Paged<Job> & { counts: Readonly<Record<string, number>> }

/** What needs a person first. */
const STATES: readonly JobStateTag[] = [
  'failed',
  'lost',
  'recovering',
  'starting',
  'stopping',
  'running',
  'stopped',
  'ended',
  'new',
]
/** With thousands of jobs something changes all the time. */
const HINT_PAUSE_MS = 2000
const FILTERS = ['like', 'team', 'environment', 'state', 'cluster', 'archived', 'cursor'] as const

export function JobsPage() {
  const t = texts.value.jobs
  const asked = query(Object.fromEntries(FILTERS.map((name) => [name, search.value.get(name)])))
  const page = useLoad(asked, (signal) => get<Answer>(`/jobs${asked}`, { signal }))
  const filtered = FILTERS.some((name) => name !== 'cursor' && search.value.has(name))
  useCalm(page.reload, jobHint.value.count, HINT_PAUSE_MS)

  return (
    <div class="page">
      <PageHead title={t.title}>
        <Link href="/jobs/new" class="button primary">
          <Icon name="plus" />
          {t.create}
        </Link>
      </PageHead>
      <Filters filtered={filtered} />
      <Loadable of={page}>
        {(answer) => (
          <>
            <States counts={answer.counts} />
            {answer.items.length === 0 ? (
              <Empty>{filtered ? t.none : t.noneYet}</Empty>
            ) : (
              <JobRows jobs={answer.items} />
            )}
            <Pager next={answer.next} />
          </>
        )}
      </Loadable>
    </div>
  )
}

function Filters({ filtered }: { filtered: boolean }) {
  const t = texts.value.jobs
  const plain = (one: { name: string }) => ({ value: one.name, label: one.name })
  return (
    <FilterBar reset={filtered ? '/jobs' : null} first={<TextFilter name="like" label={t.like} />}>
      <ChoiceFilter
        name="team"
        label={t.team}
        choices={teams.value.map((one) => ({ value: one.name, label: one.title || one.name }))}
      />
      <ChoiceFilter
        name="environment"
        label={t.environment}
        choices={environments.value.map((one) => ({
          value: one.name,
          label: one.title[language.value] || one.name,
        }))}
      />
      <ChoiceFilter name="cluster" label={t.cluster} choices={clusters.value.map(plain)} />
      <label class="check">
        <input
          type="checkbox"
          checked={search.value.get('archived') === 'true'}
          onChange={(event) => refine({ archived: event.currentTarget.checked ? 'true' : null })}
        />
        {t.archived}
      </label>
    </FilterBar>
  )
}

/** States with their numbers; a tap shows only those. */
function States({ counts }: { counts: Readonly<Record<string, number>> }) {
  const chosen = search.value.get('state')
  const present = STATES.filter((state) => (counts[state] ?? 0) > 0 || state === chosen)
  if (present.length === 0) return null
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons
    <div class="states" role="group" aria-label={texts.value.jobs.state}>
      {present.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={state === chosen}
          onClick={() => refine({ state: state === chosen ? null : state })}
        >
          <JobStateChip state={state} /> {counts[state] ?? 0}
        </button>
      ))}
    </div>
  )
}

function JobRows({ jobs }: { jobs: readonly Job[] }) {
  const t = texts.value.jobs
  return (
    <Rows
      caption={t.caption}
      rows={jobs}
      rowKey={(job) => job.id}
      columns={[
        {
          key: 'name',
          head: t.name,
          cell: (job) => (
            <Link href={jobPath(job.name)} class="strong-link">
              {job.name}
            </Link>
          ),
        },
        { key: 'state', head: t.state, cell: (job) => <JobStateChip state={job.state.is} /> },
        { key: 'since', head: t.since, cell: (job) => <Ago at={job.stateSince} /> },
        { key: 'release', head: t.release, right: true, cell: (job) => releaseText(job) },
        { key: 'team', head: t.team, cell: (job) => job.team.name },
        { key: 'environment', head: t.environment, cell: (job) => job.environment },
        {
          key: 'cluster',
          head: t.cluster,
          cell: (job) => (
            <>
              {job.cluster.name}
              {job.cluster.sandbox && (
                <>
                  {' '}
                  <Chip tone="warning" icon="warning">
                    {texts.value.clusters.sandbox}
                  </Chip>
                </>
              )}
            </>
          ),
        },
      ]}
    />
  )
}

/** `12`, and `12 of 13` when a newer one waits. */
function releaseText(job: Job) {
  if (job.effectiveRelease === null) return <span class="faint">{texts.value.jobs.noRelease}</span>
  return job.effectiveRelease === job.releases
    ? job.effectiveRelease
    : `${job.effectiveRelease} / ${job.releases}`
}
