import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Language } from '../../src/cli/cli.ts'
import { COMMAND_NAMES, specOf } from '../../src/cli/commands.ts'
import {
  columnsOf,
  EXIT_MEANINGS,
  helpOnAll,
  helpOnCommand,
  helpOnGroup,
  usageOf,
} from '../../src/cli/help.ts'
import { parseArguments } from '../../src/cli/parse-arguments.ts'

const CHINESE = /[\u4e00-\u9fff]/

describe.each(COMMAND_NAMES)('sluice %s', (command) => {
  it('explains itself and each option in English and in Chinese', () => {
    const { summary, about, options } = specOf(command)
    const texts = [
      summary,
      ...(about ? [about] : []),
      ...Object.values(options).map(({ meaning }) => meaning),
    ]
    for (const { zh, en } of texts) {
      expect(zh).toMatch(CHINESE)
      expect(en).not.toMatch(CHINESE)
    }
    for (const language of ['zh', 'en'] as const) {
      const help = helpOnCommand(command, language)
      for (const name of Object.keys(options)) expect(help).toContain(`--${name}`)
      expect(help).toContain(summary[language])
    }
  })

  it('has examples that are good command lines', () => {
    for (const example of specOf(command).examples) {
      const [, ...words] = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, bare]) => quoted ?? bare ?? '',
      )
      expect(parseArguments(words)).toMatchObject({ is: 'run', command })
    }
    expect(specOf(command).examples).not.toHaveLength(0)
  })

  it('stands in docs/cli.md', () => {
    const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
    expect(page).toContain(usageOf(command, 'en'))
  })
})

describe('the help', () => {
  it.each<Language>(['zh', 'en'])('lists every command and every exit code (%s)', (language) => {
    const help = helpOnAll(language)

    for (const command of COMMAND_NAMES) expect(help).toContain(specOf(command).summary[language])
    for (const [code, meaning] of EXIT_MEANINGS) expect(help).toContain(`${code}  ${meaning[language]}`)
  })

  it('lists the commands of a group alone', () => {
    expect(helpOnGroup('flink', 'en')).toContain('flink install')
    expect(helpOnGroup('flink', 'en')).not.toContain('cluster up')
  })

  it('lines columns up where a Chinese character takes two', () => {
    const rows = helpOnCommand('cluster up', 'zh')
      .split('\n')
      .filter((line) => line.startsWith('  -'))
    const starts = rows.map((row) => {
      const gap = /^ {2}(\S.*?) {2,}\S/.exec(row)
      return columnsOf(gap?.[0].slice(0, -1) ?? '')
    })

    expect(rows.length).toBeGreaterThan(3)
    expect(new Set(starts).size).toBe(1)
  })
})
