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
  const overview = await read(port, '/overview', Overview)
  if (!overview) return null
  return {
    taskManagers: overview.taskmanagers,
    total: overview['slots-total'],
    free: overview['slots-available'],
  }
}

const TaskManagers = z.object({
  taskmanagers: z.array(z.object({ id: z.string(), slotsNumber: z.number() })),
})

/** The TaskManagers that a JobManager on this machine knows, dead ones not yet missed included. */
export async function readTaskManagers(port: number): Promise<{ id: string; slots: number }[]> {
  const answer = await read(port, '/taskmanagers', TaskManagers)
  return answer?.taskmanagers.map(({ id, slotsNumber }) => ({ id, slots: slotsNumber })) ?? []
}

async function read<Shape extends z.ZodType>(
  port: number,
  path: string,
  shape: Shape,
): Promise<z.output<Shape> | null> {
  try {
    const answer = await request(`http://${HOST}:${port}${path}`, { headersTimeout: 5000, bodyTimeout: 5000 })
    const text = await answer.body.text()
    return answer.statusCode === 200 ? shape.parse(JSON.parse(text)) : null
  } catch {
    return null
  }
}
