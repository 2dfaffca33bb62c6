import { card, says, text, to } from '../cards/build.ts'
import { jobArg } from './args.ts'
import { command } from './command.ts'
import { jobRefusalCard } from './draft.ts'
import { findJob } from './find.ts'

export const jobArchive = command({
  name: ['job', 'archive'],
  zh: ['作业', '归档'],
  aliases: [
    ['job', 'delete'],
    ['作业', '删除'],
  ],
  group: 'job',
  summary: { zh: '归档一个已停止的作业，历史保留', en: 'put a stopped job away; its history stays' },
  examples: ['/job archive orders-cdc', '/作业 归档 orders-cdc'],
  needs: 'job:archive',
  args: { job: jobArg() },
  find: findJob,
  async run(turn, { found: job, permit }) {
    const { t } = turn.voice
    const done = await turn.platform.jobs.archive(permit, job.id)
    if (!done.ok) {
      const refused = jobRefusalCard(done.why, { name: job.name }, turn)
      const stop = says(t.button.stop, to('job stop', job.name), { changes: job })
      return { card: done.why.of === 'not-stopped' ? { ...refused, buttons: [stop] } : refused }
    }
    return {
      card: card('good', t.job.archiveDone(job.name), { body: [text(t.job.archiveDoneText)] }),
      did: true,
    }
  },
})
