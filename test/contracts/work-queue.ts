import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Tx } from '../../src/platform/storage/database.prisma.ts'
import type { Backoff } from '../../src/platform/work/dispatcher.ts'
import {
  type Handlers,
  WORK_KINDS,
  type Work,
  type WorkContext,
  type WorkQueue,
} from '../../src/platform/work/work.ts'
import { until } from '../support/until.ts'

export interface QueueHarness {
  /** A process on one and the same store; `backoff` between tries. */
  open(options: { backoff: Backoff }): Promise<WorkQueue>
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Empties the store. */
  clear(): Promise<void>
  close(): Promise<void>
}

type Seen = { work: Work; try: number }
type Handle = (work: Work, context: WorkContext) => Promise<void>

const show = (subject: string): Work => ({ kind: 'show', subject })
const run = (jobId: string): Work => ({ kind: 'run-operation', jobId })
const soon = { backoff: { base: 1, cap: 5 } }
const never = new Promise<void>(() => {})

/** What senders and handlers may rely on, whatever keeps the queue. */
export function workQueueContract(name: string, open: () => Promise<QueueHarness>): void {
  describe(`the queue (${name})`, () => {
    let harness: QueueHarness
    let queues: WorkQueue[] = []
    let seen: Seen[] = []

    beforeEach(async () => {
      harness ??= await open()
      await harness.clear()
      seen = []
    })
    afterEach(async () => {
      await Promise.all(queues.map((queue) => queue.stop(0)))
      queues = []
    })
    afterAll(() => harness?.close())

    async function aQueue(): Promise<WorkQueue> {
      const queue = await harness.open(soon)
      queues.push(queue)
      return queue
    }

    async function working(handle: Handle = async () => {}): Promise<WorkQueue> {
      const queue = await aQueue()
      await queue.start(
        everyKind(async (work, context) => {
          seen.push({ work, try: context.try })
          await handle(work, context)
        }),
      )
      return queue
    }

    const send = (queue: WorkQueue, work: Work, options = {}) =>
      harness.transaction((tx) => queue.send(tx, work, options))
    const subjects = () => seen.map(({ work }) => (work.kind === 'show' ? work.subject : work.kind))
    const depthOf = async (queue: WorkQueue, kind: Work['kind']) =>
      (await queue.depth()).find((row) => row.kind === kind)
    const isEmpty = async (queue: WorkQueue) =>
      (await queue.depth()).every(({ waiting, running, dead }) => waiting + running + dead === 0)

    it('does what was sent once, with what was sent', async () => {
      const queue = await working()

      await send(queue, { kind: 'restart-by-policy', jobId: 'job_1', generation: 7 })
      await until(() => isEmpty(queue))

      expect(seen).toEqual([{ work: { kind: 'restart-by-policy', jobId: 'job_1', generation: 7 }, try: 1 }])
    })

    it('does what was sent before anybody worked', async () => {
      await send(await aQueue(), show('a'))

      await working()

      await until(() => seen.length === 1)
    })

    it('knows nothing of what a transaction sent that did not commit', async () => {
      const queue = await working()

      await harness
        .transaction(async (tx) => {
          await queue.send(tx, show('undone'))
          throw new Error('no')
        })
        .catch(() => {})
      await send(queue, show('done'))
      await until(() => isEmpty(queue))

      expect(subjects()).toEqual(['done'])
    })

    it('sends several at once, and none of them when the transaction fails', async () => {
      const queue = await working()
      const all = (...names: string[]) => names.map((name) => ({ work: show(name), key: name }))

      await expect(
        harness.transaction(async (tx) => {
          await queue.sendNew(tx, all('never'))
          throw new Error('undone')
        }),
      ).rejects.toThrow('undone')
      await harness.transaction((tx) => queue.sendNew(tx, all('a', 'b', 'c')))
      await harness.transaction((tx) => queue.sendNew(tx, []))
      await until(() => isEmpty(queue))

      expect(subjects().toSorted()).toEqual(['a', 'b', 'c'])
    })

    it('waits for the time it was sent for', async () => {
      const queue = await working()
      const sentAt = Date.now()

      await send(queue, show('later'), { after: 120 })
      await send(queue, show('now'))
      await until(() => seen.length === 2)

      expect(subjects()).toEqual(['now', 'later'])
      expect(Date.now() - sentAt).toBeGreaterThanOrEqual(120)
    })

    it('tries again what failed, and counts the tries', async () => {
      const queue = await working(async (_, context) => {
        if (context.try < 3) throw new Error('not yet')
      })

      await send(queue, show('a'))
      await until(() => isEmpty(queue))

      expect(seen.map((one) => one.try)).toEqual([1, 2, 3])
    })

    it('lists what failed for the last time, the newest first, in pages', async () => {
      const queue = await working(async (work) => {
        throw new Error(`cannot show ${work.kind === 'show' ? work.subject : ''}`)
      })
      for (const [count, subject] of ['a', 'b', 'c'].entries()) {
        await send(queue, show(subject))
        await until(async () => (await depthOf(queue, 'show'))?.dead === count + 1)
      }

      const first = await queue.dead({ limit: 2 })
      const second = await queue.dead({ limit: 2, cursor: first.next })

      expect(first.items.map(({ work }) => work)).toEqual([show('c'), show('b')])
      expect(second.items.map(({ work }) => work)).toEqual([show('a')])
      expect(second.next).toBeNull()
      expect(first.items[0]).toMatchObject({ tries: WORK_KINDS.show.tries })
      expect(first.items[0]?.error).toContain('cannot show c')
      expect(Math.abs(Date.now() - (first.items[0]?.at ?? 0))).toBeLessThan(60_000)
    })

    it('tries a dead entry from the start when it is replayed, once', async () => {
      let broken = true
      const queue = await working(async () => {
        if (broken) throw new Error('broken')
      })
      await send(queue, show('a'))
      await until(async () => (await queue.dead({})).items.length === 1)
      broken = false
      seen = []
      const [dead] = (await queue.dead({})).items

      expect(await queue.replay(dead?.id ?? '')).toBe('replayed')
      expect(await queue.replay(dead?.id ?? '')).toBe('unknown')
      await until(() => isEmpty(queue))

      expect(seen).toEqual([{ work: show('a'), try: 1 }])
    })

    it.each(['no such id', '00000000-0000-4000-8000-999999999999'])('cannot replay %s', async (id) => {
      expect(await (await aQueue()).replay(id)).toBe('unknown')
    })

    it('adds no second entry while one with the same key waits, and takes the earlier time', async () => {
      const queue = await aQueue()
      await send(queue, show('a'), { key: 'a', after: 60_000 })
      await send(queue, show('a'), { key: 'a' })
      await send(queue, show('a'), { key: 'a', after: 60_000 })
      await send(queue, show('b'), { key: 'b', after: 60_000 })
      await send(queue, run('a'), { key: 'a' })

      await working()
      await until(async () => seen.length === 2)

      // Begun is not done: the handler's return is written down a moment later.
      await until(async () => (await depthOf(queue, 'show'))?.running === 0)

      expect(subjects().sort()).toEqual(['a', 'run-operation'])
      expect(await depthOf(queue, 'show')).toMatchObject({ waiting: 1 })
    })

    it('adds a second entry when the first with its key has been begun', async () => {
      const gate = aGate()
      const queue = await working(() => gate.opened)
      await send(queue, show('a'), { key: 'a' })
      await until(() => seen.length === 1)

      await harness.transaction(async (tx) => {
        await queue.send(tx, show('a'), { key: 'a' })
        await queue.send(tx, show('a'), { key: 'a' })
      })
      await until(() => seen.length === 2)
      gate.open()
      await until(() => isEmpty(queue))

      expect(subjects()).toEqual(['a', 'a'])
    })

    it('keeps entries of one order key apart and in the order of sending, failures included', async () => {
      const together = new Map<string, number>()
      let most = 0
      const handle: Handle = async (work, context) => {
        const key = work.kind === 'show' ? (work.subject[0] ?? '') : ''
        together.set(key, (together.get(key) ?? 0) + 1)
        most = Math.max(most, together.get(key) ?? 0)
        await nextTurn()
        together.set(key, (together.get(key) ?? 0) - 1)
        if (context.try === 1 && work.kind === 'show' && work.subject === 'x2') throw new Error('once')
      }
      const queue = await aQueue()
      const names = ['x1', 'y1', 'x2', 'x3', 'y2', 'x4', 'y3']
      for (const subject of names.slice(0, 4)) await send(queue, show(subject), { orderBy: subject[0] })
      await harness.transaction(async (tx) => {
        for (const subject of names.slice(4))
          await queue.send(tx, show(subject), { orderBy: subject[0] ?? '' })
      })

      await Promise.all([working(handle), working(handle)])
      await until(() => isEmpty(queue))

      const of = (key: string) => subjects().filter((subject) => subject.startsWith(key))
      expect(most).toBe(1)
      expect(of('x')).toEqual(['x1', 'x2', 'x2', 'x3', 'x4'])
      expect(of('y')).toEqual(['y1', 'y2', 'y3'])
    })

    it('lets an entry that is not due yet hold up nobody', async () => {
      const queue = await working()
      await send(queue, show('later'), { orderBy: 'k', after: 60_000 })

      await send(queue, show('now'), { orderBy: 'k' })

      await until(() => seen.length === 1)
      expect(subjects()).toEqual(['now'])
    })

    it('lets a dead entry hold up nobody', async () => {
      const queue = await working(async (work) => {
        if (work.kind === 'show' && work.subject === 'bad') throw new Error('bad')
      })
      await send(queue, show('bad'), { orderBy: 'k' })
      await send(queue, show('good'), { orderBy: 'k' })

      await until(async () => (await depthOf(queue, 'show'))?.dead === 1)
      await until(() => subjects().includes('good'))

      expect(subjects().at(-1)).toBe('good')
    })

    it('works on many at once, on no more of a kind than its settings say', async () => {
      const gate = aGate()
      const queue = await working(() => gate.opened)
      const { parallel } = WORK_KINDS.show
      await harness.transaction(async (tx) => {
        for (let count = 0; count < parallel + 3; count++) await queue.send(tx, show(`s${count}`))
        await queue.send(tx, run('job_1'))
      })
      await until(() => seen.length === parallel + 1)

      expect(await depthOf(queue, 'show')).toMatchObject({ running: parallel, waiting: 3 })
      gate.open()
      await until(() => isEmpty(queue))
      expect(seen).toHaveLength(parallel + 4)
    })

    it('tells how long the oldest due entry has waited', async () => {
      const queue = await aQueue()
      await send(queue, show('later'), { after: 60_000 })
      expect(await depthOf(queue, 'show')).toEqual({
        kind: 'show',
        waiting: 1,
        running: 0,
        dead: 0,
        oldestMs: null,
      })

      await send(queue, show('now'))
      await until(async () => ((await depthOf(queue, 'show'))?.oldestMs ?? 0) > 10)

      expect(await depthOf(queue, 'expire-approval')).toMatchObject({ waiting: 0, oldestMs: null })
    })

    it('lets what runs finish when it stops, and takes nothing new', async () => {
      const gate = aGate()
      const queue = await working(() => gate.opened)
      await send(queue, show('a'))
      await until(() => seen.length === 1)

      const stopped = queue.stop(10_000)
      await send(queue, show('b'))
      gate.open()
      await stopped

      expect(subjects()).toEqual(['a'])
      expect(await depthOf(queue, 'show')).toMatchObject({ waiting: 1, running: 0 })
    })

    it('hands back what does not finish in time, and what gives up because of the stop, as if never tried', async () => {
      const first = await working((work, { signal }) =>
        work.kind === 'show'
          ? never
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopping')))),
      )
      await send(first, show('slow'), { orderBy: 'k' })
      await send(first, run('polite'))
      await until(() => seen.length === 2)
      seen = []

      await first.stop(50)
      const second = await working()
      await until(() => isEmpty(second))

      expect(seen.map((one) => one.try)).toEqual([1, 1])
    })

    it('ignores the late end of an entry that was handed back', async () => {
      const gate = aGate()
      const first = await working(() => gate.opened)
      await send(first, show('a'))
      await until(() => seen.length === 1)
      await first.stop(0)
      const other = aGate()
      const second = await working(() => other.opened)
      await until(() => seen.length === 2)

      gate.open()
      await nextTurn()

      expect(await depthOf(second, 'show')).toMatchObject({ running: 1 })
      other.open()
      await until(() => isEmpty(second))
    })
  })
}

function everyKind(handle: Handle): Handlers {
  return {
    'run-operation': handle,
    show: handle,
    'expire-approval': handle,
    'restart-by-policy': handle,
    tell: handle,
  }
}

function aGate(): { opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
