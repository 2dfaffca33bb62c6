import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import type { ShownCard } from '../bot/cards/card.ts'
import type { Utterance } from '../bot/conversation.ts'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../metrics.ts'
import { cookieHeader, identify, type Known } from './caller.http.ts'
import { shownCard } from './card-schema.ts'
import { type CatchUp, createCatchUp, type Entry } from './catch-up.ts'
import { bySeq, chatNamed, utteranceOut } from './chats.ts'
import { type Addresses, isOurHost, isOurOrigin } from './guard.ts'
import { accepted } from './language.ts'
import { subjectOf } from './permits.ts'
import type { LiveEvent } from './ports.ts'
import { Problem } from './problem.ts'
import { problemBody } from './problem-body.ts'
import type { Caller, Services } from './route.ts'
import { name, seq } from './schemas.ts'

export const LIVE_PATH = '/api/v1/live'

export interface LiveOptions {
  services: Services
  addresses: Addresses
  metrics: Pick<Metrics, 'liveConnections'>
  log: Log
  secure: boolean
}

const TICK_MS = 20_000
const MOST_CHATS = 20
/** A page that takes nothing for this much is cut off; it comes back and catches up. */
const MOST_BUFFERED = 1_000_000
const CLOSE = { away: 1001, tooSlow: 1013, signedOut: 4401 }

const message = z.strictObject({
  watch: z.union([
    z.strictObject({ chat: name, after: seq.optional() }),
    z.strictObject({ jobs: z.boolean() }),
  ]),
})
type Message = z.output<typeof message>

/** What goes to a page, before it is JSON. */
type News = { card: ShownCard } | { utterance: Utterance }

interface Connection {
  take(event: LiveEvent): void
  /** Proves again who it is, reads again what it watches. */
  tick(): Promise<void>
  leave(code: number, reason: string): void
}

/** Serves the live feed on an HTTP server's upgrade requests. */
export function attachLive(http: HttpServer, options: LiveOptions): { close(): void } {
  const { services, log, metrics } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 16_384, clientTracking: false })
  const connections = new Set<Connection>()
  const stopping = new AbortController()
  const renewals = new WeakMap<IncomingMessage, string>()

  sockets.on('headers', (headers, request) => {
    const cookie = renewals.get(request)
    if (cookie) headers.push(`Set-Cookie: ${cookie}`)
  })
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    welcome(request, options).then(
      (known) => {
        if (stopping.signal.aborted) return refuse(socket, request, new Problem('stopping', {}), options)
        if (known.renewed) renewals.set(request, cookieHeader(known.renewed, options.secure))
        sockets.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, known.caller, request))
      },
      (error: unknown) => refuse(socket, request, error, options),
    )
  })

  function open(socket: WebSocket, caller: Caller, request: IncomingMessage): void {
    const connection = connect(socket, { caller, request, services, log })
    connections.add(connection)
    metrics.liveConnections(connections.size)
    socket.once('close', () => {
      connections.delete(connection)
      metrics.liveConnections(connections.size)
    })
  }

  const stop = services.live.subscribe((event) => {
    for (const connection of connections) connection.take(event)
  })

  async function ticking(): Promise<void> {
    for (;;) {
      await services.clock.sleep(TICK_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await Promise.all([...connections].map((connection) => connection.tick()))
    }
  }
  void ticking()

  return {
    close() {
      stopping.abort()
      stop()
      for (const connection of connections) connection.leave(CLOSE.away, 'stopping')
    },
  }
}

async function welcome(request: IncomingMessage, options: LiveOptions): Promise<Known> {
  const { host, origin } = request.headers
  if (!isOurHost(host, options.addresses)) throw new Problem('other-host', { host: host ?? '' })
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  if (path !== LIVE_PATH) throw new Problem('no-such-page', { path })
  if (!isOurOrigin(origin, host, options.addresses))
    throw new Problem('other-origin', { origin: origin ?? '' })
  const known = await identify(options.services.platform.access, request.headers)
  if (!known) throw new Problem('not-signed-in', {})
  // A cookie is sent by any page that opens a socket; every browser says which one it is.
  if (known.caller.session && origin === undefined) throw new Problem('other-origin', { origin: 'nowhere' })
  return known
}

function refuse(
  socket: Duplex,
  request: IncomingMessage,
  error: unknown,
  { services, log }: LiveOptions,
): void {
  const requestId = services.ids.next('req')
  const problem = error instanceof Problem ? error : new Problem('our-fault', {})
  if (!(error instanceof Problem)) log.error({ error, requestId }, 'A live connection broke on our side')
  const language = accepted(request.headers['accept-language']) ?? 'en'
  const body = JSON.stringify(problemBody(problem, { language, requestId }))
  socket.end(
    [
      `HTTP/1.1 ${problem.status} Refused`,
      'Connection: close',
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}

interface ConnectOptions {
  caller: Caller
  request: IncomingMessage
  services: Services
  log: Log
}

function connect(socket: WebSocket, { caller: first, request, services, log }: ConnectOptions): Connection {
  let caller = first
  let answered = true
  let jobs = false
  const watches = new Map<string, { name: string; catchUp: CatchUp<News> }>()
  const about = { language: caller.language ?? caller.member.language, requestId: services.ids.next('req') }

  socket.on('pong', () => {
    answered = true
  })
  socket.on('error', () => socket.terminate())
  socket.on('message', (data) => {
    hear(String(data)).catch(tell)
  })

  async function hear(text: string): Promise<void> {
    const { watch } = parsed(text)
    if ('jobs' in watch) jobs = watch.jobs
    else await follow(watch)
  }

  async function follow({
    chat: chatName,
    after,
  }: {
    chat: string
    after?: string | undefined
  }): Promise<void> {
    const chat = await chatNamed(services, chatName, caller)
    if (!watches.has(chat.id) && watches.size >= MOST_CHATS) {
      throw new Problem('bad-request', { because: `at most ${MOST_CHATS} chats at once` })
    }
    const catchUp = createCatchUp<News>({
      after: after ?? (await newest(services, chat.id, caller.member.id)),
      read: (after, limit) => stored(services, { chat: chat.id, reader: caller.member.id, limit, after }),
      send: (news) => send(wire(news, caller.member.id)),
    })
    const watch = { name: chatName, catchUp }
    watches.set(chat.id, watch)
    await catchUp.read()
    if (watches.get(chat.id) === watch) await send({ caughtUp: catchUp.position })
  }

  async function send(body: unknown): Promise<void> {
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > MOST_BUFFERED) return leave(CLOSE.tooSlow, 'too slow')
    await new Promise<void>((resolve) => socket.send(JSON.stringify(body), () => resolve()))
  }

  function tell(error: unknown): void {
    const problem = error instanceof Problem ? error : new Problem('our-fault', {})
    if (!(error instanceof Problem)) log.error({ error, ...about }, 'A live message broke on our side')
    void send({ problem: problemBody(problem, about) })
  }

  function take(event: LiveEvent): void {
    if (event.is === 'signed-out') {
      if (caller.session && event.memberId === caller.member.id) leave(CLOSE.signedOut, 'signed out')
    } else if (event.is === 'job') {
      if (jobs && sees(event)) void send(jobHint(event))
    } else if (event.is === 'utterance') {
      watches.get(event.utterance.chat)?.catchUp.offer(utteranceEntry(event.utterance))
    } else if (event.card.onlyFor === null || event.card.onlyFor === caller.member.id) {
      watches.get(event.card.chat)?.catchUp.offer(cardEntry(event.card))
    }
  }

  function sees({ job }: Extract<LiveEvent, { is: 'job' }>): boolean {
    return services.platform.access.mightDo(caller.member, caller.token, 'job:view', subjectOf(job))
  }

  async function tick(): Promise<void> {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
    try {
      const again = await known()
      if (!again) return leave(CLOSE.signedOut, 'signed out')
      caller = again
      await Promise.all([...watches].map(([chatId, watch]) => lookAgain(chatId, watch)))
    } catch (error) {
      log.warn({ error, ...about }, 'A live connection could not be looked after')
    }
  }

  /** Rights may have gone since; news may have been lost between processes. */
  async function lookAgain(
    chatId: string,
    { name: chatName, catchUp }: { name: string; catchUp: CatchUp<News> },
  ) {
    try {
      await chatNamed(services, chatName, caller)
      await catchUp.read()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      watches.delete(chatId)
      tell(error)
    }
  }

  /** A session's cookie is not asked for again: that could renew it, and nobody would hear of the new one. */
  async function known(): Promise<Caller | null> {
    const { access } = services.platform
    if (caller.token) {
      const again = await identify(access, { authorization: request.headers.authorization }).catch(() => null)
      return again?.caller ?? null
    }
    const member = await access.memberById(caller.member.id)
    return member && !member.disabled ? { ...caller, member } : null
  }

  function leave(code: number, reason: string): void {
    watches.clear()
    jobs = false
    socket.close(code, reason)
  }

  return { take, tick, leave }
}

function parsed(text: string): Message {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new Problem('not-json', { because: error instanceof Error ? error.message : '' })
  }
  const read = message.safeParse(json)
  if (read.success) return read.data
  const issues = read.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  throw new Problem('not-valid', { issues })
}

async function newest({ conversation }: Services, chat: string, reader: string): Promise<string> {
  const { cards, utterances } = await conversation.before({ chat, reader, limit: 1, before: null })
  return (
    [...cards, ...utterances]
      .map((one) => one.seq)
      .sort(bySeq)
      .at(-1) ?? '0'
  )
}

async function stored(
  { conversation, bot }: Services,
  reading: { chat: string; reader: string; limit: number; after: string },
): Promise<Entry<News>[]> {
  const { cards, utterances } = await conversation.since(reading)
  const entries = [...cards.map((card) => cardEntry(bot.shown(card))), ...utterances.map(utteranceEntry)]
  return entries.sort((a, b) => bySeq(a.seq, b.seq))
}

function cardEntry(card: ShownCard): Entry<News> {
  return { key: card.id, version: card.version, seq: card.seq, value: { card } }
}

function utteranceEntry(utterance: Utterance): Entry<News> {
  return { key: `said:${utterance.seq}`, version: 1, seq: utterance.seq, value: { utterance } }
}

function wire(news: News, readerId: string): unknown {
  if ('card' in news) return { card: shownCard.parse(news.card) }
  const { at, ...rest } = utteranceOut(news.utterance, readerId)
  return { utterance: { ...rest, at: new Date(at).toISOString() } }
}

function jobHint({ job }: Extract<LiveEvent, { is: 'job' }>): unknown {
  const { id, name: jobName, team, environment, state, generation } = job
  return { job: { id, name: jobName, team: team.name, environment, state: state.is, generation } }
}
