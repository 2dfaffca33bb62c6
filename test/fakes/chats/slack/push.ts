import { createHmac } from 'node:crypto'
import type { Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import type { World } from './world.ts'

export type Kind = 'events_api' | 'interactive' | 'slash_commands'

export interface Pushed {
  ok: boolean
  ms: number
}

export interface Pusher {
  callAt(base: string | null): void
  isCalling(): boolean
  /** Where the next socket is to connect. */
  link(): string
  /** Delivered until it was acknowledged in time: events again and again, others once. */
  push(kind: Kind, payload: object): Promise<Pushed>
  /** One signed call, as it is. */
  call(
    body: string,
    more?: { type?: string; at?: number; secret?: string; retry?: number },
  ): Promise<{ status: number; text: string }>
  /** Cuts every connection. */
  cut(): void
  /** Says goodbye on every connection, as Slack does every few hours. */
  recycle(reason: string): void
  /** On one of them only. */
  recycleOne(reason: string): void
  sockets(): number
  close(): void
}

const MOST_SOCKETS = 10
// Slack comes again at once, after a minute and after five; here time is short.
const AGAIN_MS = [0, 60, 300]

export function createPusher(world: World, server: Server, origin: () => string): Pusher {
  const sockets = new Set<WebSocket>()
  const tickets = new Set<string>()
  const waiting = new Map<string, () => void>()
  let base: string | null = null
  let turn = 0

  const hub = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    const ticket = new URL(request.url ?? '/', 'http://fake').searchParams.get('ticket') ?? ''
    if (tickets.delete(ticket)) hub.handleUpgrade(request, socket, head, welcome)
    else socket.destroy()
  })

  function welcome(socket: WebSocket): void {
    if (sockets.size >= MOST_SOCKETS) sayGoodbye(socket, 'too_many_websockets')
    else greet(socket)
  }

  function greet(socket: WebSocket): void {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => sockets.delete(socket))
    socket.on('message', (data) => {
      const { envelope_id } = JSON.parse(String(data)) as { envelope_id?: string }
      waiting.get(envelope_id ?? '')?.()
    })
    const info = { host: 'applink-1', approximate_connection_time: 18_060 }
    say(socket, {
      type: 'hello',
      num_connections: sockets.size,
      connection_info: { app_id: world.app },
      debug_info: info,
    })
  }

  function say(socket: WebSocket, message: object): void {
    socket.send(JSON.stringify(message))
  }

  function sayGoodbye(socket: WebSocket, reason: string): void {
    say(socket, { type: 'disconnect', reason, debug_info: { host: 'applink-1' } })
    socket.close(1000)
    sockets.delete(socket)
  }

  // --- over a socket ------------------------------------------------------------------------------------------------

  async function overSocket(kind: Kind, payload: object, attempt: number): Promise<boolean> {
    const socket = await anySocket()
    if (!socket) return false
    const envelope_id = crypto.randomUUID()
    const acknowledged = new Promise<boolean>((resolve) => {
      const lost = () => done(false)
      const late = setTimeout(lost, world.deadlineMs)
      const done = (ok: boolean) => {
        clearTimeout(late)
        socket.off('close', lost)
        waiting.delete(envelope_id)
        resolve(ok)
      }
      waiting.set(envelope_id, () => done(true))
      socket.once('close', lost)
    })
    const again = attempt > 0 ? { retry_attempt: attempt, retry_reason: 'timeout' } : {}
    say(socket, {
      type: kind,
      envelope_id,
      payload,
      accepts_response_payload: kind !== 'events_api',
      ...again,
    })
    return acknowledged
  }

  async function anySocket(): Promise<WebSocket | null> {
    for (let waited = 0; sockets.size === 0 && waited < world.deadlineMs; waited += 5) await pause(5)
    const open = [...sockets]
    return open[turn++ % Math.max(1, open.length)] ?? null
  }

  // --- over a call --------------------------------------------------------------------------------------------------

  async function call(
    body: string,
    more: { type?: string; at?: number; secret?: string; retry?: number } = {},
  ): Promise<{ status: number; text: string }> {
    const at = Math.floor((more.at ?? world.now()) / 1_000)
    const hmac = createHmac('sha256', more.secret ?? world.tokens.signing).update(`v0:${at}:${body}`)
    const answer = await fetch(`${base}/chat/slack`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(world.deadlineMs),
      headers: {
        'content-type': more.type ?? 'application/json',
        'x-slack-request-timestamp': String(at),
        'x-slack-signature': `v0=${hmac.digest('hex')}`,
        ...(more.retry !== undefined && {
          'x-slack-retry-num': String(more.retry),
          'x-slack-retry-reason': 'http_error',
        }),
      },
    })
    return { status: answer.status, text: await answer.text() }
  }

  async function overCall(kind: Kind, payload: object, attempt: number): Promise<boolean> {
    const form = 'application/x-www-form-urlencoded'
    const retry = attempt > 0 ? { retry: attempt } : {}
    try {
      const { status } =
        kind === 'events_api'
          ? await call(JSON.stringify(payload), retry)
          : await call(formOf(kind, payload), { type: form })
      return status >= 200 && status < 300
    } catch {
      return false
    }
  }

  return {
    callAt(to) {
      base = to
    },
    isCalling: () => base !== null,
    link() {
      const ticket = crypto.randomUUID()
      tickets.add(ticket)
      world.issued.add(ticket)
      return `${origin().replace('http', 'ws')}/link?ticket=${ticket}`
    },
    async push(kind, payload) {
      const once = base === null ? overSocket : overCall
      const waits = kind === 'events_api' ? [null, ...AGAIN_MS] : [null]
      const began = performance.now()
      for (const [attempt, wait] of waits.entries()) {
        if (wait !== null) await pause(wait)
        if (await once(kind, payload, attempt)) return { ok: true, ms: performance.now() - began }
      }
      return { ok: false, ms: performance.now() - began }
    },
    call,
    cut() {
      for (const socket of sockets) socket.terminate()
      sockets.clear()
    },
    recycle(reason) {
      for (const socket of sockets) sayGoodbye(socket, reason)
    },
    recycleOne(reason) {
      const [first] = sockets
      if (first) sayGoodbye(first, reason)
    },
    sockets: () => sockets.size,
    close() {
      for (const socket of hub.clients) socket.terminate()
      hub.close()
    },
  }
}

function formOf(kind: Kind, payload: object): string {
  const fields =
    kind === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>)
  return new URLSearchParams(fields).toString()
}
