import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import nodemailer from 'nodemailer'
import type { Instant } from '../../../lib/clock.ts'
import type { AdapterParts, ChatAdapter, Edit, Finding, Post, Posted, Webhooks } from '../adapter.ts'
import { EMAIL_PACE, emailAbilities } from './abilities.ts'
import { isAddress } from './address.ts'
import { findingsOf, type ServerSeen } from './findings.ts'
import { countOf, drawLetter, handleOf, type Letter, mailOf, messageIdOf, threadOf } from './message.ts'
import { postedOf, troubleOf, wordsOf } from './outcome.ts'
import { PRESS_PATH, type PressLink, pressEventId, readLink } from './press-link.ts'
import {
  answerPage,
  confirmPage,
  languageOf,
  PAGE_HEADERS,
  type PressPage,
  refusalPage,
} from './press-page.ts'
import { fitsMail } from './render.ts'
import type { EmailSetup } from './settings.ts'

// nodemailer's own limits are minutes long; a mail waits in the outbox, not in a socket.
const CONNECT_MS = 10_000
const ANSWER_MS = 30_000
/** Of one mail, from first to last: a server that trickles its answers resets every other limit. */
const WHOLE_MS = 90_000
// Below the 5 minutes that servers keep an idle connection, and most keep it shorter than they should.
const IDLE_MS = 45_000

export interface EmailOptions {
  /** A certificate authority to trust besides those that Node knows. */
  ca?: string
}

export function createEmail(
  parts: AdapterParts<EmailSetup>,
  options: EmailOptions = {},
): ChatAdapter & { webhooks: Webhooks } {
  const { setup, clock, log } = parts
  const pool = nodemailer.createTransport({ ...serverOptions(setup, options), ...POOL })
  const hide = hider(setup)
  let stopped = false

  async function send(letter: Letter, count: number): Promise<Posted> {
    if (!isAddress(letter.to)) return notAnAddress(letter.to)
    try {
      await pool.sendMail({ ...mailOf(letter, setup), signal: AbortSignal.timeout(WHOLE_MS) })
    } catch (error) {
      return postedOf(troubleOf(error), hide)
    }
    return {
      is: 'accepted',
      handle: handleOf(messageIdOf(letter.name, setup), letter.thread, count),
    }
  }

  return {
    vendor: 'email',
    abilities: emailAbilities(setup),
    pace: EMAIL_PACE,

    async start() {
      const seen = await look(setup, options)
      if (seen.is === 'bad')
        log.warn({ said: wordsOf(seen.trouble, hide) }, 'The mail server did not let us in')
    },
    async stop() {
      stopped = true
      pool.close()
    },
    connection: () => ({ is: stopped ? 'stopped' : 'outgoing-only' }),

    fits: (shown) =>
      fitsMail(drawLetter({ to: LONG_ADDRESS, shown, name: LONG_NAME, thread: [], now: clock.now() }, setup)),
    post: ({ to, shown, key, after }: Post) =>
      send({ to: to.id, shown, name: key, thread: after ? threadOf(after) : [], now: clock.now() }, 1),
    edit({ to, at, shown, key }: Edit) {
      const count = countOf(at) + 1
      // Tried again it has the same number, so the same Message-ID.
      return send(
        { to: to.id, shown, name: `${key}.${count}`, thread: threadOf(at), now: clock.now() },
        count,
      )
    },

    check: async (): Promise<readonly Finding[]> => findingsOf(setup, await look(setup, options), hide),
    webhooks: { mount: (app) => mountPress(app, parts) },
  }
}

const LONG_ADDRESS = `${'a'.repeat(60)}@example.com`
const LONG_NAME = 'k'.repeat(40)

function notAnAddress(to: string): Posted {
  return { is: 'refused', said: { code: 'address', message: `${to.slice(0, 80)} is not an address` } }
}

// --- the server ---------------------------------------------------------------------------------------------------

const POOL = {
  pool: true,
  maxConnections: EMAIL_PACE.parallel,
  idleTimeout: IDLE_MS,
  // Once, for a connection that the server had closed while it was idle; the rest is the outbox's.
  maxRequeues: 1,
} as const

function serverOptions({ server, from }: EmailSetup, { ca }: EmailOptions) {
  const { host, port, secure, requireTls, login } = server
  return {
    host,
    port,
    secure,
    requireTLS: requireTls,
    ...(login && { auth: { user: login.user, pass: login.password.reveal() } }),
    name: heloName(from.address),
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    // Cards are data: none of it may name a file or a page to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const
}

/** The machine's own name is nobody's business; servers want one with a dot. */
function heloName(address: string): string {
  const host = address.slice(address.lastIndexOf('@') + 1)
  return /^[\w.-]+$/.test(host) ? host : 'localhost'
}

/** Logs in and goes, asking for TLS first to learn whether there is any. */
async function look(setup: EmailSetup, options: EmailOptions): Promise<ServerSeen> {
  const base = serverOptions(setup, options)
  const encrypted = await tryLogin({ ...base, requireTLS: true })
  if (encrypted.is === 'good') return { is: 'good', encrypted: true }
  if (base.requireTLS || base.secure || encrypted.trouble.code !== 'ETLS') return encrypted
  const bare = await tryLogin(base)
  return bare.is === 'good' ? { is: 'good', encrypted: false } : bare
}

async function tryLogin(options: ReturnType<typeof serverOptions>): Promise<ServerSeen> {
  const transport = nodemailer.createTransport(options)
  try {
    await transport.verify()
    return { is: 'good', encrypted: true }
  } catch (error) {
    return { is: 'bad', trouble: troubleOf(error) }
  } finally {
    transport.close()
  }
}

/** Servers repeat what they were told; some of it they were told in confidence. */
function hider({ server: { login } }: EmailSetup): (text: string) => string {
  const password = login?.password.reveal() ?? ''
  const spelled = [password, Buffer.from(password).toString('base64')]
  const secrets = [...spelled, Buffer.from(`\0${login?.user}\0${password}`).toString('base64')]
  return (text) =>
    password === '' ? text : secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}

// --- links that were followed -------------------------------------------------------------------------------------

function mountPress(
  app: Parameters<Webhooks['mount']>[0],
  { setup, inbox, clock, log }: AdapterParts<EmailSetup>,
): void {
  type Language = ReturnType<typeof languageOf>
  type Read = Extract<ReturnType<typeof readLink>, { is: 'good' }>

  async function ask({ link, query }: Read, language: Language): Promise<PressPage> {
    const shown = await inbox.cardOf(link.press, link.member)
    if (!shown) return refusalPage('gone', language)
    const button = shown.buttons.find(({ press }) => press === link.press)
    const { title, subtitle, tone } = shown.card
    return confirmPage(
      {
        ...{ title, subtitle, tone, label: link.label, member: link.member },
        style: button?.style ?? 'plain',
        query: String(new URLSearchParams({ ...query, n: randomBytes(16).toString('base64url') })),
      },
      language,
    )
  }

  async function press({ link, digest, nonce }: Read, language: Language): Promise<PressPage> {
    // Only our own page sends one.
    if (nonce === null) return refusalPage('wrong', language)
    return answerPage(await inbox.pressed(tapOf(link, pressEventId(digest, nonce), clock.now())), language)
  }

  const route =
    (answer: (read: Read, language: Language) => Promise<PressPage>) =>
    async (request: Request, response: Response): Promise<void> => {
      const language = languageOf(request.get('accept-language'))
      const read = readLink(request.query, setup.linkKey, clock.now())
      if (read.is !== 'good') return show(response, refusalPage(read.is, language))
      try {
        show(response, await answer(read, language))
      } catch (error) {
        log.error({ error }, 'A link from a mail could not be followed')
        show(response, refusalPage('broke', language))
      }
    }

  app.get(PRESS_PATH, route(ask))
  app.post(PRESS_PATH, route(press))
}

function show(response: Response, { status, html }: PressPage): void {
  response.status(status).set(PAGE_HEADERS).type('html').send(html)
}

function tapOf({ press, member }: PressLink, eventId: string, at: Instant) {
  return {
    eventId,
    at,
    press,
    values: {},
    from: { id: member, name: null },
    chat: { id: member, title: null, direct: true },
  }
}
