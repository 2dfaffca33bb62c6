import { parsedJson } from '../../../lib/json.ts'
import { causesFrom } from '../job-manager/answers.ts'
import { tailOf } from '../job-manager/log-reader.http.ts'
import { archive, exceptions } from '../job-manager/schemas.ts'
import type { FlinkJobId, LogPage, LogQuery, RuntimeCause } from '../runtime.ts'
import { type GatheredLog, readGathered } from './aggregated-logs.ts'
import { failureInLog } from './failure-in-log.ts'
import { hdfsPath, type WebHdfs } from './web-hdfs.http.ts'

/** What an application leaves on HDFS when it is over: Flink's archive of its job, and YARN's copy of its logs. */
export interface EndedApplications {
  /** Newest first; empty when nothing was left or nothing can be read. */
  causes(of: EndedApplication): Promise<readonly RuntimeCause[]>
  logs(of: EndedApplication, query: LogQuery): Promise<readonly LogPage[]>
}

export interface EndedApplication {
  applicationId: string
  flinkJobId: FlinkJobId
}

export interface EndedApplicationsOptions {
  hdfs: WebHdfs
  user: string
  /** `jobmanager.archive.fs.dir` */
  archiveDirectory: string | null
  /** `yarn.nodemanager.remote-app-log-dir` */
  logDirectory: string
}

const MOST_ARCHIVE_BYTES = 64 * 1024 * 1024
const MOST_LOG_BYTES = 64 * 1024 * 1024

export function endedApplications(options: EndedApplicationsOptions): EndedApplications {
  return {
    async causes(of) {
      const archived = await archivedCauses(options, of.flinkJobId)
      if (archived.length > 0) return archived
      // A main() that throws leaves no archive.
      const logs = await gatheredLogs(options, of.applicationId)
      const told = logs.filter(({ file }) => file === 'jobmanager.log').map(({ text }) => failureInLog(text))
      return told.flatMap((cause) => cause ?? []).toReversed()
    },
    async logs(of, query) {
      const logs = await gatheredLogs(options, of.applicationId)
      return logs.filter(isRead).map((log) => pageOf(log, query))
    },
  }
}

/** Flink writes it when a job ended by itself. */
async function archivedCauses(
  { hdfs, archiveDirectory }: EndedApplicationsOptions,
  id: FlinkJobId,
): Promise<readonly RuntimeCause[]> {
  const path = archiveDirectory === null ? null : hdfsPath(archiveDirectory)
  if (path === null) return []
  const file = await hdfs.read(`${path}/${id}`, MOST_ARCHIVE_BYTES)
  if (file.is !== 'answered' || file.body === null) return []
  const read = archive.safeParse(parsedJson(file.body.toString('utf8')))
  const entry = read.data?.archive.find((each) => each.path === `/jobs/${id}/exceptions`)
  const told = entry && exceptions.safeParse(parsedJson(entry.json)).data
  return told ? causesFrom(told) : []
}

/** Of all containers, by their numbers: the JobManagers come first. */
async function gatheredLogs(
  { hdfs, user, logDirectory }: EndedApplicationsOptions,
  applicationId: string,
): Promise<readonly GatheredLog[]> {
  const bucket = applicationId.slice(-4)
  // Where Hadoop 3.3, 3.1 and 2 put them.
  const places = [`bucket-logs-tfile/${bucket}`, 'logs-tfile', 'logs']
  for (const place of places) {
    const directory = `${logDirectory}/${user}/${place}/${applicationId}`
    const listing = await hdfs.list(directory)
    if (listing.is !== 'answered' || listing.body.length === 0) continue
    // One file for each node; what is still being written ends in .tmp.
    const files = listing.body.filter(
      ({ type, pathSuffix }) => type === 'FILE' && !pathSuffix.endsWith('.tmp'),
    )
    const read = await Promise.all(
      files.map(({ pathSuffix }) => hdfs.read(`${directory}/${pathSuffix}`, MOST_LOG_BYTES)),
    )
    const logs = read.flatMap((file) =>
      file.is === 'answered' && file.body ? (readGathered(file.body) ?? []) : [],
    )
    return logs.toSorted((a, b) => (a.container < b.container ? -1 : Number(a.container > b.container)))
  }
  return []
}

/** What Flink and the program wrote; not what YARN wrote to launch them. */
function isRead({ file, text }: GatheredLog): boolean {
  return /^(?:job|task)manager\.(?:log|out|err)$/.test(file) && text !== ''
}

function pageOf({ container, file, text }: GatheredLog, query: LogQuery): LogPage {
  const tail = tailOf(query)
  for (const line of text.replace(/\n$/, '').split('\n')) tail.take(line)
  const [role, ending] = file.split('.')
  const source = role === 'jobmanager' ? 'jobmanager' : `taskmanager ${container}`
  const stream = { out: ' (stdout)', err: ' (stderr)' }[ending ?? ''] ?? ''
  return { source: `${source}${stream}`, ...tail.page() }
}
