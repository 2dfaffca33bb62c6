import type { FileHandle } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import { readManifestText } from './jar-manifest.ts'

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const LONGEST_COMMENT = 0xffff
const LARGEST_DIRECTORY = 64 * 1024 * 1024
const LARGEST_MANIFEST = 1024 * 1024

/**
 * The manifest of a jar, read from its end as a JVM does, without the rest: jars of hundreds of MB are usual. Null: no
 * jar, that is no readable zip, or one with neither a manifest nor a class.
 */
export async function readJarManifest(file: FileHandle): Promise<Record<string, string> | null> {
  const directory = await readDirectory(file)
  if (!directory) return null
  let hasClass = false
  for (const entry of entriesOf(directory)) {
    if (entry.name.endsWith('.class')) hasClass = true
    if (entry.name !== 'META-INF/MANIFEST.MF') continue
    const text = await readEntry(file, entry)
    return text === null ? null : readManifestText(text)
  }
  return hasClass ? {} : null
}

interface Entry {
  name: string
  method: number
  packed: number
  size: number
  at: number
}

async function readDirectory(file: FileHandle): Promise<Buffer | null> {
  const { size } = await file.stat()
  const tail = await readAt(file, Math.max(0, size - END_SIZE - LONGEST_COMMENT), size)
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || tail.length - end < END_SIZE || tail.readUInt32LE(end) !== END) return null
  const length = tail.readUInt32LE(end + 12)
  const at = tail.readUInt32LE(end + 16)
  if (length > LARGEST_DIRECTORY || at + length > size) return null
  return readAt(file, at, at + length)
}

function* entriesOf(directory: Buffer): Generator<Entry> {
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY; ) {
    const nameLength = directory.readUInt16LE(at + 28)
    yield {
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
}

async function readEntry(file: FileHandle, { method, packed, size, at }: Entry): Promise<string | null> {
  if (packed > LARGEST_MANIFEST || size > LARGEST_MANIFEST) return null
  const head = await readAt(file, at, at + 30)
  if (head.length < 30 || head.readUInt32LE(0) !== LOCAL) return null
  const start = at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
  const bytes = await readAt(file, start, start + packed)
  if (method === 0) return bytes.toString('utf8')
  return method === 8 ? inflate(bytes) : null
}

function inflate(bytes: Buffer): string | null {
  try {
    return inflateRawSync(bytes, { maxOutputLength: LARGEST_MANIFEST }).toString('utf8')
  } catch {
    return null
  }
}

async function readAt(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from)
  return bytes.subarray(0, bytesRead)
}
