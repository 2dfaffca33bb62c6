import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { until } from '../../../support/until.ts'
import type { Reply } from './api.ts'
import { error } from './api.ts'
import { gatewayCall } from './calls.ts'
import type { World } from './world.ts'

export const TOPIC_ROBOT = '/v1.0/im/bot/messages/get'
export const TOPIC_CARD = '/v1.0/card/instances/callback'

const TICKET_MS = 90_000

interface Link {
  socket: WebSocket
  topics: ReadonlySet<string>
  leaving: boolean
}

export interface Down {
  type: 'CALLBACK' | 'EVENT'
  topic: string
  data: unknown
  messageId: string
  headers?: Record<string, string>
}

export interface Ack {
  /** Null: none came in time. */
  data: unknown
  ms: number
}

export interface Gateway {
  open(json: unknown): Reply
  /** To one of the connections that want the topic; waits for one while there is none. */
  push(down: Down, withinMs: number): Promise<Ack>
  /** SYSTEM disconnect on every connection, which go silent; they close when `closeLeft` is called. */
  announceEnd(): void
  closeLeft(): void
  /** Any text, as a frame. */
  sendRaw(text: string): void
  cut(): void
  links(): number
  /** How often a connection was asked for. */
  asked(): number
  /** Refuses the next ones, at the door or at the handshake. */
  refuse(times: number, how: 'open' | 'handshake'): void
  /** SYSTEM pings that were answered rightly. */
  echoes(): number
  close(): void
}

const up = z.object({
  code: z.literal(200),
  headers: z.object({ messageId: z.string() }),
  data: z.string(),
})

export function createGateway(world: World, server: Server, origin: () => string): Gateway {
  const sockets = new WebSocketServer({ noServer: true })
  const links = new Set<Link>()
  const tickets = new Map<string, { topics: ReadonlySet<string>; until: number }>()
  const waiting = new Map<string, (data: unknown) => void>()
  const refusing = { open: 0, handshake: 0 }
  let asked = 0
  let turn = 0
  let echoes = 0

  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head))

  return {
    open(json) {
      asked += 1
      if (refusing.open > 0 && refusing.open-- > 0) return error(503, 'ServiceUnavailable', 'Later')
      const read = gatewayCall.safeParse(json)
      if (!read.success) return error(400, 'param.invalid', read.error.message)
      const { clientId, clientSecret, subscriptions } = read.data
      if (clientId !== world.clientId || clientSecret !== world.clientSecret)
        return error(401, 'authFailed', 'Wrong clientId or clientSecret')
      const ticket = world.next('ticket+/=')
      world.issued.add(ticket)
      const topics = new Set(subscriptions.map(({ type, topic }) => (type === 'EVENT' ? 'EVENT' : topic)))
      tickets.set(ticket, { topics, until: world.now() + TICKET_MS })
      return { status: 200, body: { endpoint: `${origin().replace('http', 'ws')}/connect`, ticket } }
    },
    push,
    announceEnd() {
      for (const link of links) {
        link.leaving = true
        system(link.socket, 'disconnect', '{"reason":"maintenance"}')
      }
    },
    closeLeft() {
      for (const link of links) if (link.leaving) link.socket.close()
    },
    sendRaw(text) {
      for (const { socket } of links) socket.send(text)
    },
    cut() {
      for (const { socket } of links) socket.terminate()
      links.clear()
    },
    links: () => links.size,
    asked: () => asked,
    refuse(times, how) {
      refusing[how] = times
    },
    echoes: () => echoes,
    close() {
      for (const { socket } of links) socket.terminate()
      sockets.close()
    },
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://fake')
    const code = url.searchParams.get('ticket') ?? ''
    const ticket = tickets.get(code)
    // Used once, whatever comes of it.
    tickets.delete(code)
    const refused = refusing.handshake > 0 && refusing.handshake-- > 0
    if (url.pathname !== '/connect' || refused || !ticket || ticket.until < world.now()) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => welcome(opened, ticket.topics))
  }

  function welcome(socket: WebSocket, topics: ReadonlySet<string>): void {
    const link: Link = { socket, topics, leaving: false }
    links.add(link)
    socket.on('close', () => links.delete(link))
    socket.on('error', () => {})
    socket.on('message', (text) => hear(String(text)))
    system(socket, 'CONNECTED', '{}')
    system(socket, 'ping', '{"opaque":"fake-opaque"}')
  }

  function hear(text: string): void {
    const read = up.safeParse(JSON.parse(text))
    if (!read.success) return
    const { headers, data } = read.data
    if (data === '{"opaque":"fake-opaque"}') echoes += 1
    waiting.get(headers.messageId)?.(JSON.parse(data))
    waiting.delete(headers.messageId)
  }

  function system(socket: WebSocket, topic: string, data: string): void {
    socket.send(JSON.stringify(frame({ type: 'SYSTEM', topic, data, messageId: world.next('sys') })))
  }

  function frame({ type, topic, data, messageId, headers = {} }: Omit<Down, 'type'> & { type: string }) {
    return {
      specVersion: '1.0',
      type,
      headers: {
        topic,
        messageId,
        contentType: 'application/json',
        time: String(world.now()),
        ...headers,
      },
      data: typeof data === 'string' ? data : JSON.stringify(data),
    }
  }

  async function push(down: Down, withinMs: number): Promise<Ack> {
    const topic = down.type === 'EVENT' ? 'EVENT' : down.topic
    const ready = () =>
      [...links].filter(
        (one) => one.topics.has(topic) && !one.leaving && one.socket.readyState === WebSocket.OPEN,
      )
    await until(() => ready().length > 0, { what: `a connection that wants ${topic}` })
    const choice = ready()
    const link = choice[turn++ % choice.length]
    const started = performance.now()
    const acked = new Promise<unknown>((resolve) => waiting.set(down.messageId, resolve))
    link?.socket.send(JSON.stringify(frame(down)))
    const data = await Promise.race([acked, pause(withinMs, null, { ref: false })])
    waiting.delete(down.messageId)
    return { data, ms: performance.now() - started }
  }
}
