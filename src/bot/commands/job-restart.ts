import { forceArg, jobArg, optional, reasonArg, releaseArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'
import { fromArg, operate, restartHowArg, startFrom } from './operate.ts'

export const jobRestart = command({
  name: ['job', 'restart'],
  zh: ['作业', '重启'],
  aliases: [['restart'], ['重启']],
  group: 'job',
  summary: {
    zh: '重启作业：先做 savepoint，再从它启动；也可换成别的版本',
    en: 'restart a job from a savepoint it takes first, on the same or another release',
  },
  examples: [
    '/job restart orders-cdc',
    '/restart orders-cdc 13',
    '/job restart orders-cdc how=plain because "savepoints hang"',
    '/作业 重启 orders-cdc',
    '／重启 orders-cdc 因为 数据重复',
  ],
  needs: 'job:restart',
  args: {
    job: jobArg(),
    release: optional(releaseArg({ words: ['to', 'release', 'with', '到', '版本', '用'] })),
    how: restartHowArg,
    from: fromArg,
    reason: reasonArg,
    force: forceArg,
  },
  find: findJob,
  run: (turn, { args: { release, how, from, reason, force }, found, permit }) =>
    operate(turn, permit, {
      job: found,
      order: { verb: 'restart', release, how: how ?? 'savepoint', from: startFrom(from) },
      reason,
      force,
    }),
})
