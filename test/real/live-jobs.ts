import { systemClock } from '../../src/lib/clock.ts'
import { flinkJobIdOf } from '../../src/platform/runtimes/job-manager/flink-job-id.ts'

/** One job of Flink's own listing. */
export interface FlinkRow {
  jid: string
  state: string
  'start-time': number
}

const ENDED = new Set(['FAILED', 'CANCELED', 'FINISHED'])
const EVERY_MS = 150

/**
 * Looks at Flink itself all the time, past Sluice, and remembers when it saw two jobs alive that belong to one job of
 * Sluice: those whose ids begin alike, and strangers that were named as that job's.
 */
export interface LiveJobs {
  /** A job of Sluice, by the id that its Flink ids follow from. */
  know(name: string, jobId: string): void
  /** A Flink job that somebody else started and this job takes over. */
  belongs(name: string, flinkJobId: string): void
  /** The live Flink jobs of one job of Sluice, asked for now. */
  of(name: string): Promise<FlinkRow[]>
  readonly samples: number
  readonly doubles: readonly string[]
  stop(): Promise<void>
}

export function watchLiveJobs(address: string): LiveJobs {
  const owners = new Map<string, string>()
  const doubles: string[] = []
  let samples = 0
  let on = true

  const ownerOf = (jid: string) => owners.get(jid) ?? owners.get(jid.slice(0, 24))

  async function listed(): Promise<FlinkRow[]> {
    const answer = await fetch(`${address}/jobs/overview`)
    return ((await answer.json()) as { jobs: FlinkRow[] }).jobs.filter(({ state }) => !ENDED.has(state))
  }

  async function sample(): Promise<void> {
    const seen = new Map<string, FlinkRow>()
    for (const row of await listed()) {
      const owner = ownerOf(row.jid)
      if (!owner) continue
      const other = seen.get(owner)
      if (other) doubles.push(`${owner}: ${other.jid} ${other.state}, ${row.jid} ${row.state}`)
      seen.set(owner, row)
    }
    samples++
  }

  const watching = (async () => {
    while (on) {
      await sample().catch(() => {})
      await systemClock.sleep(EVERY_MS)
    }
  })()

  return {
    know: (name, jobId) => void owners.set(flinkJobIdOf(jobId, 0).slice(0, 24), name),
    belongs: (name, flinkJobId) => void owners.set(flinkJobId, name),
    of: async (name) => (await listed()).filter(({ jid }) => ownerOf(jid) === name),
    get samples() {
      return samples
    },
    doubles,
    async stop() {
      on = false
      await watching
    },
  }
}
