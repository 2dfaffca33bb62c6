import { DWClient, type DWClientDownStream, TOPIC_CARD, TOPIC_ROBOT } from 'dingtalk-stream'
import type WebSocket from 'ws'
import { z } from 'zod'
import { failureOf } from './answers.ts'
import type { DingTalkApi } from './api.http.ts'
import type { Frame, Listeners } from './listeners.ts'
import type { DingtalkSetup } from './settings.ts'
import type { Line, LineEvents } from './supervisor.ts'

export interface StreamParts {
  setup: DingtalkSetup
  api: DingTalkApi
  listeners: Listeners
}

const HANDSHAKE_MS = 10_000
const MAX_FRAME = 1024 * 1024

const ticketBody = z.object({ endpoint: z.url({ protocol: /^wss?$/ }), ticket: z.string().min(1) })

/** Private in the client's types, and the only way to its address, its options and its socket. */
interface Insides {
  dw_url?: string
  sslopts: WebSocket.ClientOptions
  socket?: WebSocket
}

/** Opens one connection of the vendor's client: a new client each time, because a used one cannot be trusted to be over. */
export async function openStream(parts: StreamParts, events: LineEvents): Promise<Line> {
  const client = new StreamClient(parts, events)
  await client.connect()
  return client.line()
}

class StreamClient extends DWClient {
  readonly #parts: StreamParts
  readonly #events: LineEvents
  #because = 'the connection was refused'

  constructor(parts: StreamParts, events: LineEvents) {
    const { setup, listeners } = parts
    super({
      clientId: setup.clientId,
      clientSecret: setup.clientSecret.reveal(),
      // Read by the client although its types do not know them. The default list of topics is shared by all clients.
      ...{ autoReconnect: false, subscriptions: [{ type: 'EVENT', topic: '*' }] },
    })
    this.#parts = parts
    this.#events = events
    this.#insides().sslopts = {
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_FRAME,
    }
    this.registerCallbackListener(TOPIC_ROBOT, (frame) => void this.#answer(frame, listeners.message))
    this.registerCallbackListener(TOPIC_CARD, (frame) => void this.#answer(frame, listeners.tap))
  }

  /** To our own address, and without an error that holds the secret. */
  override async getEndpoint(): Promise<this> {
    const answer = await this.#parts.api.openConnection(this.config.subscriptions)
    const ticket = answer.is === 'ok' ? ticketBody.safeParse(answer.body) : null
    if (!ticket?.success) {
      this.#fail(answer.is === 'ok' ? 'no ticket' : failureOf(answer).said.code)
    }
    const { endpoint, ticket: code } = ticket.data
    // What people say does not go unencrypted where our own calls do not.
    if (this.#parts.setup.apiUrl.startsWith('https:') && !endpoint.startsWith('wss:')) this.#fail('no wss')
    this.#insides().dw_url = `${endpoint}?ticket=${encodeURIComponent(code)}`
    return this
  }

  /** The client parses without a guard, and an error in here would end the process. */
  override onDownStream(data: string): void {
    this.#events.alive()
    try {
      super.onDownStream(String(data))
    } catch {
      this.#parts.listeners.nonsense()
    }
  }

  override onSystem(frame: DWClientDownStream): void {
    super.onSystem(frame)
    if (frame.headers.topic === 'disconnect') this.#events.leaving()
  }

  /** Acknowledged when it is stored; the client itself would do so before. */
  override onEvent(frame: DWClientDownStream): void {
    void this.#parts.listeners.event(frameOf(frame)).then(
      () => this.#send(frame, { status: 'SUCCESS' }),
      () => this.#send(frame, { status: 'LATER' }),
    )
  }

  line(): Line {
    const { socket } = this.#insides()
    if (!this.connected || !socket) throw new Error(this.#because)
    socket.on('close', (code) => this.#events.ended(`closed-${code}`))
    socket.on('ping', () => this.#events.alive())
    socket.on('pong', () => this.#events.alive())
    return {
      ping: () => socket.ping(undefined, undefined, () => {}),
      close: () => socket.terminate(),
    }
  }

  async #answer(frame: DWClientDownStream, listener: (frame: Frame) => Promise<void>): Promise<void> {
    try {
      await listener(frameOf(frame))
      this.#send(frame, { response: {} })
    } catch {
      // Not acknowledged: some are sent again.
    }
  }

  #send({ headers }: DWClientDownStream, value: object): void {
    if (headers.messageId) this.send(headers.messageId, value)
  }

  #fail(because: string): never {
    this.#because = because
    throw new Error(because)
  }

  #insides(): Insides {
    // The types hide what `getEndpoint` has to set, and what tells that a connection is over.
    return this as unknown as Insides
  }
}

function frameOf({ headers, data }: DWClientDownStream): Frame {
  return { messageId: headers.messageId ?? '', type: headers.eventType ?? '', data }
}
