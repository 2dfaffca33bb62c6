import { never } from '../../lib/never.ts'
import type { Job, Operation, Outcome, Plan, PlanWarning, RestoreChoice } from '../../platform/platform.ts'
import { isOpen } from '../../platform/platform.ts'
import type { OperationWords } from '../texts/en.ts'
import type { Voice } from '../texts/voice.ts'
import { card, facts, type SaysOptions, sandboxFooter, says, text, to } from './build.ts'
import type { Block, Button, Card, Tone } from './card.ts'
import { changeFacts } from './change-facts.ts'
import { orderWords } from './order-words.ts'

export interface OperationView {
  operation: Operation
  /** As it is now, to date the buttons; null when it is gone. */
  job: Job | null
  /** Said above, to whoever asked for what somebody else had asked for. */
  joined: boolean
}

type NotDoneOutcome = Extract<Outcome, { is: 'not-done' }>

/** The card of an operation, from asking to its end. It is the same for everybody in the chat: a tap asks for rights. */
export function operationCard(view: OperationView, voice: Voice): Card {
  const { operation } = view
  const drawn = drawState(view, voice)
  return { ...drawn, footer: [...drawn.footer, ...sandboxFooter(voice, operation.job.sandbox)] }
}

/** `restart orders-cdc` in a list: what it is and how it stands. */
export function operationLine(operation: Operation, voice: Voice): string {
  const { t } = voice
  return `${t.operation.noun[operation.order.verb]} · ${t.operation.state[operation.state]}`
}

function drawState(view: OperationView, voice: Voice): Card {
  const { operation } = view
  switch (operation.state) {
    case 'waiting-approval':
      return approvalCard(view, voice)
    case 'queued':
    case 'running':
      return openCard(view, voice)
    case 'done':
    case 'failed':
      return endedCard(view, voice)
    case 'refused':
      return refusedCard(view, voice)
    case 'cancelled':
      return cancelledCard(view, voice)
    default:
      return never(operation.state)
  }
}

// --- waiting for a second person ----------------------------------------------------------------------------------

function approvalCard({ operation, joined }: OperationView, voice: Voice): Card {
  const { t, f } = voice
  const { approval, plan, order, job, requester } = operation
  const env = voice.environment(job.environment)
  const decision = (is: 'approves' | 'rejects', label: string, style: Button['style']): Button => ({
    label,
    style,
    press: { is, operationId: operation.id, version: operation.version },
  })
  return card('warning', t.operation.wants[order.verb](requester.name, env, wordsOf(operation)), {
    subtitle: [
      voice.place(job.environment, job.team),
      ...(approval ? [t.operation.expires(f.when(approval.expiresAt))] : []),
    ],
    body: [
      ...joinedText(operation, joined, voice),
      ...(plan ? planBlocks(plan, voice) : []),
      ...reasonText(operation, voice),
    ],
    buttons: [
      decision('approves', t.button.approve, 'primary'),
      decision('rejects', t.button.reject, 'danger'),
      ...compareButton(operation, voice),
      cancelButton(operation, voice),
    ],
  })
}

/** Everything that will be done, so that nobody approves what they did not see. */
function planBlocks(plan: Plan, voice: Voice): Block[] {
  const { t } = voice
  return [
    text(
      [releaseLine(plan, voice), plan.restore && restoreText(plan.restore, voice)]
        .filter(Boolean)
        .join(' · '),
      plan.stop && t.operation.ends[plan.stop],
    ),
    ...changeFacts(plan.changes, voice),
    ...warningText(plan.warnings, voice),
  ]
}

function releaseLine({ fromRelease, toRelease, parallelism, verb }: Plan, { t }: Voice): string | null {
  const release =
    fromRelease !== null && toRelease !== null && fromRelease !== toRelease
      ? t.operation.releaseTo(fromRelease, toRelease)
      : (toRelease ?? fromRelease) !== null
        ? t.operation.release(toRelease ?? fromRelease ?? 0)
        : null
  const scale = verb === 'scale' && parallelism !== null ? `${t.label.parallelism} ${parallelism}` : null
  return [release, scale].filter(Boolean).join(' · ') || null
}

function warningText(warnings: readonly PlanWarning[], voice: Voice): Block[] {
  return warnings.length === 0 ? [] : [text(...warnings.map((warning) => warningLine(warning, voice)))]
}

function warningLine(warning: PlanWarning, { t, f }: Voice): string {
  switch (warning.of) {
    case 'replays':
      return t.operation.warning.replays(f.duration(warning.sinceMs))
    case 'state-not-proved':
      return t.operation.warning.stateNotProved(warning.reader)
    case 'sql-changed':
      return t.operation.warning.sqlChanged
    case 'no-state':
      return t.operation.warning.noState
    case 'cluster-silent':
      return t.operation.warning.clusterSilent(f.when(warning.since))
    case 'flink-major-changed':
      return t.operation.warning.flinkMajorChanged(warning.from, warning.to)
    default:
      return never(warning)
  }
}

// --- under way ----------------------------------------------------------------------------------------------------

function openCard({ operation, joined }: OperationView, voice: Voice): Card {
  const { t, f } = voice
  const { order, plan, usualMs } = operation
  const title = operation.state === 'queued' ? t.operation.queued : t.operation.doing
  const line = [
    plan && releaseLine(plan, voice),
    plan?.restore && restoreText(plan.restore, voice),
    usualMs !== null && t.operation.usually(f.duration(usualMs)),
  ].filter(Boolean)
  return card('progress', title[order.verb](wordsOf(operation)), {
    subtitle: subtitleOf(operation, voice),
    body: [
      ...joinedText(operation, joined, voice),
      ...(line.length > 0 ? [text(line.join(' · '))] : []),
      ...(plan && operation.approval === null ? warningText(plan.warnings, voice) : []),
      progressBlock(operation, voice),
      ...reasonText(operation, voice),
      ...(operation.cancelAskedBy === null ? [] : [text(t.operation.cancelAsked(operation.cancelAskedBy))]),
    ],
    buttons: operation.cancelAskedBy === null ? [cancelButton(operation, voice)] : [],
  })
}

/** What an operation is doing, for the card of whatever it is done about. */
export function underWay(operation: Operation, voice: Voice): Block[] {
  const { t } = voice
  const title = operation.state === 'queued' ? t.operation.queued : t.operation.doing
  if (operation.state !== 'queued' && operation.state !== 'running') return []
  return [text(title[operation.order.verb](wordsOf(operation))), progressBlock(operation, voice)]
}

function progressBlock({ progress, startedAt, usualMs }: Operation, voice: Voice): Block {
  const { t, f, now } = voice
  if (!progress) return { is: 'progress', label: t.operation.phase.queued, done: null }
  const tasks =
    progress.tasks && progress.tasks.total > 0 ? ` ${progress.tasks.running}/${progress.tasks.total}` : ''
  const label = `${t.operation.phase[progress.phase]}${tasks} (${f.duration(now - progress.since)})`
  // Never full before it is true.
  const done = usualMs && startedAt !== null ? Math.min((now - startedAt) / usualMs, 0.95) : null
  return { is: 'progress', label, done }
}

function cancelButton(operation: Operation, { t }: Voice): Button {
  return {
    label: t.button.cancel,
    style: 'plain',
    press: { is: 'cancels', operationId: operation.id, version: operation.version },
  }
}

// --- over ---------------------------------------------------------------------------------------------------------

function endedCard(view: OperationView, voice: Voice): Card {
  const { operation } = view
  const { outcome, job } = operation
  const { t, f } = voice
  const common = { subtitle: subtitleOf(operation, voice) }
  const look = lookButtons(job.name, voice)
  if (!outcome) return notDoneCard(view, voice, OUR_FAULT)
  switch (outcome.is) {
    case 'running':
      return card('good', runningTitle(operation, outcome, voice), {
        ...common,
        body: [text(runningLine(operation, outcome, voice)), ...reasonText(operation, voice)],
        buttons: look,
      })
    case 'finished':
      return card('good', t.operation.finished(job.name, f.duration(outcome.tookMs)), {
        ...common,
        body: [text(t.operation.release(outcome.release)), ...reasonText(operation, voice)],
        buttons: look,
      })
    case 'stopped':
      return card('good', t.operation.stopped(job.name, f.duration(outcome.tookMs)), {
        ...common,
        body: [
          text(outcome.savepoint ? t.operation.keptSavepoint : t.operation.noSavepoint),
          ...facts([t.label.savepoint, outcome.savepoint?.path]),
          ...reasonText(operation, voice),
        ],
        buttons: [says(t.button.start, to('job start', job.name), changing(view)), ...look],
      })
    case 'savepoint-taken':
      return card('good', t.operation.savepointTaken(job.name, f.duration(outcome.tookMs)), {
        ...common,
        body: facts([t.label.path, outcome.savepoint.path]),
        buttons: [says(t.button.savepoints, to('job savepoints', job.name)), ...look],
      })
    case 'adopted':
      return card('good', t.operation.adopted(job.name), {
        ...common,
        body: [text(t.operation.release(outcome.release))],
        buttons: look,
      })
    case 'not-done':
      return notDoneCard(view, voice, outcome)
    default:
      return never(outcome)
  }
}

const OUR_FAULT: NotDoneOutcome = {
  is: 'not-done',
  why: 'our-fault',
  now: 'unclear',
  cause: null,
  release: null,
}

function runningTitle(
  operation: Operation,
  outcome: Extract<Outcome, { is: 'running' }>,
  voice: Voice,
): string {
  const { t, f } = voice
  const verb = operation.order.verb
  const words = { ...wordsOf(operation), release: outcome.release }
  const scaled = { ...words, parallelism: outcome.parallelism ?? words.parallelism }
  const took = f.duration(outcome.tookMs)
  if (verb === 'restart' || verb === 'rollback') return t.operation.running[verb](words, took)
  return verb === 'scale' ? t.operation.running.scale(scaled, took) : t.operation.running.start(words, took)
}

function runningLine(
  operation: Operation,
  outcome: Extract<Outcome, { is: 'running' }>,
  voice: Voice,
): string {
  const { t } = voice
  const { running, total } = outcome.tasks
  return [
    t.operation.release(outcome.release),
    restoredText(operation.plan?.restore ?? null, outcome.restoredFrom, voice),
    t.job.tasks(running, total),
  ].join(' · ')
}

function notDoneCard(view: OperationView, voice: Voice, outcome: NotDoneOutcome): Card {
  const { operation } = view
  const { t } = voice
  const { order, job } = operation
  const words = { ...wordsOf(operation), release: releaseNow(operation, outcome) }
  const up = outcome.now === 'still-trying'
  const title = up
    ? t.operation.notFullyUp(job.name)
    : `${t.operation.not[order.verb]}${colon(voice)}${whyText(operation, outcome, voice)}`
  return card(toneOf(outcome), title, {
    subtitle: subtitleOf(operation, voice),
    body: [
      text(t.operation.now[outcome.now](words), t.operation.nextStep[outcome.why]),
      ...(outcome.cause
        ? [text(t.incident.cause(voice.cause(outcome.cause)), voice.advice(outcome.cause))]
        : []),
      ...reasonText(operation, voice),
    ],
    buttons: wayOut(view, outcome, voice),
    footer: outcome.why === 'our-fault' ? [t.request(operation.requestId)] : [],
  })
}

function toneOf({ now }: NotDoneOutcome): Tone {
  return now === 'failed' || now === 'unclear' ? 'bad' : 'warning'
}

function whyText({ order }: Operation, { why, release }: NotDoneOutcome, { t }: Voice): string {
  const asked = release ?? (order.verb === 'rollback' ? order.to : null)
  return why === 'state-not-readable' && asked !== null
    ? t.operation.stateNotReadable(asked)
    : t.operation.why[why]
}

/** The release that runs now, as far as the plan knows. */
function releaseNow({ plan }: Operation, { now }: NotDoneOutcome): number | null {
  return now === 'running-as-before' || now === 'running-former-release' ? (plan?.fromRelease ?? null) : null
}

function wayOut(view: OperationView, { why, now }: NotDoneOutcome, voice: Voice): Button[] {
  const { operation, job } = view
  const { t } = voice
  const name = operation.job.name
  const repeat = says(t.button.tryAgain, orderWords(operation.order, name), {
    style: 'primary',
    ...changing(view),
  })
  const logs = says(t.button.logs, to('job logs', name))
  const show = says(t.button.show, to('job show', name))
  switch (why) {
    case 'cluster-silent':
    case 'no-room':
      return [
        ...(job ? [says(t.button.showCluster, to('cluster show', job.cluster.name))] : []),
        repeat,
        show,
      ]
    case 'state-not-readable':
      return [...compareButton(operation, voice), says(t.button.savepoints, to('job savepoints', name)), show]
    case 'savepoint-failed':
      return [
        repeat,
        says(t.button.plainStop, to('job stop', name, 'plain'), { style: 'danger', ...changing(view) }),
        logs,
      ]
    case 'nothing-runs':
    case 'already-runs':
    case 'cancelled':
    case 'not-seen-in-time':
      return [show, ...(now === 'stopped' || now === 'failed' ? [startButton(view, voice)] : []), logs]
    case 'not-found-on-cluster':
      return [says(t.button.showCluster, to('job adopt', name)), show]
    default:
      return [repeat, logs, show]
  }
}

function startButton(view: OperationView, { t }: Voice): Button {
  return says(t.button.start, to('job start', view.operation.job.name), changing(view))
}

function refusedCard({ operation }: OperationView, voice: Voice): Card {
  const { t } = voice
  const { approval, job, order } = operation
  const noun = t.operation.noun[order.verb]
  const rejected = approval?.state === 'rejected' && approval.decider !== null
  const title = rejected
    ? t.operation.rejected(approval.decider ?? '', noun, job.name)
    : t.operation.expired(noun, job.name)
  const note = rejected && approval.note ? t.operation.theirNote(approval.decider ?? '', approval.note) : null
  return card('warning', title, {
    subtitle: subtitleOf(operation, voice),
    body: [text(note, t.operation.nothingChanged(job.name))],
    buttons: [says(t.button.show, to('job show', job.name))],
  })
}

function cancelledCard(view: OperationView, voice: Voice): Card {
  const { operation } = view
  const { t } = voice
  const { outcome, job, order, cancelAskedBy } = operation
  const notDone = outcome?.is === 'not-done' ? outcome : null
  const words = { ...wordsOf(operation), release: notDone ? releaseNow(operation, notDone) : null }
  return card('neutral', t.operation.cancelledTitle(job.name, t.operation.noun[order.verb]), {
    subtitle: [
      ...subtitleOf(operation, voice),
      ...(cancelAskedBy === null ? [] : [t.operation.cancelledBy(cancelAskedBy)]),
    ],
    body: [text(notDone ? t.operation.now[notDone.now](words) : t.operation.nothingChanged(job.name))],
    buttons: [says(t.button.show, to('job show', job.name))],
  })
}

// --- parts --------------------------------------------------------------------------------------------------------

function subtitleOf(operation: Operation, voice: Voice): string[] {
  const { t, f } = voice
  const { job, requester, createdAt, approval, force } = operation
  const approved = approval?.state === 'approved' && approval.decider !== null && approval.decidedAt !== null
  return [
    voice.place(job.environment, job.team),
    t.operation.askedBy(requester.name, f.when(createdAt)),
    ...(approved
      ? [t.operation.approvedBy(approval.decider ?? '', f.when(approval.decidedAt ?? createdAt))]
      : []),
    ...(force ? [t.operation.forced] : []),
  ]
}

/** Job, and the release and parallelism the order goes to. */
export function wordsOf({ job, order, plan }: Operation): OperationWords {
  const asked = 'release' in order ? order.release : order.verb === 'rollback' ? order.to : null
  return {
    job: job.name,
    release: plan?.toRelease ?? asked,
    parallelism: order.verb === 'scale' ? order.parallelism : (plan?.parallelism ?? null),
  }
}

function joinedText(operation: Operation, joined: boolean, { t, f }: Voice): Block[] {
  if (!joined || !isOpen(operation.state)) return []
  return [text(t.operation.joined(operation.requester.name, f.when(operation.createdAt)))]
}

function reasonText({ reason }: Operation, { t }: Voice): Block[] {
  return reason === null ? [] : [text(t.operation.because(reason))]
}

function restoreText(restore: RestoreChoice, { t, f }: Voice): string {
  if (restore.is !== 'savepoint') return t.operation.restore[restore.is]
  const phrase =
    restore.origin === 'checkpoint' ? t.operation.restore.checkpoint : t.operation.restore.savepoint
  return phrase(f.when(restore.at), f.age(restore.at))
}

function restoredText(restore: RestoreChoice | null, path: string | null, { t, f }: Voice): string {
  if (path === null) return t.operation.restored.nothing
  if (!restore || restore.is === 'nothing') return t.operation.restored.path(path)
  if (restore.is !== 'savepoint') return t.operation.restored[restore.is]
  const phrase =
    restore.origin === 'checkpoint' ? t.operation.restored.checkpoint : t.operation.restored.savepoint
  return phrase(f.when(restore.at))
}

function compareButton({ plan, job }: Operation, { t }: Voice): Button[] {
  if (!plan || plan.fromRelease === null || plan.toRelease === null || plan.fromRelease === plan.toRelease)
    return []
  return [says(t.button.compare, to('job diff', job.name, plan.fromRelease, plan.toRelease))]
}

function lookButtons(job: string, { t }: Voice): Button[] {
  return [says(t.button.show, to('job show', job)), says(t.button.logs, to('job logs', job))]
}

function changing({ job }: OperationView): SaysOptions {
  return job ? { changes: job } : {}
}

function colon({ language }: Voice): string {
  return language === 'zh' ? '：' : ': '
}
