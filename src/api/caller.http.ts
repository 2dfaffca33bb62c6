import { timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'
import type { AccessApi, WebSignIn } from '../platform/platform.ts'
import { chosen } from './language.ts'
import { Problem } from './problem.ts'
import type { Caller } from './route.ts'

export const SESSION_COOKIE = 'sluice_session'

export interface Headers {
  authorization?: string | undefined
  cookie?: string | undefined
  'accept-language'?: string | undefined
}

export interface Known {
  caller: Caller
  /** The session was renewed: the answer must set this cookie. */
  renewed: { cookie: string; expiresAt: number } | null
}

/** Who sends these headers; null: nobody we know. A token that is no good is a problem, not nobody. */
export async function identify(access: AccessApi, headers: Headers): Promise<Known | null> {
  const secret = bearer(headers.authorization)
  if (secret !== null) return { caller: await byToken(access, secret, headers), renewed: null }
  const cookie = sessionCookie(headers.cookie)
  if (cookie === null) return null
  const session = await access.session(cookie)
  if (!session || session.member.disabled) return null
  return {
    caller: {
      member: session.member,
      token: null,
      session: { cookie: session.cookie ?? cookie, csrf: session.csrf },
      language: chosen(headers['accept-language'], 'session'),
    },
    renewed: session.cookie === null ? null : { cookie: session.cookie, expiresAt: session.expiresAt },
  }
}

async function byToken(access: AccessApi, secret: string, headers: Headers): Promise<Caller> {
  const known = await access.byToken(secret)
  if (!known.ok) throw new Problem('bad-token', { why: known.why })
  const { member, token } = known.value
  return { member, token, session: null, language: chosen(headers['accept-language'], 'token') }
}

function bearer(header: string | undefined): string | null {
  if (header === undefined) return null
  return /^Bearer +([\x21-\x7e]{1,500})$/i.exec(header)?.[1] ?? ''
}

function sessionCookie(header: string | undefined): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === SESSION_COOKIE && value) return value
  }
  return null
}

/** A session is sent by browsers on their own, so whoever writes must also show what only our page can read. */
export function checkCsrf(caller: Caller, request: Request): void {
  if (!caller.session) return
  if (!same(request.get('x-csrf-token') ?? '', caller.session.csrf)) throw new Problem('bad-csrf', {})
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export function cookieHeader(session: Pick<WebSignIn, 'cookie' | 'expiresAt'>, secure: boolean): string {
  const expires = new Date(session.expiresAt).toUTCString()
  return `${SESSION_COOKIE}=${session.cookie}; Path=/; HttpOnly; SameSite=Lax; Expires=${expires}${secure ? '; Secure' : ''}`
}

export function setSession(
  response: Response,
  session: Pick<WebSignIn, 'cookie' | 'expiresAt'> | 'end',
  secure: boolean,
): void {
  const value = session === 'end' ? { cookie: '', expiresAt: 0 } : session
  response.setHeader('Set-Cookie', cookieHeader(value, secure))
}
