import { z } from 'zod'
import type { FlinkState } from '../runtime.ts'

/** Flink's answers, only the fields we use. Unknown fields are ignored: every release adds some. */

const STATES = [
  'INITIALIZING',
  'CREATED',
  'RUNNING',
  'FAILING',
  'FAILED',
  'CANCELLING',
  'CANCELED',
  'FINISHED',
  'RESTARTING',
  'SUSPENDED',
  'RECONCILING',
] as const satisfies readonly FlinkState[]

/** A state we have never heard of is not an end, and must not hide the rest of the listing. */
const state = z.enum(STATES).catch('RECONCILING')

const counts = z.object({
  total: z.number(),
  running: z.number().default(0),
  finished: z.number().default(0),
  failed: z.number().default(0),
})

export const listing = z.object({
  jobs: z.array(
    z.object({
      jid: z.string().regex(/^[0-9a-f]{32}$/),
      name: z.string(),
      state,
      'start-time': z.number(),
      'end-time': z.number(),
      tasks: counts,
    }),
  ),
})
export type Listing = z.output<typeof listing>

export const overview = z.object({
  taskmanagers: z.number(),
  'slots-total': z.number(),
  'slots-available': z.number(),
  'flink-version': z.string(),
})

export const config = z.object({ 'flink-version': z.string() })

export const jars = z.object({ files: z.array(z.object({ id: z.string(), name: z.string() })) })

export const uploaded = z.object({ filename: z.string() })

export const ran = z.object({ jobid: z.string() })

export const planned = z.object({
  plan: z.object({
    nodes: z
      .array(z.object({ description: z.string().optional(), operator: z.string().optional() }))
      .default([]),
  }),
})

export type Planned = z.output<typeof planned>

export const accepted = z.object({ 'request-id': z.string() })

export const anything = z.unknown()

export const trigger = z.object({
  status: z.object({ id: z.string() }),
  operation: z
    .object({
      location: z.string().nullish(),
      'failure-cause': z
        .object({ class: z.string().nullish(), 'stack-trace': z.string().nullish() })
        .nullish(),
    })
    .nullish(),
})
export type Trigger = z.output<typeof trigger>

/** Counts of a vertex: Flink's own names, upper case here and lower case in the listing. */
const vertex = z.object({
  id: z.string(),
  name: z.string(),
  parallelism: z.number(),
  status: z.string(),
  tasks: z.record(z.string(), z.number()).default({}),
  metrics: z
    .object({ 'read-records': z.number().nullish(), 'write-records': z.number().nullish() })
    .default({}),
})

export const job = z.object({
  jid: z.string(),
  name: z.string(),
  state,
  'start-time': z.number(),
  vertices: z.array(vertex).default([]),
})
export type Job = z.output<typeof job>

const checkpoint = z.object({
  id: z.number(),
  is_savepoint: z.boolean().default(false),
  trigger_timestamp: z.number(),
  latest_ack_timestamp: z.number().nullish(),
  end_to_end_duration: z.number().default(0),
  state_size: z.number().default(0),
  external_path: z.string().nullish(),
})

export const checkpoints = z.object({
  counts: z.object({ failed: z.number().default(0), completed: z.number().default(0) }).nullish(),
  latest: z
    .object({
      completed: checkpoint.nullish(),
      savepoint: checkpoint.nullish(),
      restored: z
        .object({
          id: z.number(),
          restore_timestamp: z.number(),
          is_savepoint: z.boolean(),
          external_path: z.string().nullish(),
        })
        .nullish(),
    })
    .nullish(),
})
export type Checkpoints = z.output<typeof checkpoints>

const exceptionEntry = z.object({
  exceptionName: z.string().nullish(),
  stacktrace: z.string().nullish(),
  timestamp: z.number().nullish(),
  taskName: z.string().nullish(),
})

export const exceptions = z.object({
  'root-exception': z.string().nullish(),
  timestamp: z.number().nullish(),
  exceptionHistory: z.object({ entries: z.array(exceptionEntry).default([]) }).nullish(),
})
export type Exceptions = z.output<typeof exceptions>

/** Empty on the first call: Flink fetches values in the background. */
export const metrics = z.array(z.object({ id: z.string(), value: z.string() }))

export const aggregated = z.array(
  z.object({ id: z.string(), max: z.number().nullish(), sum: z.number().nullish() }),
)

export type Aggregated = z.output<typeof aggregated>

export const metricNames = z.array(z.object({ id: z.string() }))

export const keyValues = z.array(z.object({ key: z.string(), value: z.string() }))
export type KeyValues = z.infer<typeof keyValues>

export const logFiles = z.object({ logs: z.array(z.object({ name: z.string(), size: z.number() })) })

export const taskManagers = z.object({ taskmanagers: z.array(z.object({ id: z.string() })) })

/** `jobmanager.archive.fs.dir/<job id>`: the answers Flink would give, kept as text. */
export const archive = z.object({ archive: z.array(z.object({ path: z.string(), json: z.string() })) })
