import { forceArg, jobArg, optional, reasonArg, releaseArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'
import { fromArg, operate, startFrom } from './operate.ts'

export const jobStart = command({
  name: ['job', 'start'],
  zh: ['作业', '启动'],
  aliases: [['start'], ['启动']],
  group: 'job',
  summary: {
    zh: '启动作业，默认从最近可用的状态',
    en: 'start a job, from its latest state unless told otherwise',
  },
  examples: [
    '/job start orders-cdc',
    '/job start orders-cdc 12 from none because "clean start"',
    '/作业 启动 orders-cdc 版本=12',
    '/启动 orders-cdc',
  ],
  needs: 'job:start',
  args: {
    job: jobArg(),
    release: optional(releaseArg({ words: ['release', '版本'] })),
    from: fromArg,
    reason: reasonArg,
    force: forceArg,
  },
  find: findJob,
  run: (turn, { args: { release, from, reason, force }, found, permit }) =>
    operate(turn, permit, {
      job: found,
      order: { verb: 'start', release, from: startFrom(from) },
      reason,
      force,
    }),
})
