import { operationCard } from '../cards/operation-card.ts'
import { idArg } from './args.ts'
import { command } from './command.ts'
import { findOperation } from './find.ts'

export const opShow = command({
  name: ['op', 'show'],
  zh: ['操作', '查看'],
  aliases: [],
  group: 'op',
  summary: { zh: '一个操作的进展', en: 'how one operation is going' },
  examples: ['/op show op_k3x9q2m4n7pa', '/操作 查看 op_k3x9q2m4n7pa'],
  needs: 'job:view',
  args: { operation: idArg('operation', { zh: '操作', en: 'operation' }, 'op') },
  find: findOperation,
  async run({ voice }, { found: { operation, job } }) {
    return {
      card: operationCard({ operation, job, joined: false }, voice),
      follows: { subject: `operation:${operation.id}`, version: operation.version },
    }
  },
})
