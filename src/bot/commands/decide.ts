import { card, says, text, to } from '../cards/build.ts'
import { operationCard } from '../cards/operation-card.ts'
import { idArg, optional, textArg } from './args.ts'
import { type Command, command, type MemberTurn, type Reply } from './command.ts'
import { type FoundOperation, findOperation } from './find.ts'

const args = {
  operation: idArg('operation', { zh: '操作', en: 'operation' }, 'op'),
  note: optional(textArg({ zh: '附言', en: 'note' }, { place: 'rest', names: ['附言'] })),
}

export const approve: Command = command({
  name: ['approve'],
  zh: ['批准'],
  aliases: [['同意'], ['op', 'approve']],
  group: 'op',
  summary: { zh: '批准别人发起的操作', en: 'approve what somebody else asked for' },
  examples: ['/approve op_k3x9q2m4n7pa', '/approve op_k3x9q2m4n7pa looks right', '/批准 op_k3x9q2m4n7pa'],
  needs: 'approval:decide',
  args,
  find: findOperation,
  async run(turn, { args: { operation: id, note }, found, permit }) {
    const { operation } = found
    if (operation.state !== 'waiting-approval') return undecidable(turn, found)
    const done = await turn.platform.operations.approve(permit, id, note)
    return done.ok ? decided(turn, { ...found, operation: done.value }) : notDecided(turn, found, done.why)
  },
})

export const reject: Command = command({
  name: ['reject'],
  zh: ['拒绝'],
  aliases: [['驳回'], ['op', 'reject']],
  group: 'op',
  summary: { zh: '拒绝别人发起的操作', en: 'say no to what somebody else asked for' },
  examples: [
    '/reject op_k3x9q2m4n7pa',
    '/reject op_k3x9q2m4n7pa not during the sale',
    '/拒绝 op_k3x9q2m4n7pa',
  ],
  needs: 'approval:decide',
  args,
  find: findOperation,
  async run(turn, { args: { operation: id, note }, found, permit }) {
    const { operation } = found
    if (operation.state !== 'waiting-approval') return undecidable(turn, found)
    const done = await turn.platform.operations.reject(permit, id, note)
    return done.ok ? decided(turn, { ...found, operation: done.value }) : notDecided(turn, found, done.why)
  },
})

function decided({ voice }: MemberTurn, { operation, job }: FoundOperation): Reply {
  return {
    card: operationCard({ operation, job, joined: false }, voice),
    follows: { subject: `operation:${operation.id}`, version: operation.version },
    did: true,
  }
}

function notDecided(
  turn: MemberTurn,
  found: FoundOperation,
  why: 'own-request' | 'decided' | 'expired' | 'plan-changed',
): Reply {
  const { t } = turn.voice
  const { operation } = found
  const show = says(t.button.show, to('op show', operation.id))
  switch (why) {
    case 'own-request':
      return { card: card('warning', t.operation.ownRequest, { subtitle: [operation.job.name] }) }
    case 'decided':
      return undecidable(turn, found)
    case 'expired':
      return { card: card('warning', t.operation.approvalExpired, { buttons: [show] }) }
    case 'plan-changed':
      return { card: card('warning', t.operation.planChanged, { buttons: [show] }) }
  }
}

/** Somebody was faster, or nothing waits. */
function undecidable({ voice }: MemberTurn, { operation }: FoundOperation): Reply {
  const { t, f } = voice
  const { approval } = operation
  const title =
    approval?.decider && approval.decidedAt !== null
      ? t.operation.decided(approval.decider, f.when(approval.decidedAt))
      : approval?.state === 'expired'
        ? t.operation.approvalExpired
        : t.operation.notWaiting(operation.id)
  return {
    card: card('neutral', title, {
      body: [text(`${operation.job.name} · ${t.operation.state[operation.state]}`)],
      buttons: [says(t.button.show, to('op show', operation.id))],
    }),
  }
}
