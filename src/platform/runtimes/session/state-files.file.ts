import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Instant } from '../../../lib/clock.ts'
import { parsedJson } from '../../../lib/json.ts'
import { endState } from '../job-manager/answers.ts'
import { archive, job, listing } from '../job-manager/schemas.ts'
import type { EndState, FlinkJobId } from '../runtime.ts'

/** What a cluster leaves on disk: archives of ended jobs, checkpoints, savepoints. Read only where it is a local path. */

export async function readArchivedEnd(
  directory: string,
  id: FlinkJobId,
): Promise<{ state: EndState; endedAt: Instant | null } | null> {
  const root = localPath(directory)
  if (root === null) return null
  const parsed = archive.safeParse(await readJson(join(root, id)))
  if (!parsed.success) return null
  for (const entry of parsed.data.archive) {
    const end = archivedEnd(entry, id)
    if (end) return end
  }
  return null
}

function archivedEnd(entry: { path: string; json: string }, id: FlinkJobId) {
  if (entry.path === '/jobs/overview') {
    const row = listing.safeParse(parsedJson(entry.json)).data?.jobs.find((row) => row.jid === id)
    const state = row && endState(row.state)
    return state ? { state, endedAt: row['end-time'] > 0 ? row['end-time'] : null } : null
  }
  if (entry.path !== `/jobs/${id}`) return null
  const detail = job.safeParse(parsedJson(entry.json)).data
  const state = detail && endState(detail.state)
  return state ? { state, endedAt: null } : null
}

/** The newest complete `chk-N` under `<directory>/<job id>`: complete means that its `_metadata` is written. */
export async function readNewestRetained(
  directory: string,
  id: FlinkJobId,
): Promise<{ path: string; at: Instant } | null> {
  const root = localPath(directory)
  if (root === null) return null
  const home = join(root, id)
  let newest: { path: string; at: Instant } | null = null
  for (const name of await namesIn(home)) {
    if (!/^chk-\d+$/.test(name)) continue
    const at = await modifiedAt(join(home, name, '_metadata'))
    if (at !== null && (newest === null || at > newest.at)) newest = { path: `file:${join(home, name)}`, at }
  }
  return newest
}

export async function readStateExists(path: string): Promise<'there' | 'gone' | 'unknown'> {
  const place = localPath(path)
  if (place === null) return 'unknown'
  const metadata = place.endsWith('/_metadata') ? place : join(place, '_metadata')
  if ((await modifiedAt(metadata)) !== null) return 'there'
  // A directory we cannot see at all may be on the cluster's own disk.
  return (await modifiedAt(dirname(dirname(metadata)))) === null ? 'unknown' : 'gone'
}

/** `file:/a`, `file:///a` and `/a` name local files; every other scheme is somebody else's disk. */
export function localPath(path: string): string | null {
  if (/^file:\/+/.test(path)) return decodeURI(path.replace(/^file:\/+/, '/'))
  return path.startsWith('/') ? path : null
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => null)
  return text === null ? undefined : parsedJson(text)
}

async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => [])
}

async function modifiedAt(path: string): Promise<Instant | null> {
  const found = await stat(path).catch(() => null)
  return found?.mtimeMs ?? null
}
