import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { sizeText } from './progress.ts'
import { demandServer } from './server-client.http.ts'
import { settingsOf } from './tools.cli.ts'

export async function uploadArtifact(given: GivenTo<'artifact upload'>, context: Context): Promise<Exit> {
  const { language, cwd, out, err } = context
  const t = WORDS[language]
  const path = resolve(cwd, given.words[0] ?? '')
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) throw new Refusal(EXIT.notDone, t.noFile(path))
  const server = await demandServer(settingsOf(context).home, language)
  const jar = { path, name: basename(path), size: found.size, sha256: await sha256Of(path) }
  const { digest, entryClass, size } = await server.upload(jar)
  err(t.kept(jar.name, size, entryClass))
  out(digest)
  return EXIT.done
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const WORDS = {
  zh: {
    noFile: (path: string) => `${path} 不是文件。`,
    kept: (name: string, size: number, entry: string | null) =>
      `${name} 已保存（${sizeText(size)}${entry === null ? '，清单中没有入口类' : `，入口类 ${entry}`}）。摘要：`,
  },
  en: {
    noFile: (path: string) => `${path} is not a file.`,
    kept: (name: string, size: number, entry: string | null) =>
      `${name} is kept (${sizeText(size)}, ${entry === null ? 'no entry class in its manifest' : `entry class ${entry}`}). Its digest:`,
  },
} as const satisfies Record<Language, object>
