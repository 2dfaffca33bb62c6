import { forceArg, jobArg, numberArg, reasonArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'
import { operate } from './operate.ts'

export const jobScale = command({
  name: ['job', 'scale'],
  zh: ['作业', '扩缩容'],
  aliases: [['scale'], ['扩缩容'], ['作业', '并行度'], ['作业', '扩容'], ['作业', '缩容']],
  group: 'job',
  summary: { zh: '调整并行度，状态保留', en: 'run a job with another parallelism, its state kept' },
  examples: ['/job scale orders-cdc 8', '/job scale orders-cdc to 8', '/作业 扩缩容 orders-cdc 到 8'],
  needs: 'job:scale',
  args: {
    job: jobArg(),
    parallelism: numberArg(
      { zh: '并行度', en: 'parallelism' },
      { min: 1, max: 32_768 },
      { words: ['to', '到'], names: ['并行度', 'p'] },
    ),
    reason: reasonArg,
    force: forceArg,
  },
  find: findJob,
  run: (turn, { args: { parallelism, reason, force }, found, permit }) =>
    operate(turn, permit, { job: found, order: { verb: 'scale', parallelism }, reason, force }),
})
