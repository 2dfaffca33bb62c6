import { card, says, to } from '../cards/build.ts'
import { operationCard } from '../cards/operation-card.ts'
import { idArg } from './args.ts'
import { command } from './command.ts'
import { findOperation } from './find.ts'

export const opCancel = command({
  name: ['op', 'cancel'],
  zh: ['操作', '取消'],
  aliases: [['cancel'], ['取消']],
  group: 'op',
  summary: { zh: '取消一个还没结束的操作', en: 'cancel an operation that is not over' },
  examples: ['/op cancel op_k3x9q2m4n7pa', '/操作 取消 op_k3x9q2m4n7pa'],
  needs: 'operation:cancel',
  args: { operation: idArg('operation', { zh: '操作', en: 'operation' }, 'op') },
  find: findOperation,
  async run({ platform, voice }, { found: { operation, job }, permit }) {
    const done = await platform.operations.cancel(permit, operation.id)
    if (!done.ok) {
      const { t } = voice
      const title = done.why === 'ended' ? t.operation.ended(operation.id) : t.operation.tooLate
      return { card: card('warning', title, { buttons: [says(t.button.show, to('job show', job.name))] }) }
    }
    return {
      card: operationCard({ operation: done.value, job, joined: false }, voice),
      follows: { subject: `operation:${operation.id}`, version: done.value.version },
      did: true,
    }
  },
})
