import { describe, expect, it } from 'vitest'
import type { By, Subject, TeamId } from '../../../src/platform/access/access.ts'
import { createSeenLately } from '../../../src/platform/access/seen-lately.ts'
import { SLUICE } from '../../../src/platform/access/sluice-member.ts'
import { steeredClock } from '../../fakes/steered-clock.ts'

const lin: By = { member: SLUICE, via: 'web:ops', token: null, requestId: 'req_1' }
const job = (id: string): Subject => ({
  of: 'team',
  team: 'team_1' as TeamId,
  environment: 'prod',
  job: { id, name: id },
})

describe('looks that stand in the audit already', () => {
  it('are the same look by the same member from the same place within a minute', () => {
    const clock = steeredClock(0)
    const lately = createSeenLately(clock)

    const first = lately.again(lin, 'job:view', job('a'))
    const again = lately.again({ ...lin, requestId: 'req_2' }, 'job:view', job('a'))
    clock.pass(60_000)

    expect([first, again, lately.again(lin, 'job:view', job('a'))]).toEqual([false, true, false])
  })

  it.each([
    ['another job', lin, 'job:view', job('b')],
    ['another place', { ...lin, via: 'web:other' }, 'job:view', job('a')],
    ['another permission', lin, 'audit:view', job('a')],
  ] as const)('are not looks at %s', (_what, by, verb, subject) => {
    const lately = createSeenLately(steeredClock(0))
    lately.again(lin, 'job:view', job('a'))

    expect(lately.again(by, verb, subject)).toBe(false)
  })

  it('are never deeds', () => {
    const lately = createSeenLately(steeredClock(0))

    expect([lately.again(lin, 'job:restart', job('a')), lately.again(lin, 'job:restart', job('a'))]).toEqual([
      false,
      false,
    ])
  })
})
