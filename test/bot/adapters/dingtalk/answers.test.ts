import { describe, expect, it } from 'vitest'
import { failureOf, readAnswer, tokenIsVoid } from '../../../../src/bot/adapters/dingtalk/answers.ts'
import { readDelivery, readDing, readSending } from '../../../../src/bot/adapters/dingtalk/outgoing.ts'

const answered = (status: number, body: unknown, retryAfter: string | null = null) =>
  readAnswer(status, typeof body === 'string' ? body : JSON.stringify(body), retryAfter)
const meant = (...answer: Parameters<typeof answered>) => {
  const read = answered(...answer)
  return read.is === 'ok' ? { is: 'ok' as const } : failureOf(read)
}
const coded = (code: string) => ({ code, message: 'said so', requestid: 'r' })

describe('an answer of DingTalk', () => {
  it.each([
    [200, { errcode: 0, errmsg: 'ok' }, 'ok'],
    [200, { success: true, result: true }, 'ok'],
    [403, coded('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'), 'limited'],
    [403, coded('Forbidden.AccessDenied.QpsLimitForApi'), 'limited'],
    [429, coded('Throttling'), 'limited'],
    [200, { errcode: 90018, errmsg: 'qps' }, 'limited'],
    [200, { errcode: 90002, errmsg: 'qps' }, 'limited'],
    [200, { status: 1111, wait: 5, punish: 'deny' }, 'limited'],
    [200, '<html>no</html>', 'limited'],
    [403, coded('Forbidden.AccessDenied.ApiCountLimitForOrg'), 'misconfigured'],
    [200, { errcode: 90020, errmsg: 'quota' }, 'misconfigured'],
    [403, coded('Forbidden.AccessDenied.AccessTokenPermissionDenied'), 'misconfigured'],
    [200, { errcode: 88, sub_code: '60011', errmsg: 'no permission' }, 'misconfigured'],
    [401, coded('InvalidAuthentication'), 'misconfigured'],
    [200, { errcode: 40089, errmsg: 'secret' }, 'misconfigured'],
    [400, coded('invalidClientIdOrSecret'), 'misconfigured'],
    [400, coded('invalidParameter.robotCode.auth'), 'misconfigured'],
    [400, coded('param.templateNotExist'), 'misconfigured'],
    [504, coded('ServiceTimeout'), 'unreached'],
    [502, '<html>Bad Gateway</html>', 'unreached'],
    [500, coded('system.busy'), 'unreached'],
    [200, { errcode: 15, sub_code: 'isp.top-remote-connection-timeout' }, 'unreached'],
    [400, coded('param.contentUnsafe'), 'refused'],
    [400, coded('param.userIdNotExist'), 'refused'],
    [200, { errcode: 424242, errmsg: 'new' }, 'refused'],
    [200, { success: false }, 'refused'],
  ])('with status %i and %j means: %s', (status, body, is) => {
    expect(meant(status, body).is).toBe(is)
  })

  it('that may have worked all the same is uncertain', () => {
    expect(meant(504, coded('ServiceTimeout'))).toMatchObject({ uncertain: true })
    expect(failureOf({ is: 'lost', code: 'ECONNREFUSED', message: '', sent: false })).toMatchObject({
      uncertain: false,
    })
  })

  it.each([
    ['Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', null, 1_000],
    ['Forbidden.AccessDenied.QpsLimitForApi', null, 10_000],
    ['Forbidden.AccessDenied.QpmLimitForAppkeyAndApi', null, 60_000],
    ['Throttling', '7', 7_000],
    ['Throttling', 'Wed, 21 Oct 2026 07:28:00 GMT', 1_000],
  ])('that says %s, after %j, asks to wait', (code, retryAfter, ms) => {
    expect(meant(429, coded(code), retryAfter)).toMatchObject({ is: 'limited', ms, scope: 'app' })
  })

  it('asks an address that was banned to wait for five minutes', () => {
    expect(meant(200, { status: 1111, wait: 5, punish: 'deny' })).toMatchObject({ ms: 300_000 })
  })

  it('is passed on in its own words, not all of them', () => {
    expect(meant(400, { code: 'param.invalid', message: 'x'.repeat(5_000) })).toMatchObject({
      said: { code: 'param.invalid', message: 'x'.repeat(300) },
    })
  })

  it.each([
    [401, coded('InvalidAuthentication'), true],
    [200, { errcode: 40014, errmsg: '' }, true],
    [200, { errcode: 42001, errmsg: '' }, true],
    [200, { errcode: 88, sub_code: '40014' }, true],
    [200, { errcode: 88, sub_code: '60011' }, false],
    [400, coded('param.invalid'), false],
    [200, { errcode: 0 }, false],
  ])('with status %i and %j: another token may do: %s', (status, body, isVoid) => {
    expect(tokenIsVoid(answered(status, body))).toBe(isVoid)
  })
})

describe('a call that went well', () => {
  it.each([
    [{ success: true, errorMsg: null, carrierId: 'c' }, 'accepted'],
    [{ success: false, errorMsg: 'SPACE_NOT_EXIST' }, 'refused'],
  ])('and delivered %j was %s', (result, is) => {
    expect(readDelivery({ success: true, result: { deliverResults: [result] } }, 'key').is).toBe(is)
  })

  it.each([
    [{ result: { deliverResults: [] } }],
    [{}],
    [null],
  ])('and delivered nowhere, %j, showed nothing', (body) => {
    expect(readDelivery(body, 'key')).toMatchObject({ is: 'refused', said: { code: 'not-delivered' } })
  })

  it.each([
    [{ processQueryKey: 'p' }, 'accepted'],
    [{ processQueryKey: 'p', invalidStaffIdList: ['x'] }, 'refused'],
    [{ processQueryKey: 'p', flowControlledStaffIdList: ['x'] }, 'limited'],
    [{ processQueryKey: 'p', invalidStaffIdList: null, flowControlledStaffIdList: [] }, 'accepted'],
  ])('with %j is %s', (body, is) => {
    expect(readSending(body).is).toBe(is)
  })

  it.each([
    [{ openDingId: 'd', failedList: { lin: 'no phone' } }, ['lin']],
    [{ openDingId: 'd', failedList: { NO_PHONE: ['lin', 'tom'] } }, ['lin']],
    [{ openDingId: 'd', failedList: null }, []],
    [{ openDingId: 'd' }, []],
  ])('of ringing with %j missed %j', (body, missed) => {
    expect(readDing(body, ['lin', 'mei'])).toEqual({ id: 'd', missed })
  })
})
