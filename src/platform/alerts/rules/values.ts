import { parseDuration } from '../../../lib/duration.ts'
import type { Unit } from './metric.ts'

const SIZES: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4 },
}

/** Reads `60s`, `1.5GiB`, `80%`, `10000` by what is measured; null when it is none of it. */
export function parseValue(text: string, unit: Unit): number | null {
  const trimmed = text.trim()
  if (unit === 'ms') return parseDuration(trimmed)
  const found = /^(\d+(?:\.\d+)?)\s*([a-z%]*)$/i.exec(trimmed)
  if (!found) return null
  const number = Number(found[1])
  const suffix = (found[2] ?? '').toLowerCase()
  if (suffix === '') return number
  if (unit === 'share') return suffix === '%' ? number / 100 : null
  const size = unit === 'bytes' ? SIZES[suffix] : undefined
  return size === undefined ? null : number * size
}
