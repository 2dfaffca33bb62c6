import { z } from 'zod'
import { Secret } from '../../../lib/secret.ts'
import { type Mailbox, parseMailbox } from './address.ts'

export interface EmailSetup {
  server: SmtpServer
  from: Mailbox
  /** How readers reach us; null: mails hold no links. Without a trailing slash. */
  publicUrl: string | null
  /** Signs the links. */
  linkKey: Secret
}

export interface SmtpServer {
  host: string
  port: number
  /** TLS from the first byte. */
  secure: boolean
  /** Without TLS nothing is sent, the password least of all. */
  requireTls: boolean
  login: { user: string; password: Secret } | null
}

const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const

// What was typed is never repeated: it holds the password.
const NOT_A_SERVER = 'must read smtp://user:password@host:587 or smtps://user:password@host:465'
const NOT_ENCODED =
  'has a character in user or password that an address cannot hold: write @ as %40, : as %3A, / as %2F, % as %25'
const NOT_TLS = 'says requireTLS, which must be true or false'
const NOT_A_SENDER = 'must be an address, such as sluice@example.com or Sluice <sluice@example.com>'

/** The fields of the guide by name, and what the app adds: `publicUrl` and `linkKey`. */
export const emailSetup = z
  .object({
    smtpUrl: z.string().transform((text, context) => orIssue(parseServer(text), context)),
    from: z.string().transform((text, context) => orIssue(parseMailbox(text) ?? NOT_A_SENDER, context)),
    publicUrl: z.string().nullish(),
    linkKey: z.union([z.string().min(1), z.instanceof(Secret)]),
  })
  .transform(
    ({ smtpUrl, from, publicUrl, linkKey }): EmailSetup => ({
      server: smtpUrl,
      from,
      publicUrl: publicUrl?.replace(/\/+$/, '') || null,
      linkKey: typeof linkKey === 'string' ? new Secret(linkKey) : linkKey,
    }),
  )

function orIssue<T>(read: T | string, context: z.RefinementCtx): T {
  if (typeof read !== 'string') return read
  context.addIssue(read)
  return z.NEVER
}

function parseServer(text: string): SmtpServer | string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null
  if (!url || !isSmtp(url.protocol) || url.hostname === '') return NOT_A_SERVER
  const user = decoded(url.username)
  const password = decoded(url.password)
  if (user === null || password === null) return NOT_ENCODED
  const asked = url.searchParams.get('requireTLS')
  if (asked !== null && !['true', '1', 'false', '0'].includes(asked)) return NOT_TLS
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const login = user === '' ? null : { user, password: new Secret(password) }
  return {
    host,
    port: url.port === '' ? PORTS[url.protocol] : Number(url.port),
    secure: url.protocol === 'smtps:',
    requireTls: asked === null ? login !== null && !isThisMachine(host) : ['true', '1'].includes(asked),
    login,
  }
}

function isSmtp(protocol: string): protocol is keyof typeof PORTS {
  return protocol in PORTS
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** A password on its way to a server on this machine passes no wire. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}
