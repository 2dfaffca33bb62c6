import type { Instant } from '../../lib/clock.ts'
import type { Job } from '../jobs/job.ts'
import type { ClusterRecord, Stores } from '../jobs/stores.ts'
import { type Alert, isMeasured, OWN_ALERTS, type OwnAlertKind } from './alert.ts'
import { flush } from './flush.ts'
import type { FlushContext, FlushStores } from './flushing.ts'
import { takeIn } from './intake.ts'
import { fingerprintOf, type Labels } from './labels.ts'
import type { ToldAlert } from './merge.ts'
import type { Alarms, OwnAlert } from './ports.ts'

export type AlarmStores = FlushStores & Pick<Stores, 'jobs' | 'clusters'>

/** What Sluice itself finds, told within the transaction of whoever found it. */
export function createAlarms(stores: AlarmStores, context: FlushContext): Alarms {
  async function tell(told: readonly ToldAlert[], now: Instant): Promise<void> {
    const due = await takeIn(stores, context, { told, now })
    for (const id of due) {
      const group = await stores.groups.lock(id)
      if (group) await flush(stores, context, { group, now })
    }
  }

  return {
    async raise(alert) {
      const told = await toldOf(stores, context, alert)
      if (told) await tell([told], alert.at)
    },
    async settle(about, { as, at, kinds, called }) {
      const firing = await firingOf(stores, about, kinds ?? [])
      const over = firing.filter(({ kind, labels }) => {
        if (called !== undefined) return labels.alertname === called
        if (kinds) return kinds.some((each) => each === kind)
        return as !== 'recovered' || !isMeasured(kind)
      })
      await tell(
        over.map((alert) => ({ ...alert, ended: { state: 'resolved', as, at } })),
        at,
      )
    },
    async lookAgain(jobId, at) {
      const { alerts, groups } = stores
      const prints = await alerts.toldAbout(jobId)
      if (prints.length === 0) return
      const ids = new Set((await groups.of(prints)).map(({ groupId }) => groupId))
      const looked = (await groups.lockAll([...ids])).filter(({ lookedAt }) => lookedAt !== null)
      await groups.hurry(looked.map(({ id }) => ({ id, dueAt: at })))
    },
    async explain(jobId, facts, at) {
      const firing = await stores.alerts.firingOf({ jobId })
      const unexplained = firing.filter((alert) => !alert.facts.cause)
      await tell(
        unexplained.map((alert) => ({ ...alert, facts, ended: null })),
        at,
      )
    },
  }
}

/** What is named by labels is found by what it is called. */
async function firingOf(
  { alerts }: AlarmStores,
  about: Parameters<Alarms['settle']>[0],
  kinds: readonly OwnAlertKind[],
): Promise<readonly Alert[]> {
  if (!('labels' in about)) return alerts.firingOf(about)
  const prints = kinds.map((kind) =>
    fingerprintOf({ alertname: OWN_ALERTS[kind].alertname, ...about.labels }),
  )
  return [...(await alerts.lock(prints)).values()].filter(({ state }) => state === 'firing')
}

async function toldOf(
  stores: AlarmStores,
  { routing }: FlushContext,
  { kind, about, facts, at, annotations = {}, called }: OwnAlert,
): Promise<ToldAlert | null> {
  const subject = await subjectOf(stores, about)
  if (!subject) return null
  const { identity, importance, ...ids } = subject
  const { alertname, severity } = called ?? OWN_ALERTS[kind]
  const known = { alertname, ...identity }
  const labels = { ...known, severity, importance, source: 'sluice' }
  return {
    ...ids,
    ...{ fingerprint: fingerprintOf(known), labels, annotations, facts, kind, origin: 'sluice' },
    ...{ tier: routing().tierOf(labels), inhibits: routing().mayInhibit(labels) },
    ...{ startsAt: at, expiresAt: null, generatorUrl: '', ended: null },
  }
}

interface Subject extends Pick<Alert, 'jobId' | 'clusterId' | 'teamId' | 'environment'> {
  identity: Labels
  importance: string
}

async function subjectOf(stores: AlarmStores, about: OwnAlert['about']): Promise<Subject | null> {
  if (about.is === 'job') {
    const job = await stores.jobs.byId(about.id)
    return job && ofJob(job)
  }
  if (about.is === 'cluster') {
    const cluster = await stores.clusters.byId(about.id)
    return cluster && ofCluster(cluster)
  }
  const none = { jobId: null, clusterId: null, teamId: null, environment: null }
  return { ...none, identity: about.labels, importance: 'normal' }
}

function ofJob({ id, name, team, environment, cluster, importance }: Job): Subject {
  return {
    identity: { env: environment, team: team.name, cluster: cluster.name, job: name },
    ...{ importance, jobId: id, clusterId: cluster.id, teamId: team.id, environment },
  }
}

function ofCluster({ id, name, environment }: ClusterRecord): Subject {
  return {
    identity: { env: environment, cluster: name },
    ...{ importance: 'normal', jobId: null, clusterId: id, teamId: null, environment },
  }
}
