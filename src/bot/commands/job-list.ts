import { jobListCard } from '../cards/job-cards.ts'
import { write } from '../grammar/parse.ts'
import { choiceArg, cursorArg, flagArg, nameArg, optional, textArg } from './args.ts'
import { type Command, command } from './command.ts'
import { findTeamScope } from './scope.ts'

const STATES = [
  { value: 'running', label: { zh: '运行中', en: 'running' }, also: ['运行', '运行中'] },
  {
    value: 'failed',
    label: { zh: '异常停止', en: 'failing' },
    also: ['failing', 'down', '失败', '异常', '异常停止'],
  },
  { value: 'stopped', label: { zh: '已停止', en: 'stopped' }, also: ['停止', '已停止'] },
  { value: 'recovering', label: { zh: '恢复中', en: 'recovering' }, also: ['恢复', '恢复中'] },
  { value: 'starting', label: { zh: '启动中', en: 'starting' }, also: ['启动中'] },
  { value: 'stopping', label: { zh: '停止中', en: 'stopping' }, also: ['停止中'] },
  { value: 'lost', label: { zh: '失联', en: 'out of sight' }, also: ['失联'] },
  { value: 'ended', label: { zh: '已结束', en: 'ended' }, also: ['finished', '结束', '已结束'] },
  { value: 'new', label: { zh: '从未运行', en: 'never run' }, also: ['新建', '从未运行'] },
] as const

const args = {
  like: optional(textArg({ zh: '名字的一部分', en: 'part of the name' }, { place: 'word', names: ['名字'] })),
  team: optional(nameArg('team', { zh: '团队', en: 'team' }, { place: 'named', ofChat: true })),
  env: optional(
    nameArg(
      'environment',
      { zh: '环境', en: 'environment' },
      { place: 'named', names: ['环境', 'environment'], words: ['in', '在'], ofChat: true },
    ),
  ),
  state: optional(choiceArg({ zh: '状态', en: 'state' }, STATES, { place: 'named', names: ['状态'] })),
  cluster: optional(nameArg('cluster', { zh: '集群', en: 'cluster' }, { place: 'named', words: ['on'] })),
  archived: flagArg({ zh: '含已归档', en: 'archived ones' }, { names: ['已归档'] }),
  cursor: cursorArg,
}

export const jobList: Command = command({
  name: ['job', 'list'],
  zh: ['作业', '列表'],
  aliases: [['jobs'], ['job'], ['作业'], ['作业列表'], ['job', 'ls']],
  group: 'job',
  summary: { zh: '列出作业，可按团队、环境、状态筛选', en: 'list jobs, by team, environment or state' },
  examples: [
    '/job list',
    '/jobs orders state=failed',
    '/job list in prod team=data',
    '/作业 列表 状态=失败',
    '/作业',
  ],
  needs: 'job:view',
  args,
  find: findTeamScope,
  async run({ platform, voice, by }, { args: asked }) {
    const { like, team, env, state, cluster, archived, cursor } = asked
    const page = await platform.jobs.list(by, {
      ...(like !== null && { like }),
      ...(team !== null && { team }),
      ...(env !== null && { environment: env }),
      ...(state !== null && { state }),
      ...(cluster !== null && { cluster }),
      ...(archived && { archived }),
      cursor,
      limit: 20,
    })
    const filters = {
      like: like ?? '',
      team: team ?? '',
      env: env ?? '',
      state: state ?? '',
      cluster: cluster ?? '',
      archived: archived ? 'yes' : '',
    }
    const more = page.next === null ? null : write(jobList, { ...filters, cursor: page.next })
    const filtered = Object.values(filters).some((value) => value !== '')
    return { card: jobListCard({ jobs: page.items, counts: page.counts, more, filtered }, voice) }
  },
})
