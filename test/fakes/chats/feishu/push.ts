import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { decodeFrame, encodeFrame } from './frames.ts'
import { hex, type World } from './world.ts'

/** What the app answered: in time and without an error, and with which body. */
export interface Pushed {
  ok: boolean
  ms: number
  body: unknown
}

export interface Pusher {
  /** `again`: an event is kept until it is acknowledged; a tap is not. */
  push(event: object, again: boolean): Promise<Pushed>
  /** Sends everything that was not acknowledged once more, as the schedule of repeats would. */
  repeat(): Promise<Pushed[]>
  callAt(base: string | null): void
  disconnect(): Promise<void>
  connections(): number
  close(): void
}

const DEADLINE_MS = 3_000
const SERVICE = 77

export function eventPusher(world: World, server: Server): Pusher {
  const sockets = new WebSocketServer({ server, path: '/ws' })
  const open = new Set<WebSocket>()
  const waiting = new Map<string, (payload: Buffer) => void>()
  const unheard = new Map<object, true>()
  let calledAt: string | null = null

  sockets.on('connection', (socket, request) => {
    if (!request.url?.includes(`ticket=${ticketOf(world)}`)) {
      socket.close()
      return
    }
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => heard(socket, data))
    // What came meanwhile arrives in a burst, once the client has shown that it is there.
    socket.once('message', () => {
      for (const event of [...unheard.keys()]) void push(event, true)
    })
  })

  function heard(socket: WebSocket, data: Buffer): void {
    const frame = decodeFrame(data)
    if (frame.method === 1) waiting.get(frame.headers.message_id ?? '')?.(frame.payload)
    else if (frame.headers.type === 'ping')
      socket.send(
        encodeFrame({
          ...frame,
          headers: { type: 'pong' },
          payload: Buffer.from(JSON.stringify(CLIENT_CONFIG)),
        }),
      )
  }

  async function push(event: object, again: boolean): Promise<Pushed> {
    const began = performance.now()
    if (again) unheard.set(event, true)
    const answer = await (calledAt === null ? overSocket(event) : overHttp(calledAt, event)).catch(() => null)
    const ms = performance.now() - began
    const ok = answer !== null && ms <= DEADLINE_MS
    if (ok) unheard.delete(event)
    return { ok, ms, body: ok ? answer : null }
  }

  async function overSocket(event: object): Promise<unknown> {
    const [socket] = [...open]
    if (!socket) return null
    const id = hex(8)
    const payload = await new Promise<Buffer | null>((resolve) => {
      const timer = setTimeout(resolve, DEADLINE_MS, null)
      const done = (answer: Buffer | null) => {
        clearTimeout(timer)
        waiting.delete(id)
        socket.off('close', lost)
        resolve(answer)
      }
      const lost = () => done(null)
      waiting.set(id, done)
      socket.once('close', lost)
      for (const frame of framesOf(id, event)) socket.send(frame)
    })
    const { code, data } = payload ? JSON.parse(payload.toString()) : { code: 500, data: '' }
    if (code !== 200) return null
    return data ? JSON.parse(Buffer.from(data, 'base64').toString()) : {}
  }

  async function overHttp(base: string, event: object): Promise<unknown> {
    const { raw, headers } = signedCall(world, event)
    const response = await fetch(`${base}/chat/feishu`, {
      method: 'POST',
      headers,
      body: raw,
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    const text = await response.text()
    return response.status === 200 ? JSON.parse(text) : null
  }

  return {
    push,
    repeat: () => Promise.all([...unheard.keys()].map((event) => push(event, true))),
    callAt: (base) => {
      calledAt = base
    },
    async disconnect() {
      const closing = [...open].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      for (const socket of open) socket.terminate()
      await Promise.all(closing)
    },
    connections: () => open.size,
    close() {
      for (const socket of open) socket.terminate()
      sockets.close()
    },
  }
}

const CLIENT_CONFIG = { ReconnectCount: -1, ReconnectInterval: 120, ReconnectNonce: 30, PingInterval: 1 }

/** What the app asks for before it opens its connection. */
export function endpointAnswer(
  world: World,
  host: string,
  body: { AppID?: string; AppSecret?: string },
): object {
  if (body.AppID !== world.appId || body.AppSecret !== world.appSecret)
    return { code: 514, msg: 'auth failed', data: {} }
  world.issued.add(ticketOf(world))
  const URL = `ws://${host}/ws?device_id=${hex(6)}&service_id=${SERVICE}&ticket=${ticketOf(world)}`
  return { code: 0, msg: '', data: { URL, ClientConfig: CLIENT_CONFIG } }
}

function ticketOf({ appSecret }: World): string {
  return createHash('sha256').update(appSecret).digest('hex').slice(0, 16)
}

/** In two parts when it is long, as the platform does. */
function framesOf(id: string, event: object): Buffer[] {
  const whole = Buffer.from(JSON.stringify(event))
  const half = whole.length > 1_000 ? Math.ceil(whole.length / 2) : whole.length
  const parts = [whole.subarray(0, half), whole.subarray(half)].filter((part) => part.length > 0)
  return parts.map((payload, seq) =>
    encodeFrame({
      service: SERVICE,
      method: 1,
      headers: {
        type: 'event',
        message_id: id,
        sum: String(parts.length),
        seq: String(seq),
        trace_id: hex(4),
      },
      payload,
    }),
  )
}

export function encryptWith(key: string, plain: string, iv = randomBytes(16)): string {
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(key).digest(), iv)
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString('base64')
}

/** Encrypted and signed, as it goes over HTTP. */
export function signedCall(world: Pick<World, 'encryptKey' | 'now'>, event: object, at = world.now()) {
  const raw = JSON.stringify({ encrypt: encryptWith(world.encryptKey, JSON.stringify(event)) })
  const timestamp = String(Math.floor(at / 1_000))
  const nonce = hex(6)
  const signature = createHash('sha256')
    .update(timestamp + nonce + world.encryptKey + raw)
    .digest('hex')
  return {
    raw,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-lark-request-timestamp': timestamp,
      'x-lark-request-nonce': nonce,
      'x-lark-signature': signature,
    },
  }
}
