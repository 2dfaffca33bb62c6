/** One file that a container wrote, as YARN gathered it when the application was over. */
export interface GatheredLog {
  container: string
  /** `jobmanager.log`, `taskmanager.out`, … */
  file: string
  text: string
}

/** BCFile's magic number, with which a TFile begins. */
const MAGIC = Buffer.from('d111d36891b5d7b639df414092bae150', 'hex')

/**
 * Reads what one node gathered: a TFile without compression, YARN's default. Records are a key (the container) and a
 * value in chunks (each file's name, length and bytes); what follows the last record is an index that is not needed.
 * Null: it is in another format, or compressed.
 */
export function readGathered(bytes: Buffer): readonly GatheredLog[] | null {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null
  const logs: GatheredLog[] = []
  const reader = new Reader(bytes, MAGIC.length)
  try {
    for (;;) {
      const key = new Reader(reader.take(reader.vint()), 0).text()
      const value = reader.chunks()
      if (key.startsWith('container_')) logs.push(...filesOf(key, value))
      // Only keys of this shape are records; the index looks like none.
      else if (!/^[A-Z_]+$/.test(key)) break
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return logs.length > 0 ? logs : null
}

function filesOf(container: string, value: Buffer): GatheredLog[] {
  const files: GatheredLog[] = []
  const reader = new Reader(value, 0)
  while (reader.left() > 0) {
    const file = reader.text()
    const length = Number(reader.text())
    files.push({ container, file, text: reader.take(length).toString('utf8') })
  }
  return files
}

/** Java's DataInput, as far as a TFile needs it. Past the end it throws a RangeError. */
class Reader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  left(): number {
    return this.#bytes.length - this.#at
  }

  take(length: number): Buffer {
    if (!(length >= 0 && length <= this.left())) throw new RangeError('past the end')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** `writeUTF`: two bytes of length; names of containers and files have no character that Java writes otherwise. */
  text(): string {
    return this.take(this.take(2).readUInt16BE()).toString('utf8')
  }

  /** Until a chunk whose length is not negative, which is the last. */
  chunks(): Buffer {
    const chunks: Buffer[] = []
    for (;;) {
      const length = this.vint()
      chunks.push(this.take(Math.abs(length)))
      if (length >= 0) return Buffer.concat(chunks)
    }
  }

  /** A number as `org.apache.hadoop.io.file.tfile.Utils` writes it, which is not how Hadoop writes one elsewhere. */
  vint(): number {
    const first = this.take(1).readInt8()
    if (first >= -32) return first
    const kind = Math.trunc((first + 128) / 8)
    if (kind >= 7) return (first + 52) * 2 ** 8 + this.take(1).readUInt8()
    if (kind >= 3) return (first + 88) * 2 ** 16 + this.take(2).readUInt16BE()
    if (kind >= 1) return (first + 112) * 2 ** 24 + this.take(3).readUIntBE(0, 3)
    return this.take(first + 129).readIntBE(0, first + 129)
  }
}
