import type { Instant } from '../../../lib/clock.ts'
import { causesFrom } from '../job-manager/answers.ts'
import { archive, exceptions } from '../job-manager/schemas.ts'
import type { FlinkJobId, RuntimeCause } from '../runtime.ts'
import { hdfsPath, type WebHdfs } from './web-hdfs.http.ts'

/** What jobs leave on HDFS: archives of ended ones, checkpoints, savepoints. */

export interface ArchivedJob {
  causes: readonly RuntimeCause[]
}

const MOST_ARCHIVE_BYTES = 64 * 1024 * 1024

/** Flink writes one when a job ended by itself; the only place that says why it failed without reading logs. */
export async function readArchive(
  hdfs: WebHdfs,
  directory: string | null,
  id: FlinkJobId,
): Promise<ArchivedJob | null> {
  const path = directory === null ? null : hdfsPath(directory)
  if (path === null) return null
  const file = await hdfs.read(`${path}/${id}`, MOST_ARCHIVE_BYTES)
  if (file.is !== 'answered' || file.body === null) return null
  const read = archive.safeParse(parsed(file.body))
  const entry = read.data?.archive.find((each) => each.path === `/jobs/${id}/exceptions`)
  const told = entry && exceptions.safeParse(parsed(entry.json)).data
  return { causes: told ? causesFrom(told) : [] }
}

/** By the time of its `_metadata`: numbers begin anew when a JobManager comes back without its state. */
export async function newestRetained(
  hdfs: WebHdfs,
  directory: string | null,
  id: FlinkJobId,
): Promise<{ path: string; at: Instant } | null> {
  const root = directory === null ? null : hdfsPath(directory)
  if (directory === null || root === null) return null
  const listing = await hdfs.list(`${root}/${id}`)
  if (listing.is !== 'answered') return null
  const names = listing.body.map(({ pathSuffix }) => pathSuffix).filter((name) => /^chk-\d+$/.test(name))
  const found = await Promise.all(
    names.map(async (name) => {
      const metadata = await hdfs.status(`${root}/${id}/${name}/_metadata`)
      const at = metadata.is === 'answered' && metadata.body?.length ? metadata.body.modificationTime : null
      return at === null ? null : { path: `${directory.replace(/\/+$/, '')}/${id}/${name}`, at }
    }),
  )
  return found.reduce((newest, each) => (each && (!newest || each.at > newest.at) ? each : newest), null)
}

export async function stateExists(hdfs: WebHdfs, text: string): Promise<'there' | 'gone' | 'unknown'> {
  const path = hdfsPath(text)
  if (path === null) return 'unknown'
  const metadata = await hdfs.status(path.endsWith('/_metadata') ? path : `${path}/_metadata`)
  if (metadata.is !== 'answered') return 'unknown'
  return metadata.body ? 'there' : 'gone'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
