/** An operation: what will be done, where it is, how it ended, and what one may decide about it. */
import { useEffect, useState } from 'preact/hooks'
import { never } from '../../src/lib/never.ts'
import { get, post, sentence } from '../api.ts'
import { language, texts } from '../state/reader.ts'
import type { Operation, Outcome, Plan } from '../wire.ts'
import { OperationChip, Trouble } from './basics.tsx'
import { Progress } from './card.tsx'
import { ChangeList } from './changes.tsx'
import { Icon } from './icon.tsx'
import { ageText, Elapsed, timeText, took } from './time.tsx'

const isOpen = (operation: Operation) => operation.endedAt === null

/** Follows an operation until it ends, by asking with a long wait: it works whether or not the live feed does. */
export function useOperation(first: Operation, onEnd: () => void): [Operation, (now: Operation) => void] {
  const [operation, setOperation] = useState(first)
  const newest = first.version > operation.version || first.id !== operation.id ? first : operation
  useEffect(() => {
    if (!isOpen(newest)) return
    const abort = new AbortController()
    void follow(newest, abort.signal, (now) => {
      setOperation(now)
      if (!isOpen(now)) onEnd()
    })
    return () => abort.abort()
  }, [newest.id, isOpen(newest)])
  return [newest, setOperation]
}

const ROUND_MS = 1000

async function follow(first: Operation, signal: AbortSignal, tell: (now: Operation) => void): Promise<void> {
  let known = first
  while (!signal.aborted && isOpen(known)) {
    // Short waits, so that its progress is seen and not only its end.
    const asked = Date.now()
    const now = await get<Operation>(`/operations/${known.id}?wait=1s`, { signal }).catch(() => known)
    if (signal.aborted) return
    if (now.version !== known.version || JSON.stringify(now.progress) !== JSON.stringify(known.progress))
      tell(now)
    known = now
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, ROUND_MS - (Date.now() - asked))))
  }
}

export function OperationPanel(props: {
  operation: Operation
  me: string
  onEnd: () => void
  onHide: () => void
}) {
  const t = texts.value
  const [operation, setOperation] = useOperation(props.operation, props.onEnd)
  const tone = TONE[operation.state]
  return (
    <section class={`card tone-${tone} operation`} aria-live="polite">
      <header class="card-head">
        <h2>
          {t.verbs[operation.order.verb]} <OperationChip state={operation.state} />
        </h2>
        <span class="faint small">{t.op.by(operation.requester.name, timeText(operation.createdAt))}</span>
      </header>
      {operation.reason && (
        <p>
          <span class="faint">{t.op.reason}:</span> {operation.reason}
          {operation.force && ` (${t.op.forced})`}
        </p>
      )}
      {operation.plan && !operation.outcome && <PlanView plan={operation.plan} />}
      <ProgressView operation={operation} />
      {operation.approval && <ApprovalLine approval={operation.approval} />}
      {operation.outcome && <p>{outcomeText(operation.outcome)}</p>}
      {isOpen(operation) ? (
        <Decide operation={operation} me={props.me} onChange={setOperation} onEnd={props.onEnd} />
      ) : (
        <div class="buttons">
          <button type="button" class="button quiet small" onClick={props.onHide}>
            {t.act.hide}
          </button>
        </div>
      )}
    </section>
  )
}

const TONE = {
  'waiting-approval': 'warning',
  queued: 'progress',
  running: 'progress',
  done: 'good',
  failed: 'bad',
  refused: 'neutral',
  cancelled: 'neutral',
} as const satisfies Record<Operation['state'], string>

function ProgressView({ operation }: { operation: Operation }) {
  const { progress } = operation
  if (!progress || !isOpen(operation)) return null
  const t = texts.value.op
  const tasks = progress.tasks ? ` · ${t.tasks(progress.tasks.running, progress.tasks.total)}` : ''
  const usual = operation.usualMs === null ? '' : ` · ${t.usual(took(operation.usualMs))}`
  const done =
    progress.tasks && progress.tasks.total > 0 ? progress.tasks.running / progress.tasks.total : null
  return (
    <div>
      <Progress label={`${t.phase[progress.phase]}${tasks}`} done={done} />
      <p class="faint small">
        <Elapsed since={operation.startedAt ?? operation.createdAt} />
        {usual}
      </p>
    </div>
  )
}

export function PlanView({ plan }: { plan: Plan }) {
  const t = texts.value.op
  return (
    <div class="plan">
      <p>
        <span class="faint">{t.plan}:</span> {planParts(plan).join(' · ')}
      </p>
      {plan.changes.length > 0 && <ChangeList changes={plan.changes} />}
      {plan.warnings.map((warning) => (
        <p key={warning.of} class="warning-line">
          <Icon name="warning" /> {warningText(warning)}
        </p>
      ))}
    </div>
  )
}

function planParts(plan: Plan): readonly string[] {
  const t = texts.value.op
  return [
    plan.toRelease === null ? null : t.planRelease(plan.fromRelease, plan.toRelease),
    plan.parallelism === null ? null : t.planParallelism(plan.parallelism),
    plan.stop === null ? null : t.planStop[plan.stop],
    plan.restore === null ? null : restoreText(plan.restore),
  ].filter((part) => part !== null)
}

function restoreText(restore: NonNullable<Plan['restore']>): string {
  const t = texts.value.op.planRestore
  switch (restore.is) {
    case 'nothing':
      return t.nothing
    case 'taken-now':
      return t.takenNow
    case 'newest-checkpoint':
      return t.newestCheckpoint
    case 'savepoint':
      return t.savepoint(timeText(restore.at))
    default:
      return never(restore)
  }
}

function warningText(warning: Plan['warnings'][number]): string {
  const t = texts.value.op.warning
  switch (warning.of) {
    case 'replays':
      return t.replays(took(warning.sinceMs))
    case 'state-not-proved':
      return t['state-not-proved'](warning.reader)
    case 'sql-changed':
      return t['sql-changed']
    case 'no-state':
      return t['no-state']
    case 'cluster-silent':
      return t['cluster-silent'](ageText(warning.since))
    case 'flink-major-changed':
      return t['flink-major-changed'](warning.from, warning.to)
    default:
      return never(warning)
  }
}

export function outcomeText(outcome: Outcome): string {
  const t = texts.value.op
  switch (outcome.is) {
    case 'running':
      return `${t.outcome.running(outcome.release, took(outcome.tookMs))} ${t.tasks(outcome.tasks.running, outcome.tasks.total)}`
    case 'stopped':
      return outcome.savepoint
        ? t.outcome.stopped(took(outcome.tookMs))
        : t.outcome.stoppedPlain(took(outcome.tookMs))
    case 'savepoint-taken':
      return t.outcome.savepoint(took(outcome.tookMs))
    case 'adopted':
      return t.outcome.adopted(outcome.release)
    case 'finished':
      return t.outcome.finished(outcome.release, took(outcome.tookMs))
    case 'not-done': {
      const cause = outcome.cause ? ` ${outcome.cause.exception}: ${outcome.cause.message}` : ''
      return t.notDoneLine(t.notDone[outcome.why], t.now[outcome.now]) + cause
    }
    default:
      return never(outcome)
  }
}

function ApprovalLine({ approval }: { approval: NonNullable<Operation['approval']> }) {
  const t = texts.value.op
  const note = approval.note ? ` · ${approval.note}` : ''
  const time = timeText(approval.decidedAt ?? approval.expiresAt)
  const by = approval.decider ?? '?'
  switch (approval.state) {
    case 'open':
      return <p class="faint">{t.expires(time)}</p>
    case 'approved':
      return <p>{t.approvedBy(by, time) + note}</p>
    case 'rejected':
      return <p>{t.rejectedBy(by, time) + note}</p>
    case 'expired':
      return <p>{t.expired}</p>
    default:
      return never(approval.state)
  }
}

function Decide(props: {
  operation: Operation
  me: string
  onChange: (now: Operation) => void
  onEnd: () => void
}) {
  const t = texts.value.op
  const [busy, setBusy] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const { operation } = props
  const decide = (what: 'approve' | 'reject' | 'cancel') => {
    if (busy !== null) return
    setBusy(what)
    setTrouble(null)
    post<Operation>(`/operations/${operation.id}/${what}`)
      .then((now) => {
        props.onChange(now)
        if (now.endedAt !== null) props.onEnd()
      })
      .catch((error: unknown) => setTrouble(sentence(error)))
      .finally(() => setBusy(null))
  }
  const mine = operation.requester.memberId === props.me
  const waits = operation.state === 'waiting-approval'
  return (
    <>
      <div class="buttons">
        {waits && !mine && (
          <>
            <button
              type="button"
              class="button primary"
              aria-busy={busy === 'approve'}
              onClick={() => decide('approve')}
            >
              {t.approve}
            </button>
            <button
              type="button"
              class="button danger"
              aria-busy={busy === 'reject'}
              onClick={() => decide('reject')}
            >
              {t.reject}
            </button>
          </>
        )}
        <button
          type="button"
          class="button plain"
          aria-busy={busy === 'cancel'}
          onClick={() => decide('cancel')}
        >
          {t.cancel}
        </button>
      </div>
      {trouble && <Trouble because={trouble} />}
    </>
  )
}

/** Lists join as the language does. */
export const joined = (values: readonly (string | number)[]) =>
  values.join(language.value === 'zh' ? '、' : ', ')
