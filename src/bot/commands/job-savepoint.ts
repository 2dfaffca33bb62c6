import { jobArg, reasonArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'
import { operate } from './operate.ts'

export const jobSavepoint = command({
  name: ['job', 'savepoint'],
  zh: ['作业', 'savepoint'],
  aliases: [['savepoint'], ['作业', '保存点'], ['保存点']],
  group: 'job',
  summary: { zh: '做一个 savepoint，作业不停', en: 'take a savepoint while the job goes on' },
  examples: ['/job savepoint orders-cdc', '/作业 savepoint orders-cdc'],
  needs: 'job:savepoint',
  args: { job: jobArg(), reason: reasonArg },
  find: findJob,
  run: (turn, { args: { reason }, found, permit }) =>
    operate(turn, permit, { job: found, order: { verb: 'savepoint' }, reason, force: false }),
})
