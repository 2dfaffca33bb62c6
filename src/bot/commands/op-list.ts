import type { OperationState } from '../../platform/platform.ts'
import { operationListCard } from '../cards/operation-list-card.ts'
import { write } from '../grammar/parse.ts'
import { choiceArg, cursorArg, jobArg, optional } from './args.ts'
import { type Command, command } from './command.ts'
import { findOwnScope } from './scope.ts'

const STATES = [
  { value: 'open', label: { zh: '未结束', en: 'not over' }, also: ['未结束', '进行中的'] },
  {
    value: 'waiting-approval',
    label: { zh: '待批准', en: 'waiting for approval' },
    also: ['waiting', '待批准', '待审批'],
  },
  { value: 'queued', label: { zh: '排队中', en: 'queued' }, also: ['排队', '排队中'] },
  { value: 'running', label: { zh: '进行中', en: 'under way' }, also: ['进行中'] },
  { value: 'done', label: { zh: '已完成', en: 'done' }, also: ['完成', '已完成'] },
  { value: 'failed', label: { zh: '未完成', en: 'not done' }, also: ['失败', '未完成'] },
  { value: 'refused', label: { zh: '未获批准', en: 'not approved' }, also: ['未获批准'] },
  { value: 'cancelled', label: { zh: '已取消', en: 'cancelled' }, also: ['取消', '已取消'] },
] as const satisfies readonly { value: OperationState | 'open'; label: object; also: readonly string[] }[]

export const opList: Command = command({
  name: ['op', 'list'],
  zh: ['操作', '列表'],
  aliases: [['ops'], ['op'], ['操作']],
  group: 'op',
  summary: { zh: '列出操作，可按作业、状态筛选', en: 'list operations, by job or state' },
  examples: ['/op list', '/ops orders-cdc', '/op list state=waiting', '/操作 列表 状态=待批准'],
  needs: 'job:view',
  args: {
    job: optional(jobArg()),
    state: optional(choiceArg({ zh: '状态', en: 'state' }, STATES, { place: 'named', names: ['状态'] })),
    cursor: cursorArg,
  },
  find: findOwnScope,
  async run({ platform, voice, by }, { args: { job, state, cursor } }) {
    const page = await platform.operations.list(by, {
      ...(job !== null && { job }),
      ...(state === 'open' ? { open: true } : state !== null && { state }),
      cursor,
      limit: 15,
    })
    const values = { job: job ?? '', state: state ?? '' }
    const more = page.next === null ? null : write(opList, { ...values, cursor: page.next })
    return { card: operationListCard(page.items, { title: null, more }, voice) }
  },
})
