import { card, says, to } from '../cards/build.ts'
import { logsCard } from '../cards/logs-card.ts'
import { write } from '../grammar/parse.ts'
import { jobArg, numberArg, optional, textArg } from './args.ts'
import { type Command, command } from './command.ts'
import { findJob } from './find.ts'

const LINES = 30

export const jobLogs: Command = command({
  name: ['job', 'logs'],
  zh: ['作业', '日志'],
  aliases: [['logs'], ['日志'], ['job', 'log']],
  group: 'job',
  summary: { zh: '看日志末尾，可按文字过滤、往前翻', en: 'the end of the logs, filtered and paged' },
  examples: [
    '/job logs orders-cdc',
    '/logs orders-cdc Exception lines=50',
    '/作业 日志 orders-cdc OutOfMemory',
  ],
  needs: 'job:logs',
  args: {
    job: jobArg(),
    grep: optional(textArg({ zh: '包含的文字', en: 'word' }, { place: 'word', names: ['word', '包含'] })),
    lines: optional(
      numberArg({ zh: '行数', en: 'lines' }, { min: 1, max: 200 }, { place: 'named', names: ['行数'] }),
    ),
    skip: optional(
      numberArg({ zh: '跳过', en: 'skip' }, { min: 0, max: 1_000_000 }, { place: 'named', names: ['跳过'] }),
    ),
  },
  find: findJob,
  async run({ platform, voice }, { args: { grep, lines, skip }, found: job, permit }) {
    const query = { grep, skip: skip ?? 0, lines: lines ?? LINES }
    const read = await platform.jobs.logs(permit, job.id, query)
    if (!read.ok) {
      const { t } = voice
      const title = read.why === 'never-ran' ? t.logs.neverRan(job.name) : t.logs.silent(job.cluster.name)
      return { card: card('warning', title, { buttons: [says(t.button.show, to('job show', job.name))] }) }
    }
    const older = write(jobLogs, {
      job: job.name,
      grep: grep ?? '',
      lines: lines === null ? '' : String(lines),
      skip: String(query.skip + query.lines),
    })
    return { card: logsCard({ job, pages: read.value, query, older }, voice), sensitive: true }
  },
})
