import { describe, expect, it } from 'vitest'
import { type Parsed, parseArguments } from '../../src/cli/parse-arguments.ts'
import { usageSentence } from '../../src/cli/texts.ts'

function run(...argv: string[]) {
  const parsed = parseArguments(argv)
  if (parsed.is !== 'run') throw new Error(`not run: ${JSON.stringify(parsed)}`)
  return parsed
}

function complaint(argv: readonly string[], language: 'zh' | 'en'): string {
  const parsed = parseArguments(argv)
  if (parsed.is !== 'wrong') throw new Error(`not wrong: ${JSON.stringify(parsed)}`)
  return usageSentence(parsed.problem, { language, command: parsed.command })
}

describe('a command line', () => {
  it('names a command of one word or of two', () => {
    expect(run('start').command).toBe('start')
    expect(run('flink', 'install', '1.20').command).toBe('flink install')
    expect(run('flink', 'install', '1.20').given.words).toEqual(['1.20'])
  })

  it('carries values in both spellings, before and behind the words', () => {
    const { given } = run('member', 'add', '--team=data', 'lin', '--role', 'lead', '--admin')

    expect(given.words).toEqual(['lin'])
    expect([given.text('team'), given.text('role'), given.has('admin')]).toEqual(['data', 'lead', true])
    expect([given.text('email'), given.has('email')]).toEqual([null, false])
  })

  it('repeats what may be repeated, in order', () => {
    const { given } = run('token', 'create', 'ci', '--verb', 'job:view', '--verb', 'job:stop', '--days', '3')

    expect(given.texts('verb')).toEqual(['job:view', 'job:stop'])
    expect(given.number('days')).toBe(3)
  })

  it('says what was said with or without quotes', () => {
    expect(run('say', '/job restart orders-cdc').given.words).toEqual(['/job restart orders-cdc'])
    expect(run('say', '/job', 'list', '--chat', 'ops').given.words).toEqual(['/job', 'list'])
  })

  it('leaves words behind -- alone', () => {
    expect(run('say', '--chat', 'ops', '--', '--help').given.words).toEqual(['--help'])
  })

  const help: [string, string[], Extract<Parsed, { is: 'help' }>['of']][] = [
    ['nothing', [], { is: 'all' }],
    ['--help', ['--help'], { is: 'all' }],
    ['help', ['help'], { is: 'all' }],
    ['a command', ['start', '--help'], { is: 'command', command: 'start' }],
    ['a command that lacks its argument', ['member', 'add', '-h'], { is: 'command', command: 'member add' }],
    ['help on a command', ['help', 'flink', 'remove'], { is: 'command', command: 'flink remove' }],
    ['a group', ['flink', '--help'], { is: 'group', group: 'flink' }],
    ['help on a group', ['help', 'cluster'], { is: 'group', group: 'cluster' }],
  ]
  it.each(help)('asks for help: %s', (_, argv, of) => {
    expect(parseArguments(argv)).toEqual({ is: 'help', of })
  })

  it.each([
    [['--version']],
    [['-V']],
    [['start', '--version']],
    [['flink', '--version']],
  ])('asks for the version: %j', (argv) => {
    expect(parseArguments(argv)).toEqual({ is: 'version' })
  })

  const wrong: [string[], string, string][] = [
    [['strat'], 'I don\'t know "strat". Did you mean start?', '没有“strat”这个命令。是不是 start？'],
    [['flnik', 'instal'], 'Did you mean flink install?', '是不是 flink install？'],
    [['flink', 'instal'], 'Did you mean flink install?', '是不是 flink install？'],
    [['qwertyuiop'], 'See sluice --help.', '可用命令见 sluice --help。'],
    [['flink'], 'sluice flink needs one of install, list, remove.', 'install、list、remove'],
    [['flink', 'qwertyuiop'], 'sluice flink needs one of install', 'sluice flink 后面需要'],
    [['start', '--prot', '1'], 'There is no option --prot, did you mean --port?', '是不是 --port？'],
    [['start', '-p', '1'], 'There is no option -p', '没有 -p 这个选项'],
    [['start', '--constructor'], 'There is no option --constructor', '没有 --constructor 这个选项'],
    [['start', '--port'], '--port needs a value: --port <port>.', '--port 需要一个值：--port <端口>。'],
    [['demo', '--from', '--tour'], '--from needs a value', '--from 需要一个值'],
    [['demo', '--tour=yes'], '--tour takes no value.', '--tour 不带值。'],
    [['start', '--port', '1', '--port', '2'], '--port is given twice.', '--port 写了两次。'],
    [['start', '--port', '65536'], '"65536" is not a port', '“65536”不是端口'],
    [['start', '--port', '80a'], '"80a" is not a port', '“80a”不是端口'],
    [['cluster', 'up', '--slots', '0'], '"0" is not a number from 1 on', '“0”不是正整数'],
    [['member', 'add', 'lin', '--language', 'fr'], '"fr" is not one of zh, en.', '可选 zh、en'],
    [['member', 'add'], 'The name is missing.', '缺少名称。'],
    [['say', ' '], 'The command is missing.', '缺少命令。'],
    [['migrate', 'now'], '"now" is one word too many.', '多出了“now”。'],
    [['flink', 'remove', '1.20', '1.19'], '"1.19" is one word too many.', '多出了“1.19”。'],
  ]
  it.each(wrong)('%j is refused in one sentence', (argv, en, zh) => {
    expect(complaint(argv, 'en')).toContain(en)
    expect(complaint(argv, 'zh')).toContain(zh)
  })

  it('shows how the command is meant when it is known', () => {
    expect(complaint(['member', 'add'], 'en')).toContain('Usage: sluice member add <name> [options]')
  })
})
