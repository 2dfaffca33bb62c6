import { describe, expect, it } from 'vitest'
import { type Fault, postedOf } from '../../../../src/bot/adapters/slack/outcome.ts'

const no = (code: string): Fault => ({ is: 'no', code, message: code, retryAfterMs: null })

describe('an answer of Slack', () => {
  it.each([
    ['ratelimited', 'limited'],
    ['rate_limited', 'limited'],
    ['message_limit_exceeded', 'limited'],
    ['invalid_auth', 'misconfigured'],
    ['token_revoked', 'misconfigured'],
    ['account_inactive', 'misconfigured'],
    ['missing_scope', 'misconfigured'],
    ['not_allowed_token_type', 'misconfigured'],
    ['not_in_channel', 'refused'],
    ['channel_not_found', 'refused'],
    ['is_archived', 'refused'],
    ['restricted_action', 'refused'],
    ['invalid_blocks', 'refused'],
    ['msg_too_long', 'refused'],
    ['message_not_found', 'refused'],
    ['constructor', 'refused'],
  ])('%s to a post means: %s', (code, is) => {
    expect(postedOf(no(code), 'post')).toMatchObject({ is, said: { code } })
  })

  it.each([
    'message_not_found',
    'cant_update_message',
    'edit_window_closed',
  ])('%s to an edit means: a new one is to follow', (code) => {
    expect(postedOf(no(code), 'edit')).toMatchObject({ is: 'fixed', said: { code } })
  })

  it.each([
    'internal_error',
    'fatal_error',
    'service_unavailable',
    'not_json',
  ])('%s leaves it open whether the message was shown', (code) => {
    expect(postedOf(no(code), 'post')).toMatchObject({ is: 'unreached', uncertain: true })
    expect(postedOf(no(code), 'step')).toMatchObject({ is: 'unreached', uncertain: false })
  })

  it('says how long to wait, and who has to', () => {
    expect(postedOf({ is: 'limited', ms: 1_000 }, 'post')).toMatchObject({ ms: 1_000, scope: 'receiver' })
    expect(postedOf({ is: 'limited', ms: 30_000 }, 'post')).toMatchObject({ ms: 30_000, scope: 'app' })
    expect(postedOf({ is: 'limited', ms: 1_000 }, 'edit')).toMatchObject({ scope: 'message' })
    expect(postedOf({ is: 'limited', ms: 1_000 }, 'step')).toMatchObject({ scope: 'app' })
  })

  it('that is a page of something between is doubted when that failed, not when it refused', () => {
    expect(postedOf({ is: 'status', status: 502 }, 'post')).toMatchObject({
      is: 'unreached',
      uncertain: true,
    })
    expect(postedOf({ is: 'status', status: 407 }, 'post')).toMatchObject({
      is: 'unreached',
      uncertain: false,
    })
  })

  it('that did not come is doubted when the call may have arrived', () => {
    expect(postedOf({ is: 'silence', sent: true, code: 'timeout' }, 'post')).toMatchObject({
      uncertain: true,
    })
    expect(postedOf({ is: 'silence', sent: false, code: 'ENOTFOUND' }, 'post')).toMatchObject({
      uncertain: false,
    })
  })
})
