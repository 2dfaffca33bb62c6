import { causeOf, rootCause } from '../job-manager/answers.ts'
import type { RuntimeCause } from '../runtime.ts'

/** `2026-11-27 12:04:34,113 ERROR org.apache.flink… [] - Fatal error …` */
const RECORD = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} +(\w+)/

/**
 * Why a JobManager ended, by its own log: the stack trace of the last error in it. An application whose main() throws
 * leaves its reason nowhere else.
 */
export function failureInLog(log: string): RuntimeCause | null {
  let last: string | null = null
  for (const { level, trace } of recordsOf(log)) {
    if ((level === 'ERROR' || level === 'FATAL') && /^[\w.$]+(?:Exception|Error)\b/.test(trace)) last = trace
  }
  return last === null ? null : causeOf({ ...rootCause(last), text: last.slice(0, MOST_TEXT) })
}

const MOST_TEXT = 64 * 1024

/** Each record with the lines below its first one. */
function* recordsOf(log: string): Generator<{ level: string; trace: string }> {
  let level = ''
  let lines: string[] = []
  for (const line of log.split('\n')) {
    const found = RECORD.exec(line)
    if (!found) {
      lines.push(line)
      continue
    }
    yield { level, trace: lines.join('\n') }
    level = found[1] ?? ''
    lines = []
  }
  yield { level, trace: lines.join('\n') }
}
