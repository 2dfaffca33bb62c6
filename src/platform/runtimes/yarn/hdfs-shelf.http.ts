import { posix } from 'node:path'
import type { ArtifactContent } from '../runtime.ts'
import { failureReason, type HadoopFailure } from './hadoop-rest.http.ts'
import type { HdfsEntry, WebHdfs } from './web-hdfs.http.ts'

/** A file that lies on HDFS as it should. */
export interface ShelvedFile {
  path: string
  size: number
  modifiedAt: number
}

export type Shelving<T> = { is: 'there'; value: T } | { is: 'failed'; because: string }

export interface WantedFile {
  path: string
  size: number
  open(): Promise<ArtifactContent | null>
}

/**
 * Files on HDFS whose names say what is in them, so that one upload serves every submit. Running applications remember
 * a file's time: what is there is never written again.
 */
export interface HdfsShelf {
  /** Lists the directories, uploads what is missing or cut short, and tells size and time of each. */
  put(files: readonly WantedFile[]): Promise<Shelving<readonly ShelvedFile[]>>
  /** Small files of one application, written anew. */
  write(files: readonly { path: string; text: string }[]): Promise<Shelving<readonly ShelvedFile[]>>
}

export function createHdfsShelf(hdfs: WebHdfs, unique: () => string): HdfsShelf {
  // Two submits that need one file at once wait for one upload.
  const underWay = new Map<string, Promise<HadoopFailure | null>>()

  async function put(files: readonly WantedFile[]): Promise<Shelving<readonly ShelvedFile[]>> {
    const before = await sizesBelow(hdfs, files)
    if (before.is === 'failed') return before
    const missing = files.filter(({ path, size }) => before.value.get(path)?.length !== size)
    for (const file of missing) {
      const upload = underWay.get(file.path) ?? uploadOnce(file, before.value.get(file.path))
      underWay.set(file.path, upload)
      const failure = await upload.finally(() => underWay.delete(file.path))
      if (failure) return { is: 'failed', because: `${file.path}: ${failureReason('HDFS', failure)}` }
    }
    const after = missing.length === 0 ? before : await sizesBelow(hdfs, files)
    return after.is === 'failed' ? after : shelved(files, after.value)
  }

  /** Under a name of its own first: nobody ever sees half a file, and who comes second changes nothing. */
  async function uploadOnce({ path, open }: WantedFile, cut?: HdfsEntry): Promise<HadoopFailure | null> {
    const content = await open()
    if (!content) return { is: 'garbage', status: 0, because: 'the file is no longer kept' }
    const made = await hdfs.makeDirectory(posix.dirname(path))
    if (made.is !== 'answered') return made
    const beside = `${posix.dirname(path)}/.${posix.basename(path)}.${unique()}`
    const written = await hdfs.write(beside, content)
    if (written.is !== 'answered') return written
    if (cut) await hdfs.remove(path)
    const renamed = await hdfs.rename(beside, path)
    if (renamed.is !== 'answered') return renamed
    if (!renamed.body) await hdfs.remove(beside)
    return null
  }

  return {
    put,
    async write(files) {
      for (const { path, text } of files) {
        const made = await hdfs.makeDirectory(posix.dirname(path))
        const written = made.is === 'answered' ? await hdfs.write(path, { bytes: Buffer.from(text) }) : made
        if (written.is !== 'answered') {
          return { is: 'failed', because: `${path}: ${failureReason('HDFS', written)}` }
        }
      }
      const wanted = files.map(({ path, text }) => ({ path, size: Buffer.byteLength(text) }))
      const after = await sizesBelow(hdfs, wanted)
      return after.is === 'failed' ? after : shelved(wanted, after.value)
    },
  }
}

async function sizesBelow(
  hdfs: WebHdfs,
  files: readonly { path: string }[],
): Promise<Shelving<ReadonlyMap<string, HdfsEntry>>> {
  const directories = [...new Set(files.map(({ path }) => posix.dirname(path)))]
  const listings = await Promise.all(directories.map((directory) => hdfs.list(directory)))
  const found = new Map<string, HdfsEntry>()
  for (const [at, listing] of listings.entries()) {
    const directory = directories[at] ?? ''
    if (listing.is !== 'answered')
      return { is: 'failed', because: `${directory}: ${failureReason('HDFS', listing)}` }
    for (const entry of listing.body) {
      if (entry.type === 'FILE') found.set(`${directory}/${entry.pathSuffix}`, entry)
    }
  }
  return { is: 'there', value: found }
}

function shelved(
  wanted: readonly { path: string; size: number }[],
  found: ReadonlyMap<string, HdfsEntry>,
): Shelving<readonly ShelvedFile[]> {
  const files: ShelvedFile[] = []
  for (const { path, size } of wanted) {
    const entry = found.get(path)
    if (entry?.length !== size) {
      return {
        is: 'failed',
        because: `${path} has ${entry?.length ?? 'no'} bytes on HDFS instead of ${size}`,
      }
    }
    files.push({ path, size, modifiedAt: entry.modificationTime })
  }
  return { is: 'there', value: files }
}
