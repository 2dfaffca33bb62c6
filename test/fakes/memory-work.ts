import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { type PageAsk, pageLimit, pageOf } from '../../src/platform/paging.ts'
import type { Tx } from '../../src/platform/storage/database.prisma.ts'
import {
  type Backoff,
  type Claimed,
  type Dispatcher,
  startDispatcher,
  type WorkShelf,
} from '../../src/platform/work/dispatcher.ts'
import {
  type DeadWork,
  type SendOptions,
  WORK_KINDS,
  type Work,
  type WorkKind,
  type WorkQueue,
} from '../../src/platform/work/work.ts'

interface Item {
  id: string
  seq: number
  work: Work
  options: SendOptions
  state: 'created' | 'retry' | 'active' | 'dead'
  due: number
  tries: number
  claim: string
  error: string
  diedAt: number
}

export interface MemoryWork {
  queue: WorkQueue
  /** One more process on the same store. */
  another(): WorkQueue
  clear(): void
  /** Sends inside count when `work` returns, and not when it throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** What waits, in the order it was sent: for tests that look at what a use case asked for. */
  waiting(): readonly { work: Work; options: SendOptions }[]
}

export interface MemoryWorkOptions {
  clock?: Clock
  random?: () => number
  backoff?: Backoff
}

/** The queue without a database. What it keeps is gone with it. */
export function memoryWork({
  clock = systemClock,
  random = Math.random,
  backoff,
}: MemoryWorkOptions = {}): MemoryWork {
  const items = new Map<string, Item>()
  const uncommitted = new WeakMap<Tx, (() => void)[]>()
  let seq = 0
  const dispatchers = new Set<Dispatcher>()

  const wakeAll = () => {
    for (const dispatcher of dispatchers) dispatcher.wake()
  }
  const inOrder = () => [...items.values()].sort((a, b) => a.seq - b.seq)
  const isDue = (item: Item) => item.due <= clock.now()
  const isWaiting = (item: Item) => item.state === 'created' || item.state === 'retry'

  async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    // Nobody looks inside: it only says which transaction is meant.
    const tx = {} as Tx
    const sends: (() => void)[] = []
    uncommitted.set(tx, sends)
    const result = await work(tx)
    for (const send of sends) send()
    wakeAll()
    return result
  }

  async function send(tx: Tx, work: Work, options: SendOptions = {}): Promise<void> {
    const sends = uncommitted.get(tx)
    if (!sends) throw new Error('Send inside of `transaction` of this queue.')
    sends.push(() => put(structuredClone(work), options))
  }

  function put(work: Work, options: SendOptions): void {
    const due = clock.now() + (options.after ?? 0)
    const equal = inOrder().find((item) => item.state === 'created' && isEqual(item, work, options))
    if (equal) {
      equal.due = Math.min(equal.due, due)
      return
    }
    const id = `00000000-0000-4000-8000-${String(++seq).padStart(12, '0')}`
    items.set(id, {
      id,
      seq,
      work,
      options,
      state: 'created',
      due,
      tries: 0,
      claim: '',
      error: '',
      diedAt: 0,
    })
  }

  function mayRun(item: Item): boolean {
    if (!isWaiting(item) || !isDue(item)) return false
    if (item.options.orderBy === undefined) return true
    return !inOrder().some((other) => other !== item && sharesOrder(other, item) && goesFirst(other, item))
  }

  function goesFirst(other: Item, item: Item): boolean {
    if (other.state === 'active') return true
    return isWaiting(other) && other.seq < item.seq && (other.state === 'retry' || isDue(other))
  }

  function nextDueIn(): number | null {
    const later = inOrder().filter((item) => isWaiting(item) && !isDue(item))
    return later.length === 0 ? null : Math.min(...later.map(({ due }) => due)) - clock.now()
  }

  function ours(claimed: Claimed): Item | null {
    const item = items.get(claimed.id)
    return item?.state === 'active' && item.claim === claimed.claim ? item : null
  }

  const shelf: WorkShelf = {
    async claim(room) {
      const taken: Claimed[] = []
      const left = new Map(room)
      for (const item of inOrder()) {
        const free = left.get(item.work.kind) ?? 0
        if (free === 0 || !mayRun(item)) continue
        left.set(item.work.kind, free - 1)
        taken.push(begin(item))
      }
      return { items: taken, nextDueIn: nextDueIn() }
    },
    async done(claimed) {
      if (ours(claimed)) items.delete(claimed.id)
      wakeAll()
    },
    async failed(claimed, { error, again }) {
      const item = ours(claimed)
      if (!item) return
      if (again === null) Object.assign(item, { state: 'dead', error, diedAt: clock.now() })
      else Object.assign(item, { state: 'retry', due: clock.now() + again })
      wakeAll()
    },
    async handBack(claimed) {
      for (const item of claimed.map(ours)) {
        if (item) Object.assign(item, { state: 'retry', due: clock.now(), tries: item.tries - 1 })
      }
      wakeAll()
    },
  }

  function begin(item: Item): Claimed {
    Object.assign(item, { state: 'active', tries: item.tries + 1, claim: `claim_${item.seq}_${item.tries}` })
    const { id, claim, tries, options } = item
    return { id, claim, work: structuredClone(item.work), try: tries, ordered: options.orderBy !== undefined }
  }

  async function depth() {
    return (Object.keys(WORK_KINDS) as WorkKind[]).map((kind) => {
      const all = inOrder().filter((item) => item.work.kind === kind)
      const due = all.filter((item) => isWaiting(item) && isDue(item)).map((item) => clock.now() - item.due)
      return {
        kind,
        waiting: all.filter(isWaiting).length,
        running: all.filter(({ state }) => state === 'active').length,
        dead: all.filter(({ state }) => state === 'dead').length,
        oldestMs: due.length === 0 ? null : Math.max(...due),
      }
    })
  }

  async function dead(ask: PageAsk) {
    const dead = inOrder()
      .filter(({ state }) => state === 'dead')
      .sort((a, b) => b.diedAt - a.diedAt || b.id.localeCompare(a.id))
    const from = ask.cursor ? dead.findIndex(({ id }) => id === ask.cursor) + 1 : 0
    const rows = dead.slice(from, from + pageLimit(ask) + 1)
    return pageOf(rows, ask, ({ id }) => id, asDead)
  }

  async function replay(id: string): Promise<'replayed' | 'unknown'> {
    const item = items.get(id)
    if (item?.state !== 'dead') return 'unknown'
    Object.assign(item, { state: 'retry', due: clock.now(), tries: 0 })
    wakeAll()
    return 'replayed'
  }

  function another(): WorkQueue {
    let dispatcher: Dispatcher | null = null
    return {
      send,
      async sendNew(tx, all) {
        for (const { work, key } of all) await send(tx, work, { key })
      },
      async start(handlers) {
        const between = backoff ?? { base: 1_000, cap: 60_000 }
        dispatcher = startDispatcher(handlers, { shelf, clock, random, log: silentLog, backoff: between })
        dispatchers.add(dispatcher)
      },
      async stop(deadlineMs) {
        if (!dispatcher) return
        dispatchers.delete(dispatcher)
        await dispatcher.stop(deadlineMs)
        dispatcher = null
      },
      depth,
      dead,
      replay,
    }
  }

  const waiting = () =>
    inOrder()
      .filter(isWaiting)
      .map(({ work, options }) => ({ work, options }))
  return { queue: another(), another, transaction, waiting, clear: () => items.clear() }
}

function isEqual(item: Item, work: Work, { key }: SendOptions): boolean {
  return key !== undefined && item.options.key === key && item.work.kind === work.kind
}

function sharesOrder(a: Item, b: Item): boolean {
  return a.work.kind === b.work.kind && a.options.orderBy === b.options.orderBy
}

function asDead({ id, work, error, tries, diedAt }: Item): DeadWork {
  return { id, work, error, tries, at: diedAt }
}
