import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { type RawMail, readMail, seenMail, textOf, unescaped } from './email/mailbox.ts'
import type { Acknowledged, FakeChat, FakeGroup, FakePerson, SeenMessage } from './fake-chat.ts'

export interface FakeEmail extends FakeChat {
  readonly port: number
  /** Everything that was taken, as it arrived. */
  mails(): readonly RawMail[]
  /** Answers the next command of that name so. */
  answer(
    command: 'MAIL' | 'RCPT' | 'DATA' | 'AUTH',
    reply: { code: number; text: string },
    times?: number,
  ): void
}

export interface FakeEmailOptions {
  port?: number
  now?: () => number
  /** False: as many mails as one likes. */
  pace?: boolean
  /** Offers STARTTLS, or with `secure` TLS from the first byte. */
  tls?: { key: string; cert: string; secure?: boolean }
}

export const FAKE_EMAIL = { user: 'sluice@example.com', password: 'mail+pass/word@1' } as const
/** As Microsoft 365 has it for one mailbox. */
const A_MINUTE = 30
const LARGEST = 10_000_000
const SEEN_WITHIN_MS = 10_000

type Fault = 'limited' | 'garbage' | 'dropped'

export async function startFakeEmail(options: FakeEmailOptions = {}): Promise<FakeEmail> {
  const { now = Date.now, pace = true } = options
  const stored: { mail: RawMail; seen: SeenMessage }[] = []
  const mailboxes = new Set<string>([FAKE_EMAIL.user])
  const sockets = new Map<number, Socket>()
  const waiting = new Set<() => void>()
  const faults = new Map<Fault, number>()
  const scripted = new Map<string, { code: number; text: string; times: number }>()
  const counts = { posts: 0, edits: 0, tokens: 0, limited: 0, overLimit: 0, refused: 0, duplicates: 0 }
  let chance: Parameters<FakeChat['faults']['chance']>[0] = null
  let roll = () => 1
  let delay = 0
  let sent: number[] = []

  const take = (fault: Fault): boolean => {
    const left = faults.get(fault) ?? 0
    if (left > 0) faults.set(fault, left - 1)
    return left > 0
  }
  const script = (command: string): Error | null => {
    const reply = scripted.get(command)
    if (!reply || reply.times <= 0) return null
    reply.times--
    return refusal(reply.code, reply.text)
  }
  const tooFast = (): boolean => {
    sent = sent.filter((at) => now() - at < 60_000)
    return pace && sent.length >= A_MINUTE
  }

  function hangUp({ remotePort }: SMTPServerSession, last?: string): void {
    const socket = sockets.get(remotePort)
    if (last === undefined) socket?.destroy()
    else socket?.end(last)
  }

  function slowDown(): Error {
    counts.limited++
    return refusal(450, '4.2.1 The user you are trying to contact is receiving mail too quickly')
  }

  const smtp = new SMTPServer({
    secure: options.tls?.secure ?? false,
    ...(options.tls && { key: options.tls.key, cert: options.tls.cert }),
    disabledCommands: options.tls ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: LARGEST,
    closeTimeout: 100,
    onAuth({ username, password }, _session, callback) {
      const scriptedError = script('AUTH')
      if (scriptedError) return callback(scriptedError)
      if (username === FAKE_EMAIL.user && password === FAKE_EMAIL.password)
        return callback(null, { user: username })
      callback(refusal(535, '5.7.8 Authentication credentials invalid'))
    },
    onMailFrom({ address }, session, callback) {
      if (take('garbage')) return hangUp(session, GATEWAY_PAGE)
      if (address !== FAKE_EMAIL.user)
        return callback(refusal(553, '5.7.1 Sender is not the mailbox that logged in'))
      if (tooFast()) {
        counts.overLimit++
        counts.limited++
        return callback(refusal(421, '4.7.0 Too many messages in a minute, closing'))
      }
      callback(script('MAIL'))
    },
    onRcptTo({ address }, session, callback) {
      if (session.envelope.rcptTo.length > 0) counts.refused++
      if (take('limited') || (chance && roll() < chance.limited)) return callback(slowDown())
      if (!mailboxes.has(address)) return callback(refusal(550, '5.1.1 No such user here'))
      callback(script('RCPT'))
    },
    onData(stream, session, callback) {
      void receive(stream, session).then(
        (error) => error !== 'hung up' && setTimeout(callback, delay, error, 'queued'),
        callback,
      )
    },
  })
  // Clients that go in the middle are part of what is tried.
  smtp.on('error', () => {})
  smtp.server.on('connection', (socket: Socket) => {
    sockets.set(socket.remotePort ?? 0, socket)
    socket.once('close', () => sockets.delete(socket.remotePort ?? 0))
  })

  async function receive(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<Error | null | 'hung up'> {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk)
    const scriptedError = script('DATA')
    if (scriptedError) return scriptedError
    if (stream.sizeExceeded) {
      counts.refused++
      return refusal(552, '5.3.4 Message is larger than this server takes')
    }
    const mail = await readMail(Buffer.concat(chunks))
    const wrong = problemOf(mail, session)
    if (wrong) {
      counts.refused++
      return refusal(554, `5.6.0 ${wrong}`)
    }
    keep(mail, session)
    if (!take('dropped') && !(chance && roll() < chance.droppedAfterAccept)) return null
    hangUp(session)
    return 'hung up'
  }

  function keep(mail: RawMail, { envelope }: SMTPServerSession): void {
    const chat = envelope.rcptTo[0]?.address ?? ''
    if (stored.some((one) => one.mail.messageId === mail.messageId)) counts.duplicates++
    counts.posts++
    if (mail.inReplyTo !== null) counts.edits++
    sent.push(now())
    stored.push({ mail, seen: seenMail(mail, { id: `mail_${stored.length + 1}`, chat, at: now() }) })
    for (const tell of [...waiting]) tell()
  }

  function messages(where: { chat?: string; person?: FakePerson } = {}): SeenMessage[] {
    const chat = where.chat ?? where.person?.id
    return stored.map(({ seen }) => seen).filter((one) => chat === undefined || one.chat === chat)
  }

  function person(name: string, more: { email?: string } = {}): FakePerson {
    const id = more.email ?? `${name.toLowerCase()}@example.com`
    mailboxes.add(id)
    const unread: Acknowledged = { ok: false, ms: 0, toast: null }
    return {
      id,
      name,
      say: async () => unread,
      send: async () => unread,
      press: (message, label) => followLink(message, label),
      async leave() {
        mailboxes.delete(id)
      },
    }
  }

  function group(title: string, _members: readonly FakePerson[]): FakeGroup {
    const id = `list-${mailboxes.size}@example.com`
    mailboxes.add(id)
    return { id, title, invite: async () => {}, remove: async () => {} }
  }

  smtp.listen(options.port ?? 0, '127.0.0.1')
  await once(smtp.server, 'listening')
  const { port } = smtp.server.address() as AddressInfo

  return {
    vendor: 'email',
    port,
    setup: () => ({
      smtpUrl: `${options.tls?.secure ? 'smtps' : 'smtp'}://${encodeURIComponent(FAKE_EMAIL.user)}:${encodeURIComponent(FAKE_EMAIL.password)}@127.0.0.1:${port}`,
      from: `Sluice <${FAKE_EMAIL.user}>`,
    }),
    issued: () => [],
    // Links name our address themselves.
    callAt() {},
    person,
    group,
    messages,
    seen: (wanted, where) =>
      new Promise((resolve, reject) => {
        const tell = () => {
          const found = messages(where).findLast(wanted)
          if (!found) return
          stop()
          resolve(found)
        }
        const late = () => {
          stop()
          const stand = messages(where).map(({ text }) => text)
          reject(new Error(`No such mail within ${SEEN_WITHIN_MS} ms. There are:\n${stand.join('\n---\n')}`))
        }
        const timer = setTimeout(late, SEEN_WITHIN_MS)
        const stop = () => {
          clearTimeout(timer)
          waiting.delete(tell)
        }
        waiting.add(tell)
        tell()
      }),
    mails: () => stored.map(({ mail }) => mail),
    answer: (command, reply, times = 1) => void scripted.set(command, { ...reply, times }),
    faults: {
      dropAfterAccept: (times) => void faults.set('dropped', times),
      limit: (times) => void faults.set('limited', times),
      garbage: (times) => void faults.set('garbage', times),
      slow(ms) {
        delay = ms
      },
      // SMTP logs in with each connection; there are no tokens.
      revokeTokens() {},
      async disconnect() {
        for (const socket of sockets.values()) socket.destroy()
      },
      chance(next) {
        chance = next
        roll = seeded(next?.seed ?? 0)
      },
    },
    counts,
    close: () =>
      new Promise((resolve) => {
        smtp.close(() => resolve())
        for (const socket of sockets.values()) socket.destroy()
      }),
  }
}

const GATEWAY_PAGE =
  'HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html><body><h1>502 Bad Gateway</h1></body></html>\r\n'

function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code })
}

/** What a strict relay would not pass on, and what we have promised never to send. */
function problemOf(mail: RawMail, { envelope }: SMTPServerSession): string | null {
  const receivers = envelope.rcptTo.map(({ address }) => address)
  if (receivers.length !== 1) return 'more than one receiver'
  if (mail.cc || mail.to.join() !== receivers.join()) return 'the header names others than the envelope'
  if (!/^<[^<>\s@]+@[^<>\s@]+>$/.test(mail.messageId)) return 'no Message-ID'
  if (mail.headers['auto-submitted'] !== 'auto-generated') return 'not marked as sent by a program'
  if (mail.text === '' || mail.html === '') return 'text or HTML is missing'
  if (/<(script|link|iframe|form|object)\b|\son\w+=|javascript:/i.test(mail.html)) return 'active content'
  if (/<img[^>]+src="(?!data:)/.test(mail.html)) return 'a picture that is not in the mail'
  return Object.values(mail.headers).some((value) => value.length > 4000) ? 'a header is too long' : null
}

/** Opens the link, and presses the one button of the page that it shows. */
async function followLink(message: SeenMessage, label: string): Promise<Acknowledged> {
  const begun = performance.now()
  const link = message.buttons.find((button) => button.label === label)?.link
  if (!link) throw new Error(`There is no button ${label} on ${message.title}`)
  const page = await fetch(link)
  const html = await page.text()
  const action = /<form method="post" action="([^"]*)">/.exec(html)?.[1]
  if (action === undefined) return { ok: false, ms: performance.now() - begun, toast: textOf(html) }
  const answer = await fetch(new URL(unescaped(action), link), { method: 'POST' })
  return { ok: answer.ok, ms: performance.now() - begun, toast: textOf(await answer.text()) }
}

/** 0 to 1, the same row for the same seed. */
function seeded(seed: number): () => number {
  let count = 0
  return () => createHash('sha256').update(`${seed} ${count++}`).digest().readUInt32BE(0) / 2 ** 32
}
