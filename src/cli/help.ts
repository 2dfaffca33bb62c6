import type { CommandSpec, Language, OptionSpec, Said } from './cli.ts'
import { COMMAND_NAMES, type CommandName, commandsOf, specOf } from './commands.ts'

const WORDS = {
  zh: {
    usage: '用法',
    commands: '命令',
    options: '选项',
    examples: '示例',
    command: '<命令>',
    some: '[选项]',
    help: '显示帮助',
    version: '显示版本',
    more: '单个命令的帮助：sluice <命令> --help',
    exits: '退出码',
    lead: 'Sluice：在聊天中运行、停止、重启和回滚 Flink 作业',
  },
  en: {
    usage: 'Usage',
    commands: 'Commands',
    options: 'Options',
    examples: 'Examples',
    command: '<command>',
    some: '[options]',
    help: 'Show this help',
    version: 'Show the version',
    more: 'Help on one command: sluice <command> --help',
    exits: 'Exit codes',
    lead: 'Sluice: run, stop, restart and roll back Flink jobs from a chat',
  },
} as const

export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: Said])[] = [
  [0, { zh: '已完成', en: 'done' }],
  [1, { zh: '没有做成', en: 'it did not work' }],
  [2, { zh: '用法错误', en: 'wrong usage' }],
  [3, { zh: '设置有误', en: 'settings are wrong' }],
  [4, { zh: '没有服务响应，或服务已在运行', en: 'no server answers, or one is running already' }],
]

export function helpOnAll(language: Language): string {
  const t = WORDS[language]
  return lines([
    t.lead,
    '',
    `${t.usage}: sluice ${t.command} ${t.some}`,
    '',
    `${t.commands}:`,
    ...table(COMMAND_NAMES.map((command) => [command, specOf(command).summary[language]])),
    '',
    `${t.options}:`,
    ...table(commonOptions(language)),
    '',
    `${t.exits}:`,
    ...table(EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning[language]])),
    '',
    t.more,
  ])
}

export function helpOnGroup(group: string, language: Language): string {
  const t = WORDS[language]
  const rows = commandsOf(group).map((command) => [command, specOf(command).summary[language]] as const)
  return lines([
    `${t.usage}: sluice ${group} ${t.command} ${t.some}`,
    '',
    `${t.commands}:`,
    ...table(rows),
    '',
    t.more,
  ])
}

export function helpOnCommand(command: CommandName, language: Language): string {
  const t = WORDS[language]
  const spec = specOf(command)
  const options = Object.entries(spec.options).map(
    ([name, option]) => [optionText(name, option, language), option.meaning[language]] as const,
  )
  return lines([
    spec.summary[language],
    ...(spec.about ? [spec.about[language]] : []),
    '',
    `${t.usage}: ${usageOf(command, language)}`,
    '',
    `${t.options}:`,
    ...table([...options, ...commonOptions(language)]),
    '',
    `${t.examples}:`,
    ...spec.examples.map((example) => `  ${example}`),
  ])
}

export function usageOf(command: CommandName, language: Language): string {
  const spec = specOf(command)
  const some = Object.keys(spec.options).length > 0 ? [WORDS[language].some] : []
  return ['sluice', command, ...argumentText(spec, language), ...some].join(' ')
}

function argumentText({ argument }: CommandSpec, language: Language): string[] {
  if (!argument) return []
  const text = argument.name[language]
  return [argument.required ? `<${text}>` : `[${text}]`]
}

export function optionText(name: string, { value }: OptionSpec, language: Language): string {
  return value ? `--${name} <${value[language]}>` : `--${name}`
}

function commonOptions(language: Language): (readonly [string, string])[] {
  return [
    ['-h, --help', WORDS[language].help],
    ['-V, --version', WORDS[language].version],
  ]
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const wide = Math.max(...rows.map(([first]) => columnsOf(first)))
  return rows.map(([first, second]) => `  ${first}${' '.repeat(wide - columnsOf(first))}  ${second}`)
}

/** Columns on a screen: a Chinese character takes two. */
export function columnsOf(text: string): number {
  return [...text].reduce(
    (sum, char) => sum + (/[\u2e80-\ua4cf\uf900-\ufaff\uff00-\uff60]/.test(char) ? 2 : 1),
    0,
  )
}

function lines(all: readonly string[]): string {
  return all.join('\n')
}
