import { describe, expect, it } from 'vitest'
import { mayAnswerAt, mayCall } from '../../../../src/bot/adapters/slack/addresses.ts'

const SLACK = 'https://slack.com/api/'
const LOCAL = 'http://127.0.0.1:4000/api/'

describe('an answer to a tap', () => {
  it.each([
    ['https://hooks.slack.com/actions/T1/2/x', SLACK],
    ['https://hooks.slack-gov.com/actions/T1/2/x', 'https://slack-gov.com/api/'],
    ['https://hooks.slack.com/actions/T1/2/x', LOCAL],
    ['http://127.0.0.1:4000/respond/R1', LOCAL],
  ])('may go to %s where the API is %s', (url, api) => {
    expect([mayAnswerAt(url, api), mayCall(url, api)]).toEqual([true, true])
  })

  it.each([
    ['http://hooks.slack.com/x', SLACK],
    ['https://hooks.slack.com:8443/x', SLACK],
    ['https://user@hooks.slack.com/x', SLACK],
    ['https://user:pass@hooks.slack.com/x', SLACK],
    ['https://hooks.slack.com.example.com/x', SLACK],
    ['https://hooks-slack.com/x', SLACK],
    ['https://slack.com/api/chat.delete', SLACK],
    ['https://files.slack.com/x', SLACK],
    ['https://example.com/x', SLACK],
    ['http://127.0.0.1:4001/respond/R1', LOCAL],
    ['http://user@127.0.0.1:4000/respond/R1', LOCAL],
    ['http://169.254.169.254/latest', SLACK],
    ['file:///etc/passwd', SLACK],
    ['javascript:1', SLACK],
    ['', SLACK],
    ['not an address', SLACK],
  ])('never goes to %j where the API is %s', (url, api) => {
    expect(mayAnswerAt(url, api)).toBe(false)
  })
})

describe('a call', () => {
  it.each([
    ['https://slack.com/api/chat.postMessage', SLACK],
    ['https://files.slack.com/upload/v1/x', SLACK],
    ['http://127.0.0.1:4000/upload/F1', LOCAL],
    ['https://files.slack.com/upload/v1/x', 'https://proxy.example.com/slack/'],
  ])('may go to %s where the API is %s', (url, api) => {
    expect(mayCall(url, api)).toBe(true)
  })

  it.each([
    ['http://files.slack.com/upload/v1/x', SLACK],
    ['https://evilslack.com/upload', SLACK],
    ['https://other.example.com/upload', 'https://proxy.example.com/slack/'],
    ['http://127.0.0.1:4001/upload/F1', LOCAL],
  ])('never goes to %s where the API is %s', (url, api) => {
    expect(mayCall(url, api)).toBe(false)
  })
})
