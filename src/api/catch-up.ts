import { bySeq } from './chats.ts'

/** Something of a chat with its place. `version` tells forms of the same thing apart: a card is edited. */
export interface Entry<T> {
  key: string
  version: number
  seq: string
  value: T
}

export interface CatchUp<T> {
  /** News, in whatever order and however often. */
  offer(entry: Entry<T>): void
  /** Reads what is stored after the last reading. Before the first has ended, news waits. */
  read(): Promise<void>
  /** Everything up to here was read and sent: what to continue after. */
  readonly position: string
}

const READ_AT_ONCE = 100
const REMEMBERED = 5000

/**
 * Follows a chat without gaps and without doubles: news is taken from the first moment on, then what is stored is
 * read, then both are merged. What was lost on the way to us is found by reading again.
 */
export function createCatchUp<T>({
  after,
  read,
  send,
}: {
  after: string
  /** At most `limit` entries after a position, oldest first. */
  read(after: string, limit: number): Promise<readonly Entry<T>[]>
  /** Resolves when there is room for more. */
  send(value: T): Promise<void>
}): CatchUp<T> {
  const sent = new Map<string, number>()
  let waiting: Entry<T>[] | null = []
  let position = after
  let reading: Promise<void> = Promise.resolve()

  async function deliver({ key, version, value }: Entry<T>): Promise<void> {
    if ((sent.get(key) ?? 0) >= version) return
    sent.delete(key)
    sent.set(key, version)
    // The oldest are forgotten; at worst one of them is sent again.
    if (sent.size > REMEMBERED) sent.delete(sent.keys().next().value ?? '')
    await send(value)
  }

  return {
    get position() {
      return position
    },
    offer(entry) {
      if (waiting) waiting.push(entry)
      else void deliver(entry)
    },
    read() {
      reading = reading.then(readOn, readOn)
      return reading
    },
  }

  async function readOn(): Promise<void> {
    for (;;) {
      const entries = await read(position, READ_AT_ONCE)
      for (const entry of entries) await deliver(entry)
      position = entries.at(-1)?.seq ?? position
      if (entries.length < READ_AT_ONCE) break
    }
    const news = waiting ?? []
    waiting = null
    for (const entry of news.sort((a, b) => bySeq(a.seq, b.seq))) void deliver(entry)
  }
}
