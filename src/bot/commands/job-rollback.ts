import { forceArg, jobArg, optional, reasonArg, releaseArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'
import { fromArg, operate, startFrom } from './operate.ts'

export const jobRollback = command({
  name: ['job', 'rollback'],
  zh: ['作业', '回滚'],
  aliases: [['rollback'], ['回滚']],
  group: 'job',
  summary: {
    zh: '回到之前的版本：代码、配置和能读取的状态一起回去',
    en: 'go back to a former release, with state that it can read',
  },
  examples: [
    '/job rollback orders-cdc',
    '/job rollback orders-cdc to 12',
    '/作业 回滚 orders-cdc 到 12',
    '/回滚 orders-cdc 到12 因为 数据重复',
  ],
  needs: 'job:rollback',
  args: {
    job: jobArg(),
    to: optional(releaseArg({ words: ['to', '到', '至'], names: ['release', '版本', 'v'] })),
    from: fromArg,
    reason: reasonArg,
    force: forceArg,
  },
  find: findJob,
  run: (turn, { args: { to, from, reason, force }, found, permit }) =>
    operate(turn, permit, {
      job: found,
      order: { verb: 'rollback', to, from: startFrom(from) },
      reason,
      force,
    }),
})
