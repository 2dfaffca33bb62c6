import type { RestartPolicy } from '../../platform/platform.ts'
import { card } from '../cards/build.ts'
import { policyText } from '../cards/job-cards.ts'
import { choiceArg, jobArg, numberArg, optional } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'

const MINUTE = 60_000
const LIMIT = 3
const WINDOW_MIN = 60
const BACKOFF_MS = 10_000
const BACKOFF_CAP_MS = 5 * MINUTE

const POLICIES = [
  { value: 'none', label: { zh: '不自动重启', en: 'none' }, also: ['off', '无', '不重启'] },
  {
    value: 'on-failure',
    label: { zh: '失败后自动重启', en: 'on failure' },
    also: ['on', 'auto', '自动', '失败重启'],
  },
] as const

export const jobPolicy = command({
  name: ['job', 'policy'],
  zh: ['作业', '重启策略'],
  aliases: [],
  group: 'job',
  summary: { zh: '失败后要不要自动重启', en: 'whether a job restarts by itself when it fails' },
  examples: [
    '/job policy orders-cdc on-failure limit=3 window=60',
    '/job policy orders-cdc none',
    '/作业 重启策略 orders-cdc 自动',
  ],
  needs: 'job:release',
  args: {
    job: jobArg(),
    policy: choiceArg({ zh: '策略', en: 'policy' }, POLICIES),
    limit: optional(
      numberArg(
        { zh: '最多几次', en: 'how often at most' },
        { min: 1, max: 100 },
        { place: 'named', names: ['次数'] },
      ),
    ),
    window: optional(
      numberArg(
        { zh: '时间窗（分钟）', en: 'within how many minutes' },
        { min: 1, max: 10_080 },
        { place: 'named', names: ['分钟'] },
      ),
    ),
  },
  find: findJob,
  async run({ platform, voice }, { args: { policy, limit, window }, found, permit }) {
    const chosen: RestartPolicy =
      policy === 'none'
        ? { is: 'none' }
        : {
            is: 'on-failure',
            limit: limit ?? LIMIT,
            windowMs: (window ?? WINDOW_MIN) * MINUTE,
            backoffMs: BACKOFF_MS,
            backoffCapMs: BACKOFF_CAP_MS,
          }
    const job = await platform.jobs.setRestartPolicy(permit, found.id, chosen)
    const title = voice.t.job.policySaved(job.name, policyText(job.restartPolicy, voice))
    return { card: card('good', title), did: true }
  },
})
