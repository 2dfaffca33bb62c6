import type {
  Attempt,
  AttemptProof,
  Job,
  Release,
  ReleaseChange,
  Savepoint,
} from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, sandboxFooter, says, text, to } from './build.ts'
import type { Block, Button, Card } from './card.ts'
import { changeFacts } from './change-facts.ts'
import { lineDiff } from './line-diff.ts'

const DIFF_LINES = 40

export interface DiffView {
  job: Job
  from: number
  to: number
  changes: readonly ReleaseChange[]
  /** The two SQL scripts, when that is what changed. */
  scripts: readonly (string | null)[]
  mayRun: boolean
}

export function diffCard({ job, from, to: newer, changes, scripts, mayRun }: DiffView, voice: Voice): Card {
  const { t } = voice
  const [before, after] = scripts
  const sql = typeof before === 'string' && typeof after === 'string' ? lineDiff(before, after) : []
  const others = sql.length > 0 ? changes.filter(({ field }) => field !== 'program') : changes
  const title =
    changes.length === 0 ? t.diff.same(job.name, from, newer) : t.diff.title(job.name, from, newer)
  return card('neutral', title, {
    body: [...changeFacts(others, voice), ...sqlBlock(sql)],
    buttons: [
      ...(mayRun && newer !== job.effectiveRelease ? [runButton(job, newer, voice)] : []),
      says(t.button.history, to('job history', job.name, 'releases')),
    ],
    footer: sandboxFooter(voice, job.cluster.sandbox),
  })
}

function sqlBlock(lines: readonly string[]): Block[] {
  if (lines.length === 0) return []
  return [
    { is: 'code', text: lines.slice(0, DIFF_LINES).join('\n'), rest: Math.max(0, lines.length - DIFF_LINES) },
  ]
}

/** Back is a rollback, which looks for state that the older release reads; forward is a restart. */
function runButton(job: Job, release: number, { t }: Voice): Button {
  const back = job.effectiveRelease !== null && release < job.effectiveRelease
  return back
    ? says(t.button.rollBackTo(release), to('job rollback', job.name, release), { changes: job })
    : says(t.job.runNew(release), to('job restart', job.name, release), { changes: job })
}

export interface PageView<T> {
  job: Job
  items: readonly T[]
  more: string | null
}

export function releasesCard({ job, items, more }: PageView<Release>, voice: Voice): Card {
  const { t, f } = voice
  const row = ({ number, program, note, author, createdAt, parallelism }: Release) => [
    number === job.effectiveRelease ? `${number} (${t.history.inEffect})` : String(number),
    program.is === 'jar' ? program.fileName : 'SQL',
    parallelism === null ? '' : String(parallelism),
    note,
    author,
    f.when(createdAt),
  ]
  const columns = [
    t.label.release,
    t.label.program,
    t.label.parallelism,
    t.label.note,
    t.label.author,
    t.label.when,
  ]
  const rows = items.map((release) => row(release))
  return card('neutral', t.history.releases(job.name), {
    body: [{ is: 'table', columns, rows }],
    buttons: [
      ...moreButton(more, voice),
      ...(job.releases > 1 ? [says(t.button.compare, to('job diff', job.name))] : []),
    ],
    footer: sandboxFooter(voice, job.cluster.sandbox),
  })
}

export function savepointsCard({ job, items, more }: PageView<Savepoint>, voice: Voice): Card {
  const { t, f } = voice
  if (items.length === 0) return card('neutral', t.history.noSavepoints(job.name))
  const from = startWords(job)
  const row = ({ id, at, origin, release, sizeBytes, readableBy, presence }: Savepoint) => [
    { text: f.when(at), says: `${from} from ${id}` },
    t.origin[origin],
    release === null ? '' : String(release),
    sizeBytes === null ? '' : f.size(sizeBytes),
    readableBy.join(', '),
    t.presence[presence],
    id,
  ]
  const columns = [
    t.label.when,
    t.label.origin,
    t.label.release,
    t.label.size,
    t.label.readable,
    t.label.state,
    t.label.id,
  ]
  return card('neutral', t.history.savepoints(job.name), {
    body: [{ is: 'table', columns, rows: items.map(row) }],
    buttons: moreButton(more, voice),
    footer: sandboxFooter(voice, job.cluster.sandbox),
  })
}

function startWords({ name, state }: Job): string {
  const runs = state.is === 'running' || state.is === 'recovering'
  return to(runs ? 'job restart' : 'job start', name)
}

export function attemptsCard({ job, items, more }: PageView<Attempt>, voice: Voice): Card {
  const { t, f } = voice
  const row = ({ number, release, intendedAt, liveAt, overAt, proof }: Attempt) => [
    String(number),
    String(release),
    f.when(liveAt ?? intendedAt),
    overAt === null ? t.history.still : f.duration(overAt - (liveAt ?? intendedAt)),
    proof ? proofText(proof, voice) : '',
  ]
  const columns = [t.label.attempt, t.label.release, t.label.when, t.label.took, t.label.proof]
  return card('neutral', t.history.attempts(job.name), {
    body: items.length === 0 ? [text(t.state.new)] : [{ is: 'table', columns, rows: items.map(row) }],
    buttons: moreButton(more, voice),
    footer: sandboxFooter(voice, job.cluster.sandbox),
  })
}

function proofText(proof: AttemptProof, { t }: Voice): string {
  switch (proof.kind) {
    case 'flink-terminal':
    case 'archived':
    case 'yarn-final':
      return proof.state
    case 'ended-and-forgotten':
      return t.history.forgotten
    case 'jobmanager-replaced':
      return t.history.replaced
    case 'resource-manager-replaced':
      return t.history.managerReplaced
    case 'never-submitted':
      return t.history.neverSubmitted
    case 'forced':
      return t.history.forced(proof.by)
  }
}

function moreButton(more: string | null, { t }: Voice): Button[] {
  return more === null ? [] : [says(t.button.next, more)]
}
