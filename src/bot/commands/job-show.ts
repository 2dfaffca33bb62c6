import { jobCard } from '../cards/job-cards.ts'
import { jobArg } from './args.ts'
import { command } from './command.ts'
import { findJob, jobSubject } from './find.ts'

export const jobShow = command({
  name: ['job', 'show'],
  zh: ['作业', '查看'],
  aliases: [['show'], ['查看'], ['job', 'status'], ['作业', '详情'], ['作业', '状态']],
  group: 'job',
  summary: { zh: '一个作业的现状', en: 'how one job is doing' },
  examples: ['/job show orders-cdc', '/作业 查看 orders-cdc'],
  needs: 'job:view',
  args: { job: jobArg() },
  find: findJob,
  async run({ platform, voice, may }, { found, permit }) {
    const page = await platform.jobs.page(permit, found.id)
    return { card: jobCard(page, (verb) => may(verb, jobSubject(page.job)), voice) }
  },
})
