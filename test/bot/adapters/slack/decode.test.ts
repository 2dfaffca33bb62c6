import { describe, expect, it } from 'vitest'
import { decode } from '../../../../src/bot/adapters/slack/decode.ts'
import { typed } from '../../../../src/bot/adapters/slack/text.ts'
import { READING, sample, sampleNames } from './reading.ts'

describe('what Slack sends', () => {
  it.each(sampleNames)('is decoded as in the sample: %s', (name) => {
    const { body, decoded } = sample(name)

    expect(decode(body, READING)).toEqual(decoded)
  })

  it('is heard from another workspace of the same company when the app is there for all of it', () => {
    const { body } = sample('tap')
    const ours = { ...READING.ours, enterpriseId: 'E0COMPANY1' }

    expect(
      decode(
        { ...body, team: null, user: { id: 'U0LIN00001', team_id: 'E0COMPANY1' } },
        { ...READING, ours },
      ),
    ).toMatchObject({
      is: 'pressed',
    })
  })

  it('brings nothing of a message that we posted and somebody else wrote upon', () => {
    const { body } = sample('tap')
    const message = { metadata: { event_type: 'another_card', event_payload: { key: 'dlv_1' } } }

    expect(decode({ ...body, message }, READING)).not.toHaveProperty('pressed.learned')
  })

  it.each([
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['no kind', {}],
    ['a kind that every object has', { type: 'constructor' }],
    ['an event without event', { ...sample('direct').body, event: null }],
    ['a command without a person', { ...sample('command').body, user_id: '' }],
    ['a tap on nothing', { ...sample('tap').body, actions: [] }],
    ['a tap nowhere', { ...sample('tap').body, container: {} }],
  ])('is ignored when it is %s', (_what, body) => {
    expect(decode(body, READING)).toMatchObject({ is: 'ignored' })
  })
})

describe('a text of Slack', () => {
  const readers = { userId: 'U0SLUICE01', nameOf: READING.nameOf }

  it.each([
    ['<@U0SLUICE01>', ''],
    ['<@U0SLUICE01|sluice> help', 'help'],
    ['<@U0SLUICE01>，帮助', '帮助'],
    ['hey <@U0STRANGE1>', 'hey @U0STRANGE1'],
    ['`/job list`', '/job list'],
    ['```\n/job list\n```', '/job list'],
    ['`a` and `b`', '`a` and `b`'],
    ['<!channel> <!everyone|everyone>', '@channel @everyone'],
    ['<#C0OPS00001>', '#C0OPS00001'],
    ['a &lt;b&gt; &amp;amp; c', 'a <b> &amp; c'],
    ['&lt;@U0SLUICE01&gt;', '<@U0SLUICE01>'],
    ['<http://x/?a=1&amp;b=2>', 'http://x/?a=1&b=2'],
    ['<tel:+8613800000000|+86 138 0000 0000>', '+86 138 0000 0000'],
    ['a < b > c', 'a  b  c'],
  ])('reads as it was typed: %j', (text, words) => {
    expect(typed(text, readers)).toBe(words)
  })
})
