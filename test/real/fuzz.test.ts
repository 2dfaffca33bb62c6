/**
 * The long run of what reads strangers' words: each decoder, each check of a signature and the grammar, 100,000 random
 * and mutated payloads each (FUZZ_RUNS for another number). Needs Node alone.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encrypt, getSignature } from '@wecom/crypto'
import { afterAll, describe, expect, it } from 'vitest'
import * as dingtalk from '../../src/bot/adapters/dingtalk/decode.ts'
import { cardSignature, robotSignature, verify } from '../../src/bot/adapters/dingtalk/signatures.ts'
import { readLink, signLink } from '../../src/bot/adapters/email/press-link.ts'
import * as feishu from '../../src/bot/adapters/feishu/decode.ts'
import { signatureOf, verifyCall } from '../../src/bot/adapters/feishu/verify.ts'
import * as slack from '../../src/bot/adapters/slack/decode.ts'
import * as wecom from '../../src/bot/adapters/wecom/decode.ts'
import { openSealed } from '../../src/bot/adapters/wecom/envelope.ts'
import { COMMANDS } from '../../src/bot/commands/registry.ts'
import { parse, write } from '../../src/bot/grammar/parse.ts'
import { createPressSigner } from '../../src/bot/press.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { Json } from '../bot/adapters/feishu/mutate.ts'
import { READING, sample, sampleNames } from '../bot/adapters/slack/reading.ts'
import { createPayloads, type Payloads } from '../support/payloads.ts'
import { quickest, SLOW_MS } from '../support/quickest.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 100_000)
const NOW = 1_772_442_000_000

/** One reader of what comes from outside. */
interface Reader<T> {
  make(payloads: Payloads): T
  /** Throws where something was let through that should not be. */
  read(payload: T): void
}

interface Report {
  runs: number
  exceptions: number
  slowest: number
}

const reports: Record<string, Report> = {}

/** Runs it, and stops at the first payload that breaks it, which is in the message. */
function run<T>(name: string, { make, read }: Reader<T>): Report {
  const payloads = createPayloads(seedOf(name))
  const report: Report = { runs: 0, exceptions: 0, slowest: 0 }
  reports[name] = report
  for (; report.runs < RUNS; report.runs++) {
    const payload = make(payloads)
    const began = performance.now()
    try {
      read(payload)
    } catch (error) {
      report.exceptions++
      throw new Error(`Payload ${report.runs} of ${name}: ${told(payload)}`, { cause: error })
    }
    const first = performance.now() - began
    const ms = first < SLOW_MS ? first : quickest(() => read(payload))
    if (ms >= SLOW_MS) throw new Error(`Payload ${report.runs} of ${name} took ${ms} ms: ${told(payload)}`)
    report.slowest = Math.max(report.slowest, ms)
  }
  return report
}

function seedOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32LE()
}

function told(payload: unknown): string {
  return JSON.stringify(payload).slice(0, 2_000)
}

function demand(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what)
}

function samplesIn(folder: string): unknown[] {
  const path = join(import.meta.dirname, '../samples', folder)
  const files = readdirSync(path).filter((file) => file.endsWith('.json'))
  return files.map((file) => JSON.parse(readFileSync(join(path, file), 'utf8')))
}

/** Mostly something real that was damaged, seldom anything at all; over HTTP it was text. */
function damaged(samples: readonly Json[]): (payloads: Payloads) => Json {
  return (payloads) => (payloads.once(10) ? payloads.json() : payloads.mutated(payloads.pick(samples)))
}

function holds(payload: unknown, id: string): boolean {
  return JSON.stringify(payload)?.includes(id) ?? false
}

// --- decoders ---------------------------------------------------------------------------------------------------

const feishuEvents: Reader<Json> = {
  make: damaged(samplesIn('feishu/events').map((one) => (one as { event: Json }).event)),
  read(body) {
    const known = {
      appId: 'cli_0123456789abcdef',
      botId: 'ou_bot',
      isDirect: () => false,
      directChatOf: () => null,
    }
    const { is } = feishu.decodeEvent(body, known)
    demand(is === 'ignored' || holds(body, known.appId), 'an event of another app was taken')
  },
}

const dingtalkMessages: Reader<Json> = {
  make: (payloads) => {
    const body = damaged(samplesIn('dingtalk') as Json[])(payloads)
    return payloads.once(2) ? body : JSON.stringify(body)
  },
  read(data) {
    const around = { messageId: 'frame_1', now: NOW, robotCode: 'dingrobot' }
    dingtalk.decodeMessage(data, around)
    dingtalk.decodeEvent({ type: 'user_leave_org', data }, around)
    const tap = dingtalk.decodeTap(data, around)
    demand(tap.is === 'ignored' || tap.event.press !== '', 'a tap without a press was taken')
  },
}

const wecomSamples = samplesIn('wecom/events') as { callback?: string; message?: Json; tap?: Json }[]
const wecomCalls: Reader<string> = {
  make(payloads) {
    const whole = payloads.pick(wecomSamples.flatMap(({ callback }) => callback ?? []))
    return payloads.once(10) ? payloads.text() : payloads.mutatedText(whole)
  },
  read(xml) {
    const { is } = wecom.decodeCallback(xml, { corpId: 'ww0123456789abcdef', agentId: 1_000_002 })
    const isDeclared = /<!DOCTYPE|<!ENTITY/.test(xml.replaceAll(/<!\[CDATA\[.*?\]\]>/gs, ''))
    demand(is === 'ignored' || !isDeclared, 'a document with declarations was taken')
  },
}

const wecomFrames: Reader<Json> = {
  make: damaged(wecomSamples.flatMap(({ message, tap }) => message ?? tap ?? [])),
  read(body) {
    const robot = { id: 'aib0123456789', now: NOW }
    const message = wecom.decodeRobotMessage(body, robot)
    const tap = wecom.decodeRobotTap(body, robot).decoded
    for (const decoded of [message, tap])
      demand(
        !('said' in decoded) || decoded.said.from.id !== robot.id,
        'words of the robot itself were taken',
      )
  },
}

const slackBodies: Reader<Json> = {
  make: damaged(sampleNames.map((name): Json => sample(name).body)),
  read(body) {
    const { is } = slack.decode(body, READING)
    demand(is === 'ignored' || holds(body, READING.ours.teamId), 'something of another workspace was taken')
  },
}

// --- signatures -------------------------------------------------------------------------------------------------

/** Something that was signed, of which one part at least was changed. */
function forged<T extends Readonly<Record<string, string>>>(genuine: T): (payloads: Payloads) => T {
  return (payloads) => {
    const name = payloads.pick(Object.keys(genuine))
    const value = genuine[name] ?? ''
    const changed = payloads.once(2) ? payloads.text() : payloads.mutatedText(value)
    return { ...genuine, [name]: changed === value ? `${value}x` : changed }
  }
}

const FEISHU_CALL = { timestamp: String(NOW / 1_000), nonce: 'n0nce', body: '{"encrypt":"AAECAwQF"}' }
const feishuSigned = {
  ...FEISHU_CALL,
  signature: signatureOf({ ...FEISHU_CALL, raw: Buffer.from(FEISHU_CALL.body) }, 'a key'),
}
const feishuCalls: Reader<typeof feishuSigned> = {
  make: forged(feishuSigned),
  read({ timestamp, nonce, signature, body }) {
    // What is signed is written one after another: moving the border between two parts changes nothing that is read.
    const isSame = timestamp + nonce === FEISHU_CALL.timestamp + FEISHU_CALL.nonce
    const verdict = verifyCall({ timestamp, nonce, signature, raw: Buffer.from(body) }, 'a key', NOW)
    demand(verdict !== 'genuine' || isSame, 'a forged call was believed')
  },
}

const KEYS = { token: 'aToken', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG', corpId: 'ww0' }
const encrypted = encrypt(KEYS.aesKey, '<xml></xml>', KEYS.corpId)
const wecomSealed = {
  timestamp: String(NOW / 1_000),
  nonce: 'n0nce',
  encrypted,
  signature: getSignature(KEYS.token, String(NOW / 1_000), 'n0nce', encrypted),
}
const wecomEnvelopes: Reader<typeof wecomSealed> = {
  make: (payloads) => {
    const changed = forged(wecomSealed)(payloads)
    // Half of them are signed by somebody who knows the token and not the key.
    return payloads.once(2)
      ? changed
      : {
          ...changed,
          signature: getSignature(KEYS.token, changed.timestamp, changed.nonce, changed.encrypted),
        }
  },
  read(sealed) {
    const opened = openSealed(sealed, KEYS, NOW)
    // Who knows the token may change what is sealed, as WeCom's cipher keeps no sum: that must break nothing, no more.
    const { token } = KEYS
    const isSigned =
      sealed.signature === getSignature(token, sealed.timestamp, sealed.nonce, sealed.encrypted)
    demand(opened.is === 'refused' || isSigned, 'a forged envelope was opened')
  },
}

const dingtalkSignatures: Reader<{ timestamp: string; signature: string }> = {
  make: (payloads) =>
    forged(
      payloads.pick(
        [robotSignature, cardSignature].map((sign) => ({
          timestamp: String(NOW),
          signature: sign(String(NOW), 'secret'),
        })),
      ),
    )(payloads),
  read(call) {
    for (const sign of [robotSignature, cardSignature])
      demand(
        verify(call, (timestamp) => sign(timestamp, 'secret'), NOW) !== 'genuine',
        'a forged call was believed',
      )
  },
}

const LINK_KEY = new Secret('a key for links')
const link = { press: 'p', member: 'mei@example.com', label: 'Approve', expires: NOW + 60_000 }
const signedLink = Object.fromEntries(signLink(link, LINK_KEY))
const mailLinks: Reader<Json> = {
  make: (payloads) => (payloads.once(2) ? forged(signedLink)(payloads) : payloads.mutated(signedLink)),
  read(query) {
    const read = readLink(query, LINK_KEY, NOW)
    const { press, member, label } = link
    demand(
      read.is !== 'good' ||
        told([read.link.press, read.link.member, read.link.label]) === told([press, member, label]),
      'a forged link was good',
    )
  },
}

const signer = createPressSigner('a key for buttons')
const press = signer.sign('card_1', { is: 'acknowledges', incidentId: 'inc_1', generation: 3 })
const presses: Reader<string> = {
  make: (payloads) => (payloads.once(5) ? payloads.text() : payloads.mutatedText(press)),
  read(given) {
    const read = signer.read(given)
    demand(
      read === null || told(read.meaning) === told(signer.read(press)?.meaning),
      'a forged button was read',
    )
  },
}

// --- grammar ----------------------------------------------------------------------------------------------------

const examples = COMMANDS.flatMap((command) => command.examples)
const words: Reader<string> = {
  make: (payloads) => (payloads.once(3) ? payloads.text() : payloads.mutatedText(payloads.pick(examples))),
  read(text) {
    const parsed = parse(text, COMMANDS)
    if (parsed.is !== 'command') return
    const again = parse(write(parsed.command, parsed.values), COMMANDS)
    demand(
      again.is === 'command' && again.command === parsed.command,
      'what was understood is not understood again',
    )
  },
}

const READERS: readonly [string, (name: string) => Report][] = [
  ['feishu: events', (name) => run(name, feishuEvents)],
  ['feishu: signatures', (name) => run(name, feishuCalls)],
  ['dingtalk: messages and taps', (name) => run(name, dingtalkMessages)],
  ['dingtalk: signatures', (name) => run(name, dingtalkSignatures)],
  ['wecom: calls', (name) => run(name, wecomCalls)],
  ['wecom: frames of the robot', (name) => run(name, wecomFrames)],
  ['wecom: envelopes', (name) => run(name, wecomEnvelopes)],
  ['slack: commands, events and taps', (name) => run(name, slackBodies)],
  ['email: links', (name) => run(name, mailLinks)],
  ['buttons of every chat', (name) => run(name, presses)],
  ['grammar: commands', (name) => run(name, words)],
]

describe('random and mutated payloads', () => {
  afterAll(() => {
    console.table(
      Object.fromEntries(
        Object.entries(reports).map(([name, { runs, exceptions, slowest }]) => [
          name,
          { runs, exceptions, 'slowest (ms)': Number(slowest.toFixed(1)) },
        ]),
      ),
    )
  })

  it.each(READERS)('break nothing, pass nothing and hold up nothing: %s', (name, runIt) => {
    const report = runIt(name)

    expect(report).toMatchObject({ runs: RUNS, exceptions: 0 })
  })

  it('are made again by the same seed, and differ from each other', () => {
    const of = (seed: number) => {
      const payloads = createPayloads(seed)
      return Array.from({ length: 50 }, () => payloads.mutated({ event: { text: '{"a":[1,"b"]}' } }))
    }

    expect(of(7)).toEqual(of(7))
    expect(new Set(of(7).map((one) => JSON.stringify(one))).size).toBeGreaterThan(40)
    expect(of(8)).not.toEqual(of(7))
  })

  it('and a reader that throws, or takes long, is seen', () => {
    const at = (read: () => void) => () => run('a broken one', { make: (payloads) => payloads.text(), read })
    const spin = () => {
      const began = performance.now()
      while (performance.now() - began < SLOW_MS + 1);
    }

    expect(at(() => demand(false, 'broken'))).toThrow(/Payload 0 of a broken one/)
    expect(at(spin)).toThrow(/took \d/)
    delete reports['a broken one']
  })
})
