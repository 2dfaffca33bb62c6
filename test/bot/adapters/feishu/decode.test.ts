import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeEvent, type Known } from '../../../../src/bot/adapters/feishu/decode.ts'

const FOLDER = join(import.meta.dirname, '../../../samples/feishu/events')

const KNOWN: Known = {
  appId: 'cli_0123456789abcdef',
  botId: 'ou_bot',
  isDirect: () => false,
  directChatOf: () => null,
}

interface Sample {
  event: Record<string, unknown> & { event: Record<string, unknown> }
  decoded: unknown
}

function sample(name: string): Sample {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))
}

const names = readdirSync(FOLDER).map((file) => file.replace('.json', ''))

describe('an event of Feishu', () => {
  it.each(names)('is decoded as in the sample: %s', (name) => {
    const { event, decoded } = sample(name)

    expect(decodeEvent(event, KNOWN)).toEqual(decoded)
  })

  it('is a tap in a conversation of two when that conversation is known', () => {
    const known = { ...KNOWN, isDirect: (chat: string) => chat === 'oc_1' }

    expect(decodeEvent(sample('tap').event, known)).toMatchObject({ pressed: { chat: { direct: true } } })
  })

  it('is said in the conversation of two, when it is known, by the menu', () => {
    const known = { ...KNOWN, directChatOf: () => 'oc_two' }

    expect(decodeEvent(sample('menu').event, known)).toMatchObject({ said: { chat: { id: 'oc_two' } } })
  })

  it('is for us by the mention of a bot while we do not know our own id', () => {
    expect(decodeEvent(sample('group-mention').event, { ...KNOWN, botId: null })).toMatchObject({
      said: { addressed: true, text: '/job restart orders-cdc' },
    })
  })

  it.each([
    ['null', null],
    ['a text', 'x'],
    ['no event', { schema: '2.0' }],
    [
      'an event type that every object has',
      { ...sample('tap').event, header: { event_type: 'constructor' } },
    ],
  ])('is ignored when it is %s', (_what, body) => {
    expect(decodeEvent(body, KNOWN)).toMatchObject({ is: 'ignored' })
  })
})
