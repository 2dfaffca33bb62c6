import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Difference, playTimelines, readTimelines } from '../platform/alerts/rules/timeline.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'

/** Plays recorded timelines against the rules, as they are or as the file sets them. */
export async function testRules(given: GivenTo<'rules test'>, context: Context): Promise<Exit> {
  const { language, out, cwd } = context
  const t = WORDS[language]
  const name = given.words[0] ?? ''
  const text = await readFile(resolve(cwd, name), 'utf8').catch(() => null)
  if (text === null) throw new Refusal(EXIT.notDone, t.noFile(name))
  const read = readTimelines(text)
  if (!read.ok)
    throw new Refusal(EXIT.notDone, read.problems.map((problem) => `${name}: ${problem}`).join('\n'))
  const differences = playTimelines(read.value)
  for (const { name: timeline } of read.value.timelines) {
    const wrong = differences.filter((each) => each.timeline === timeline)
    out(`${wrong.length === 0 ? '✓' : '✗'} ${timeline}`)
    for (const difference of wrong) out(`  ${differenceText(difference, language)}`)
  }
  return differences.length === 0 ? EXIT.done : EXIT.notDone
}

function differenceText({ atMs, expected, found }: Difference, language: Language): string {
  const t = WORDS[language]
  const list = (names: readonly string[]) => (names.length === 0 ? t.nothing : names.join(', '))
  return t.differs(`${Math.floor(atMs / 60_000)}m${(atMs % 60_000) / 1000}s`, list(expected), list(found))
}

const WORDS = {
  zh: {
    noFile: (path: string) => `读不到文件 ${path}。`,
    nothing: '无',
    differs: (at: string, expected: string, found: string) => `${at}：应触发 ${expected}，实际触发 ${found}`,
  },
  en: {
    noFile: (path: string) => `There is no file ${path} that can be read.`,
    nothing: 'nothing',
    differs: (at: string, expected: string, found: string) =>
      `${at}: ${expected} should fire, and ${found} does`,
  },
} as const satisfies Record<Language, object>
