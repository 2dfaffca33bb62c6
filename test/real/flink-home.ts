import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const SHELF = resolve(import.meta.dirname, '../../.sluice-test/flink')

/**
 * The Flink that the real tests run on: `FLINK_HOME` when set, else the newest one under `.sluice-test/flink`,
 * which all real tests share.
 */
export async function realFlinkHome(): Promise<string> {
  const given = process.env.FLINK_HOME
  if (given) return given
  const kept = newestOnShelf()
  if (kept) return kept
  throw new Error(`No Flink for the real tests: set FLINK_HOME or put one under ${SHELF}`)
}

function newestOnShelf(): string | null {
  if (!existsSync(SHELF)) return null
  const homes = readdirSync(SHELF).filter(
    (name) => name.startsWith('1.20.') && existsSync(join(SHELF, name, 'bin/flink')),
  )
  const newest = homes.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  return newest ? join(SHELF, newest) : null
}
