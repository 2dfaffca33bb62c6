import type { Clock } from '../lib/clock.ts'
import { createEmitter } from '../lib/emitter.ts'
import { type Ids, randomIds } from '../lib/ids.ts'
import { type Log, silentLog } from '../lib/log.ts'
import type { TeamId } from './access/access.ts'
import { SLUICE } from './access/sluice-member.ts'
import { createAlarms } from './alerts/alarms.ts'
import { createAlertStore } from './alerts/alert-store.prisma.ts'
import { createChainStore } from './alerts/chain-store.prisma.ts'
import type { FlushContext } from './alerts/flushing.ts'
import { createGroupStore } from './alerts/group-store.prisma.ts'
import { createIncidentStore } from './alerts/incident-store.prisma.ts'
import { createWindowStore } from './alerts/maintenance/window-store.prisma.ts'
import { createMemberLookup } from './alerts/member-lookup.prisma.ts'
import { createNoticeStore, createToldStore } from './alerts/notice-store.prisma.ts'
import { calendarsOf } from './alerts/oncall/calendars.ts'
import { createOnCallStore } from './alerts/oncall/on-call-store.prisma.ts'
import type { DayCalendar } from './alerts/oncall/schedule.ts'
import { createRoutingStore } from './alerts/routing/routing-store.prisma.ts'
import { createRuleStore, createSampleStore } from './alerts/rules/rule-store.prisma.ts'
import { createSilenceStore } from './alerts/silence-store.prisma.ts'
import { createSourceStore } from './alerts/source-store.prisma.ts'
import { createDigestStore } from './digests/digest-store.prisma.ts'
import { createClusterStore } from './flink/cluster-store.prisma.ts'
import { createFlinkVersionStore } from './flink/flink-version-store.prisma.ts'
import { createArtifactStore } from './jobs/artifact-store.prisma.ts'
import { createAttemptStore } from './jobs/attempt-store.prisma.ts'
import { readNewsMessage } from './jobs/columns.ts'
import { createJobStore } from './jobs/job-store.prisma.ts'
import { createOperationStore } from './jobs/operation-store.prisma.ts'
import { createReleaseStore } from './jobs/release-store.prisma.ts'
import { createSavepointStore } from './jobs/savepoint-store.prisma.ts'
import type {
  AuditDraft,
  EnvironmentStore,
  News,
  Stores,
  TeamLookup,
  Transact,
  WorkSender,
} from './jobs/stores.ts'
import type { Database, Tx } from './storage/database.prisma.ts'
import type { WorkQueue } from './work/work.ts'

/** What an audit log takes; the one in audit/ does. */
export interface AuditWriter {
  record(
    tx: Tx,
    entry: {
      at: number
      memberId: string | null
      actor: string
      via: string
      verb: string
      subject: string
      subjectId: string | null
      jobId: string | null
      teamId: string | null
      decision: string
      because: string | null
      before: unknown
      after: unknown
      requestId: string
    },
  ): Promise<void>
}

export interface StoresDependencies {
  database: Database
  clock: Clock
  queue: Pick<WorkQueue, 'send' | 'sendNew'>
  audit: AuditWriter
  /** How alerts are routed now. */
  alerting: FlushContext
  /** Days off by which schedules go; left out: those we ship. */
  calendars?: readonly DayCalendar[]
  ids?: Ids
  log?: Log
}

const SHIPPED = calendarsOf()

export interface OpenStores {
  transact: Transact
  /** On the outer client: each call stands alone. Never inside `transact`. */
  read: Stores
  /** News of every process, this one included, after the commit. A hint, which may be lost: look for yourself too. */
  onNews(listener: (news: News) => void): () => void
}

export function createStores(dependencies: StoresDependencies): OpenStores {
  const { database, ids = randomIds, log = silentLog, calendars = SHIPPED } = dependencies
  const newsroom = openNewsroom(database, { self: ids.next('process'), log })

  const transact: Transact = (work) =>
    database.transaction(async (tx) => {
      const news: News[] = []
      const result = await work(storesOn(tx, dependencies, (each) => news.push(each)))
      await newsroom.publish(tx, news)
      return result
    })

  const alone = <T>(work: (stores: Stores) => Promise<T>) => transact(work)
  const read: Stores = {
    ...tablesOn(database.prisma, calendars),
    audit: { record: (entry) => alone((stores) => stores.audit.record(entry)) },
    work: {
      runOperation: (...given) => alone((stores) => stores.work.runOperation(...given)),
      show: (...given) => alone((stores) => stores.work.show(...given)),
      expireApproval: (...given) => alone((stores) => stores.work.expireApproval(...given)),
      restartByPolicy: (...given) => alone((stores) => stores.work.restartByPolicy(...given)),
      tell: (...given) => alone((stores) => stores.work.tell(...given)),
      tellAll: (...given) => alone((stores) => stores.work.tellAll(...given)),
    },
    notices: {
      ...createNoticeStore(database.prisma, noQueue),
      add: (...given) => alone((stores) => stores.notices.add(...given)),
      addAll: (...given) => alone((stores) => stores.notices.addAll(...given)),
    },
    alarms: {
      raise: (...given) => alone((stores) => stores.alarms.raise(...given)),
      settle: (...given) => alone((stores) => stores.alarms.settle(...given)),
      explain: (...given) => alone((stores) => stores.alarms.explain(...given)),
      lookAgain: (...given) => alone((stores) => stores.alarms.lookAgain(...given)),
    },
    tell(news) {
      alone(async (stores) => stores.tell(news)).catch((error: unknown) =>
        log.warn({ error: String(error) }, 'News could not be told'),
      )
    },
  }
  return { transact, read, onNews: newsroom.subscribe }
}

/** A notice and the work that tells it share one commit. */
const noQueue = { tell: outside, tellAll: outside }

async function outside(): Promise<void> {
  throw new Error('A notice was added outside of a transaction.')
}

function storesOn(
  tx: Tx,
  { queue, audit, clock, alerting, calendars = SHIPPED }: StoresDependencies,
  tell: (news: News) => void,
): Stores {
  const work = workSender(tx, queue)
  const stores = { ...tablesOn(tx, calendars), work, notices: createNoticeStore(tx, work) }
  return {
    ...stores,
    alarms: createAlarms(stores, alerting),
    audit: { record: (entry) => audit.record(tx, { ...entryOf(entry), at: clock.now() }) },
    tell,
  }
}

function tablesOn(
  client: Tx,
  calendars: readonly DayCalendar[],
): Omit<Stores, 'audit' | 'work' | 'tell' | 'notices' | 'alarms'> {
  return {
    jobs: createJobStore(client),
    releases: createReleaseStore(client),
    attempts: createAttemptStore(client),
    operations: createOperationStore(client),
    savepoints: createSavepointStore(client),
    clusters: createClusterStore(client),
    alerts: createAlertStore(client),
    groups: createGroupStore(client),
    incidents: createIncidentStore(client),
    silences: createSilenceStore(client),
    onCall: createOnCallStore(client, calendars),
    chains: createChainStore(client),
    members: createMemberLookup(client),
    told: createToldStore(client),
    routings: createRoutingStore(client),
    sources: createSourceStore(client),
    digests: createDigestStore(client),
    windows: createWindowStore(client),
    rules: createRuleStore(client),
    samples: createSampleStore(client),
    artifacts: createArtifactStore(client),
    flinkVersions: createFlinkVersionStore(client),
    environments: environments(client),
    teams: teams(client),
  }
}

function environments(client: Tx): EnvironmentStore {
  return {
    async approvals(name) {
      const found = await client.environment.findUnique({ where: { name } })
      if (!found) throw new Error(`There is no environment ${name}.`)
      return { verbs: found.approvals, expiresMin: found.expiresMin }
    },
    exists: async (name) => (await client.environment.count({ where: { name } })) === 1,
  }
}

function teams(client: Tx): TeamLookup {
  // Ids are trusted where they come out of the database.
  return {
    async byName(name) {
      const found = await client.team.findUnique({ where: { name }, select: { id: true, name: true } })
      return found && { id: found.id as TeamId, name: found.name }
    },
    async ids() {
      const rows = await client.team.findMany({ select: { id: true }, orderBy: { name: 'asc' } })
      return rows.map(({ id }) => id as TeamId)
    },
  }
}

/** Keys merge what would be done twice; orders keep one job's operations, and one subject's cards, in line. */
function workSender(tx: Tx, { send, sendNew }: StoresDependencies['queue']): WorkSender {
  return {
    runOperation: (jobId, after = 0) =>
      send(tx, { kind: 'run-operation', jobId }, { key: jobId, orderBy: jobId, after }),
    show: (subject) => send(tx, { kind: 'show', subject }, { key: subject, orderBy: subject }),
    expireApproval: (operationId, after) =>
      send(tx, { kind: 'expire-approval', operationId }, { key: operationId, after }),
    restartByPolicy: (jobId, generation, after) =>
      send(tx, { kind: 'restart-by-policy', jobId, generation }, { key: `${jobId}:${generation}`, after }),
    tell: (noticeId, after = 0) => send(tx, { kind: 'tell', noticeId }, { key: noticeId, after }),
    tellAll: (ids) =>
      sendNew(
        tx,
        ids.map((noticeId) => ({ work: { kind: 'tell', noticeId }, key: noticeId })),
      ),
  }
}

function entryOf(draft: AuditDraft) {
  const { member, job } = draft
  return {
    memberId: member === null || member.id === SLUICE.id ? null : member.id,
    actor: member?.name ?? SLUICE.name,
    via: draft.via,
    verb: draft.verb,
    subject: draft.subject,
    subjectId: job?.id ?? null,
    jobId: job?.id ?? null,
    teamId: job?.team.id ?? null,
    decision: draft.decision,
    because: draft.because ?? null,
    before: draft.before ?? null,
    after: draft.after ?? null,
    requestId: draft.requestId,
  }
}

// --- news ---------------------------------------------------------------------------------------------------------

const CHANNEL = 'sluice_news'
/** A notification holds 8,000 bytes; one piece of news is less than 100. */
const PER_MESSAGE = 50

/** To this process's listeners right at the commit, to those of other processes by NOTIFY. */
function openNewsroom(database: Database, { self, log }: { self: string; log: Log }) {
  const emitter = createEmitter<News>((error) =>
    log.error({ error: String(error) }, 'A listener to news failed'),
  )
  let isListening = false

  function hear(payload: string): void {
    const { from, news } = readNewsMessage(JSON.parse(payload))
    if (from !== self) news.forEach(emitter.publish)
  }

  function listen(): void {
    if (isListening) return
    isListening = true
    database.listen(CHANNEL, hear).catch((error: unknown) => {
      isListening = false
      log.warn({ error: String(error) }, 'News of other processes cannot be heard')
    })
  }

  return {
    async publish(tx: Tx, told: readonly News[]): Promise<void> {
      const news = [...new Map(told.map((each) => [JSON.stringify(each), each])).values()]
      for (let at = 0; at < news.length; at += PER_MESSAGE) {
        const payload = JSON.stringify({ from: self, news: news.slice(at, at + PER_MESSAGE) })
        await database.notify(tx, CHANNEL, payload)
      }
      if (news.length > 0) database.afterCommit(tx, () => news.forEach(emitter.publish))
    },
    subscribe(listener: (news: News) => void): () => void {
      listen()
      return emitter.subscribe(listener)
    },
  }
}
