import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const shape = z.object({ url: z.url(), pid: z.int().positive(), token: z.string().min(1) })

/** How commands of the same machine reach a running server: the file that its owner alone may read. */
export type ServerFile = z.infer<typeof shape>

export function serverFilePath(home: string): string {
  return join(home, 'server.json')
}

/** Null: there is none, or one that nobody can use. */
export async function readServerFile(home: string): Promise<ServerFile | null> {
  const text = await readFile(serverFilePath(home), 'utf8').catch(() => null)
  if (text === null) return null
  const file = shape.safeParse(parsed(text))
  return file.success ? file.data : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Whole or not at all: a command that starts meanwhile reads the former one or this one. */
export async function writeServerFile(home: string, file: ServerFile): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const unfinished = `${serverFilePath(home)}.${file.pid}`
  await rm(unfinished, { force: true })
  await writeFile(unfinished, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  await rename(unfinished, serverFilePath(home))
}

/** Only the one that this process wrote. */
export async function removeServerFile(home: string, pid: number): Promise<void> {
  const file = await readServerFile(home)
  if (file?.pid === pid) await rm(serverFilePath(home), { force: true })
}
