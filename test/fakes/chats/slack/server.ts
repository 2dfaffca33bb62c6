import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Answer, type Args, methodsOf } from './methods.ts'
import type { World } from './world.ts'

export interface ApiServer {
  server: Server
  origin(): string
}

const SHOWING = new Set(['chat.postMessage', 'chat.update'])

/** What goes back over the wire; `cut`: the connection, and nothing. */
type Reply = { status: number; type: string; body: string; headers?: Record<string, string> } | 'cut'

const NOTHING_THERE = { status: 404, type: 'text/plain', body: '' } satisfies Reply
const GATEWAY_PAGE: Reply = { status: 502, type: 'text/html', body: '<html>502</html>' }

/** The Web API over HTTP: tokens, forms of refusal, published limits, faults. */
export async function startApi(
  world: World,
  { port, link }: { port: number; link: () => string },
): Promise<ApiServer> {
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const methods = methodsOf(world, origin)
  const limits = createLimits(world)

  async function reply(request: IncomingMessage): Promise<Reply> {
    const raw = await bytesOf(request)
    const [, place, rest = ''] = /^\/(api|upload|respond)\/([\w.]+)$/.exec(pathOf(request)) ?? []
    switch (place) {
      case 'api': {
        world.calls.push(rest)
        if (world.faults.slowMs > 0) await pause(world.faults.slowMs)
        const args = argsOf(raw, request.headers['content-type'] ?? '')
        return call(rest, args, request.headers.authorization ?? String(args.token ?? ''))
      }
      case 'upload':
        return upload(world, rest, raw)
      case 'respond':
        return respond(world, rest, { raw, authorization: request.headers.authorization })
      default:
        return NOTHING_THERE
    }
  }

  function call(name: string, args: Args, token: string): Reply {
    const refused = tokenProblem(world, name, token)
    if (refused) return json({ ok: false, error: refused })
    const { token: _token, team_id: _team, ...rest } = args
    if (SHOWING.has(name) && take('garbage')) return GATEWAY_PAGE
    if (SHOWING.has(name) && isLimited(name, rest)) return tooFast()
    const error = world.faults.errors.get(name)?.shift()
    if (error) return json({ ok: false, error })
    if (name === 'apps.connections.open') return json({ ok: true, url: link() })
    const method = methods[name]
    if (!method) return json({ ok: false, error: 'unknown_method', req_method: name })
    const answered = method(rest)
    return SHOWING.has(name) && answered.ok && isDropped() ? 'cut' : json(answered)
  }

  function isLimited(name: string, args: Args): boolean {
    const { chance } = world.faults
    if (take('limit') || (chance && chance.next() < chance.limited)) return true
    if (!world.pace || limits.take(name, String(args.channel))) return false
    world.counts.overLimit++
    return true
  }

  function isDropped(): boolean {
    const { chance } = world.faults
    return take('drop') || (chance !== null && chance.next() < chance.dropped)
  }

  function take(fault: 'drop' | 'limit' | 'garbage'): boolean {
    if (world.faults[fault] === 0) return false
    world.faults[fault]--
    return true
  }

  function tooFast(): Reply {
    world.counts.limited++
    const said = json({ ok: false, error: 'ratelimited' })
    switch (world.faults.limitForm) {
      case 'in-200':
        return said
      case 'timed':
        return { ...said, status: 429, headers: { 'retry-after': String(world.faults.limitS) } }
      case 'untimed':
        return { ...said, status: 429 }
    }
  }

  function json(body: Answer): Exclude<Reply, 'cut'> {
    const headers = { 'x-oauth-scopes': [...world.scopes].join(',') }
    return { status: 200, type: 'application/json', body: JSON.stringify(body), headers }
  }

  const server = createServer((request, response) => {
    reply(request).then(
      (made) => send(response, made),
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { server, origin }
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'cut') response.destroy()
  else response.writeHead(reply.status, { 'content-type': reply.type, ...reply.headers }).end(reply.body)
}

function pathOf({ url }: IncomingMessage): string {
  return new URL(url ?? '/', 'http://fake').pathname
}

function tokenProblem(world: World, name: string, header: string): string | null {
  const token = header.replace(/^Bearer /, '')
  if (token === '') return 'not_authed'
  const isApp = token === world.tokens.app
  if (!isApp && token !== world.tokens.bot) return 'invalid_auth'
  if (world.revoked) return isApp ? 'invalid_auth' : 'token_revoked'
  return isApp === (name === 'apps.connections.open') ? null : 'not_allowed_token_type'
}

/** A form with one file in it. */
function upload(world: World, id: string, raw: Buffer): Reply {
  const file = world.files.get(id)
  if (!file) return NOTHING_THERE
  file.uploaded = raw.includes('name="body"') && raw.length > file.length
  return { status: 200, type: 'text/plain', body: `OK - ${file.length}` }
}

const MOST_ANSWERS = 5
const ANSWERABLE_MS = 30 * 60_000

/** A `response_url`: five answers within half an hour, and no token is wanted there. */
function respond(
  world: World,
  id: string,
  { raw, authorization }: { raw: Buffer; authorization: string | undefined },
): Reply {
  const place = world.answerable.get(id)
  if (!place) return NOTHING_THERE
  if (world.now() - place.at > ANSWERABLE_MS) return { ...NOTHING_THERE, body: 'expired_url' }
  if (place.answers.length >= MOST_ANSWERS) return { ...NOTHING_THERE, body: 'used_url' }
  const { text, response_type } = JSON.parse(raw.toString()) as { text: string; response_type: string }
  place.answers.push({ text, onlyFor: response_type === 'ephemeral' ? place.person : null })
  if (authorization !== undefined) world.counts.leaks++
  return { status: 200, type: 'text/plain', body: 'ok' }
}

// --- published limits -----------------------------------------------------------------------------------------------

/** One message a second per conversation with a short burst, fifty edits a minute, three hundred posts a minute. */
function createLimits(world: World) {
  const buckets = new Map<string, { left: number; at: number }>()

  function takeOf(name: string, most: number, perMs: number): boolean {
    const now = world.now()
    const bucket = buckets.get(name) ?? { left: most, at: now }
    const left = Math.min(most, bucket.left + (now - bucket.at) * perMs)
    buckets.set(name, { left: left >= 1 ? left - 1 : left, at: now })
    return left >= 1
  }

  return {
    take(method: string, channel: string): boolean {
      if (method === 'chat.update') return takeOf('update', 50, 50 / 60_000)
      return takeOf('app', 300, 300 / 60_000) && takeOf(`in ${channel}`, 3, 1 / 1_000)
    },
  }
}

// --- requests -------------------------------------------------------------------------------------------------------

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function argsOf(raw: Buffer, type: string): Args {
  if (type.startsWith('application/json')) return JSON.parse(raw.toString()) as Args
  return Object.fromEntries(
    [...new URLSearchParams(raw.toString())].map(([key, value]) => [key, nested(value)]),
  )
}

/** Nested values come as JSON in a field. */
function nested(text: string): unknown {
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
