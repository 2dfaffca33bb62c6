/** One job: its head and actions, and a tab of what is known. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { never } from '../../../src/lib/never.ts'
import { get } from '../../api.ts'
import { Chip, JobStateChip, Loadable } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Link } from '../../parts/link.tsx'
import { PageHead } from '../../parts/listing.tsx'
import { OperationPanel } from '../../parts/operation.tsx'
import { useLoad } from '../../parts/use-load.ts'
import type { JobTab } from '../../rules/routes.ts'
import { JOB_TABS, jobPath } from '../../rules/routes.ts'
import { jobHint } from '../../state/chat.ts'
import { texts } from '../../state/reader.ts'
import { visit } from '../../state/session.ts'
import type { JobPage as Known, Operation } from '../../wire.ts'
import { Actions } from './actions.tsx'
import { Attempts, Operations, Savepoints } from './lists.tsx'
import { Logs } from './logs.tsx'
import { Overview } from './overview.tsx'
import { Diff, Releases } from './releases.tsx'

export function JobPage({ job, tab }: { job: string; tab: JobTab }) {
  const page = useLoad(job, (signal) => get<Known>(`/jobs/${encodeURIComponent(job)}`, { signal }))
  const [asked, setAsked] = useState<Operation | null>(null)
  const hint = jobHint.value
  useEffect(() => {
    if (hint.name === job) page.reload()
  }, [hint.count])
  const ended = () => page.reload()
  const t = texts.value
  return (
    <div class="page">
      <Link href="/jobs" class="back">
        <Icon name="back" />
        {t.jobs.title}
      </Link>
      {page.value === null && <PageHead title={job} />}
      <Loadable of={page}>
        {(known) => (
          <>
            <PageHead title={known.job.name} beside={<Marks known={known} />}>
              <Actions known={known} onAsked={setAsked} onChanged={page.reload} />
            </PageHead>
            <Under key={asked?.id ?? ''} known={known} asked={asked} onEnd={ended} />
            <Tabs job={known.job.name} tab={tab} />
            <div class="tab-body">
              <Tab known={known} tab={tab} reload={page.reload} onAsked={setAsked} />
            </div>
          </>
        )}
      </Loadable>
    </div>
  )
}

function Marks({ known: { job, cluster } }: { known: Known }) {
  const t = texts.value
  return (
    <>
      <JobStateChip state={job.state.is} />
      {job.archivedAt && (
        <Chip tone="neutral" icon="dash">
          {t.job.archived}
        </Chip>
      )}
      {cluster.sandbox && (
        <Chip tone="warning" icon="warning">
          {t.sandbox}
        </Chip>
      )}
    </>
  )
}

/** The operation under way, or the last one that was seen here, so that its end is not missed. */
function Under(props: { known: Known; asked: Operation | null; onEnd: () => void }) {
  const { known, asked } = props
  const [last, setLast] = useState<Operation | null>(asked)
  const [hidden, setHidden] = useState<string | null>(null)
  useEffect(() => {
    if (known.operation) setLast(known.operation)
  }, [known.operation?.id])
  const shown = known.operation ?? last
  const me = visit.value.is === 'member' ? visit.value.session.member.id : ''
  if (!shown || shown.id === hidden) return null
  return (
    <OperationPanel
      key={shown.id}
      operation={shown}
      me={me}
      onEnd={props.onEnd}
      onHide={() => setHidden(shown.id)}
    />
  )
}

function Tabs({ job, tab }: { job: string; tab: JobTab }) {
  const t = texts.value.tabs
  const bar = useRef<HTMLElement>(null)
  useEffect(() => {
    // On a phone the bar is longer than the window.
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [tab])
  return (
    <nav class="tabs" aria-label={t.label} ref={bar}>
      {JOB_TABS.map((one) => (
        <Link
          key={one}
          href={jobPath(job, one)}
          {...(one === tab ? { 'aria-current': 'page' as const } : {})}
        >
          {t[one]}
        </Link>
      ))}
    </nav>
  )
}

function Tab(props: {
  known: Known
  tab: JobTab
  reload: () => void
  onAsked: (operation: Operation) => void
}) {
  const { known, tab, reload } = props
  const { job } = known
  switch (tab) {
    case 'overview':
      return <Overview known={known} reload={reload} />
    case 'releases':
      return <Releases job={job} />
    case 'diff':
      return <Diff job={job} />
    case 'savepoints':
      return <Savepoints job={job} onAsked={props.onAsked} />
    case 'operations':
      return <Operations job={job} />
    case 'attempts':
      return <Attempts job={job} />
    case 'logs':
      return <Logs job={job} />
    default:
      return never(tab)
  }
}
