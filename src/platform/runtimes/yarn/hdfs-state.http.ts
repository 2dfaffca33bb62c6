import type { Instant } from '../../../lib/clock.ts'
import type { FlinkJobId } from '../runtime.ts'
import { hdfsPath, type WebHdfs } from './web-hdfs.http.ts'

/** What jobs can start from, as it lies on HDFS. */

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
