import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import type { Secret } from '../../../lib/secret.ts'

/** Where links lead, below the address of ours that readers know. */
export const PRESS_PATH = '/chat/email/press'

/** A weekend, and the day after it. */
export const LINK_LIFE_MS = 3 * 24 * 60 * 60 * 1000

/** A button in a mail. Whoever holds the link may press as its receiver, as whoever holds the mail could. */
export interface PressLink {
  press: string
  /** Who the mail went to: the tap is theirs. */
  member: string
  label: string
  expires: Instant
}

export type LinkRead =
  /** `query`: the link again, signature and all. */
  | {
      is: 'good'
      link: PressLink
      query: Readonly<Record<string, string>>
      nonce: string | null
      digest: string
    }
  | { is: 'wrong' }
  | { is: 'expired' }

// Only its own names: a query may hold anything, and any of it several times.
const query = z.object({
  p: z.string().min(1).max(4000),
  m: z.string().min(3).max(254),
  l: z.string().max(400),
  e: z.string().regex(/^\d{1,12}$/),
  s: z.string().regex(/^[\w-]{43}$/),
  n: z
    .string()
    .regex(/^[\w-]{16,64}$/)
    .optional(),
})

export function signLink(link: PressLink, key: Secret): URLSearchParams {
  const e = String(Math.ceil(link.expires / 1000))
  const parts = { p: link.press, m: link.member, l: link.label, e }
  return new URLSearchParams({ ...parts, s: signature(parts, key).toString('base64url') })
}

/** Never throws, whatever somebody put in the address bar. */
export function readLink(given: unknown, key: Secret, now: Instant): LinkRead {
  const parsed = query.safeParse(given)
  if (!parsed.success) return { is: 'wrong' }
  const { s, n, ...parts } = parsed.data
  const bytes = Buffer.from(s, 'base64url')
  const right = signature(parts, key)
  if (bytes.length !== right.length || !timingSafeEqual(bytes, right)) return { is: 'wrong' }
  const expires = Number(parts.e) * 1000
  if (now >= expires) return { is: 'expired' }
  return {
    is: 'good',
    link: { press: parts.p, member: parts.m, label: parts.l, expires },
    query: { ...parts, s },
    nonce: n ?? null,
    digest: digestOf(parts),
  }
}

/** The same for one page that is sent twice, another for the page opened anew. */
export function pressEventId(digest: string, nonce: string): string {
  return `press_${createHash('sha256').update(`${digest} ${nonce}`).digest('base64url')}`
}

interface Parts {
  p: string
  m: string
  l: string
  e: string
}

function signature(parts: Parts, key: Secret): Buffer {
  return createHmac('sha256', key.reveal()).update(signedText(parts)).digest()
}

function digestOf(parts: Parts): string {
  return createHash('sha256').update(signedText(parts)).digest('base64url')
}

// The name in front keeps this signature apart from everything else that the key may sign.
function signedText({ p, m, l, e }: Parts): string {
  return JSON.stringify(['email-press', p, m, l, e])
}
