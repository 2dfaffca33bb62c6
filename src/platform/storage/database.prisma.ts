import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { fullJitter } from '../../lib/backoff.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { DatabaseDependencies, DatabasePlace, Stop } from './connection.ts'
import { openEmbedded } from './embedded.prisma.ts'
import { isConflict } from './errors.prisma.ts'
import { type Prisma, PrismaClient } from './generated/client.ts'
import { openServer } from './server.prisma.ts'
import {
  inTransactionScope,
  outsideTransactionScope,
  refuseInsideTransaction,
  refusingInsideTransaction,
} from './transaction-scope.ts'

/** The outer client. Stores take it for reads and single writes. */
export type Db = PrismaClient
/** The client of one transaction. `tx.$transaction` inside it is a savepoint. */
export type Tx = Prisma.TransactionClient & Pick<PrismaClient, '$transaction'>

export interface Database {
  readonly kind: DatabasePlace['is']
  readonly prisma: Db
  /** The pool under `prisma`, for those who bring their own SQL: migrations and the queue. */
  readonly pool: pg.Pool
  /**
   * All or nothing. Repeated when another transaction got in the way, so the body must not act on the outside world.
   * Code in the body that uses `prisma` instead of `tx` fails at once.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Calls back once, after `tx` has committed; never when it has not. */
  afterCommit(tx: Tx, act: () => void): void
  /**
   * Messages of all processes, this one included, after the commit of those who sent them. What is said while the
   * connection is broken is lost. A channel's name is made of lower-case letters and `_`.
   */
  listen(channel: string, onMessage: (payload: string) => void): Promise<Stop>
  /** Sent when `tx` commits. At most 8,000 bytes. */
  notify(tx: Tx, channel: string, payload: string): Promise<void>
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

export interface TransactionOptions {
  isolation?: 'read-committed' | 'repeatable-read' | 'serializable'
  /** How long the body may take, in ms. */
  timeout?: number
}

const ISOLATION = {
  'read-committed': 'ReadCommitted',
  'repeatable-read': 'RepeatableRead',
  serializable: 'Serializable',
} as const satisfies Record<string, Prisma.TransactionIsolationLevel>

const CONFLICT_TRIES = 8
const CONFLICT_BACKOFF = { base: 10, cap: 500 }

export async function openDatabase(
  place: DatabasePlace,
  log: Log,
  dependencies: DatabaseDependencies = { clock: systemClock, random: Math.random },
): Promise<Database> {
  const { clock, random } = dependencies
  const connection =
    place.is === 'embedded'
      ? await openEmbedded(place, log, dependencies)
      : await openServer(place, log, dependencies)
  const pool = refusingInsideTransaction(connection.pool, ['query', 'connect'])
  // Not on the guarded pool: what several ask for in one tick Prisma sends together, as if the first of them had asked.
  const client = new PrismaClient({ adapter: new PrismaPg(connection.pool) })
  const prisma = refusing(client)
  const waiting = new WeakMap<Tx, (() => void)[]>()

  async function once<T>(
    work: (tx: Tx) => Promise<T>,
    { isolation, timeout = 15_000 }: TransactionOptions,
  ): Promise<T> {
    refuseInsideTransaction()
    const acts: (() => void)[] = []
    const result = await client.$transaction(
      (inner) => {
        // Prisma's type hides `$transaction`; at run time it is there and makes a savepoint.
        const tx = inner as Tx
        waiting.set(tx, acts)
        return inTransactionScope(() => work(tx))
      },
      // Embedded transactions queue behind each other, so waiting for one's turn is normal.
      { maxWait: 30_000, timeout, ...(isolation && { isolationLevel: ISOLATION[isolation] }) },
    )
    for (const act of acts) act()
    return result
  }

  async function transaction<T>(work: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await once(work, options)
      } catch (error) {
        if (!isConflict(error) || tries === CONFLICT_TRIES) throw error
        log.debug({ tries }, 'Two transactions met; trying again')
        await clock.sleep(fullJitter(tries, CONFLICT_BACKOFF, random))
      }
    }
  }

  return {
    kind: place.is,
    prisma,
    pool,
    transaction,
    afterCommit(tx, act) {
      const acts = waiting.get(tx)
      if (!acts)
        throw new Error('afterCommit was given something that is not a transaction of this database.')
      acts.push(act)
    },
    listen: (channel, onMessage) =>
      connection.listen(channel, (payload) => outsideTransactionScope(() => onMessage(payload))),
    notify: async (tx, channel, payload) => {
      await tx.$executeRaw`SELECT pg_notify(${channel}, ${payload})`
    },
    sql: async <Row>(text: string, values: unknown[] = []) => (await pool.query(text, values)).rows as Row[],
    async close() {
      await client.$disconnect()
      await connection.close()
    },
  }
}

/** What is asked for inside a transaction is refused where it is asked for, not where it is sent. */
function refusing(client: PrismaClient): Db {
  const extended = client.$extends({
    query: {
      $allOperations({ args, query }) {
        refuseInsideTransaction()
        return query(args)
      },
    },
  })
  // An extension of queries alone changes no type but the client's own name.
  return extended as unknown as Db
}
