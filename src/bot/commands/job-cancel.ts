import { forceArg, jobArg, reasonArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'
import { operate } from './operate.ts'

export const jobCancel = command({
  name: ['job', 'cancel'],
  zh: ['作业', '强制结束'],
  aliases: [
    ['job', 'kill'],
    ['作业', '终止'],
  ],
  group: 'job',
  summary: { zh: '立即结束作业，不做 savepoint', en: 'end a job at once, without a savepoint' },
  examples: ['/job cancel orders-cdc because "runs wild"', '/作业 强制结束 orders-cdc'],
  needs: 'job:cancel',
  args: { job: jobArg(), reason: reasonArg, force: forceArg },
  find: findJob,
  run: (turn, { args: { reason, force }, found, permit }) =>
    operate(turn, permit, { job: found, order: { verb: 'cancel' }, reason, force }),
})
