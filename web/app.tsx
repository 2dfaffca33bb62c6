import { useEffect } from 'preact/hooks'
import { never } from '../src/lib/never.ts'
import { AuditPage } from './pages/audit.tsx'
import { ChatPage } from './pages/chat.tsx'
import { ClustersPage } from './pages/clusters.tsx'
import { JobPage } from './pages/job/job.tsx'
import { NewJobPage, NewReleasePage } from './pages/job-form.tsx'
import { JobsPage } from './pages/jobs.tsx'
import { MembersPage } from './pages/members.tsx'
import { OnCallPage } from './pages/on-call.tsx'
import { SetupPage } from './pages/setup/setup.tsx'
import { SetupsPage } from './pages/setup/setups.tsx'
import { SignInPage } from './pages/sign-in.tsx'
import { Spinner, Trouble } from './parts/basics.tsx'
import { Guard } from './parts/guard.tsx'
import { Link } from './parts/link.tsx'
import { Shell } from './parts/shell.tsx'
import type { Route } from './rules/routes.ts'
import { route } from './state/address.ts'
import { chat } from './state/chat.ts'
import { texts } from './state/reader.ts'
import { arrive, visit } from './state/session.ts'

export function App() {
  const now = visit.value
  useTitle(now.is === 'nobody' ? { is: 'sign-in' } : route.value)
  switch (now.is) {
    case 'asking':
      return (
        <div class="whole">
          <Spinner />
        </div>
      )
    case 'silent':
      return (
        <div class="whole">
          <Trouble because={texts.value.common.serverSilent} retry={() => void arrive()} />
        </div>
      )
    case 'nobody':
      return <SignInPage />
    case 'member':
      return (
        // Somebody else has other rights: every page begins anew.
        <Shell key={now.session.member.name} session={now.session}>
          <Guard key={route.value.is}>
            <Page route={route.value} />
          </Guard>
        </Shell>
      )
    default:
      return never(now)
  }
}

function Page({ route: at }: { route: Route }) {
  switch (at.is) {
    case 'chat':
      return <ChatPage />
    case 'jobs':
      return <JobsPage />
    case 'new-job':
      return <NewJobPage />
    case 'new-release':
      return <NewReleasePage key={at.job} job={at.job} />
    case 'job':
      return <JobPage key={at.job} job={at.job} tab={at.tab} />
    case 'clusters':
      return <ClustersPage />
    case 'members':
      return <MembersPage />
    case 'on-call':
      return <OnCallPage key={at.schedule} schedule={at.schedule} />
    case 'audit':
      return <AuditPage />
    case 'setups':
      return <SetupsPage />
    case 'setup':
      return <SetupPage key={at.vendor} vendor={at.vendor} />
    // Who is signed in has been sent on; for a moment there is nothing to show.
    case 'sign-in':
      return null
    case 'nowhere':
      return <Nowhere />
    default:
      return never(at)
  }
}

function Nowhere() {
  const t = texts.value.common
  return (
    <div class="page">
      <h1 tabIndex={-1}>{t.notFound}</h1>
      <p>
        <Link href="/" class="button primary">
          {t.goChat}
        </Link>
      </p>
    </div>
  )
}

function useTitle(at: Route): void {
  const name = titleOf(at)
  useEffect(() => {
    document.title = name ? `${name} · Sluice` : 'Sluice'
  }, [name])
}

function titleOf(at: Route): string {
  const t = texts.value
  switch (at.is) {
    case 'chat':
      return chat.value?.title ?? t.nav.chat
    case 'jobs':
      return t.jobs.title
    case 'new-job':
      return t.form.newJob
    case 'new-release':
      return t.form.newRelease(at.job)
    case 'job':
      return at.tab === 'overview' ? at.job : `${at.job} · ${t.tabs[at.tab]}`
    case 'clusters':
      return t.clusters.title
    case 'members':
      return t.members.title
    case 'on-call':
      return at.schedule ?? t.onCall.title
    case 'audit':
      return t.audit.title
    case 'setups':
    case 'setup':
      return t.setup.title
    case 'sign-in':
      return t.signIn.title
    case 'nowhere':
      return t.common.notFound
    default:
      return never(at)
  }
}
