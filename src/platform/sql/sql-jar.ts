import { strToU8, unzipSync, zipSync } from 'fflate'

/** The entry class to submit a SQL jar with. */
export const SQL_ENTRY_CLASS = 'sluice.SqlRunner'

const SCRIPT_ENTRY = 'sluice/job.sql'
const RUNNER_ENTRY = `${SQL_ENTRY_CLASS.replaceAll('.', '/')}.class`

/**
 * The jar of a SQL release: the runner's classes and the script beside them, so that neither stands in program
 * arguments, which Flink shows to everybody. The same runner and script always give the same bytes, so the jar's
 * digest names the release.
 */
export function sqlJar(runner: Uint8Array, script: string): Uint8Array {
  const entries = unzipSync(runner)
  if (!entries[RUNNER_ENTRY])
    throw new Error(`The runner jar carries no ${RUNNER_ENTRY}: it is not the one Sluice ships`)
  const all = { ...entries, [SCRIPT_ENTRY]: strToU8(script) }
  const sorted = Object.fromEntries(Object.entries(all).sort(manifestFirst))
  return zipSync(sorted, { level: 0, mtime: timeOfEntries() })
}

// fflate writes local time: noon of the zip format's first day, wherever that is, gives the same bytes in every zone.
function timeOfEntries(): Date {
  return new Date(1980, 0, 1, 12)
}

/** The script that a jar made by `sqlJar` carries; null for any other jar. */
export function scriptOfJar(jar: Uint8Array): string | null {
  const script = unzipSync(jar, { filter: ({ name }) => name === SCRIPT_ENTRY })[SCRIPT_ENTRY]
  return script ? new TextDecoder().decode(script) : null
}

// Readers of jars as streams look for the manifest among the first entries only.
function manifestFirst([a]: [string, unknown], [b]: [string, unknown]): number {
  const first = Number(b.startsWith('META-INF/')) - Number(a.startsWith('META-INF/'))
  return first || (a < b ? -1 : Number(a > b))
}
