import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What becomes of a request that goes through the proxy. */
export type Loss =
  /** The cluster acts; its answer never comes back. */
  | { is: 'answer-lost' }
  /** The cluster never hears of it. */
  | { is: 'request-lost' }
  /** The cluster acts; its answer takes its time. */
  | { is: 'late'; ms: number }
  /** Somebody else answers. */
  | { is: 'answered'; status: number; body: string; type?: string }

export interface LossyProxy {
  readonly address: string
  /** The next `times` requests (1 unless said) whose `METHOD /path` matches suffer this. */
  lose(on: RegExp, loss: Loss, times?: number): void
  clear(): void
  /** `METHOD /path` of every request that came, oldest first. */
  readonly seen: readonly string[]
  /** Refuses connections until `allow`. */
  refuse(): Promise<void>
  allow(): Promise<void>
  close(): Promise<void>
}

/** Stands between us and a cluster, and loses what it is told to lose after the cluster has acted. */
export async function startLossyProxy(target: string): Promise<LossyProxy> {
  let plans: { on: RegExp; loss: Loss; left: number }[] = []
  const seen: string[] = []
  const sockets = new Set<Socket>()

  const take = (name: string): Loss | null => {
    const plan = plans.find(({ on }) => on.test(name))
    if (!plan) return null
    plan.left--
    plans = plans.filter(({ left }) => left > 0)
    return plan.loss
  }

  const server = createServer((incoming, outgoing) => {
    const name = `${incoming.method} ${incoming.url}`
    seen.push(name)
    const loss = take(name)
    if (loss?.is === 'request-lost') {
      outgoing.destroy()
    } else if (loss?.is === 'answered') {
      outgoing.writeHead(loss.status, { 'content-type': loss.type ?? 'application/json' }).end(loss.body)
    } else {
      const lateMs = loss?.is === 'late' ? loss.ms : 0
      forward({ target, incoming, outgoing, answerLost: loss?.is === 'answer-lost', lateMs })
    }
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  const refuse = () => shut(server, sockets)
  return {
    address: `http://127.0.0.1:${port}`,
    lose: (on, loss, times = 1) => void plans.push({ on, loss, left: times }),
    clear() {
      plans = []
    },
    seen,
    refuse,
    allow: () => listen(server, port),
    close: refuse,
  }
}

interface Passage {
  target: string
  incoming: IncomingMessage
  outgoing: ServerResponse
  answerLost: boolean
  lateMs: number
}

function forward({ target, incoming, outgoing, answerLost, lateMs }: Passage): void {
  const { host: _host, ...headers } = incoming.headers
  const onward = request(
    new URL(incoming.url ?? '/', target),
    { method: incoming.method, headers },
    (answer) => {
      if (answerLost) {
        // Only a complete answer proves that the cluster acted.
        answer.resume().on('end', () => outgoing.destroy())
        return
      }
      const passOn = () => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }
      if (lateMs > 0) setTimeout(passOn, lateMs)
      else passOn()
    },
  )
  onward.on('error', () => outgoing.destroy())
  incoming.pipe(onward)
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function shut(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  if (!server.listening) return
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
