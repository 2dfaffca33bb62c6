import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** What every container of a Flink version needs, as it lies in a Flink home. */
export interface FlinkFiles {
  /** Over names and contents: the same files are the same bundle, wherever they came from. */
  digest: string
  files: readonly FlinkFile[]
}

export interface FlinkFile {
  /** Below the home: `lib/flink-json-1.20.5.jar`, `plugins/metrics-jmx/…`. */
  key: string
  path: string
  size: number
}

const PARTS = ['lib', 'plugins']

export async function readFlinkFiles(home: string): Promise<FlinkFiles> {
  const files: FlinkFile[] = []
  for (const part of PARTS) {
    const found = await readdir(join(home, part), { recursive: true, withFileTypes: true }).catch(() => [])
    for (const entry of found) {
      const path = join(entry.parentPath, entry.name)
      // A link counts as what it leads to: vendors link their jars.
      const what = await stat(path)
      if (what.isFile()) files.push({ key: relative(home, path), path, size: what.size })
    }
  }
  files.sort((a, b) => (a.key < b.key ? -1 : 1))
  const digest = createHash('sha256')
  for (const { key, path, size } of files) digest.update(`${key} ${size} ${await digestOf(path)}\n`)
  return { digest: digest.digest('hex'), files }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
