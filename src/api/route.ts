import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { By, Language, Member, Platform, TokenScope, WebSignIn } from '../platform/platform.ts'
import type { Cursors } from './cursors.ts'
import type { About, BotPort, ConversationPort, DemoPort, LiveFeed, SetupsPort } from './ports.ts'
import type { ProblemKind } from './problem.ts'
import type { Uploads } from './uploads.file.ts'

/** What routes act through. */
export interface Services {
  platform: Platform
  bot: BotPort
  conversation: ConversationPort
  setups: SetupsPort
  live: LiveFeed
  demo: DemoPort | null
  about: About
  clock: Clock
  ids: Ids
  cursors: Cursors
  uploads: Uploads
  /** Where a schedule is served as a calendar, from the root of the server. */
  calendarPath(schedule: string): string
}

/** Who calls: a member by a web session or by a token. */
export interface Caller {
  member: Member
  token: TokenScope | null
  session: { cookie: string; csrf: string } | null
  /** Chosen for this one request; null: the member's own. */
  language: Language | null
}

export type Audience = 'anyone' | 'member' | 'session'

export interface Call<For extends Audience = 'member', Params = unknown, Query = unknown, Body = unknown> {
  services: Services
  caller: For extends 'anyone' ? Caller | null : Caller
  params: Params
  query: Query
  body: Body
  language: Language
  requestId: string
  /** The address the request came from. */
  from: string
  /** The caller's own key of this write, if any. */
  key: string | null
  /** Aborted when the caller goes away or the server stops. */
  signal: AbortSignal
  /** The body as it comes; only of routes that take a file. */
  stream: Readable
}

export type Method = 'get' | 'post' | 'put' | 'delete'

/** An answer that is one of those the route documents. Body: as the platform has it; the schema makes it the wire's. */
export type Answer<R extends Responses> = {
  [S in keyof R & number]: {
    status: S
    body: z.input<R[S]>
    headers?: Readonly<Record<string, string>>
    /** Starts or ends the web session that the answer's cookie carries. */
    session?: WebSignIn | 'end'
  }
}[keyof R & number]

type Responses = Readonly<Record<number, z.ZodType>>

export interface RouteSpec<For extends Audience, Params, Query, Body, R extends Responses> {
  method: Method
  /** As OpenAPI writes it, without the prefix: `/jobs/{name}` */
  path: string
  /** Groups routes in the description. */
  about: string
  summary: string
  for: For
  params?: z.ZodType<Params>
  query?: z.ZodType<Query>
  body?: z.ZodType<Body>
  /** The body is a file, not JSON. */
  takes?: { types: readonly string[] }
  responses: R
  /** Refusals of its own, beyond those that every route may answer with. */
  problems?: readonly ProblemKind[]
  /** False: a write that an Idempotency-Key does not apply to. */
  keyed?: boolean
  run(call: Call<For, Params, Query, Body>): Promise<Answer<R>>
}

export interface AnyAnswer {
  status: number
  body: unknown
  headers?: Readonly<Record<string, string>>
  session?: WebSignIn | 'end'
}

/** A route whose own types are checked and no longer needed. */
export interface Route
  extends Omit<RouteSpec<Audience, unknown, unknown, unknown, Responses>, 'run' | 'keyed'> {
  keyed: boolean
  run(call: Call<Audience>): Promise<AnyAnswer>
}

/** One declaration, from which routing, validation, the answer's form and the OpenAPI description follow. */
export function route<
  const For extends Audience,
  R extends Responses,
  Params = Record<never, never>,
  Query = Record<never, never>,
  Body = undefined,
>(spec: RouteSpec<For, Params, Query, Body, R>): Route {
  const { run, ...rest } = spec
  return {
    ...rest,
    keyed: spec.keyed ?? (spec.method !== 'get' && spec.for !== 'anyone' && spec.takes === undefined),
    // The router hands over what the schemas above have made and whom `for` demands, and nothing else.
    run: (call) => run(call as Call<For, Params, Query, Body>),
  }
}

export function ok<T>(body: T): { status: 200; body: T } {
  return { status: 200, body }
}

export function byOf(call: Pick<Call<'member'>, 'caller' | 'requestId'>, via?: string): By {
  const { member, token } = call.caller
  return { member, token, requestId: call.requestId, via: via ?? (token ? `api:${token.tokenId}` : 'web') }
}
