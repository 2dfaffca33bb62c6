import { card, says, to } from '../cards/build.ts'
import { choiceArg, jobArg } from './args.ts'
import { command } from './command.ts'
import { findJob } from './find.ts'

const CHOICES = [
  { value: 'critical', label: { zh: '关键', en: 'critical' }, also: ['关键', 'core'] },
  { value: 'normal', label: { zh: '普通', en: 'normal' }, also: ['普通'] },
  { value: 'minor', label: { zh: '次要', en: 'minor' }, also: ['次要'] },
] as const

export const jobImportance = command({
  name: ['job', 'importance'],
  zh: ['作业', '重要性'],
  aliases: [],
  group: 'job',
  summary: {
    zh: '作业有多重要：决定出问题时的告警级别',
    en: 'how much depends on a job: it decides the tier of its alerts',
  },
  examples: ['/job importance orders-cdc critical', '/作业 重要性 orders-cdc 关键'],
  needs: 'job:release',
  args: { job: jobArg(), importance: choiceArg({ zh: '重要性', en: 'importance' }, CHOICES) },
  find: findJob,
  async run({ platform, voice }, { args, found, permit }) {
    const { t } = voice
    const job = await platform.jobs.setImportance(permit, found.id, args.importance)
    const title = t.job.importance(job.name, t.job.importances[job.importance])
    return {
      card: card('good', title, { buttons: [says(t.button.show, to('job show', job.name))] }),
      did: true,
    }
  },
})
