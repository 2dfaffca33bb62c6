import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCache } from '../../../src/platform/access/cache.ts'
import { DEFAULT_ENVIRONMENTS } from '../../../src/platform/access/environments.ts'
import { foldName, isGoodName } from '../../../src/platform/access/names.ts'
import { createPasswords } from '../../../src/platform/access/passwords.ts'
import { BUILT_IN_ROLES, GRANTABLE, notGrantable } from '../../../src/platform/access/roles.ts'
import { foldLinkCode, linkCode } from '../../../src/platform/access/secrets.ts'
import {
  addressOf,
  PER_ADDRESS,
  PER_MEMBER,
  type Throttle,
  takeTry,
} from '../../../src/platform/access/throttle.ts'
import { steeredClock } from '../../fakes/steered-clock.ts'

describe('built-in roles', () => {
  it('give only what a role can give', () => {
    for (const { permissions } of BUILT_IN_ROLES) expect(notGrantable(permissions)).toEqual([])
    expect(notGrantable(['job:view', 'cluster:manage', 'team:view'])).toEqual(['cluster:manage', 'team:view'])
    expect(GRANTABLE).not.toContain('member:manage')
  })

  it('are titled in both languages', () => {
    for (const { title } of BUILT_IN_ROLES) {
      expect(title.zh).toMatch(/\p{Script=Han}/u)
      expect(title.en).toMatch(/^[A-Z][a-z ]+$/)
    }
  })

  it('keep writing a job and approving it apart, below the lead', () => {
    const both = BUILT_IN_ROLES.filter(
      ({ permissions }) => permissions.includes('job:release') && permissions.includes('approval:decide'),
    )
    expect(both.map(({ name }) => name)).toEqual(['lead', 'admin'])
  })
})

describe('default environments', () => {
  it('ask a second person in production alone', () => {
    expect(DEFAULT_ENVIRONMENTS.map(({ name, approvals }) => [name, approvals])).toEqual([
      ['preprod', []],
      ['prod', ['job:start', 'job:stop', 'job:restart', 'job:rollback', 'job:scale', 'job:cancel']],
    ])
  })
})

describe('names', () => {
  it.each([
    ['Lin', 'lin', true],
    [' lin ', 'lin', true],
    ['lin', 'lin', true],
    ['林', '林', true],
    ['data-team_2.x', 'data-team_2.x', true],
    ['', '', false],
    ['-lin', '-lin', false],
    ['lin chen', 'lin chen', false],
    ['a/b', 'a/b', false],
    ['sluice', 'sluice', false],
    ['x'.repeat(64), 'x'.repeat(64), false],
  ])('%j folds to %j and may be given: %j', (typed, folded, good) => {
    expect(foldName(typed)).toBe(folded)
    expect(isGoodName(folded)).toBe(good)
  })
})

describe('a link code', () => {
  it('has eight letters that nobody mistakes, whatever the secret', () => {
    fc.assert(
      fc.property(fc.string(), (secret) => {
        expect(linkCode(secret)).toMatch(/^[2-9A-HJKMNP-TW-Z]{8}$/)
      }),
    )
  })

  it('is the same however it is typed', () => {
    fc.assert(
      fc.property(fc.string(), (secret) => {
        const code = linkCode(secret)
        expect(foldLinkCode(` ${code.slice(0, 4).toLowerCase()}—${code.slice(4)} `)).toBe(code)
      }),
    )
  })
})

describe('tries', () => {
  function fail(policy: typeof PER_MEMBER, times: number): { delays: number[] } {
    let now = 0
    let last: Throttle | null = null
    const delays: number[] = []
    for (let each = 0; each < times; each++) {
      const step: Throttle | 'wait' = takeTry(last, policy, now)
      if (step === 'wait') throw new Error('waited long enough, yet refused')
      delays.push(step.until - now)
      now = step.until
      last = step
    }
    return { delays }
  }

  it('cost nothing at first, then ever more, up to a minute per member', () => {
    expect(fail(PER_MEMBER, 12).delays).toEqual([
      0, 0, 0, 0, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ])
  })

  it('cost up to a quarter of an hour per address', () => {
    expect(fail(PER_ADDRESS, 40).delays.at(-1)).toBe(15 * 60_000)
  })

  it('are refused while the delay lasts, and forgotten after a quiet hour', () => {
    const last = { failures: 9, until: 10_000 }

    expect(takeTry(last, PER_MEMBER, 9_999)).toBe('wait')
    expect(takeTry(last, PER_MEMBER, 10_000)).toMatchObject({ failures: 10 })
    expect(takeTry(last, PER_MEMBER, 10_000 + 3_600_000)).toEqual({ failures: 1, until: 3_610_000 })
  })

  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:bbbb:1:2:3', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('from %s count for %s', (from, address) => {
    expect(addressOf(from)).toBe(address)
  })
})

describe('passwords', () => {
  const passwords = createPasswords()

  it('match themselves alone, however the keyboard composes them', async () => {
    const stored = await passwords.hash('corréct horse')

    expect(stored).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
    expect(await passwords.matches('corre\u0301ct horse', stored)).toBe(true)
    expect(await passwords.matches('correct horse', stored)).toBe(false)
    expect(await passwords.matches('anything', null)).toBe(false)
  })

  it('never look the same twice', async () => {
    expect(await passwords.hash('correct horse')).not.toBe(await passwords.hash('correct horse'))
  })
})

describe('what is remembered', () => {
  it('is loaded once for all who ask at the same time, and anew when its time is over', async () => {
    const clock = steeredClock()
    const cache = createCache<number>(clock, 1_000)
    let loads = 0
    const load = async () => ++loads

    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([1, 1])
    clock.pass(999)
    expect(await cache.get('a', load)).toBe(1)
    clock.pass(1)
    expect(await cache.get('a', load)).toBe(2)
  })

  it('is not what was loading when it was forgotten', async () => {
    const cache = createCache<string>(steeredClock(), 1_000)
    let finish = (_: string) => {}
    const slow = cache.get(
      'a',
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    )

    cache.forget()
    const fresh = await cache.get('a', async () => 'new')
    finish('old')

    expect(fresh).toBe('new')
    expect(await slow).toBe('old')
    expect(await cache.get('a', async () => 'newer')).toBe('new')
  })

  it('is neither an absence nor a failure', async () => {
    const cache = createCache<string>(steeredClock(), 1_000)

    expect(await cache.get('a', async () => null)).toBeNull()
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await cache.get('a', async () => 'there')).toBe('there')
  })
})
