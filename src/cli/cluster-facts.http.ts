import { request } from 'undici'
import { z } from 'zod'

/** What a session cluster says about itself. */
export type ClusterFacts =
  | { is: 'silent'; because: string }
  | {
      is: 'answering'
      version: string
      slots: { taskManagers: number; total: number; free: number }
      /** Null: it does not show its config. */
      config: ReadonlyMap<string, string> | null
    }

const WITHIN_MS = 5_000

const Config = z.object({ 'flink-version': z.string() })
const Overview = z.object({
  taskmanagers: z.number(),
  'slots-total': z.number(),
  'slots-available': z.number(),
})
const JobManagerConfig = z.array(z.object({ key: z.string(), value: z.string() }))

export async function askCluster(address: string): Promise<ClusterFacts> {
  try {
    const [config, overview, jobManager] = await Promise.all([
      read(`${address}/config`, Config),
      read(`${address}/overview`, Overview),
      read(`${address}/jobmanager/config`, JobManagerConfig).catch(() => null),
    ])
    return {
      is: 'answering',
      version: config['flink-version'],
      slots: {
        taskManagers: overview.taskmanagers,
        total: overview['slots-total'],
        free: overview['slots-available'],
      },
      config: jobManager && new Map(jobManager.map(({ key, value }) => [key, value])),
    }
  } catch (error) {
    return { is: 'silent', because: reasonOf(error) }
  }
}

async function read<S extends z.ZodType>(url: string, shape: S): Promise<z.output<S>> {
  const answer = await request(url, { signal: AbortSignal.timeout(WITHIN_MS) })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`)
  const body = shape.safeParse(parsed(text))
  if (!body.success) throw new Error('no Flink')
  return body.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `${WITHIN_MS / 1000} s`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.message || code
}
