/** The lists of a job's past: savepoints, operations, attempts. */
import { useState } from 'preact/hooks'
import { never } from '../../../src/lib/never.ts'
import { get } from '../../api.ts'
import { Chip, CopyButton, Empty, Loadable, OperationChip } from '../../parts/basics.tsx'
import { Pager, Rows } from '../../parts/listing.tsx'
import { joined, outcomeText } from '../../parts/operation.tsx'
import { Time, took } from '../../parts/time.tsx'
import { useLoad } from '../../parts/use-load.ts'
import { bytes } from '../../rules/amounts.ts'
import { query } from '../../rules/routes.ts'
import { search } from '../../state/address.ts'
import { jobHint } from '../../state/chat.ts'
import { texts } from '../../state/reader.ts'
import type { Attempt, Job, Operation, Paged, Savepoint } from '../../wire.ts'
import { AskDialog, actsFor } from './actions.tsx'

/** Follows the job: what it does makes new entries. */
function usePast<T>(job: Job, path: string) {
  const cursor = search.value.get('cursor')
  const changed = jobHint.value.name === job.name ? jobHint.value.count : 0
  return useLoad(`${path}|${cursor}|${job.generation}|${changed}`, (signal) => {
    const more = query({ cursor })
    return get<Paged<T>>(path + (path.includes('?') ? more.replace('?', '&') : more), { signal })
  })
}

export function Savepoints({ job, onAsked }: { job: Job; onAsked: (operation: Operation) => void }) {
  const [from, setFrom] = useState<string | null>(null)
  const startable = !job.archivedAt && actsFor(job).includes('start')
  const t = texts.value.savepoints
  const page = usePast<Savepoint>(job, `/jobs/${encodeURIComponent(job.name)}/savepoints`)
  return (
    <Loadable of={page}>
      {(answer) =>
        answer.items.length === 0 ? (
          <Empty>{t.none}</Empty>
        ) : (
          <>
            <Rows
              caption={texts.value.tabs.savepoints}
              rows={answer.items}
              rowKey={(one) => one.id}
              columns={[
                { key: 'at', head: t.at, cell: (one) => <Time at={one.at} /> },
                { key: 'origin', head: t.origin, cell: (one) => t.origins[one.origin] },
                { key: 'presence', head: t.presence, cell: (one) => <Presence of={one} /> },
                { key: 'release', head: t.release, right: true, cell: (one) => one.release ?? '–' },
                {
                  key: 'size',
                  head: t.size,
                  right: true,
                  cell: (one) => (one.sizeBytes === null ? '–' : bytes(one.sizeBytes)),
                },
                { key: 'readable', head: t.readable, cell: (one) => <Readable of={one} /> },
                {
                  key: 'path',
                  head: t.path,
                  cell: (one) => (
                    <span class="path">
                      <code>{one.path}</code> <CopyButton text={one.path} />
                      {startable && one.presence !== 'gone' && (
                        <button type="button" class="button quiet small" onClick={() => setFrom(one.id)}>
                          {t.startFrom}
                        </button>
                      )}
                    </span>
                  ),
                },
              ]}
            />
            <Pager next={answer.next} />
            {from !== null && (
              <AskDialog act="start" job={job} from={from} onClose={() => setFrom(null)} onAsked={onAsked} />
            )}
          </>
        )
      }
    </Loadable>
  )
}

const PRESENCE = {
  there: { tone: 'good', icon: 'check' },
  gone: { tone: 'bad', icon: 'close' },
  unknown: { tone: 'neutral', icon: 'question' },
} as const

function Presence({ of }: { of: Savepoint }) {
  return <Chip {...PRESENCE[of.presence]}>{texts.value.savepoints.presences[of.presence]}</Chip>
}

function Readable({ of }: { of: Savepoint }) {
  const t = texts.value.savepoints
  const parts = [
    of.readableBy.length > 0 ? t.readableOf(joined(of.readableBy)) : null,
    of.notReadableBy.length > 0 ? t.notReadableOf(joined(of.notReadableBy)) : null,
  ].filter((part) => part !== null)
  return <>{parts.length > 0 ? parts.join(' · ') : '–'}</>
}

export function Operations({ job }: { job: Job }) {
  const t = texts.value.op
  const page = usePast<Operation>(job, `/operations?job=${encodeURIComponent(job.name)}`)
  return (
    <Loadable of={page}>
      {(answer) =>
        answer.items.length === 0 ? (
          <Empty>{t.none}</Empty>
        ) : (
          <>
            <Rows
              caption={texts.value.tabs.operations}
              rows={answer.items}
              rowKey={(one) => one.id}
              columns={[
                {
                  key: 'verb',
                  head: t.verb,
                  cell: (one) => <strong>{texts.value.verbs[one.order.verb]}</strong>,
                },
                {
                  key: 'state',
                  head: texts.value.job.state,
                  cell: (one) => <OperationChip state={one.state} />,
                },
                { key: 'who', head: t.who, cell: (one) => one.requester.name },
                { key: 'when', head: t.when, cell: (one) => <Time at={one.createdAt} /> },
                { key: 'took', head: t.took, right: true, cell: tookOf },
                { key: 'result', head: t.result, cell: resultOf },
              ]}
            />
            <Pager next={answer.next} />
          </>
        )
      }
    </Loadable>
  )
}

function tookOf(one: Operation) {
  if (!one.startedAt || !one.endedAt) return '–'
  return took(Date.parse(one.endedAt) - Date.parse(one.startedAt))
}

function resultOf(one: Operation) {
  const reason = one.reason ? ` · ${texts.value.op.reason}: ${one.reason}` : ''
  return (one.outcome ? outcomeText(one.outcome) : '–') + reason
}

export function Attempts({ job }: { job: Job }) {
  const t = texts.value.attempts
  const page = usePast<Attempt>(job, `/jobs/${encodeURIComponent(job.name)}/attempts`)
  return (
    <Loadable of={page}>
      {(answer) =>
        answer.items.length === 0 ? (
          <Empty>{t.none}</Empty>
        ) : (
          <>
            <Rows
              caption={texts.value.tabs.attempts}
              rows={answer.items}
              rowKey={(one) => one.id}
              columns={[
                { key: 'number', head: t.number, right: true, cell: (one) => one.number },
                { key: 'state', head: t.state, cell: (one) => <AttemptState of={one} /> },
                { key: 'release', head: t.release, right: true, cell: (one) => one.release },
                {
                  key: 'started',
                  head: t.started,
                  cell: (one) => <Time at={one.liveAt ?? one.intendedAt} />,
                },
                { key: 'ended', head: t.ended, cell: (one) => (one.overAt ? <Time at={one.overAt} /> : '–') },
                { key: 'proof', head: t.proof, cell: proofText },
                {
                  key: 'id',
                  head: t.flinkId,
                  cell: (one) => (
                    <span class="nowrap">
                      <code title={one.flinkJobId}>{one.flinkJobId.slice(0, 8)}…</code>{' '}
                      <CopyButton text={one.flinkJobId} />
                    </span>
                  ),
                },
              ]}
            />
            <Pager next={answer.next} />
          </>
        )
      }
    </Loadable>
  )
}

const ATTEMPT = {
  intended: { tone: 'neutral', icon: 'circle' },
  submitting: { tone: 'progress', icon: 'progress' },
  live: { tone: 'good', icon: 'play' },
  over: { tone: 'neutral', icon: 'stop' },
} as const

function AttemptState({ of }: { of: Attempt }) {
  return <Chip {...ATTEMPT[of.state]}>{texts.value.attempts.states[of.state]}</Chip>
}

function proofText({ proof }: Attempt): string {
  const t = texts.value.attempts.proofs
  if (proof === null) return '–'
  switch (proof.kind) {
    case 'flink-terminal':
    case 'archived':
    case 'yarn-final':
      return t[proof.kind](proof.state)
    case 'forced':
      return t.forced(proof.by, proof.reason)
    case 'ended-and-forgotten':
    case 'jobmanager-replaced':
    case 'resource-manager-replaced':
    case 'never-submitted':
      return t[proof.kind]
    default:
      return never(proof)
  }
}
