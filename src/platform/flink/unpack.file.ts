import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Unzip, UnzipInflate } from 'fflate'
import { Parser } from 'tar'

/** Decides where an entry of the archive goes, relative to the target; null leaves it out. */
export type Placement = (entry: string) => string | null

/** Unpacks a zip (wheels are zips) or a tar.gz into `target`. Links are left out: none is needed, and they can lead astray. */
export async function unpack(archive: string, target: string, place: Placement): Promise<number> {
  await mkdir(target, { recursive: true })
  return /\.(whl|zip)$/.test(archive) ? unzip(archive, target, place) : untar(archive, target, place)
}

async function untar(archive: string, target: string, place: Placement): Promise<number> {
  let files = 0
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const path = place(entry.path)
      if (path === null || !/^(Old|Contiguous)?File$/.test(entry.type)) return entry.resume()
      files++
      const file = openFile(target, path, entry.mode ?? 0o644)
      entry.on('data', (chunk: Buffer) => writeAll(file, chunk))
      entry.on('end', () => closeSync(file))
    },
  })
  // Not `pipeline`: the parser can be written to, but is no stream of Node's.
  await new Promise<void>((done, fail) => {
    parser.on('end', done)
    parser.on('error', fail)
    parser.on('abort', fail)
    createReadStream(archive).on('error', fail).pipe(parser)
  })
  return files
}

async function unzip(archive: string, target: string, place: Placement): Promise<number> {
  let files = 0
  let failure: Error | null = null
  const unzipper = new Unzip((entry) => {
    const path = entry.name.endsWith('/') ? null : place(entry.name)
    if (path === null) return
    files++
    const file = openFile(target, path, 0o644)
    entry.ondata = (error, chunk, final) => {
      if (error) failure = error
      else writeAll(file, chunk)
      if (error || final) closeSync(file)
    }
    entry.start()
  })
  unzipper.register(UnzipInflate)
  await pipeline(createReadStream(archive, { highWaterMark: 1024 * 1024 }), async (chunks) => {
    for await (const chunk of chunks) {
      unzipper.push(chunk, false)
      if (failure) throw failure
    }
    unzipper.push(new Uint8Array(0), true)
  })
  if (failure) throw failure
  return files
}

function openFile(target: string, path: string, mode: number): number {
  const full = join(target, path)
  mkdirSync(dirname(full), { recursive: true })
  return openSync(full, 'wx', (mode & 0o777) | 0o600)
}

function writeAll(file: number, chunk: Uint8Array) {
  for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at)
}
