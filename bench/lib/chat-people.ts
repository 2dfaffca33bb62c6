import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Vendor } from '../../src/bot/adapters/adapter.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'

export interface PeopleOptions {
  vendors: readonly Vendor[]
  /** How many people on each. */
  each: number
  /** Whether the published limits are enforced. */
  pace: boolean
  /** How long a vendor takes to answer. */
  slowMs: number
}

export interface Rate {
  vendor: Vendor
  perSecond: number
}

export type Ask =
  | ({ do: 'open' } & PeopleOptions)
  | { do: 'callAt'; address: string }
  | { do: 'say'; text: string; rates: readonly Rate[]; seconds: number }
  | { do: 'tap'; vendor: Vendor; label: string; perSecond: number; count: number }
  | { do: 'seenAt'; vendor: Vendor; title: string }

export interface Answers {
  open: { environment: Record<string, string>; people: readonly { vendor: Vendor; ids: readonly string[] }[] }
  callAt: null
  /** How long each took, in ms. */
  say: {
    took: { vendor: Vendor; ms: number }[]
    /** Not acknowledged in the vendor's time. */
    late: number
  }
  tap: number[]
  seenAt: number
}

export interface ChatPeople {
  opened: Answers['open']
  ask<A extends Ask>(ask: A): Promise<Answers[A['do']]>
  stop(): void
}

/** People on vendors' chats, and the vendors' servers, in another process. */
export async function chatPeople(options: PeopleOptions): Promise<ChatPeople> {
  const child = fork(join(import.meta.dirname, 'chat-people.child.ts'), { execArgv: ['--import', 'tsx'] })
  function ask<A extends Ask>(asked: A): Promise<Answers[A['do']]> {
    child.send(asked)
    return new Promise((resolve, reject) => {
      const gone = (code: number | null) => reject(new Error(`The people ended with ${code}.`))
      child.once('exit', gone)
      child.once('message', (message) => {
        child.off('exit', gone)
        const { told, failed } = message as { told: Answers[A['do']]; failed?: string }
        if (failed === undefined) resolve(told)
        else reject(new Error(failed))
      })
    })
  }
  return { opened: await ask({ do: 'open', ...options }), ask, stop: () => child.kill() }
}

/** Everybody there is the same member; vendors name people alike in every run, so who had these names before loses them. */
export async function linkAll(
  { prisma }: Database,
  { people }: ChatPeople['opened'],
  memberId: string,
): Promise<void> {
  const theirs = people.map(({ vendor, ids }) => ({ vendor, externalId: { in: [...ids] } }))
  await prisma.account.deleteMany({ where: { OR: theirs } })
  await prisma.account.createMany({
    data: people.flatMap(({ vendor, ids }) =>
      ids.map((externalId) => ({
        ...{ id: randomIds.next('acc'), vendor, externalId, displayName: 'Lin' },
        ...{ memberId, createdAt: new Date() },
      })),
    ),
  })
}
