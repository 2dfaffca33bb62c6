import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Faults } from './faults.ts'
import type { Routes } from './routes.ts'
import type { SimulatedCluster } from './simulated-cluster.ts'
import type { SimulatedJob } from './simulated-job.ts'

export interface Directories {
  checkpoints: string
  savepoints: string | null
  archive: string | null
}

/** What is done to a simulated cluster, as opposed to asked of it. */
export interface SimulatorControl {
  job(id: string): SimulatedJob | null
  /** The number in the job's state, as of now. */
  counter(id: string): number | null
  breakJob(id: string, stack?: string): void
  mendJob(id: string): void
  finishJob(id: string): void
  killTaskManager(): void
  addTaskManager(): void
  /** kill -9: connections break, and nobody listens until `startJobManager`. */
  killJobManager(): Promise<void>
  startJobManager(): Promise<void>
}

/** Everything behind one simulator's server. */
export interface World {
  clock: Clock
  cluster: SimulatedCluster
  faults: Faults
  routes: Routes
  admin: boolean
  requests: Map<string, number>
  directories: Directories
  /** Until then 503: a JobManager that starts has to win its election first. */
  electedAt: Instant
  /** How many JobManagers there were; each life's CPU time begins lower than the last one's, as a young JVM's does. */
  lives: number
  /** The mark of the JobManager that runs now. */
  life: string
  control: SimulatorControl | null
}
