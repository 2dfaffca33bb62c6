import { describe, expect, it } from 'vitest'
import { postedOf } from '../../../../src/bot/adapters/feishu/outcome.ts'

const error = (code: number, status = 400, resetMs: number | null = null) =>
  ({ is: 'error', status, code, message: 'said so', resetMs }) as const

describe('an answer of Feishu', () => {
  it.each([
    [99991400, 429, 'limited'],
    [99991400, 400, 'limited'],
    [11232, 200, 'limited'],
    [230020, 400, 'limited'],
    [230001, 400, 'refused'],
    [230002, 400, 'refused'],
    [230013, 400, 'refused'],
    [230023, 400, 'refused'],
    [230025, 400, 'refused'],
    [230099, 400, 'refused'],
    [424242, 200, 'refused'],
    [230006, 400, 'misconfigured'],
    [230024, 400, 'misconfigured'],
    [230027, 400, 'misconfigured'],
    [10014, 200, 'misconfigured'],
    [99991672, 400, 'misconfigured'],
    [99991663, 400, 'misconfigured'],
    [1500, 500, 'unreached'],
  ])('with code %i and status %i to a post means: %s', (code, status, is) => {
    expect(postedOf(error(code, status), 'post').is).toBe(is)
  })

  it.each([
    230011, 230012, 230031, 231003,
  ])('with code %i to an edit means: a new one is to follow', (code) => {
    expect(postedOf(error(code), 'edit')).toMatchObject({ is: 'fixed', said: { code: String(code) } })
  })

  it('says how long to wait, and who has to', () => {
    expect(postedOf(error(99991400, 429, 7_000), 'post')).toMatchObject({ ms: 7_000, scope: 'app' })
    expect(postedOf(error(230020), 'post')).toMatchObject({ ms: 1_000, scope: 'receiver' })
    expect(postedOf(error(230020), 'edit')).toMatchObject({ ms: 1_000, scope: 'message' })
  })
})
