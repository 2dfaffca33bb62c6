import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Ids, randomIds } from '../../lib/ids.ts'
import type { ArtifactFiles } from './artifacts.ts'
import { readJarManifest } from './jar-reader.file.ts'

/** As much as a large fat jar, and no more than a careless upload may fill a disk with. */
export const LARGEST_JAR = 300_000_000

type Content = Parameters<ArtifactFiles['keep']>[0]

/** Jars on disk, named by what is in them: `ab/abcd….jar`. A file is there whole or not at all. */
export function openArtifactFiles(
  directory: string,
  { ids = randomIds, limit = LARGEST_JAR }: { ids?: Ids; limit?: number } = {},
): ArtifactFiles {
  const incoming = join(directory, 'incoming')
  let prepared: Promise<void> | null = null

  /** What a killed process left half received is of no use to anybody. */
  async function prepare(): Promise<void> {
    await rm(incoming, { recursive: true, force: true })
    await mkdir(incoming, { recursive: true })
  }

  const pathOf = (digest: string) => join(directory, digest.slice(0, 2), `${digest}.jar`)

  return {
    async keep(content) {
      prepared ??= prepare()
      await prepared
      const path = join(incoming, ids.next('jar'))
      try {
        const kept = await receiveInto(path, content, limit)
        if (kept.ok) await putInPlace(path, pathOf(kept.value.digest))
        return kept
      } finally {
        await rm(path, { force: true })
      }
    },
    async open(digest) {
      if (!/^[0-9a-f]{64}$/.test(digest)) return null
      const path = pathOf(digest)
      return (await exists(path)) ? { path } : null
    },
  }
}

async function receiveInto(path: string, content: Content, limit: number): ReturnType<ArtifactFiles['keep']> {
  const file = await open(path, 'wx+', 0o600)
  try {
    const received = await receive(file, content, limit)
    if (!received) return { ok: false, why: 'too-large' }
    const manifest = await readJarManifest(file)
    if (!manifest) return { ok: false, why: 'not-a-jar' }
    await file.sync()
    return { ok: true, value: { ...received, manifest } }
  } finally {
    await file.close()
  }
}

async function receive(
  file: FileHandle,
  content: Content,
  limit: number,
): Promise<{ digest: string; size: number } | null> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    size += chunk.length
    if (size > limit) return null
    hash.update(chunk)
    await file.write(chunk)
  }
  return { digest: hash.digest('hex'), size }
}

async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
  await syncDirectory(dirname(to))
}

/** Without it the name may be lost with the power, though the bytes are not. Windows has no such thing. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
