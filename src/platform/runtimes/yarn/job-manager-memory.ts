const MIB = 1024 * 1024

/** Bytes by the unit as Flink reads it: `1024m`, `1 gb`, `1600 mebibytes`, or bytes without one. */
const UNITS: readonly (readonly [pattern: RegExp, bytes: number])[] = [
  [/^(b|bytes)?$/, 1],
  [/^(k|kb|kibibytes)$/, 1024],
  [/^(m|mb|mebibytes)$/, MIB],
  [/^(g|gb|gibibytes)$/, 1024 * MIB],
  [/^(t|tb|tebibytes)$/, 1024 * 1024 * MIB],
]

/** Reads a size; null when it is none. */
export function memoryBytes(text: string): number | null {
  const [, amount, unit = ''] = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(text) ?? []
  const bytes = UNITS.find(([pattern]) => pattern.test(unit.toLowerCase()))?.[1]
  return amount === undefined || bytes === undefined ? null : Number(amount) * bytes
}

/** What one JobManager is made of, in bytes. */
export interface JobManagerMemory {
  process: number
  heap: number
  offHeap: number
  metaspace: number
  overhead: number
}

export type MemoryVerdict =
  | { ok: true; memory: JobManagerMemory }
  /** `key`: what would have to be another value. */
  | { ok: false; key: string; because: 'not-a-size' | 'too-small' }

const KEY = {
  process: 'jobmanager.memory.process.size',
  flink: 'jobmanager.memory.flink.size',
  heap: 'jobmanager.memory.heap.size',
  offHeap: 'jobmanager.memory.off-heap.size',
  metaspace: 'jobmanager.memory.jvm-metaspace.size',
  overheadMin: 'jobmanager.memory.jvm-overhead.min',
  overheadMax: 'jobmanager.memory.jvm-overhead.max',
  fraction: 'jobmanager.memory.jvm-overhead.fraction',
} as const

/** What every distribution ships in its conf. */
const DEFAULT_PROCESS = 1600 * MIB

/**
 * Splits a JobManager's memory as Flink's own client does before it asks YARN for a container (JobManagerProcessUtils,
 * the same from 1.14 to 2.x): what is given first of heap, Flink's total and the whole process decides the rest.
 */
export function jobManagerMemory(settings: Readonly<Record<string, string>>): MemoryVerdict {
  const wrong = Object.values(KEY).find(
    (key) => key !== KEY.fraction && settings[key] !== undefined && memoryBytes(settings[key]) === null,
  )
  if (wrong) return { ok: false, key: wrong, because: 'not-a-size' }
  const size = (key: string, otherwise: number) => memoryBytes(settings[key] ?? '') ?? otherwise
  const fraction = Number(settings[KEY.fraction] ?? 0.1)
  if (!(fraction >= 0 && fraction < 1)) return { ok: false, key: KEY.fraction, because: 'not-a-size' }

  const offHeap = size(KEY.offHeap, 128 * MIB)
  const metaspace = size(KEY.metaspace, 256 * MIB)
  const clamped = (overhead: number) =>
    Math.min(
      Math.max(Math.trunc(overhead), size(KEY.overheadMin, 192 * MIB)),
      size(KEY.overheadMax, 1024 * MIB),
    )

  const heapGiven = settings[KEY.heap] === undefined ? null : size(KEY.heap, 0)
  const flinkGiven = settings[KEY.flink] === undefined ? null : size(KEY.flink, 0)
  if (heapGiven !== null || flinkGiven !== null) {
    const flink = heapGiven === null ? (flinkGiven ?? 0) : heapGiven + offHeap
    // The overhead is a part of the whole, which is not known yet.
    const overhead = clamped(((flink + metaspace) * fraction) / (1 - fraction))
    const process = flink + metaspace + overhead
    return fitting({ process, heap: flink - offHeap, offHeap, metaspace, overhead }, KEY.flink)
  }
  const process = size(KEY.process, DEFAULT_PROCESS)
  const overhead = clamped(process * fraction)
  const heap = process - metaspace - overhead - offHeap
  return fitting({ process, heap, offHeap, metaspace, overhead }, KEY.process)
}

/** Flink warns below this and does not start far below; a JobManager with less does not live long. */
const SMALLEST_HEAP = 64 * MIB

function fitting(memory: JobManagerMemory, key: string): MemoryVerdict {
  return memory.heap < SMALLEST_HEAP ? { ok: false, key, because: 'too-small' } : { ok: true, memory }
}

export function jvmOptions({ heap, metaspace }: JobManagerMemory): string[] {
  return [`-Xmx${heap}`, `-Xms${heap}`, `-XX:MaxMetaspaceSize=${metaspace}`]
}

/** Tells the JobManager what was decided for it. */
export function dynamicProperties({ heap, offHeap, metaspace, overhead }: JobManagerMemory): string[] {
  const decided = [
    [KEY.offHeap, offHeap],
    [KEY.overheadMin, overhead],
    [KEY.metaspace, metaspace],
    [KEY.heap, heap],
    [KEY.overheadMax, overhead],
  ] as const
  return decided.map(([key, bytes]) => `-D ${key}=${bytes}b`)
}
