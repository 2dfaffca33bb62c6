import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import { type PageAsk, pageLimit, pageOf } from '../paging.ts'
import type { Stop } from '../storage/connection.ts'
import type { Database, Tx } from '../storage/database.prisma.ts'
import { bossOn, inTransaction, KINDS, prepareQueues } from './boss.pgboss.ts'
import { type Backoff, type Dispatcher, startDispatcher } from './dispatcher.ts'
import { createShelf, type Entry } from './shelf.pgboss.ts'
import type { Handlers, KindDepth, SendOptions, Work, WorkKind, WorkQueue } from './work.ts'

export interface QueueDependencies {
  database: Database
  clock: Clock
  ids: Ids
  random: () => number
  log: Log
  /** Between tries. */
  backoff?: Backoff
  /** How long a process that says nothing is believed alive, in ms. */
  life?: number
}

const CHANNEL = 'sluice_work'
const BACKOFF = { base: 1_000, cap: 60_000 }
// A process that stops for a garbage collection or a big statement is not dead; one that was killed keeps its work
// waiting this long, on a server. The embedded database knows at once.
const LIFE = 10_000
const UPKEEP_EVERY = 3_600_000

/** The durable queue on pg-boss's tables, in the same database as everything else. */
export async function openWorkQueue(dependencies: QueueDependencies): Promise<WorkQueue> {
  const { database, clock, ids, random, log, backoff = BACKOFF, life = LIFE } = dependencies
  await prepareQueues(database)
  const boss = bossOn(database.pool)
  const worker = ids.next('worker')
  const shelf = createShelf(database, { worker, ids, channel: CHANNEL })
  let dispatcher: Dispatcher | null = null
  let stopListening: Stop = async () => {}
  let ending = new AbortController()

  const wake = () => dispatcher?.wake()

  async function send(tx: Tx, work: Work, options: SendOptions = {}): Promise<void> {
    database.afterCommit(tx, wake)
    const [row] = await tx.$queryRawUnsafe<{ seq: string }[]>(
      `SELECT nextval('pgboss.work_seq')::text AS seq, pg_notify($1, '')::text`,
      CHANNEL,
    )
    const seq = row?.seq ?? ''
    const key = options.key === undefined ? `seq:${seq}` : `key:${options.key}`
    const entry: Entry = { work, seq, ...(options.orderBy !== undefined && { orderBy: options.orderBy }) }
    for (;;) {
      const id = await boss.send(work.kind, entry, {
        db: inTransaction(tx),
        singletonKey: key,
        startAfter: `${options.after ?? 0} milliseconds`,
      })
      if (id !== null) return
      if (await joinWaiting(tx, work.kind, key, options.after ?? 0)) return
    }
  }

  async function sendNew(tx: Tx, all: readonly { work: Work; key: string }[]): Promise<void> {
    if (all.length === 0) return
    database.afterCommit(tx, wake)
    const rows = await tx.$queryRawUnsafe<{ seq: string }[]>(
      `SELECT nextval('pgboss.work_seq')::text AS seq FROM generate_series(1, $1::int)`,
      all.length,
    )
    await tx.$queryRawUnsafe(`SELECT pg_notify($1, '')::text`, CHANNEL)
    const jobs = all.map(({ work, key }, at) => ({
      ...{ name: work.kind, singletonKey: `key:${key}` },
      data: { work, seq: rows[at]?.seq ?? '' } satisfies Entry,
    }))
    await boss.insert(jobs, { db: inTransaction(tx) })
  }

  /**
   * An equal entry waits already. Touching it locks it until our commit: it cannot be begun before what we wrote can
   * be seen. False: it was begun just now, so ours is needed after all.
   */
  async function joinWaiting(tx: Tx, kind: WorkKind, key: string, after: number): Promise<boolean> {
    return (await tx.$executeRawUnsafe(JOIN_WAITING, kind, key, after)) > 0
  }

  async function start(handlers: Handlers): Promise<void> {
    ending = new AbortController()
    if (database.kind === 'server') await showLife()
    // The embedded database has one process: what is begun was begun by a dead one.
    await takeOver(database.kind === 'embedded' ? 'all-others' : 'the-dead')
    stopListening = await database.listen(CHANNEL, wake)
    dispatcher = startDispatcher(handlers, { shelf, clock, random, log, backoff })
    if (database.kind === 'server') void repeat(life / 4, lookAfterLife)
    void repeat(UPKEEP_EVERY, forgetOldDead)
  }

  async function stop(deadlineMs: number): Promise<void> {
    await stopListening()
    await dispatcher?.stop(deadlineMs)
    dispatcher = null
    ending.abort()
    if (database.kind === 'server') await database.sql('DELETE FROM "Worker" WHERE "id" = $1', [worker])
  }

  async function repeat(every: number, act: () => Promise<void>): Promise<void> {
    const { signal } = ending
    for (;;) {
      await clock.sleep(every * (0.75 + random() / 2), signal)
      if (signal.aborted) return
      await act().catch((error: unknown) =>
        log.warn({ error: String(error) }, 'The queue could not look after itself'),
      )
    }
  }

  async function lookAfterLife(): Promise<void> {
    await showLife()
    await takeOver('the-dead')
  }

  async function showLife(): Promise<void> {
    await database.sql(SHOW_LIFE, [worker, life])
  }

  async function takeOver(from: 'all-others' | 'the-dead'): Promise<void> {
    const count = await shelf.takeOver(from)
    if (count > 0) log.info({ count }, 'Took over work of a process that died')
    if (from === 'the-dead') await database.sql('DELETE FROM "Worker" WHERE "until" < now()')
  }

  async function forgetOldDead(): Promise<void> {
    await database.sql(FORGET_OLD_DEAD, [KINDS])
  }

  return {
    send,
    sendNew,
    start,
    stop,
    depth: () => readDepth(database),
    dead: (ask) => readDead(database, ask),
    async replay(id) {
      if (!/^[0-9a-f-]{36}$/.test(id)) return 'unknown'
      const rows = await database.sql(REPLAY, [KINDS, id, CHANNEL])
      if (rows.length === 0) return 'unknown'
      wake()
      return 'replayed'
    },
  }
}

async function readDepth(database: Database): Promise<KindDepth[]> {
  const rows = await database.sql<DepthRow>(DEPTH, [KINDS])
  return rows.map(({ kind, waiting, running, dead, oldestMs }) => ({
    kind,
    waiting: Number(waiting),
    running: Number(running),
    dead: Number(dead),
    oldestMs: oldestMs === null ? null : Number(oldestMs),
  }))
}

async function readDead(database: Database, ask: PageAsk) {
  const [at, id] = ask.cursor?.split('_') ?? [null, null]
  const rows = await database.sql<DeadRow>(DEAD, [KINDS, pageLimit(ask) + 1, at, id])
  return pageOf(
    rows,
    ask,
    (row) => `${row.micros}_${row.id}`,
    (row) => ({
      id: row.id,
      work: row.data.work,
      error: row.output?.error ?? '',
      tries: row.tries,
      at: Math.floor(Number(row.micros) / 1000),
    }),
  )
}

interface DepthRow {
  kind: WorkKind
  waiting: string
  running: string
  dead: string
  oldestMs: string | null
}

interface DeadRow {
  id: string
  data: Entry
  output: { error?: string } | null
  tries: number
  micros: string
}

const JOIN_WAITING = `
UPDATE pgboss.job SET start_after = least(start_after, now() + $3::int * interval '1 ms')
WHERE name = $1 AND singleton_key = $2 AND state = 'created'`

const SHOW_LIFE = `
INSERT INTO "Worker" ("id", "until") VALUES ($1, now() + $2::int * interval '1 ms')
ON CONFLICT ("id") DO UPDATE SET "until" = excluded."until"`

const FORGET_OLD_DEAD = `
DELETE FROM pgboss.job WHERE name = ANY($1) AND state = 'failed' AND completed_on < now() - interval '90 days'`

const DEPTH = `
SELECT kind,
  (SELECT count(*) FROM pgboss.job WHERE name = kind AND state < 'active') AS waiting,
  (SELECT count(*) FROM pgboss.job WHERE name = kind AND state = 'active') AS running,
  (SELECT count(*) FROM pgboss.job WHERE name = kind AND state = 'failed') AS dead,
  (SELECT floor(extract(epoch FROM now() - min(start_after)) * 1000) FROM pgboss.job
    WHERE name = kind AND state < 'active' AND start_after <= now()) AS "oldestMs"
FROM unnest($1::text[]) AS kind`

// The cursor is exact to the microsecond, as the column is.
const DEAD = `
SELECT * FROM (
  SELECT id::text, data, output, retry_count + 1 AS tries,
    floor(extract(epoch FROM completed_on) * 1000000)::bigint AS micros
  FROM pgboss.job WHERE name = ANY($1) AND state = 'failed'
) dead
WHERE $3::bigint IS NULL OR (micros, id) < ($3::bigint, $4::text)
ORDER BY micros DESC, id DESC
LIMIT $2`

const REPLAY = `
WITH replayed AS (
  UPDATE pgboss.job SET state = 'retry', retry_count = 0, started_on = NULL, completed_on = NULL, output = NULL,
    start_after = now()
  WHERE name = ANY($1) AND id = $2::uuid AND state = 'failed'
  RETURNING id
)
SELECT id, pg_notify($3, '')::text FROM replayed`
