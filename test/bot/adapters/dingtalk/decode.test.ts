import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  decodeEvent,
  decodeMessage,
  decodeTap,
  directChat,
  personOf,
} from '../../../../src/bot/adapters/dingtalk/decode.ts'

const SAMPLES = join(import.meta.dirname, '../../../samples/dingtalk')
const AROUND = { messageId: 'frame_1', now: 1_772_000_000_000, robotCode: 'dingrobot' }

const sample = (name: string) => JSON.parse(readFileSync(join(SAMPLES, name), 'utf8')) as object
const message = (more: object = {}) => ({ ...sample('message-group.json'), ...more })
const words = (content: string) => message({ text: { content } })

const said = (data: unknown) => {
  const decoded = decodeMessage(data, AROUND)
  if (decoded.is !== 'event') throw new Error(`Left aside: ${decoded.because}`)
  return decoded.event
}
const tapped = (data: unknown) => {
  const decoded = decodeTap(data, AROUND)
  if (decoded.is !== 'event') throw new Error(`Left aside: ${decoded.because}`)
  return decoded.event
}

describe('what DingTalk sends, as it is handed in', () => {
  const messages = readdirSync(SAMPLES).filter((name) => name.startsWith('message-'))

  it.each(messages)('%s', async (name) => {
    await expect(JSON.stringify(decodeMessage(sample(name), AROUND), null, 2)).toMatchFileSnapshot(
      join(SAMPLES, 'decoded', name),
    )
  })

  it.each(['tap-group.json', 'tap-person.json'])('%s', async (name) => {
    await expect(JSON.stringify(decodeTap(sample(name), AROUND), null, 2)).toMatchFileSnapshot(
      join(SAMPLES, 'decoded', name),
    )
  })
})

describe('words', () => {
  it.each([
    [' /job list', '/job list'],
    ['／job　restart　“orders-cdc”', '／job　restart　“orders-cdc”'],
    ['\u200b/help\ufeff ', '/help'],
    ['/job\u00a0show\u2005orders', '/job show orders'],
    ['@Mei /job show orders', '/job show orders'],
    ['@Mei @Lin ／help', '／help'],
    ['@Mei what do you think', '@Mei what do you think'],
    ['@Mei', '@Mei'],
    ['/ask "restart?" who=@Mei', '/ask "restart?" who=@Mei'],
    ['two\nlines', 'two\nlines'],
  ])('%j are %j', (content, text) => {
    expect(said(words(content)).text).toBe(text)
  })

  it('of rich text are its words without its pictures', () => {
    const richText = [{ text: '/job ' }, { type: 'picture', downloadCode: 'x', text: 'no' }, { text: 'list' }]

    expect(said(message({ msgtype: 'richText', text: undefined, content: { richText } })).text).toBe(
      '/job list',
    )
  })

  it('have the id of the frame where they have none', () => {
    expect(said(message({ msgId: undefined })).eventId).toBe('frame_1')
  })

  it('were said now where no time is told', () => {
    expect(said(message({ createAt: undefined })).at).toBe(AROUND.now)
  })

  it('may come as the JSON text of a frame', () => {
    expect(said(JSON.stringify(words('/help'))).text).toBe('/help')
  })

  it('in a group that do not mention us are not addressed', () => {
    expect(said(message({ isInAtList: false })).addressed).toBe(false)
  })
})

describe('left aside is', () => {
  it.each([
    ['what the robot itself says', { senderId: '$:LWCP_v1:$robot' }, 'own-bot'],
    ['what another robot of ours gets', { robotCode: 'dingother' }, 'other-robot'],
    ['somebody without a staff id', { senderStaffId: undefined }, 'outsider'],
    ['somebody of another organisation', { senderCorpId: 'dingothercorp' }, 'other-tenant'],
    ['a forwarded conversation', { msgtype: 'chatRecord' }, 'forwarded'],
    ['a picture', { msgtype: 'picture', text: undefined }, 'no-words'],
    ['a voice message', { msgtype: 'audio', text: undefined }, 'no-words'],
    ['a mention without words', { text: { content: ' ' } }, 'no-words'],
    ['a conversation of an unknown kind', { conversationType: '3' }, 'malformed'],
  ])('%s', (_what, more, because) => {
    expect(decodeMessage(message(more), AROUND)).toEqual({ is: 'ignored', because })
  })

  it.each([[null], [undefined], [''], ['{'], ['[]'], ['null'], [7], [{}]])('%j', (data) => {
    expect(decodeMessage(data, AROUND)).toEqual({ is: 'ignored', because: 'malformed' })
    expect(decodeTap(data, AROUND)).toEqual({ is: 'ignored', because: 'malformed' })
    expect(decodeEvent({ type: 'user_leave_org', data }, AROUND)).toEqual([])
  })

  it('a tap on a card that is not ours', () => {
    const content = JSON.stringify({ cardPrivateData: { actionIds: ['1'], params: { action: 'accept' } } })

    expect(decodeTap({ ...sample('tap-group.json'), content, value: content }, AROUND)).toEqual({
      is: 'ignored',
      because: 'not-ours',
    })
  })
})

describe('a tap', () => {
  it.each([
    ['content', { content: { cardPrivateData: { params: { press: 'p' } } }, value: undefined }],
    ['content without the private part', { content: '{"params":{"press":"p"}}', value: undefined }],
    ['value', { content: 'x', value: '{"cardPrivateData":{"params":{"press":"p"}}}' }],
  ])('carries its press in %s', (_where, more) => {
    expect(tapped({ ...sample('tap-group.json'), ...more }).press).toBe('p')
  })

  it('is in the chat that the button names, else in the group that DingTalk names, else alone', () => {
    const bare = { content: '{"params":{"press":"p"}}', value: undefined }
    const alone = { ...bare, spaceType: 'IM_ROBOT', spaceId: 'robot' }

    expect(tapped(sample('tap-group.json')).chat).toMatchObject({
      id: 'cid6bFJ7aQ0zvWmfrVQxA8q==',
      direct: false,
    })
    expect(tapped({ ...sample('tap-group.json'), ...bare }).chat.id).toBe('cidFromSpace==')
    expect(tapped({ ...sample('tap-group.json'), ...alone }).chat).toMatchObject({
      id: 'user:manager7675',
      direct: true,
    })
  })
})

describe('events', () => {
  it('tell who left, each by an id of their own', () => {
    const data = JSON.stringify({ timeStamp: '1', userId: ['a', 'b'] })

    expect(decodeEvent({ type: 'user_leave_org', data }, AROUND)).toEqual([
      { is: 'person-left', eventId: 'frame_1:0', at: AROUND.now, person: 'a' },
      { is: 'person-left', eventId: 'frame_1:1', at: AROUND.now, person: 'b' },
    ])
  })

  it('of other kinds are nothing', () => {
    expect(decodeEvent({ type: 'user_add_org', data: { userId: ['a'] } }, AROUND)).toEqual([])
  })
})

it('a conversation of two goes by its person', () => {
  expect(personOf(directChat('manager7675'))).toBe('manager7675')
  expect(personOf('cid6bFJ7aQ0zvWmfrVQxA8q==')).toBeNull()
})
