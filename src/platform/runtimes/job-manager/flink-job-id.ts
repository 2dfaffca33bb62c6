import { createHash } from 'node:crypto'
import { type FlinkJobId, flinkJobId } from '../runtime.ts'

/**
 * The Flink JobID of an attempt: 24 hex digits of the job's hash and 8 of the attempt's number, so that the attempts
 * of a job stand together in a listing and find their checkpoints by name.
 */
export function flinkJobIdOf(jobUid: string, attempt: number): FlinkJobId {
  if (!Number.isInteger(attempt) || attempt < 0 || attempt > 0xffff_ffff)
    throw new Error(`No attempt number: ${attempt}`)
  const job = createHash('sha256').update(jobUid).digest('hex').slice(0, 24)
  return flinkJobId(job + attempt.toString(16).padStart(8, '0'))
}
