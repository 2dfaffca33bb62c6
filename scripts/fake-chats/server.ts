import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { VENDORS, type Vendor } from '../../src/bot/adapters/adapter.ts'
import { cardStyle } from './draw.ts'
import { freePort, type OpenChat, openFakes, PEOPLE, type Setting, settingsFor } from './open-fakes.ts'
import { createTalk, type Talk } from './talks.ts'

export interface FakeChats {
  /** The page. */
  url: string
  chats: readonly OpenChat[]
  skipped: readonly string[]
  /** What Sluice is started with to talk to all of them. */
  settings: readonly Setting[]
  close(): Promise<void>
}

const LOOK_EVERY_MS = 200
const LARGEST_BODY = 200_000

/** Every vendor's fake, and one page that shows them all. `port` 0: any ports. */
export async function startFakeChats({
  port = 9300,
  sluiceUrl = 'http://127.0.0.1:8080',
  vendors = VENDORS,
  demo = false,
}: {
  port?: number
  sluiceUrl?: string
  vendors?: readonly Vendor[]
  /** Sluice is started with it; the page need not say how. */
  demo?: boolean
} = {}): Promise<FakeChats> {
  const { chats, skipped } = await openFakes({ firstPort: port === 0 ? 0 : port + 1, sluiceUrl, vendors })
  const talks = chats.map((chat) => createTalk(chat))
  const settings = settingsFor(chats, sluiceUrl)
  const setup = { ...setupOf(chats), skipped, settings, sluiceUrl, demo }
  const page = pageOf()
  const listeners = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      const says = error instanceof Error ? error.message : String(error)
      if (response.headersSent) response.destroy()
      else send(response, error instanceof BadRequest ? error.status : 500, { error: says })
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
      throw new BadRequest(403, 'not here')
    if (request.method === 'POST') return send(response, 200, await act(url.pathname, await bodyOf(request)))
    if (url.pathname === '/') return sendPage(response, page)
    if (url.pathname === '/live') return listen(response)
    if (url.pathname === '/setup') return send(response, 200, setup)
    if (url.pathname === '/view') return send(response, 200, viewOf(talks, url.searchParams))
    throw new BadRequest(404, 'no such page')
  }

  async function act(path: string, body: unknown): Promise<unknown> {
    const wanted = action.safeParse({ ...(body as object), do: path.slice(1) })
    if (!wanted.success) throw new BadRequest(400, z.prettifyError(wanted.error))
    const talk = talks.find(({ chat }) => chat.vendor === wanted.data.vendor)
    if (!talk) throw new BadRequest(404, 'that chat is not there')
    return perform(talk, wanted.data)
  }

  function listen(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write('data: hello\n\n')
    listeners.add(response)
    response.once('close', () => listeners.delete(response))
  }

  // The fakes tell nobody that something changed; looking is cheap.
  let last = ''
  const looking = setInterval(() => {
    if (listeners.size === 0) return
    const mark = talks.map((talk) => talk.mark()).join()
    if (mark === last) return
    last = mark
    for (const listener of listeners) listener.write('data: changed\n\n')
  }, LOOK_EVERY_MS)

  server.listen(port === 0 ? 0 : await freePort(port), '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chats,
    skipped,
    settings,
    async close() {
      clearInterval(looking)
      server.closeAllConnections()
      server.close()
      await Promise.all(chats.map(({ fake }) => fake.close()))
    },
  }
}

// --- what the page asks for -----------------------------------------------------------------------------------------

const who = { vendor: z.enum(VENDORS), person: z.enum(PEOPLE.map(({ key }) => key)) }
const action = z.discriminatedUnion('do', [
  z.object({ do: z.literal('say'), ...who, place: z.enum(['direct', 'group']), text: z.string().min(1) }),
  z.object({ do: z.literal('press'), ...who, message: z.string(), label: z.string() }),
  z.object({ do: z.literal('send'), ...who, message: z.string(), values: z.record(z.string(), z.string()) }),
  z.object({
    do: z.literal('fault'),
    vendor: who.vendor,
    fault: z.enum(['limit', 'drop', 'garbage', 'slow', 'disconnect', 'revoke']),
    value: z.number().min(0).max(60_000),
  }),
])
type Action = z.infer<typeof action>

async function perform(talk: Talk, wanted: Action): Promise<unknown> {
  switch (wanted.do) {
    case 'say':
      return talk.say(wanted.person, wanted.place, wanted.text)
    case 'press': {
      const pressed = await talk.press(wanted.person, wanted.message, wanted.label)
      return { ...pressed, window: talk.window(wanted.person) }
    }
    case 'send': {
      const sent = await talk.send(wanted.person, wanted.message, wanted.values)
      // Sending presses first: what that opened is filled in already.
      talk.window(wanted.person)
      return sent
    }
    case 'fault':
      return breakIt(talk, wanted)
  }
}

async function breakIt(
  { chat: { fake } }: Talk,
  { fault, value }: Extract<Action, { do: 'fault' }>,
): Promise<{ ok: true }> {
  const faults = {
    limit: () => fake.faults.limit(value),
    drop: () => fake.faults.dropAfterAccept(value),
    garbage: () => fake.faults.garbage(value),
    slow: () => fake.faults.slow(value),
    disconnect: () => fake.faults.disconnect(),
    revoke: () => fake.faults.revokeTokens(),
  }
  await faults[fault]()
  return { ok: true }
}

function viewOf(talks: readonly Talk[], query: URLSearchParams): unknown {
  const by = PEOPLE.find(({ key }) => key === query.get('person'))?.key ?? PEOPLE[0].key
  const place = query.get('place') === 'group' ? 'group' : 'direct'
  return talks.map((talk) => ({
    vendor: talk.chat.vendor,
    lines: talk.lines(by, talk.chat.group === null ? 'direct' : place),
    counts: talk.chat.fake.counts,
  }))
}

function setupOf(chats: readonly OpenChat[]) {
  return {
    people: PEOPLE.map(({ key, name, role }) => ({ key, name, role })),
    chats: chats.map(({ vendor, title, group }) => ({ vendor, title, group: group?.title ?? null })),
  }
}

// --- HTTP -----------------------------------------------------------------------------------------------------------

class BadRequest extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** JSON only: other pages in the same browser cannot send that unasked. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type'] !== 'application/json') throw new BadRequest(415, 'JSON only')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > LARGEST_BODY) throw new BadRequest(413, 'too much')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw new BadRequest(400, 'not JSON')
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify(body))
}

interface Page {
  html: string
  policy: string
}

function pageOf(): Page {
  const html = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8').replace('/* cards.css */', () =>
    cardStyle(),
  )
  const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
  const digest = createHash('sha256').update(script).digest('base64')
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${digest}'`,
    // Mails bring their own styles within.
    "style-src 'unsafe-inline'",
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { html, policy: policy.join('; ') }
}

function sendPage(response: ServerResponse, { html, policy }: Page): void {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
  })
  response.end(html)
}
