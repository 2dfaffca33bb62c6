import { never } from '../../lib/never.ts'
import type { Alternative, Job, Order, RequestRefusal } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, sandboxFooter, says, text, to } from './build.ts'
import type { Button, Card } from './card.ts'
import { orderWords } from './order-words.ts'

export interface RefusalView {
  why: RequestRefusal
  order: Order
  job: Job
}

/** Why nothing was begun, what remains true, and the way out. */
export function refusalCard(view: RefusalView, voice: Voice): Card {
  const { job, order } = view
  const { t } = voice
  const colon = voice.language === 'zh' ? '：' : ': '
  const [sentence, ...more] = reasonLines(view, voice)
  return card('warning', `${t.operation.not[order.verb]}${colon}${sentence}`, {
    subtitle: [voice.place(job.environment, job.team.name)],
    body: [text(...more, nowLine(job, voice))].filter((block) => block.is !== 'text' || block.text !== ''),
    buttons: ways(view, voice),
    footer: sandboxFooter(voice, job.cluster.sandbox),
  })
}

function reasonLines({ why, job }: RefusalView, { t, f }: Voice): string[] {
  const name = job.name
  switch (why.of) {
    case 'no-release':
      return [t.refusal.noRelease(name)]
    case 'unknown-release':
      return [t.refusal.unknownRelease(name, why.asked, why.newest)]
    case 'no-former-release':
      return [t.refusal.noFormerRelease(name)]
    case 'already-runs':
      return [t.refusal.alreadyRuns(name, why.release)]
    case 'not-running':
      return [t.refusal.notRunning(name, t.state[job.state.is])]
    case 'archived':
      return [t.refusal.archived(name)]
    case 'unknown-savepoint':
      return [t.refusal.unknownSavepoint(name, why.asked)]
    case 'savepoint-gone':
      return [t.refusal.savepointGone(why.path)]
    case 'state-not-readable':
      return [t.refusal.stateNotReadable(why.reader), why.because.split('\n', 1).join('')]
    case 'same-release':
      return [t.refusal.sameRelease(name, why.release)]
    case 'same-parallelism':
      return [t.refusal.sameParallelism(name, why.parallelism)]
    case 'lost':
      return [t.refusal.lost(name, f.when(why.since), why.because)]
    case 'force-needs-reason':
      return [t.refusal.forceNeedsReason]
    case 'force-not-allowed':
      return [t.refusal.forceNotAllowed]
    case 'cluster-removed':
      return [t.refusal.clusterRemoved(name)]
    case 'attempt-elsewhere':
      return [t.refusal.attemptElsewhere(why.flinkJobId)]
    default:
      return never(why)
  }
}

/** Said only where it is not the reason itself. */
function nowLine({ name, state, effectiveRelease }: Job, { t }: Voice): string | null {
  if (state.is !== 'running') return null
  return t.operation.now['running-as-before']({ job: name, release: effectiveRelease, parallelism: null })
}

function ways({ why, job, order }: RefusalView, voice: Voice): Button[] {
  const { t } = voice
  const show = says(t.button.show, to('job show', job.name))
  switch (why.of) {
    case 'state-not-readable':
      return [
        ...why.alternatives.map((way) => alternativeButton(way, job, voice)),
        ...compare(why.reader, job, voice),
      ]
    case 'unknown-savepoint':
    case 'savepoint-gone':
      return [says(t.button.savepoints, to('job savepoints', job.name)), show]
    case 'unknown-release':
    case 'no-former-release':
      return [says(t.button.history, to('job history', job.name, 'releases')), show]
    case 'already-runs':
      return [says(t.button.restart, to('job restart', job.name), { changes: job }), show]
    case 'not-running':
      return [
        ...(order.verb === 'start'
          ? []
          : [says(t.button.start, to('job start', job.name), { changes: job })]),
        show,
      ]
    case 'force-needs-reason':
      return [{ label: t.button.tryAgain, style: 'plain', press: submits(order, job.name) }]
    default:
      return [show]
  }
}

/** The same order with its reason still to be given. */
function submits(order: Order, job: string): Button['press'] {
  return { is: 'says', text: orderWords(order, job), job: null }
}

function alternativeButton(way: Alternative, job: Job, { t, f }: Voice): Button {
  switch (way.of) {
    case 'rollback':
      return says(t.button.rollBackTo(way.to), to('job rollback', job.name, way.to), {
        style: 'primary',
        changes: job,
      })
    case 'start-from':
      return says(
        t.button.startFrom(way.release, f.when(way.at)),
        `${again(job, way.release)} from ${way.savepointId}`,
        { changes: job },
      )
    case 'start-without-state':
      return says(t.button.startWithout(way.release), `${again(job, way.release)} from none`, {
        style: 'danger',
        changes: job,
      })
    default:
      return never(way)
  }
}

/** What brings a release up depends on whether something runs now. */
function again({ name, state }: Job, release: number): string {
  const runs = state.is === 'running' || state.is === 'recovering' || state.is === 'starting'
  return to(runs ? 'job restart' : 'job start', name, release)
}

function compare(reader: number, { name, effectiveRelease }: Job, { t }: Voice): Button[] {
  return effectiveRelease === null
    ? []
    : [says(t.button.compare, to('job diff', name, reader, effectiveRelease))]
}
