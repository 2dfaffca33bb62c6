import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { systemClock } from '../../src/lib/clock.ts'

/** A plain view of a JobManager for tests: says what Flink says, and decides nothing. */
export function flinkRest(url: string) {
  async function call(method: string, path: string, body?: unknown) {
    const init =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await fetch(`${url}${path}`, { method, ...init })
    const text = await answer.text()
    return {
      status: answer.status,
      json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
    }
  }

  async function upload(name: string, bytes: Uint8Array): Promise<string> {
    const form = new FormData()
    form.append('jarfile', new Blob([bytes]), name)
    const answer = await fetch(`${url}/jars/upload`, { method: 'POST', body: form })
    return basename(((await answer.json()) as { filename: string }).filename)
  }

  return {
    call,
    upload,
    uploadFile: async (path: string) => upload(basename(path), await readFile(path)),
    run: (jar: string, body: unknown) => call('POST', `/jars/${jar}/run`, body),
    job: async (id: string) => (await call('GET', `/jobs/${id}`)).json,
    stateOf: async (id: string): Promise<string | undefined> =>
      (await call('GET', '/jobs')).json.jobs.find((job: { id: string }) => job.id === id)?.status,
    /** The gauge of the example job; null while Flink has not fetched it yet. */
    async gauge(id: string, name: 'counter' | 'startedFrom'): Promise<number | null> {
      const job = (await call('GET', `/jobs/${id}`)).json
      const vertex = job.vertices?.find((one: { name: string }) => one.name.startsWith('count'))
      const answer = await call('GET', `/jobs/${id}/vertices/${vertex?.id}/metrics?get=0.count.${name}`)
      const value = answer.status === 200 ? answer.json[0]?.value : undefined
      return value === undefined ? null : Number(value)
    },
  }
}

export type FlinkRest = ReturnType<typeof flinkRest>

/** Asks until the answer is what is wanted; says the last answer when it never is. */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (value: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = systemClock.now() + withinMs
  for (;;) {
    const value = await ask()
    if (wanted(value)) return value
    if (systemClock.now() > deadline) throw new Error(`Never came; last seen: ${JSON.stringify(value)}`)
    await systemClock.sleep(200)
  }
}
