import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { parseRouting, type RoutingNote, type RoutingProblem } from '../platform/alerts/routing/config.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { demandServer } from './server-client.http.ts'
import { settingsOf } from './tools.cli.ts'

export async function checkRoutes(given: GivenTo<'route check'>, context: Context): Promise<Exit> {
  const { language, out } = context
  const { name, text } = await read(given.words[0] ?? '', context)
  const notes = demandRouting(text, { name, language })
  for (const note of notes) out(noteText(note, language))
  out(WORDS[language].sound(name))
  return EXIT.done
}

export async function importRoutes(given: GivenTo<'route import'>, context: Context): Promise<Exit> {
  const { language, out } = context
  const { name, text } = await read(given.words[0] ?? '', context)
  const notes = demandRouting(text, { name, language })
  const server = await demandServer(settingsOf(context).home, language)
  const shape = z.object({ routing: z.object({ revision: z.number() }) })
  const { routing } = await server.call(shape, { method: 'PUT', path: '/routes', body: { text } })
  for (const note of notes) out(noteText(note, language))
  out(WORDS[language].taken(name, routing.revision))
  return EXIT.done
}

/** The file named by ALERT_ROUTES, or a refusal that says where it goes wrong. */
export async function routesAtStart(path: string, language: Language): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new Refusal(EXIT.notDone, WORDS[language].noFile(path))
  demandRouting(text, { name: path, language })
  return text
}

async function read(path: string, { cwd, language }: Context): Promise<{ name: string; text: string }> {
  const text = await readFile(resolve(cwd, path), 'utf8').catch(() => null)
  if (text === null) throw new Refusal(EXIT.notDone, WORDS[language].noFile(path))
  return { name: path, text }
}

function demandRouting(
  text: string,
  { name, language }: { name: string; language: Language },
): readonly RoutingNote[] {
  const parsed = parseRouting(text)
  if (parsed.ok) return parsed.notes
  throw new Refusal(
    EXIT.notDone,
    parsed.problems.map((problem) => problemText(problem, { name, language })).join('\n'),
  )
}

function problemText(
  { line, path, because }: RoutingProblem,
  { name, language }: { name: string; language: Language },
): string {
  const where = line === null ? name : `${name}:${line}`
  return WORDS[language].wrong(where, path, because)
}

function noteText(note: RoutingNote, language: Language): string {
  const t = WORDS[language]
  if (note.of === 'templates-ignored') return t.templates
  return t.unsupported(note.receiver, note.kind, note.line)
}

const WORDS = {
  zh: {
    noFile: (path: string) => `读不到文件 ${path}。`,
    wrong: (where: string, path: string, because: string) =>
      `${where}：${path === '' ? '' : `${path}：`}${because}`,
    sound: (name: string) => `${name} 没有问题。`,
    taken: (name: string, revision: number) => `已按 ${name} 通知告警（第 ${revision} 版）。`,
    templates: '模板不会使用：卡片由 Sluice 自己绘制。',
    unsupported: (receiver: string, kind: string, line: number | null) =>
      `接收方 ${receiver} 的 ${kind}${line === null ? '' : `（第 ${line} 行）`}不支持，其告警改发到团队的聊天群。`,
  },
  en: {
    noFile: (path: string) => `There is no file ${path} that can be read.`,
    wrong: (where: string, path: string, because: string) =>
      `${where}: ${path === '' ? '' : `${path}: `}${because}`,
    sound: (name: string) => `${name} is sound.`,
    taken: (name: string, revision: number) =>
      `Alerts are routed by ${name} from now on (revision ${revision}).`,
    templates: 'Templates are not used: Sluice draws its own cards.',
    unsupported: (receiver: string, kind: string, line: number | null) =>
      `Receiver ${receiver}: ${kind}${line === null ? '' : ` (line ${line})`} is not supported; its alerts go to the chats of the team instead.`,
  },
} as const satisfies Record<Language, object>
