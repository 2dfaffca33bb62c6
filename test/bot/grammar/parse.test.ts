import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/bot/commands/registry.ts'
import { parse, write } from '../../../src/bot/grammar/parse.ts'
import { commandKey } from '../../../src/bot/grammar/spec.ts'

function read(text: string): { command: string; values: unknown } | { is: string } {
  const parsed = parse(text, COMMANDS)
  return parsed.is === 'command'
    ? { command: commandKey(parsed.command), values: parsed.values }
    : { ...parsed, ...('command' in parsed && { command: commandKey(parsed.command) }) }
}

describe('a command', () => {
  it.each([
    ['/job restart orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['/作业 重启 orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['/作业 restart orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['／重启　orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['restart orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['/ job restart orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['@Sluice /job restart orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['<@U123> /JOB Restart orders-cdc', 'job restart', { job: 'orders-cdc' }],
    ['/job rollback orders-cdc to 12', 'job rollback', { job: 'orders-cdc', to: '12' }],
    ['/job rollback orders-cdc to v12', 'job rollback', { job: 'orders-cdc', to: 'v12' }],
    ['/job rollback orders-cdc v12', 'job rollback', { job: 'orders-cdc', to: 'v12' }],
    ['/作业 回滚 orders-cdc 到 12', 'job rollback', { job: 'orders-cdc', to: '12' }],
    ['/作业 回滚 orders-cdc 到12', 'job rollback', { job: 'orders-cdc', to: '12' }],
    ['/job rollback orders-cdc 版本=12', 'job rollback', { job: 'orders-cdc', to: '12' }],
    [
      '/job rollback orders-cdc --to 12 --force',
      'job rollback',
      { job: 'orders-cdc', to: '12', force: 'yes' },
    ],
    ['/job rollback job=orders-cdc --to=12', 'job rollback', { job: 'orders-cdc', to: '12' }],
    ['/job rollback "to" 12', 'job rollback', { job: 'to', to: '12' }],
    [
      '/job stop orders-cdc because duplicate orders since 13:50 --force',
      'job stop',
      { job: 'orders-cdc', reason: 'duplicate orders since 13:50', force: 'yes' },
    ],
    ['/job stop orders-cdc 因为 “数据 重复”', 'job stop', { job: 'orders-cdc', reason: '数据 重复' }],
    ['/approve op_1 looks right to me', 'approve', { operation: 'op_1', note: 'looks right to me' }],
    [
      '/job release orders-cdc parallelism=4 a.b=1 c.d="x y"',
      'job release',
      { job: 'orders-cdc', parallelism: '4', settings: 'a.b=1 c.d="x y"' },
    ],
    ['/jobs orders', 'job list', { like: 'orders' }],
    ['/job', 'job list', {}],
    ['/job state=failed', 'job list', { state: 'failed' }],
  ])('%s', (text, command, values) => {
    expect(read(text)).toEqual({ command, values })
  })
})

describe('what is not a command', () => {
  it.each([
    ['', { is: 'nothing' }],
    ['@Sluice', { is: 'nothing' }],
    ['/', { is: 'nothing' }],
    ['good morning everybody', { is: 'talk', near: [] }],
    ['restrat orders', { is: 'talk', near: ['/restart orders'] }],
    ['/job restrat orders', { is: 'unknown', word: 'restrat', group: 'job', near: ['/job restart orders'] }],
    ['/job orders-cdc', { is: 'unknown', word: 'orders-cdc', group: 'job', near: ['/job show orders-cdc'] }],
    ['/jbo list', { is: 'unknown', word: 'jbo', group: null, near: ['/job list'] }],
    ['/job show a b', { is: 'surplus', command: 'job show', word: 'b', at: 12 }],
    ['/job show a --tem=x', { is: 'unknown-name', command: 'job show', name: 'tem', at: 12, near: [] }],
    ['/job list --tema=x', { is: 'unknown-name', command: 'job list', name: 'tema', at: 10, near: ['team'] }],
    ['/job rollback orders to', { is: 'no-value', command: 'job rollback', name: 'to', at: 21 }],
    ["/job stop 'orders", { is: 'unclosed-quote', at: 10, text: "/job stop 'orders" }],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it('never throws', () => {
    const said = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom(
            '/job',
            'restart',
            '作业',
            '到',
            'to',
            '--force',
            '"',
            '=',
            '12',
            'because',
            '/',
            ' ',
          ),
        )
        .map((parts) => parts.join(' ')),
    )
    fc.assert(fc.property(said, (text) => void parse(text, COMMANDS)))
  })
})

describe('write', () => {
  it('writes what parses to the same command and values', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom(
        'to',
        '到12',
        '--force',
        'a=b',
        'because',
        'latest',
        '@mei',
        '两 个',
        '/job list',
        '因为',
      ),
    )
    const wishes = COMMANDS.flatMap((command) =>
      Object.values(command.args).some(({ place }) => place === 'settings') ? [] : [command],
    )
    const argsOf = (index: number) => wishes[index]?.args ?? {}
    const wish = fc.nat(wishes.length - 1).chain((index) =>
      fc
        .tuple(
          ...Object.values(argsOf(index)).map(({ place }) =>
            fc.option(place === 'flag' ? fc.constant('yes') : value),
          ),
        )
        .map((given) => {
          const names = Object.keys(argsOf(index))
          const pairs = names.flatMap((name, i) => (given[i] === null ? [] : [[name, given[i]] as const]))
          return { index, values: Object.fromEntries(pairs) as Record<string, string> }
        }),
    )
    fc.assert(
      fc.property(wish, ({ index, values }) => {
        const command = wishes[index]
        if (!command) throw new Error('No such command')
        expect(read(write(command, values))).toEqual({ command: commandKey(command), values })
      }),
      { numRuns: 500 },
    )
  })
})
