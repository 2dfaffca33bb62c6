import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  decodeCallback,
  decodeRobotMessage,
  decodeRobotTap,
} from '../../../../src/bot/adapters/wecom/decode.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/wecom/events')
const APP = { corpId: 'ww0123456789abcdef', agentId: 1_000_002 }
const ROBOT = { id: 'aib0123456789', now: 1_772_442_000_000 }

const samples = readdirSync(FOLDER).map((file) => ({
  name: file.replace('.json', ''),
  sample: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
}))
const callbacks = samples.filter(({ sample }) => 'callback' in sample)
const messages = samples.filter(({ sample }) => 'message' in sample)
const taps = samples.filter(({ sample }) => 'tap' in sample)

describe("a call of the app's", () => {
  it.each(callbacks)('is decoded as in the sample: $name', ({ sample }) => {
    expect(decodeCallback(sample.callback, APP)).toEqual(sample.decoded)
  })

  it('names the same tap the same, and another one otherwise', () => {
    const xml: string = callbacks.find(({ name }) => name === 'tap')?.sample.callback
    const idOf = (one: string) =>
      (decodeCallback(one, APP) as { pressed: { eventId: string } }).pressed.eventId

    expect(idOf(xml)).toBe(idOf(xml))
    expect(idOf(xml.replace('rc_abc', 'rc_def'))).not.toBe(idOf(xml))
  })

  it.each([
    ['elements within each other without end', '<xml>'.repeat(20_000)],
    ['sections that never close', `<xml><A>${'<![CDATA['.repeat(10_000)}</A></xml>`],
    ['a name of objects', '<xml><__proto__>1</__proto__></xml>'],
    [
      'entities upon entities',
      '<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "&c;&c;">]><xml><A>&a;</A></xml>',
    ],
  ])('is ignored at once when it is made of %s', (_what, xml) => {
    const began = performance.now()

    expect(decodeCallback(xml, APP)).toEqual({ is: 'ignored', because: 'unreadable' })
    expect(performance.now() - began).toBeLessThan(50)
  })
})

describe("a frame of the robot's", () => {
  it.each(messages)('is decoded as in the sample: $name', ({ sample }) => {
    expect(decodeRobotMessage(sample.message, ROBOT)).toEqual(sample.decoded)
  })

  it.each(taps)('is decoded as in the sample: $name', ({ sample }) => {
    const { decoded, task = null } = sample

    expect(decodeRobotTap(sample.tap, ROBOT)).toEqual({ decoded, task })
  })
})
