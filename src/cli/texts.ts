import { never } from '../lib/never.ts'
import type { DatabaseError, DatabaseTrouble } from '../platform/storage/database-error.ts'
import type { Language } from './cli.ts'
import type { CommandName } from './commands.ts'
import { usageOf } from './help.ts'
import type { UsageProblem } from './parse-arguments.ts'

/** One sentence on what was typed wrong, with what was likely meant and where to read on. */
export function usageSentence(
  problem: UsageProblem,
  { language, command }: { language: Language; command: CommandName | null },
): string {
  const wrong = language === 'zh' ? usageInChinese(problem) : usageInEnglish(problem)
  if (command === null) return wrong
  const usage = usageOf(command, language)
  return language === 'zh' ? `${wrong}用法：${usage}` : `${wrong} Usage: ${usage}`
}

function usageInEnglish(problem: UsageProblem): string {
  switch (problem.why) {
    case 'unknown-command':
      return `I don't know "${problem.typed}". ${meant(problem.near, (names) => `Did you mean ${names}?`, 'See sluice --help.')}`
    case 'which':
      return `sluice ${problem.group} needs one of ${problem.choices.join(', ')}.`
    case 'unknown-option':
      return `There is no option ${problem.typed}${meant(problem.near, (names) => `, did you mean ${names}?`, '.')}`
    case 'needs-value':
      return `${problem.option} needs a value: ${problem.option} <${problem.value.en}>.`
    case 'takes-no-value':
      return `${problem.option} takes no value.`
    case 'given-twice':
      return `${problem.option} is given twice.`
    case 'not-a-port':
      return `${problem.option}: "${problem.value}" is not a port (0 to 65535; 0 takes a free one).`
    case 'not-a-count':
      return `${problem.option}: "${problem.value}" is not a number from 1 on.`
    case 'not-a-choice':
      return `${problem.option}: "${problem.value}" is not one of ${problem.choices.join(', ')}.`
    case 'missing':
      return `The ${problem.argument.en} is missing.`
    case 'too-many':
      return `"${problem.typed}" is one word too many.`
    default:
      return never(problem)
  }
}

function usageInChinese(problem: UsageProblem): string {
  switch (problem.why) {
    case 'unknown-command':
      return `没有“${problem.typed}”这个命令。${meant(problem.near, (names) => `是不是 ${names}？`, '可用命令见 sluice --help。')}`
    case 'which':
      return `sluice ${problem.group} 后面需要：${problem.choices.join('、')}。`
    case 'unknown-option':
      return `没有 ${problem.typed} 这个选项${meant(problem.near, (names) => `，是不是 ${names}？`, '。')}`
    case 'needs-value':
      return `${problem.option} 需要一个值：${problem.option} <${problem.value.zh}>。`
    case 'takes-no-value':
      return `${problem.option} 不带值。`
    case 'given-twice':
      return `${problem.option} 写了两次。`
    case 'not-a-port':
      return `${problem.option}：“${problem.value}”不是端口（0 到 65535，0 表示任选空闲端口）。`
    case 'not-a-count':
      return `${problem.option}：“${problem.value}”不是正整数。`
    case 'not-a-choice':
      return `${problem.option}：“${problem.value}”不可用，可选 ${problem.choices.join('、')}。`
    case 'missing':
      return `缺少${problem.argument.zh}。`
    case 'too-many':
      return `多出了“${problem.typed}”。`
    default:
      return never(problem)
  }
}

function meant(near: readonly string[], say: (names: string) => string, otherwise: string): string {
  return near.length > 0 ? say(near.join(' / ')) : otherwise
}

const DATABASE = {
  'directory-in-use': ({ directory, pid }) =>
    `另一个 Sluice${pid ? `（进程 ${pid}）` : ''}正在使用内嵌数据库 ${directory}。请先停止它；需要多个进程时请使用 PostgreSQL（DATABASE_URL）。`,
  'directory-lost': ({ directory }) => `内嵌数据库 ${directory} 已被另一个进程接管。`,
  'other-postgres': ({ directory, found, needed }) =>
    `${directory} 中的内嵌数据库由 PostgreSQL ${found} 写成，这个 Sluice 使用 ${needed}。请用写它的那个版本导出，再导入。`,
  'server-too-old': ({ major, oldest }) => `PostgreSQL ${major} 版本过旧，需要 ${oldest} 或更新的版本。`,
  'server-not-in-utc': () => '数据库连接的时区不是 UTC，请检查 DATABASE_URL 中的 options。',
  'newer-schema': ({ migration }) =>
    `数据库已由更新版本的 Sluice 升级（${migration}）。请启动那个版本，或恢复升级之前的备份。`,
  'changed-migration': ({ migration }) => `迁移 ${migration} 的内容与已执行的不同；已执行的迁移不能修改。`,
  'outside-transaction': () => 'Sluice 内部有误：在事务之外使用了数据库。',
} as const satisfies Record<DatabaseTrouble, (facts: Readonly<Record<string, string | number>>) => string>

export function databaseSentence({ code, facts, message }: DatabaseError, language: Language): string {
  return language === 'zh' ? DATABASE[code](facts) : message
}

/** What the operating system or the database's server said, in words; null for what nobody expected. */
export function systemSentence(error: unknown, language: Language): string | null {
  const code = codeOf(error)
  if (!(error instanceof Error) || code === null) return null
  const place = 'path' in error && typeof error.path === 'string' ? error.path : null
  const words = SYSTEM[code]
  return words ? words[language](place ?? addressOf(error) ?? '') : null
}

type Sentence = Readonly<Record<Language, (what: string) => string>>

const unreachable: Sentence = {
  zh: (where) => `连不上数据库${where && ` ${where}`}。请检查 DATABASE_URL，以及 PostgreSQL 是否在运行。`,
  en: (where) =>
    `The database${where && ` at ${where}`} does not answer. Check DATABASE_URL, and that PostgreSQL runs.`,
}
const refused: Sentence = {
  zh: () => '数据库拒绝登录。请检查 DATABASE_URL 中的用户和密码。',
  en: () => 'The database refuses the sign-in. Check the user and password in DATABASE_URL.',
}

const SYSTEM: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  '28P01': refused,
  '28000': refused,
  '3D000': {
    zh: () => 'DATABASE_URL 中的数据库不存在，请先创建。',
    en: () => 'The database that DATABASE_URL names does not exist. Create it first.',
  },
  EACCES: {
    zh: (path) => `没有访问 ${path} 的权限。`,
    en: (path) => `${path} may not be read or written by this user.`,
  },
  EROFS: {
    zh: (path) => `${path} 所在的文件系统只读。`,
    en: (path) => `${path} is on a read-only file system.`,
  },
  ENOSPC: { zh: () => '磁盘已满。', en: () => 'The disk is full.' },
  ENOTDIR: { zh: (path) => `${path} 不是目录。`, en: (path) => `${path} is not below a directory.` },
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error.code
  // A host with several addresses fails with one error for each.
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return codeOf(error.cause)
}

function addressOf(error: Error): string | null {
  const at = error instanceof AggregateError ? error.errors[0] : error
  if (typeof at !== 'object' || at === null || !('address' in at)) return null
  return 'port' in at ? `${at.address}:${at.port}` : String(at.address)
}
