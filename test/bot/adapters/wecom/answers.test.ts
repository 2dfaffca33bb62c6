import { describe, expect, it } from 'vitest'
import { failureOf, readAnswer } from '../../../../src/bot/adapters/wecom/answers.ts'

const error = (code: number) => ({ is: 'error', code, message: 'said so' }) as const

describe('an answer of WeCom', () => {
  it.each([
    [-1, 'unreached'],
    [40001, 'misconfigured'],
    [40013, 'misconfigured'],
    [40091, 'misconfigured'],
    [41002, 'misconfigured'],
    [41004, 'misconfigured'],
    [40014, 'misconfigured'],
    [42001, 'misconfigured'],
    [41001, 'misconfigured'],
    [40056, 'misconfigured'],
    [301002, 'misconfigured'],
    [48002, 'misconfigured'],
    [60020, 'misconfigured'],
    [301051, 'misconfigured'],
    [45009, 'limited'],
    [45033, 'limited'],
    [40003, 'refused'],
    [60111, 'refused'],
    [81013, 'refused'],
    [40058, 'refused'],
    [45002, 'refused'],
    [42045, 'refused'],
    [86003, 'refused'],
    [93000, 'refused'],
    [424242, 'refused'],
  ])('with code %i means: %s', (code, is) => {
    expect(failureOf(error(code)).is).toBe(is)
  })

  it('is an error by its code, whatever the status', () => {
    expect(readAnswer(200, '{"errcode":81013,"errmsg":"invalid"}')).toEqual({
      is: 'error',
      code: 81013,
      message: 'invalid',
    })
    expect(readAnswer(200, '{"errcode":0,"errmsg":"ok"}').is).toBe('ok')
  })

  it.each(['<html>', '', 'null', '[]', '{"errcode":"0"}'])('is a page when it is %s', (text) => {
    expect(readAnswer(502, text)).toEqual({ is: 'page', status: 502 })
  })

  it('blocks for a minute the app, or the chat of a robot alone', () => {
    expect(failureOf(error(45009))).toMatchObject({ ms: 60_000, scope: 'app' })
    expect(failureOf(error(45009), 'receiver')).toMatchObject({ ms: 60_000, scope: 'receiver' })
  })
})
