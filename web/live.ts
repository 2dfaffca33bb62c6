/** The live feed: one socket that comes back by itself and says again what it watches. */
import { fullJitter } from '../src/lib/backoff.ts'
import type { LiveEvent } from './wire.ts'

export type LiveStatus = { is: 'closed' } | { is: 'open' } | { is: 'waiting'; until: number }
type Watch = { watch: { chat: string; after: string } | { jobs: true } }

const SIGNED_OUT = 4401
const ASK_AFTER = 2

export interface Live {
  /** Opens anew, for another chat or another member. */
  restart(): void
  /** Does not wait for the next try. */
  tryNow(): void
  close(): void
}

export function createLive(given: {
  url: string
  /** Asked at every opening, so that it goes on where the page is by then. */
  watches: () => readonly Watch[]
  onEvent: (event: LiveEvent) => void
  onStatus: (status: LiveStatus) => void
  /** The server wants to know again who this is, or refuses to talk: a browser does not tell which. */
  onRefused: () => void
}): Live {
  let socket: WebSocket | null = null
  let timer: number | undefined
  let tries = 0
  let wanted = true

  function open(): void {
    window.clearTimeout(timer)
    const mine = new WebSocket(given.url)
    socket = mine
    mine.onopen = () => {
      if (socket !== mine) return
      tries = 0
      for (const watch of given.watches()) mine.send(JSON.stringify(watch))
      given.onStatus({ is: 'open' })
    }
    mine.onmessage = (message) => {
      if (socket === mine) given.onEvent(JSON.parse(String(message.data)) as LiveEvent)
    }
    mine.onclose = ({ code }) => {
      if (socket !== mine || !wanted) return
      if (code === SIGNED_OUT || tries === ASK_AFTER) given.onRefused()
      again()
    }
  }

  function again(): void {
    socket = null
    // At least 300 ms: full jitter alone may be nothing, and a server that starts needs a breath.
    const wait = 300 + fullJitter(tries, { base: 500, cap: 15_000 }, Math.random)
    tries += 1
    given.onStatus({ is: 'waiting', until: Date.now() + wait })
    timer = window.setTimeout(open, wait)
  }

  function drop(): void {
    const old = socket
    socket = null
    old?.close()
  }

  const onOnline = () => wanted && !socket && open()
  window.addEventListener('online', onOnline)
  open()
  return {
    restart() {
      drop()
      tries = 0
      open()
    },
    tryNow() {
      if (!socket) open()
    },
    close() {
      wanted = false
      window.removeEventListener('online', onOnline)
      window.clearTimeout(timer)
      drop()
      given.onStatus({ is: 'closed' })
    },
  }
}
