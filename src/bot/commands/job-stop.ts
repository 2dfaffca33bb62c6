import { forceArg, jobArg, reasonArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'
import { operate, stopHowArg } from './operate.ts'

export const jobStop = command({
  name: ['job', 'stop'],
  zh: ['作业', '停止'],
  aliases: [['stop'], ['停止'], ['作业', '停']],
  group: 'job',
  summary: { zh: '停止作业，默认先做 savepoint', en: 'stop a job, with a savepoint unless told otherwise' },
  examples: [
    '/job stop orders-cdc',
    '/job stop orders-cdc plain because "wrong data"',
    '/作业 停止 orders-cdc 排空',
  ],
  needs: 'job:stop',
  args: { job: jobArg(), how: stopHowArg, reason: reasonArg, force: forceArg },
  find: findJob,
  run: (turn, { args: { how, reason, force }, found, permit }) =>
    operate(turn, permit, { job: found, order: { verb: 'stop', how: how ?? 'savepoint' }, reason, force }),
})
