import { createServer } from 'node:net'
import { request } from 'undici'
import { z } from 'zod'

export interface Slots {
  readonly taskManagers: number
  readonly total: number
  readonly free: number
}

const HOST = '127.0.0.1'

/** A port that nobody on the loopback address uses now. */
export function freePort(): Promise<number> {
  return listenOnce(0)
}

export async function isPortFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  )
}

function listenOnce(port: number): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(port, HOST, () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? done(address.port) : fail(new Error('No port')),
      )
    })
  })
}

const Overview = z.object({
  taskmanagers: z.number(),
  'slots-total': z.number(),
  'slots-available': z.number(),
})

/** What a JobManager on this machine says about its slots; null while it does not answer, or not with 200. */
export async function readOverview(port: number): Promise<Slots | null> {
  try {
    const answer = await request(`http://${HOST}:${port}/overview`, {
      headersTimeout: 5000,
      bodyTimeout: 5000,
    })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) return null
    const overview = Overview.parse(JSON.parse(text))
    return {
      taskManagers: overview.taskmanagers,
      total: overview['slots-total'],
      free: overview['slots-available'],
    }
  } catch {
    return null
  }
}
