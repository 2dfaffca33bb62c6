import { says, to } from '../cards/build.ts'
import { attemptsCard, releasesCard, savepointsCard } from '../cards/history-cards.ts'
import { operationListCard } from '../cards/operation-list-card.ts'
import { write } from '../grammar/parse.ts'
import { choiceArg, cursorArg, jobArg, optional } from './args.ts'
import { type Command, command } from './command.ts'
import { findJob } from './find.ts'

const PAGE = 15

const WHAT = [
  { value: 'operations', label: { zh: '操作', en: 'operations' }, also: ['operation', '操作'] },
  { value: 'releases', label: { zh: '版本', en: 'releases' }, also: ['release', '版本'] },
  { value: 'attempts', label: { zh: '运行', en: 'runs' }, also: ['runs', 'run', '运行'] },
  { value: 'savepoints', label: { zh: 'savepoint', en: 'savepoints' }, also: ['savepoint', '保存点'] },
] as const

export const jobHistory: Command = command({
  name: ['job', 'history'],
  zh: ['作业', '历史'],
  aliases: [['history'], ['历史'], ['作业', '记录']],
  group: 'job',
  summary: {
    zh: '做过哪些操作、有哪些版本、运行过几次',
    en: 'what was done, which releases there are, how it ran',
  },
  examples: ['/job history orders-cdc', '/job history orders-cdc releases', '/作业 历史 orders-cdc 版本'],
  needs: 'job:view',
  args: {
    job: jobArg(),
    what: optional(choiceArg({ zh: '内容', en: 'what' }, WHAT, { names: ['内容'] })),
    cursor: cursorArg,
  },
  find: findJob,
  async run({ platform, voice, by }, { args: { what, cursor }, found: job, permit }) {
    const ask = { cursor, limit: PAGE }
    const shown = what ?? 'operations'
    const more = (next: string | null) =>
      next === null ? null : write(jobHistory, { job: job.name, what: shown, cursor: next })
    switch (shown) {
      case 'operations': {
        const page = await platform.operations.list(by, { ...ask, job: job.name })
        const { t } = voice
        const title =
          page.items.length === 0 ? t.history.noOperations(job.name) : t.history.operations(job.name)
        const drawn = operationListCard(page.items, { title, more: more(page.next) }, voice)
        const releases = says(t.button.releases, to('job history', job.name, 'releases'))
        const savepoints = says(t.button.savepoints, to('job savepoints', job.name))
        return { card: { ...drawn, buttons: [...drawn.buttons, releases, savepoints] } }
      }
      case 'releases': {
        const page = await platform.jobs.releases(permit, job.id, ask)
        return { card: releasesCard({ job, items: page.items, more: more(page.next) }, voice) }
      }
      case 'attempts': {
        const page = await platform.jobs.attempts(permit, job.id, ask)
        return { card: attemptsCard({ job, items: page.items, more: more(page.next) }, voice) }
      }
      case 'savepoints': {
        const page = await platform.jobs.savepoints(permit, job.id, ask)
        return { card: savepointsCard({ job, items: page.items, more: more(page.next) }, voice) }
      }
    }
  },
})

export const jobSavepoints: Command = command({
  name: ['job', 'savepoints'],
  zh: ['作业', '恢复点'],
  aliases: [['savepoints'], ['恢复点']],
  group: 'job',
  summary: {
    zh: '可以从哪些 savepoint 或 checkpoint 启动',
    en: 'the savepoints and checkpoints a job can start from',
  },
  examples: ['/job savepoints orders-cdc', '/作业 恢复点 orders-cdc'],
  needs: 'job:view',
  args: { job: jobArg(), cursor: cursorArg },
  find: findJob,
  async run({ platform, voice }, { args: { cursor }, found: job, permit }) {
    const { items, next } = await platform.jobs.savepoints(permit, job.id, { cursor, limit: PAGE })
    const more = next === null ? null : write(jobSavepoints, { job: job.name, cursor: next })
    return { card: savepointsCard({ job, items, more }, voice) }
  },
})
