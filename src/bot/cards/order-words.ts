import type { Order, StartFrom } from '../../platform/platform.ts'
import { quote } from '../grammar/tokens.ts'

/** An order as the command that asks for it. */
export function orderWords(order: Order, job: string): string {
  const name = quote(job)
  switch (order.verb) {
    case 'start':
      return join(`/job start ${name}`, order.release, from(order.from))
    case 'stop':
      return join(`/job stop ${name}`, order.how === 'savepoint' ? null : order.how)
    case 'restart':
      return join(
        `/job restart ${name}`,
        order.release,
        order.how === 'savepoint' ? null : `how=${order.how}`,
        from(order.from),
      )
    case 'rollback':
      return join(`/job rollback ${name}`, order.to === null ? null : `to ${order.to}`, from(order.from))
    case 'savepoint':
      return `/job savepoint ${name}`
    case 'scale':
      return `/job scale ${name} to ${order.parallelism}`
    case 'cancel':
      return `/job cancel ${name}`
    case 'adopt':
      return join(`/job adopt ${name} ${order.flinkJobId}`, order.release)
  }
}

function from(start: StartFrom): string | null {
  if (start.is === 'latest') return null
  return `from ${start.is === 'none' ? 'none' : quote(start.id)}`
}

function join(...parts: readonly (string | number | null)[]): string {
  return parts.filter((part) => part !== null).join(' ')
}
