import type { Proof } from '../runtime.ts'
import { type EndState, type FlinkJobId, flinkJobId } from '../runtime.ts'
import type { YarnApplication } from './resource-manager.http.ts'

/** YARN folds tags to small letters and takes at most 100 characters; the filter knows only whole tags. */
export function clusterTag(clusterId: string): string {
  return `sluice-${clusterId.toLowerCase()}`
}

const JOB_TAG = 'sluice-flink-'

export function tagsOf(clusterId: string, flinkJobId: FlinkJobId): string[] {
  return [clusterTag(clusterId), `${JOB_TAG}${flinkJobId}`]
}

/** Which of our attempts an application is; null: none. */
export function flinkJobIdIn({
  applicationTags,
}: Pick<YarnApplication, 'applicationTags'>): FlinkJobId | null {
  const tag = applicationTags.split(',').find((each) => each.startsWith(JOB_TAG))
  const id = tag?.slice(JOB_TAG.length) ?? ''
  return /^[0-9a-f]{32}$/.test(id) ? flinkJobId(id) : null
}

/** How far an application is, as the ResourceManager alone tells it. */
export type Stage =
  | { is: 'waiting'; because: string }
  /** `address`: host:port of Flink's REST API; null when it does not say, which proves nothing. */
  | { is: 'running'; address: string | null }
  | { is: 'over'; state: EndState; endedAt: number }
  /** YARN gave it up with its node, whose processes may live on. */
  | { is: 'lost'; endedAt: number; because: string }

export function stageOf(application: YarnApplication): Stage {
  const { state, diagnostics, finishedTime: endedAt } = application
  switch (state) {
    case 'RUNNING':
    case 'FINISHING':
      return { is: 'running', address: application.amRPCAddress ?? null }
    case 'FINISHED':
      return { is: 'over', state: endStateOf(application), endedAt }
    case 'FAILED':
      return saysNodeLost(diagnostics ?? '')
        ? { is: 'lost', endedAt, because: diagnostics ?? '' }
        : { is: 'over', state: 'FAILED', endedAt }
    case 'KILLED':
      return { is: 'over', state: 'CANCELED', endedAt }
    default:
      return { is: 'waiting', because: tidied(diagnostics ?? '') }
  }
}

function endStateOf({ finalStatus }: YarnApplication): EndState {
  if (finalStatus === 'SUCCEEDED') return 'FINISHED'
  return finalStatus === 'KILLED' ? 'CANCELED' : 'FAILED'
}

export function saysNodeLost(diagnostics: string): boolean {
  return /exitCode: -100\b|on a \*lost\* node|expired (?:for|from) \d+ secs/i.test(diagnostics)
}

/** `[Fri Nov 27 12:04:34 +0000 2026] Application is added to the scheduler and is not yet activated. …` */
function tidied(diagnostics: string): string {
  return diagnostics
    .replace(/^\[[^\]]*\]\s*/, '')
    .replace(/\s*Details\s*:[\s\S]*$/, '')
    .trim()
}

/** YARN tells it over only with a final state; that it forgot an application proves nothing by itself. */
export function proofOf(stage: Stage & { is: 'over' }, applicationId: string): Proof {
  return { kind: 'yarn-final', applicationId, state: stage.state, endedAt: stage.endedAt }
}
