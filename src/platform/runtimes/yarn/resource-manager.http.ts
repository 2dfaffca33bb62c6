import { z } from 'zod'
import { createHadoopRest, type HadoopOutcome, type HadoopRestOptions } from './hadoop-rest.http.ts'
import type { SubmissionContext } from './submission.ts'

/**
 * An application as the ResourceManager tells it. `amRPCAddress` is where Flink's REST API listens; it is missing
 * before a JobManager has registered, for a while after the ResourceManager's own restart, and once it is over.
 */
const application = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  queue: z.string(),
  state: z.string(),
  finalStatus: z.string(),
  diagnostics: z.string().nullish(),
  applicationTags: z.string().default(''),
  startedTime: z.number(),
  finishedTime: z.number(),
  amRPCAddress: z.string().optional(),
  amContainerLogs: z.string().optional(),
  logAggregationStatus: z.string().optional(),
})
export type YarnApplication = z.output<typeof application>

/** Older versions say `{"apps":null}` where newer ones say `{"apps":{}}`. */
const applications = z.object({ apps: z.object({ app: z.array(application).default([]) }).nullable() })

const info = z.object({
  clusterInfo: z.object({
    /** The time of the ResourceManager's start: another one in each life. */
    id: z.number(),
    startedOn: z.number(),
    haState: z.string(),
    rmStateStoreName: z.string().default(''),
    resourceManagerVersion: z.string(),
  }),
})
export type ResourceManagerInfo = z.output<typeof info>['clusterInfo']

const metrics = z.object({
  clusterMetrics: z.object({
    availableMB: z.number(),
    totalMB: z.number(),
    availableVirtualCores: z.number(),
    totalVirtualCores: z.number(),
    activeNodes: z.number(),
    lostNodes: z.number(),
    unhealthyNodes: z.number(),
  }),
})
export type ClusterMetrics = z.output<typeof metrics>['clusterMetrics']

const newApplication = z.object({ 'application-id': z.string().regex(/^application_\d+_\d+$/) })

const LIST_TIMEOUT_MS = 30_000
/** All that a row can leave out: with less left out it says three times as much. */
const WITHOUT = 'resourceRequests,timeouts,appNodeLabelExpression,amNodeLabelExpression,resourceInfo'

export interface ResourceManager {
  info(): Promise<HadoopOutcome<ResourceManagerInfo>>
  metrics(): Promise<HadoopOutcome<ClusterMetrics>>
  /** All applications with this tag, in whatever state. */
  tagged(tag: string): Promise<HadoopOutcome<readonly YarnApplication[]>>
  application(id: string): Promise<HadoopOutcome<YarnApplication>>
  /** An id that nobody else gets; without a submit it leaves no trace. */
  newApplication(): Promise<HadoopOutcome<string>>
  /** The same id again, alive or over, is taken and changes nothing as long as the ResourceManager remembers it. */
  submit(context: SubmissionContext): Promise<HadoopOutcome<unknown>>
  kill(id: string, because: string): Promise<HadoopOutcome<unknown>>
  close(): Promise<void>
}

export function createResourceManager(options: HadoopRestOptions): ResourceManager {
  const rest = createHadoopRest(options)
  const cluster = '/ws/v1/cluster'
  return {
    async info() {
      return picked(await rest.call({ path: `${cluster}/info`, answer: info }), (body) => body.clusterInfo)
    },
    async metrics() {
      return picked(
        await rest.call({ path: `${cluster}/metrics`, answer: metrics }),
        (body) => body.clusterMetrics,
      )
    },
    async tagged(tag) {
      const query = { applicationTags: tag, deSelects: WITHOUT }
      const path = `${cluster}/apps`
      const answer = await rest.call({ path, query, answer: applications, timeoutMs: LIST_TIMEOUT_MS })
      return picked(answer, (body) => body.apps?.app ?? [])
    },
    async application(id) {
      const path = `${cluster}/apps/${encodeURIComponent(id)}`
      return picked(await rest.call({ path, answer: z.object({ app: application }) }), (body) => body.app)
    },
    async newApplication() {
      const path = `${cluster}/apps/new-application`
      const answer = await rest.call({ method: 'POST', path, answer: newApplication })
      return picked(answer, (body) => body['application-id'])
    },
    submit: (context) =>
      rest.call({ method: 'POST', path: `${cluster}/apps`, json: context, answer: z.unknown() }),
    kill: (id, because) =>
      rest.call({
        method: 'PUT',
        path: `${cluster}/apps/${encodeURIComponent(id)}/state`,
        json: { state: 'KILLED', diagnostics: because },
        answer: z.unknown(),
      }),
    close: () => rest.close(),
  }
}

function picked<T, U>(outcome: HadoopOutcome<T>, pick: (body: T) => U): HadoopOutcome<U> {
  return outcome.is === 'answered' ? { ...outcome, body: pick(outcome.body) } : outcome
}
