import type { LogPage, LogQuery } from '../runtime.ts'
import type { FlinkRest } from './flink-rest.http.ts'
import * as schemas from './schemas.ts'

/** Flink gives a log only whole: it is streamed, and no more than the wanted page is kept. */
const MAX_BYTES = 256 * 1024 * 1024
const TIMEOUT_MS = 60_000
/** A cluster of hundreds of TaskManagers would otherwise read hundreds of files for one card. */
const MAX_TASK_MANAGERS = 16

/** The JobManager's log, then each TaskManager's. A source that cannot be read is left out. */
export async function readLogs(rest: FlinkRest, query: LogQuery): Promise<LogPage[]> {
  const taskManagers = await rest.call({
    path: '/taskmanagers',
    route: '/taskmanagers',
    answer: schemas.taskManagers,
  })
  const ids = taskManagers.is === 'answered' ? taskManagers.body.taskmanagers.map((tm) => tm.id) : []
  const homes = [
    { source: 'jobmanager', base: '/jobmanager' },
    ...ids.slice(0, MAX_TASK_MANAGERS).map((id) => ({
      source: `taskmanager ${id}`,
      base: `/taskmanagers/${encodeURIComponent(id)}`,
    })),
  ]
  const pages = await Promise.all(homes.map((home) => readHome(rest, home, query)))
  return pages.flat()
}

interface Home {
  source: string
  base: string
}

async function readHome(rest: FlinkRest, { source, base }: Home, query: LogQuery): Promise<LogPage[]> {
  const route = `/${base.split('/')[1]}/logs`
  const list = await rest.call({ path: `${base}/logs`, route, answer: schemas.logFiles })
  if (list.is !== 'answered') return []
  const { log, out } = mainFiles(list.body.logs)
  const pages: LogPage[] = []
  for (const [file, name] of [
    [log, source],
    [out, `${source} (stdout)`],
  ] as const) {
    if (file === null) continue
    const tail = tailOf(query)
    const path = `${base}/logs/${encodeURIComponent(file)}`
    const outcome = await rest.lines({
      path,
      route: `${route}/:file`,
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      onLine: tail.take,
    })
    if (outcome.is === 'answered') pages.push({ source: name, ...tail.page() })
  }
  return pages
}

/** The log that is being written, and what the program printed. Rolled ones end in `.log.1` and are left out. */
function mainFiles(files: readonly { name: string; size: number }[]) {
  const largest = (ending: string) =>
    files.filter((file) => file.name.endsWith(ending) && file.size > 0).toSorted((a, b) => b.size - a.size)[0]
  return { log: largest('.log')?.name ?? null, out: largest('.out')?.name ?? null }
}

/** Keeps the last `skip + lines` matching lines, so that memory follows the page and not the file. */
export function tailOf(query: LogQuery): {
  take: (line: string) => void
  page: () => Omit<LogPage, 'source'>
} {
  const wanted = query.skip + query.lines
  const needle = query.grep?.toLowerCase() ?? null
  const kept: string[] = []
  let dropped = 0
  return {
    take(line) {
      if (needle !== null && !line.toLowerCase().includes(needle)) return
      kept.push(line)
      if (kept.length < wanted * 2 + 1_000) return
      dropped += kept.splice(0, kept.length - wanted).length
    },
    page() {
      const end = Math.max(0, kept.length - query.skip)
      const start = Math.max(0, end - query.lines)
      return { lines: kept.slice(start, end), more: dropped + start }
    },
  }
}
