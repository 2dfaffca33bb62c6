import type { Clock, Instant } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { isMeasured } from '../alerts/alert.ts'
import type { OwnAlert } from '../alerts/ports.ts'
import { judge, type Verdict } from '../alerts/rules/condition.ts'
import { DEFAULT_RULES } from '../alerts/rules/default-rules.ts'
import { alertOf, kindOf, type Rule, rulesFor } from '../alerts/rules/rule.ts'
import { KEPT_MS, type Sample, withSample } from '../alerts/rules/sample.ts'
import type { Leases } from '../coordination/leases.ts'
import type { ClusterRecord, LiveAttempt, News, Stores } from '../jobs/stores.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { jobSample, sampleOf } from './job-sample.ts'

export interface SamplerDependencies {
  read: Stores
  clock: Clock
  log: Log
  leases: Leases
  runtimeOf(cluster: ClusterRecord): Runtime
  onNews(listener: (news: News) => void): () => void
  /** How often a job is measured; with very many jobs less often. */
  everyMs: number
}

export interface Sampler {
  start(): void
  stop(): Promise<void>
  /** How long a cluster's listing took. */
  polled(cluster: string, ms: number): void
  /** One round over all clusters, for who steers the time. */
  round(): Promise<void>
}

const TICK_MS = 5_000
const LEASE_MS = 6 * TICK_MS
const RULES_MS = 60_000
/** The backstop where the news that something changed was lost. */
const REFRESH_MS = 60_000
/** So many jobs in one round, shared by the clusters; each costs a handful of requests. The others wait their turn. */
const MOST_A_ROUND = 100
const AT_ONCE = 4

interface Watched {
  samples: readonly Sample[]
  sampledAt: Instant
  /** Names of alerts that rules told and that fire. */
  firing: Set<string>
}

interface About {
  subject: OwnAlert['about']
  settle: { jobId: string } | { clusterId: string }
  labels: { env: string; cluster: string; team?: string; job?: string }
}

/** Measures jobs and clusters now and then, and tells what the rules make of it. */
export function createSampler(dependencies: SamplerDependencies): Sampler {
  const { read, clock, log, leases, onNews } = dependencies
  const stopping = new AbortController()
  const jobs = new Map<string, Watched>()
  const clusters = new Map<string, Watched>()
  const polls = new Map<string, number>()
  const held: { rules: readonly Rule[]; readAt: number } = {
    rules: DEFAULT_RULES,
    readAt: Number.NEGATIVE_INFINITY,
  }
  let running: Promise<void> = Promise.resolve()
  let stopNews = () => {}

  async function rules(): Promise<readonly Rule[]> {
    if (clock.now() - held.readAt > RULES_MS) {
      held.readAt = clock.now()
      held.rules = [...DEFAULT_RULES, ...(await read.rules.all())]
    }
    return held.rules
  }

  async function round(): Promise<void> {
    const all = (await read.clusters.all()).filter(({ removedAt }) => removedAt === null)
    const share = Math.ceil(MOST_A_ROUND / Math.max(1, all.length))
    await Promise.all(all.map((cluster) => roundOn(cluster, share).catch((error) => warn(cluster, error))))
  }

  function warn({ name }: ClusterRecord, error: unknown): void {
    log.warn({ error, cluster: name }, 'What runs on a cluster could not be measured')
  }

  /** Read again when something began or ended there; with thousands of jobs the list is what would cost most. */
  const pictures = new Map<string, { live: readonly LiveAttempt[]; readAt: Instant }>()
  async function liveOn(clusterId: string): Promise<readonly LiveAttempt[]> {
    const known = pictures.get(clusterId)
    const readAt = clock.now()
    if (known && readAt - known.readAt < REFRESH_MS) return known.live
    const picture = { live: known?.live ?? [], readAt }
    // Noted before the read, so that news arriving during it make the picture stale again.
    pictures.set(clusterId, picture)
    picture.live = await read.attempts.onCluster(clusterId)
    return picture.live
  }

  async function roundOn(cluster: ClusterRecord, share: number): Promise<void> {
    if (cluster.unreachableSince !== null) return
    if ((await leases.take(`sample:${cluster.id}`, LEASE_MS)) === null) return
    const live = await liveOn(cluster.id)
    await measureCluster(cluster, live)
    const due = dueOf(live, jobs, clock.now() - dependencies.everyMs).slice(0, share)
    await inTurns(due, AT_ONCE, (attempt) => measureJob(cluster, attempt))
    forgetOthers(cluster.id, live)
  }

  /** A job that runs no more, or elsewhere, is measured anew when it runs here again. */
  const places = new Map<string, string>()
  function forgetOthers(clusterId: string, live: readonly LiveAttempt[]): void {
    const here = new Set(live.map(({ job }) => job.id))
    for (const [jobId, place] of places) {
      if (place !== clusterId || here.has(jobId)) continue
      places.delete(jobId)
      jobs.delete(jobId)
    }
  }

  async function measureCluster(cluster: ClusterRecord, live: readonly LiveAttempt[]): Promise<void> {
    const at = clock.now()
    const settle = { clusterId: cluster.id }
    const known = clusters.get(cluster.id) ?? { samples: [], sampledAt: 0, firing: await toldBefore(settle) }
    const slotsFree = cluster.room?.of === 'slots' ? cluster.room.slotsFree : null
    const waiting = live.filter(({ job }) => job.state.is === 'recovering' || job.state.is === 'starting')
    const sample = sampleOf(at, {
      poll_time: polls.get(cluster.name) ?? null,
      slots_free: slotsFree,
      jobs_without_slots: slotsFree === null ? null : slotsFree === 0 ? waiting.length : 0,
    })
    const watched = { ...known, samples: withSample(known.samples, sample), sampledAt: at }
    clusters.set(cluster.id, watched)
    await tellOf(watched, {
      subject: { is: 'cluster', id: cluster.id },
      settle,
      labels: { env: cluster.environment, cluster: cluster.name },
    })
  }

  async function measureJob(cluster: ClusterRecord, { attempt, job }: LiveAttempt): Promise<void> {
    const at = clock.now()
    const runtime = dependencies.runtimeOf(cluster)
    const detail = await runtime.detail(attempt.identity, { pressure: true })
    if (!detail) return
    const settle = { jobId: job.id }
    const known = jobs.get(job.id) ?? {
      samples: await read.samples.of(job.id, at - KEPT_MS),
      sampledAt: 0,
      firing: await toldBefore(settle),
    }
    const sample = jobSample(detail, { since: attempt.liveAt ?? attempt.intendedAt, at })
    const watched = { ...known, samples: withSample(known.samples, sample), sampledAt: at }
    jobs.set(job.id, watched)
    places.set(job.id, cluster.id)
    await read.samples.add([{ ...sample, jobId: job.id }])
    await tellOf(watched, {
      subject: { is: 'job', id: job.id },
      settle,
      labels: { env: cluster.environment, cluster: cluster.name, team: job.teamName, job: job.name },
    })
  }

  /** What a rule told of it before this process looked. */
  async function toldBefore(about: About['settle']): Promise<Set<string>> {
    const firing = await read.alerts.firingOf(about)
    return new Set(firing.flatMap(({ kind, labels }) => (isMeasured(kind) ? (labels.alertname ?? []) : [])))
  }

  async function tellOf({ samples, firing }: Watched, about: About): Promise<void> {
    const holding = rulesFor(await rules(), about.labels)
    for (const rule of holding) {
      const { alertname } = alertOf(rule)
      const verdict = judge(rule.when, samples, clock.now())
      if (verdict.is === 'holds') {
        await raise(rule, verdict, about)
        firing.add(alertname)
      } else if (verdict.is === 'not' && firing.has(alertname)) await settle(alertname, { firing, about })
    }
    // A rule that was switched off or taken away has nothing to fire about.
    const known = new Set(holding.map((rule) => alertOf(rule).alertname))
    for (const alertname of firing) if (!known.has(alertname)) await settle(alertname, { firing, about })
  }

  /** Told again as long as it holds: what it measures is kept fresh, and whoever settled it too early is corrected. */
  async function raise(
    rule: Rule,
    { value, limit, unit, usual }: Extract<Verdict, { is: 'holds' }>,
    { subject }: About,
  ): Promise<void> {
    const kind = kindOf(rule)
    const measured = { metric: rule.when.metric, value, limit, unit, usual }
    const facts = kind === 'no-checkpoint' ? { sinceCheckpointMs: value } : { measured }
    const alert: OwnAlert = { kind, about: subject, facts, at: clock.now(), called: alertOf(rule) }
    await read.alarms.raise(alert)
  }

  async function settle(
    alertname: string,
    { firing, about }: { firing: Set<string>; about: About },
  ): Promise<void> {
    await read.alarms.settle(about.settle, { as: 'recovered', at: clock.now(), called: alertname })
    firing.delete(alertname)
  }

  return {
    start() {
      stopNews = onNews((news) => {
        if (news.of === 'alerts' && news.changed === 'rules') held.readAt = Number.NEGATIVE_INFINITY
        if (news.of === 'cluster') pictures.delete(news.clusterId)
      })
      running = repeat()
    },
    async stop() {
      stopping.abort()
      stopNews()
      await running
    },
    polled: (cluster, ms) => void polls.set(cluster, ms),
    round,
  }

  async function repeat(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(TICK_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await round().catch((error: unknown) => log.warn({ error }, 'Jobs could not be measured'))
    }
  }
}

/** Those that run undisturbed and were not measured since, the longest ago first. */
function dueOf(
  live: readonly LiveAttempt[],
  jobs: ReadonlyMap<string, Watched>,
  before: Instant,
): readonly LiveAttempt[] {
  const last = ({ job }: LiveAttempt) => jobs.get(job.id)?.sampledAt ?? 0
  return live
    .filter((each) => each.job.state.is === 'running' && !each.operating && last(each) <= before)
    .sort((a, b) => last(a) - last(b))
}

async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}
