import type { Operation } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, says, to } from './build.ts'
import type { Card } from './card.ts'

/** What was asked for, newest first. */
export function operationListCard(
  operations: readonly Operation[],
  { title, more }: { title: string | null; more: string | null },
  { t, f }: Voice,
): Card {
  const row = ({ id, job, order, state, requester, createdAt, startedAt, endedAt }: Operation) => [
    { text: t.operation.noun[order.verb], says: to('op show', id) },
    { text: job.name, says: to('job show', job.name) },
    t.operation.state[state],
    requester.name,
    f.when(createdAt),
    startedAt !== null && endedAt !== null ? f.duration(endedAt - startedAt) : '',
  ]
  const columns = [t.label.operation, t.label.job, t.label.state, t.label.by, t.label.when, t.label.took]
  return card('neutral', title ?? t.operation.listTitle(operations.length), {
    body: operations.length === 0 ? [] : [{ is: 'table', columns, rows: operations.map(row) }],
    buttons: more === null ? [] : [says(t.button.next, more)],
  })
}
