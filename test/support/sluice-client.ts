import { readFile } from 'node:fs/promises'
import { ROOT_TEAM } from './root-token.ts'

/** What a test reads of an operation over REST. */
export interface OperationOverRest {
  id: string
  state: string
  outcome: { is: string; why?: string; now?: string; restoredFrom?: string | null; attempt?: number } | null
}

export interface JobOverRest {
  id: string
  name: string
  state: { is: string; attempt?: number; as?: string; outside?: boolean; cause?: unknown }
  desired: string
  attempts: number
}

export interface AuditOverRest {
  verb: string
  decision: string
  after: { operation?: string; outcome?: unknown; order?: unknown } | null
}

export interface IncidentOverRest {
  id: string
  kind: string
  subject: { is: string; name: string }
  cause: { message: string } | null
  facts: Record<string, unknown>
}

type Body = Readonly<Record<string, unknown>>

/** Speaks to a server as a program with a token does. */
export interface SluiceClient {
  addCluster(cluster: {
    name: string
    address: string
    savepoints: string
    checkpoints: string
    archive?: string
  }): Promise<void>
  /** In preprod. */
  addYarn(cluster: Body): Promise<void>
  addFlink(version: { name: string; home: string }): Promise<void>
  /** Sends the example jar; its digest. */
  upload(): Promise<string>
  createJob(job: {
    name: string
    cluster: string
    digest: string
    args: readonly string[]
    restartPolicy?: Body
  }): Promise<void>
  release(job: string, change: Body): Promise<void>
  ask(job: string, order: Body): Promise<OperationOverRest>
  operation(id: string): Promise<OperationOverRest>
  /** Asks and waits until it has ended. */
  run(job: string, order: Body): Promise<OperationOverRest>
  ended(id: string, withinMs?: number): Promise<OperationOverRest>
  job(name: string): Promise<JobOverRest>
  savepoints(job: string): Promise<{ id: string; path: string; origin: string; at: string }[]>
  audit(job: string): Promise<AuditOverRest[]>
  openOperations(): Promise<OperationOverRest[]>
  incidents(): Promise<IncidentOverRest[]>
  deadWork(): Promise<unknown[]>
}

const JAR = new URL('../../examples/counter-job.jar', import.meta.url)
const OPEN = new Set(['queued', 'running', 'waiting-approval'])

export function sluiceClient(url: string, token: string): SluiceClient {
  async function call<T>(method: string, path: string, body?: Body | Uint8Array): Promise<T> {
    const isBytes = body instanceof Uint8Array
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': isBytes ? 'application/java-archive' : 'application/json' }),
      },
      ...(body && { body: isBytes ? new Blob([new Uint8Array(body)]) : JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return (text ? JSON.parse(text) : null) as T
  }

  async function all<T>(path: string): Promise<T[]> {
    const items: T[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
      const page: { items: T[]; next: string | null } = await call('GET', `${path}limit=200${at}`)
      items.push(...page.items)
      cursor = page.next
    }
    return items
  }

  const ask = (job: string, order: Body) => call<OperationOverRest>('POST', `/jobs/${job}/operations`, order)

  async function ended(id: string, withinMs = 60_000): Promise<OperationOverRest> {
    for (const until = Date.now() + withinMs; ; ) {
      const left = until - Date.now()
      const seen = await call<OperationOverRest>(
        'GET',
        `/operations/${id}?wait=${Math.max(0, Math.min(left, 30_000))}ms`,
      )
      if (!OPEN.has(seen.state)) return seen
      if (left <= 0) throw new Error(`Operation ${id} did not end: ${JSON.stringify(seen)}`)
    }
  }

  return {
    async addCluster({ name, address, savepoints, checkpoints, archive }) {
      const place = {
        savepointDir: savepoints,
        checkpointDir: checkpoints,
        ...(archive && { archiveDir: archive }),
      }
      await call('POST', '/clusters', { name, address, environment: 'preprod', ...place })
    },
    async addYarn(cluster) {
      await call('POST', '/clusters/yarn', { environment: 'preprod', ...cluster })
    },
    async addFlink(version) {
      await call('POST', '/flink-versions', version)
    },
    async upload() {
      const bytes = new Uint8Array(await readFile(JAR))
      return (await call<{ digest: string }>('POST', '/artifacts?name=counter-job.jar', bytes)).digest
    },
    async createJob({ name, cluster, digest, args, restartPolicy }) {
      const release = { program: { is: 'jar', digest, args }, parallelism: 1 }
      const rest = { team: ROOT_TEAM, kind: 'jar', release, ...(restartPolicy && { restartPolicy }) }
      await call('POST', '/jobs', { name, cluster, ...rest })
    },
    release: (job, change) => call('POST', `/jobs/${job}/releases`, change),
    ask,
    operation: (id) => call('GET', `/operations/${id}`),
    run: async (job, order) => ended((await ask(job, order)).id),
    ended,
    job: async (name) => (await call<{ job: JobOverRest }>('GET', `/jobs/${name}`)).job,
    savepoints: (job) => all(`/jobs/${job}/savepoints?`),
    audit: (job) => all(`/audit?job=${job}&`),
    openOperations: () => all('/operations?open=true&'),
    incidents: () => all('/incidents?'),
    deadWork: () => all('/work/dead?'),
  }
}
