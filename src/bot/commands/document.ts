import { namesOf } from '../grammar/parse.ts'
import type { Arg, Both } from '../grammar/spec.ts'
import { en } from '../texts/en.ts'
import { zh } from '../texts/zh.ts'
import type { Command, Group } from './command.ts'

const GROUPS: readonly Group[] = ['job', 'op', 'cluster', 'team', 'sluice']

/** docs/commands.md, from the commands themselves. */
export function commandsDocument(commands: readonly Command[]): string {
  const parts = GROUPS.flatMap((group) => {
    const own = commands.filter((command) => command.group === group)
    return [`## ${both({ en: en.help.group[group], zh: zh.help.group[group] })}`, ...own.map(section)]
  })
  return `${[...HEAD, ...parts].join('\n\n')}\n`
}

const HEAD = [
  '# Commands · 命令',
  '<!-- Made by scripts/make-commands-doc.ts from src/bot/commands. Change it there. -->',
  'Names may be typed in English or Chinese. Values with spaces go in quotes of any kind; every argument may also be ' +
    'given as `name=value` or `--name value`. What is needed and missing is asked for.',
  '命令名中英文都可以。含空格的内容用任意一种引号括起来；每个参数也可以写成 `name=value` 或 `--name value`。缺少的必填项会再问。',
]

function section(command: Command): string {
  const others = namesOf(command)
    .slice(1)
    .map((path) => `\`/${path.join(' ')}\``)
  const args = Object.entries(command.args).filter(([name]) => name !== 'cursor')
  return [
    `### /${command.name.join(' ')} · /${command.zh.join(' ')}`,
    both(command.summary),
    [
      command.needs === null ? null : `Permission · 权限: \`${command.needs}\``,
      others.length > 0 ? `Also · 也可写成: ${others.join(' ')}` : null,
    ]
      .filter((line) => line !== null)
      .join('  \n'),
    args.length > 0 ? [TABLE_HEAD, ...args.map(([name, arg]) => row(name, arg))].join('\n') : '',
    ['```text', ...command.examples, '```'].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

const TABLE_HEAD = '| argument | what | 说明 |\n|---|---|---|'

function row(name: string, { label, required, words, names, choices, place }: Arg): string {
  const spelled = place === 'flag' ? `--${name}` : place === 'settings' ? 'key=value …' : name
  const spoken = words.length > 0 ? ` after \`${words.join('` `')}\`` : ''
  const also = names.length > 0 ? ` (${names.join(', ')})` : ''
  const values = choices.length > 0 ? `: ${choices.map(({ value }) => `\`${value}\``).join(' ')}` : ''
  const mark = required ? '**' : ''
  return `| ${mark}\`${spelled}\`${mark}${also} | ${label.en}${values}${spoken}${required ? '' : ', optional'} | ${label.zh}${required ? '' : '（可选）'} |`
}

function both({ zh, en }: Both): string {
  return `${en.charAt(0).toUpperCase()}${en.slice(1)} · ${zh}`
}
