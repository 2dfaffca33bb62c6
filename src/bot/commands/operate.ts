import type { Job, OperationVerb, Order, Permit, StartFrom } from '../../platform/platform.ts'
import { operationCard } from '../cards/operation-card.ts'
import { refusalCard } from '../cards/refusal-card.ts'
import type { Choice } from '../grammar/spec.ts'
import { choiceArg, optional, textArg } from './args.ts'
import type { MemberTurn, Reply } from './command.ts'

/** What every command that changes a job ends in: ask for the operation and show it. */
export async function operate(
  { platform, voice }: MemberTurn,
  permit: Permit<`job:${OperationVerb}`>,
  order: { job: Job; order: Order; reason: string | null; force: boolean },
): Promise<Reply> {
  const { job, reason, force } = order
  const answer = await platform.operations.request(permit, job.id, order.order, { reason, force })
  if (!answer.ok) return { card: refusalCard({ why: answer.why, order: order.order, job }, voice) }
  const { operation } = answer
  // Worked again after a crash, it joins what it began itself.
  const joined = answer.joined && operation.requestId !== permit.by.requestId
  return {
    card: operationCard({ operation, job, joined }, voice),
    follows: { subject: `operation:${operation.id}`, version: operation.version },
    did: true,
  }
}

const NO_STATE = ['none', 'nothing', 'scratch', '无', '空', '不带状态', '头开始']
const LATEST = ['latest', 'newest', '最新', '最近']

/** `from none`, `from latest`, `from sp_…`; absent: the latest. */
export const fromArg = optional(
  textArg(
    { zh: '恢复点', en: 'where to start from' },
    { names: ['恢复点', 'savepoint'], words: ['from', '从'] },
  ),
)

export function startFrom(from: string | null): StartFrom {
  if (from === null || LATEST.includes(from.toLowerCase())) return { is: 'latest' }
  return NO_STATE.includes(from.toLowerCase()) ? { is: 'none' } : { is: 'savepoint', id: from }
}

const WITH_SAVEPOINT = {
  value: 'savepoint',
  label: { zh: '先做 savepoint', en: 'with a savepoint' },
  also: ['保存', '保存点'],
} as const satisfies Choice
const PLAIN = {
  value: 'plain',
  label: { zh: '不做 savepoint', en: 'without a savepoint' },
  also: ['now', '直接', '不保存'],
} as const satisfies Choice
const DRAIN = {
  value: 'drain',
  label: { zh: '排空数据后停止', en: 'drained, with a savepoint' },
  also: ['排空'],
} as const satisfies Choice

const HOW = { zh: '方式', en: 'how' }
export const stopHowArg = optional(choiceArg(HOW, [WITH_SAVEPOINT, DRAIN, PLAIN], { names: ['方式'] }))
export const restartHowArg = optional(
  choiceArg(HOW, [WITH_SAVEPOINT, PLAIN], { names: ['方式'], place: 'named' }),
)
