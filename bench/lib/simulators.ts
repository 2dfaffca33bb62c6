import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { SimulatorDelays } from '../../src/platform/runtimes/simulator/simulated-cluster.ts'

/** What the child is started with. */
export interface SimulatorsPlan {
  /** One cluster each, with the Flink job ids that run there from the beginning. */
  clusters: readonly (readonly string[])[]
  slots: number
  delays?: Partial<SimulatorDelays>
}

export type Order =
  | { do: 'requests' }
  /** `restarts` false: Flink gives the job up at once. */
  | { do: 'break'; cluster: number; job: string; restarts: boolean }
  | { do: 'times'; cluster: number; from: number }
  | { do: 'jobs'; cluster: number }

export interface Answers {
  /** Requests by route, over all clusters, since the last time somebody asked. */
  requests: Record<string, number>
  /** When it happened. */
  break: number
  /** When Flink was at it: coming up, taking a savepoint, ending. */
  times: { from: number; to: number }[]
  /** How many were ever started there, and how many live. */
  jobs: { started: number; live: number }
}

export interface Simulators {
  addresses: readonly string[]
  ask<O extends Order>(order: O): Promise<Answers[O['do']]>
  stop(): Promise<void>
}

/** Simulated clusters in a process of their own, so that their work does not count as ours. */
export async function startSimulators(plan: SimulatorsPlan): Promise<Simulators> {
  const child = fork(join(import.meta.dirname, 'simulators.child.ts'), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const pending = new Map<number, (answer: unknown) => void>()
  let last = 0
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
    pending.get(id)?.(answer)
    pending.delete(id)
  })
  const ask = (order: unknown) =>
    new Promise<unknown>((resolve) => {
      pending.set(++last, resolve)
      child.send({ id: last, order })
    })
  const addresses = (await Promise.race([ask(plan), death(child)])) as readonly string[]
  return {
    addresses,
    // The child answers in the order's own shape; a pipe does not carry types.
    ask: (order) => ask(order) as never,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
    },
  }
}

function death(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) =>
    child.once('exit', (code) => reject(new Error(`The simulators ended with ${code} before they were up.`))),
  )
}
