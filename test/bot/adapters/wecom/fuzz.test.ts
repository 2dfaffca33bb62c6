import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeCallback,
  decodeRobotMessage,
  decodeRobotTap,
} from '../../../../src/bot/adapters/wecom/decode.ts'
import { openSealed } from '../../../../src/bot/adapters/wecom/envelope.ts'
import { escapeMarkdown } from '../../../../src/bot/adapters/wecom/markup.ts'
import { readMarkdown } from '../../../fakes/chats/wecom/messages.ts'
import { quickest, SLOW_MS } from '../../../support/quickest.ts'
import { type Json, mutated, RUNS } from './mutate.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/wecom/events')
const samples = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')))
const xmls: string[] = samples.flatMap(({ callback }) => callback ?? [])
const frames: Json[] = samples.flatMap(({ message, tap }) => message ?? tap ?? [])

const APP = { corpId: 'ww0123456789abcdef', agentId: 1_000_002 }
const ROBOT = { id: 'aib0123456789', now: 1_772_442_000_000 }
const KINDS = /^(said|pressed|told|ignored)$/

const anything = fc.string({ unit: 'binary', maxLength: 400 })
const scrap = fc.oneof(
  anything,
  fc.constantFrom(
    '<![CDATA[',
    ']]>',
    '<',
    '&lt;',
    '<!DOCTYPE',
    '</xml>',
    '<xml>',
    '<A>',
    '\0',
    '<![CDATA['.repeat(500),
  ),
)
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
const damage = fc.record({ at: fc.nat(), put: fc.oneof(json, anything) })

function quickly<T>(work: () => T): T {
  expect(quickest(work)).toBeLessThan(SLOW_MS)
  return work()
}

describe('decoding', () => {
  it('of calls never throws and never takes long, whatever comes', () => {
    const cuts = fc.array(fc.record({ at: fc.nat(), length: fc.nat(40), put: scrap }), { maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...xmls), cuts, (xml, all) => {
        const body = all.reduce((text, { at, length, put }) => {
          const from = at % (text.length + 1)
          return text.slice(0, from) + put + text.slice(from + length)
        }, xml)
        expect(quickly(() => decodeCallback(body, APP)).is).toMatch(KINDS)
      }),
      { numRuns: RUNS },
    )
  })

  it('of frames never throws and never takes long, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.array(damage, { maxLength: 4 }), (frame, damages) => {
        const body = mutated(frame, damages)
        expect(quickly(() => decodeRobotMessage(body, ROBOT)).is).toMatch(KINDS)
        expect(quickly(() => decodeRobotTap(body, ROBOT)).decoded.is).toMatch(KINDS)
      }),
      { numRuns: RUNS },
    )
  })

  it('opens nothing that was not sealed for us', () => {
    const keys = { token: 'aToken', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG', corpId: 'ww' }
    const part = fc.oneof(anything, json)
    fc.assert(
      fc.property(part, part, part, part, (signature, timestamp, nonce, encrypted) => {
        expect(openSealed({ signature, timestamp, nonce, encrypted }, keys, 0).is).toBe('refused')
      }),
      { numRuns: RUNS },
    )
  })
})

describe('a text of people', () => {
  it('is read as it was written, whatever it looks like', () => {
    const mark = fc.constantFrom(
      '*',
      '**',
      '_',
      '`',
      '<',
      '>',
      '#',
      '# ',
      '[',
      ']',
      '(',
      ')',
      '<@all>',
      '~',
      '-',
      '\n',
      ' ',
      'a',
      '1.',
      '中',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(mark, fc.string({ maxLength: 5 })), { maxLength: 30 }), (parts) => {
        const text = parts
          .join('')
          .replaceAll('\r', '')
          .replace(/[\u200a\u200b\u2060\u2062\u2063]/g, '')
        expect(readMarkdown(escapeMarkdown(text))).toBe(text.replaceAll('`', 'ˋ'))
      }),
      { numRuns: RUNS },
    )
  })
})
