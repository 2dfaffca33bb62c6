// The process behind simulators.ts: the first message is the plan, every other an order.
import { systemClock } from '../../src/lib/clock.ts'
import { isOver } from '../../src/platform/runtimes/simulator/simulated-job.ts'
import { type Simulator, startSimulator } from '../../src/platform/runtimes/simulator/simulator.http.ts'
import type { Answers, Order, SimulatorsPlan } from './simulators.ts'

let simulators: Simulator[] = []
let told: Record<string, number> = {}

process.on('message', ({ id, order }: { id: number; order: SimulatorsPlan | Order }) => {
  const answer = 'clusters' in order ? begin(order) : Promise.resolve(obey(order))
  answer.then((answer) => process.send?.({ id, answer }))
})
process.on('disconnect', () => process.exit(0))

async function begin({ clusters, slots, delays = {} }: SimulatorsPlan): Promise<string[]> {
  simulators = await Promise.all(
    clusters.map(() =>
      startSimulator({ clock: systemClock, taskManagers: 4, slots: Math.ceil(slots / 4), delays }),
    ),
  )
  clusters.forEach((ids, at) => {
    for (const [i, jobId] of ids.entries()) preload(at, jobId, i)
  })
  return simulators.map(({ address }) => address)
}

function preload(at: number, jobId: string, i: number): void {
  // Long ago enough for everything to be up.
  const began = Date.now() - 3_600_000
  simulators[at]?.cluster.start(
    {
      jobId,
      parallelism: 1,
      restore: null,
      behaviour: {
        name: `job-${i}`,
        ratePerSecond: 10,
        step: 1,
        checkpointIntervalMs: 60_000,
        breakWhen: null,
        breakNow: false,
        restarts: true,
        executesTwice: false,
        shape: 'counter',
      },
    },
    began,
  )
}

function obey(order: Order): Answers[Order['do']] {
  switch (order.do) {
    case 'requests':
      return requestsSince()
    case 'break':
      return breakJob(order)
    case 'times':
      return times(order)
    case 'jobs': {
      const jobs = simulators[order.cluster]?.cluster
      const live = [...(jobs?.jobs.values() ?? [])].filter((job) => !isOver(job)).length
      return { started: jobs?.usedIds.size ?? 0, live }
    }
  }
}

function requestsSince(): Record<string, number> {
  const all: Record<string, number> = {}
  for (const { requests } of simulators) {
    for (const [route, count] of requests) all[route] = (all[route] ?? 0) + count
  }
  const since = Object.fromEntries(
    Object.entries(all).map(([route, count]) => [route, count - (told[route] ?? 0)]),
  )
  told = all
  return since
}

function breakJob({ cluster, job, restarts }: Extract<Order, { do: 'break' }>): number {
  const simulator = simulators[cluster]
  const found = simulator?.cluster.jobs.get(job)
  if (!simulator || !found) throw new Error(`There is no job ${job} to break.`)
  found.behaviour.restarts = restarts
  simulator.breakJob(job)
  return Date.now()
}

/** What Flink itself took time for since `from`. */
function times({ cluster, from }: Extract<Order, { do: 'times' }>): { from: number; to: number }[] {
  const simulated = simulators[cluster]?.cluster
  if (!simulated) return []
  const found: { from: number; to: number }[] = []
  for (const job of simulated.jobs.values()) {
    if (job.startedAt >= from) found.push({ from: job.startedAt, to: job.upSince })
    const cancelling = job.reached.CANCELLING
    if (cancelling !== undefined && cancelling >= from && isOver(job))
      found.push({ from: cancelling, to: job.endedAt })
  }
  for (const { at, doneAt } of simulated.triggers.values())
    if (at >= from) found.push({ from: at, to: doneAt })
  return found
}
