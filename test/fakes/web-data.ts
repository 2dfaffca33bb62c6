/** What the page's own server shows: a team's day with some trouble in it. */
import type {
  Attempt,
  AuditEntry,
  ClusterView,
  FlinkVersionView,
  Job,
  JobPage,
  MemberView,
  Operation,
  Release,
  Savepoint,
  TeamView,
} from '../../web/wire.ts'

export const MEMBERS: readonly MemberView[] = [
  person('lin', '林晓', 'Lin', [
    { team: 'data', role: 'operator' },
    { team: 'ads', role: 'viewer' },
  ]),
  person('mei', '美玲', 'Mei', [
    { team: 'data', role: 'lead' },
    { team: 'risk', role: 'lead' },
  ]),
  person('bo', '博文', 'Bo', [{ team: 'data', role: 'developer' }]),
  { ...person('ada', 'Ada', 'Ada', []), isAdmin: true, email: 'ada@example.com' },
  { ...person('old-hand', '老周', 'Old Zhou', [{ team: 'ads', role: 'operator' }]), disabled: true },
]

function person(
  name: string,
  zh: string,
  en: string,
  teams: readonly { team: string; role: string }[],
): MemberView {
  return {
    id: `mem_${name}`,
    name,
    displayName: `${en} ${zh}`.replace(/^(\w+) \1$/, '$1'),
    email: null,
    language: name === 'ada' ? 'en' : 'zh',
    zone: 'Asia/Shanghai',
    isAdmin: false,
    disabled: false,
    teams,
    accounts: [{ vendor: 'web', externalId: name, displayName: en }],
  }
}

export const TEAMS: readonly TeamView[] = [
  { name: 'data', title: '数据组' },
  { name: 'ads', title: '广告组' },
  { name: 'risk', title: '风控组' },
].map((team) => ({
  ...team,
  id: `team_${team.name}` as TeamView['id'],
  zone: 'Asia/Shanghai',
  language: 'zh' as const,
  members: MEMBERS.flatMap((member) =>
    member.teams
      .filter((one) => one.team === team.name)
      .map((one) => ({
        name: member.name,
        displayName: member.displayName,
        role: one.role,
        disabled: member.disabled,
      })),
  ),
}))

export const iso = (ms: number) => new Date(ms).toISOString()
const MIN = 60_000

export function makeClusters(now: number): ClusterView[] {
  return [
    {
      id: 'clu_a',
      name: 'session-a',
      kind: 'session',
      yarn: null,
      environment: 'prod',
      address: 'http://flink-a.internal:8081',
      managed: false,
      sandbox: false,
      room: { of: 'slots', flinkVersion: '1.20.3', taskManagers: 12, slotsTotal: 96, slotsFree: 21 },
      reach: { is: 'reachable', at: iso(now - 3000) },
      jobs: 31,
    },
    {
      id: 'clu_b',
      name: 'session-b',
      kind: 'session',
      yarn: null,
      environment: 'prod',
      address: 'http://flink-b.internal:8081',
      managed: false,
      sandbox: false,
      room: { of: 'slots', flinkVersion: '1.18.1', taskManagers: 4, slotsTotal: 16, slotsFree: 0 },
      reach: { is: 'silent', since: iso(now - 7 * MIN), because: 'connect ECONNREFUSED 10.2.0.14:8081' },
      jobs: 12,
    },
    {
      id: 'clu_l',
      name: 'local',
      kind: 'session',
      yarn: null,
      environment: 'preprod',
      address: 'http://127.0.0.1:8081',
      managed: true,
      sandbox: false,
      room: { of: 'slots', flinkVersion: '1.20.3', taskManagers: 2, slotsTotal: 8, slotsFree: 5 },
      reach: { is: 'reachable', at: iso(now - 2000) },
      jobs: 3,
    },
  ]
}

export const FLINK_VERSIONS: readonly FlinkVersionView[] = [
  {
    name: 'flink-1.20',
    version: '1.20.3',
    vendor: null,
    home: '/opt/flink-1.20.3',
    confDir: null,
    javaHome: '/usr/lib/jvm/java-17',
    hadoopConfDir: null,
    isDefault: true,
  },
  {
    name: 'csa-1.14',
    version: '1.14.0',
    vendor: 'csa1.7.0.0',
    home: '/opt/cloudera/parcels/FLINK',
    confDir: '/etc/flink/conf',
    javaHome: null,
    hadoopConfDir: '/etc/hadoop/conf',
    isDefault: false,
  },
]

const NAMES = [
  'orders-cdc',
  'orders-wide',
  'dm-orders',
  'clicks-sessions',
  'clicks-raw',
  'users-sync',
  'payments-ledger',
  'stock-alerts',
  'coupons-join',
  'search-terms',
  'risk-scores',
  'device-heartbeat',
  'ads-bidding',
  'ads-report',
  'fraud-rules',
]

const OOM: NonNullable<JobPage['incident']>['cause'] = {
  exception: 'java.lang.OutOfMemoryError',
  message: 'Java heap space',
  at: null,
  task: 'Source: orders_snapshot -> Map (3/8)',
  stack: [
    'org.apache.flink.runtime.JobException: Recovery is suppressed by FixedDelayRestartBackoffTimeStrategy',
    '\tat org.apache.flink.runtime.executiongraph.failover.ExecutionFailureHandler.handleFailure(ExecutionFailureHandler.java:219)',
    '\tat org.apache.flink.runtime.scheduler.DefaultScheduler.handleTaskFailure(DefaultScheduler.java:283)',
    'Caused by: java.lang.OutOfMemoryError: Java heap space',
    '\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)',
    '\tat com.example.orders.SnapshotReader.readAll(SnapshotReader.java:88)',
  ].join('\n'),
}

export function makeJobs(now: number): Job[] {
  const tasks = { total: 8, running: 8, finished: 0, failed: 0 }
  const states: readonly Job['state'][] = [
    { is: 'running', attempt: 4, tasks },
    { is: 'running', attempt: 2, tasks },
    { is: 'failed', attempt: 7, cause: OOM },
    { is: 'running', attempt: 1, tasks },
    { is: 'recovering', attempt: 3, flink: 'RESTARTING', tasks: { ...tasks, running: 5 } },
    { is: 'stopped', savepointId: 'sav_1' },
    { is: 'running', attempt: 11, tasks },
    { is: 'lost', attempt: 2, since: iso(now - 7 * MIN), because: 'session-b does not answer' },
    { is: 'new' },
    { is: 'ended', attempt: 1, as: 'FINISHED', outside: false },
  ]
  return Array.from({ length: 60 }, (_, index) => {
    const base = NAMES[index % NAMES.length] ?? 'job'
    const copy = Math.floor(index / NAMES.length)
    const state = copy > 0 && index % 7 !== 0 ? states[0] : states[index % states.length]
    const team = base.startsWith('ads') ? 'ads' : /risk|fraud/.test(base) ? 'risk' : 'data'
    const prod = index % 4 !== 3
    return {
      id: `job_${index}`,
      name: copy === 0 ? base : `${base}-${copy + 1}`,
      team: { id: `team_${team}` as Job['team']['id'], name: team },
      environment: prod ? 'prod' : 'preprod',
      cluster: {
        id: prod ? 'clu_a' : 'clu_l',
        name: state?.is === 'lost' ? 'session-b' : prod ? 'session-a' : 'local',
        sandbox: false,
      },
      kind: index % 3 === 1 ? 'sql' : 'jar',
      note: index === 0 ? 'CDC of the order tables into the lake' : '',
      state: state ?? { is: 'new' },
      stateSince: iso(now - (index + 1) * 47 * MIN),
      desired: 'running',
      effectiveRelease: state?.is === 'new' ? null : 3 + (index % 5),
      releases: 3 + (index % 5) + (index % 2),
      attempts: 4,
      generation: 4,
      restartPolicy:
        index % 2 === 0
          ? { is: 'none' }
          : { is: 'on-failure', limit: 5, windowMs: 600_000, backoffMs: 10_000, backoffCapMs: 300_000 },
      createdAt: iso(now - 90 * 24 * 60 * MIN),
      importance: 'normal',
      archivedAt: null,
    }
  })
}

export function makeReleases(job: Job, now: number): Release[] {
  return Array.from({ length: job.releases }, (_, index) => {
    const number = job.releases - index
    return {
      jobId: job.id,
      number,
      program:
        job.kind === 'sql'
          ? {
              is: 'sql' as const,
              script: `CREATE TABLE orders (id BIGINT, amount DECIMAL(10, 2), ts TIMESTAMP(3)) WITH ('connector' = 'kafka');\n\nINSERT INTO daily\nSELECT TUMBLE_START(ts, INTERVAL '${number}' MINUTE), SUM(amount)\nFROM orders\nGROUP BY TUMBLE(ts, INTERVAL '${number}' MINUTE);`,
            }
          : {
              is: 'jar' as const,
              digest: `${number}`.repeat(64).slice(0, 64),
              fileName: `orders-1.${number}.0.jar`,
              entryClass: 'com.example.orders.OrdersJob',
              args: ['--rate', String(number * 100)],
            },
      parallelism: 8,
      flinkSettings: { 'execution.checkpointing.interval': number % 2 ? '30s' : '60s' },
      flinkVersion: null,
      clusterId: job.cluster.id,
      savepointDir: 's3://flink/savepoints/orders',
      note: ['limit.qps 500 → 300', 'dedupe by order id', 'first version'][index % 3] ?? '',
      author: 'bo',
      createdAt: iso(now - index * 3 * 24 * 60 * MIN - 40 * MIN),
    }
  })
}

export function makeSavepoints(job: Job, now: number): Savepoint[] {
  return (['savepoint', 'stop', 'checkpoint', 'savepoint'] as const).map((origin, index) => ({
    id: `sav_${index + 1}`,
    jobId: job.id,
    path: `s3://flink/savepoints/${job.name}/savepoint-4f2a1b-${index}c8e0d1a2b3`,
    origin,
    at: iso(now - (index * 300 + 12) * MIN),
    sizeBytes: index === 2 ? null : 1_480_000_000 / (index + 1),
    release: Math.max(1, job.releases - index),
    attempt: Math.max(1, 4 - index),
    presence: index === 3 ? 'gone' : index === 2 ? 'unknown' : 'there',
    readableBy: index === 0 ? [job.releases, job.releases - 1] : [job.releases - 1],
    notReadableBy: index === 1 ? [1] : [],
  }))
}

export function makeAttempts(job: Job, now: number): Attempt[] {
  return [4, 3, 2, 1].map((number) => ({
    id: `att_${number}`,
    jobId: job.id,
    number,
    release: Math.max(1, job.releases - (4 - number)),
    parallelism: 8,
    clusterId: job.cluster.id,
    operationId: null,
    identity: { on: 'session', flinkJobId: `${number}`.repeat(32) as Attempt['flinkJobId'] },
    flinkJobId: `${number}`.repeat(32) as Attempt['flinkJobId'],
    state: number === 4 ? 'live' : 'over',
    born: 1,
    restoredFrom: null,
    proof: number === 4 ? null : { kind: 'flink-terminal', state: 'CANCELED', endedAt: iso(now - 90 * MIN) },
    intendedAt: iso(now - (5 - number) * 300 * MIN),
    liveAt: iso(now - (5 - number) * 300 * MIN + 9000),
    overAt: number === 4 ? null : iso(now - (5 - number) * 300 * MIN + 200 * MIN),
  }))
}

export function makeOperation(job: Job, at: number, facts: Partial<Operation> = {}): Operation {
  return {
    id: `op_${job.id}_${at}`,
    job: { id: job.id, name: job.name, environment: job.environment, team: job.team.name, sandbox: false },
    order: { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } },
    state: 'done',
    plan: {
      verb: 'restart',
      fromRelease: job.effectiveRelease,
      toRelease: job.effectiveRelease,
      parallelism: 8,
      stop: 'savepoint',
      restore: { is: 'taken-now' },
      changes: [],
      warnings: [],
      attempts: 4,
    },
    progress: null,
    outcome: {
      is: 'running',
      release: job.effectiveRelease ?? 1,
      attempt: 4,
      tookMs: 41_000,
      restoredFrom: 's3://flink/savepoints/x',
      tasks: { running: 8, total: 8 },
      parallelism: 8,
    },
    requester: { memberId: 'mem_lin', name: 'Lin 林晓' },
    via: 'web:ops',
    reason: null,
    force: false,
    approval: null,
    cancelAskedBy: null,
    requestId: '7f3a91c2',
    version: 3,
    createdAt: iso(at),
    startedAt: iso(at + 300),
    endedAt: iso(at + 41_300),
    usualMs: 40_000,
    ...facts,
  }
}

export function makePage(job: Job, clusters: readonly ClusterView[], now: number): JobPage {
  const cluster = clusters.find((one) => one.name === job.cluster.name) ?? clusters[0]
  if (!cluster) throw new Error('There is no cluster')
  const live = job.state.is === 'running' || job.state.is === 'recovering'
  return {
    job,
    cluster,
    detail: live
      ? {
          state: 'RUNNING',
          tasks: { total: 8, running: 8, finished: 0, failed: 0 },
          startedAt: job.stateSince,
          restarts: 1,
          lastCheckpoint: {
            id: 1841,
            path: 's3://flink/checkpoints/chk-1841',
            at: iso(now - 21_000),
            durationMs: 1840,
            sizeBytes: 1_480_000_000,
            isSavepoint: false,
          },
          restored: {
            path: 's3://flink/savepoints/orders/savepoint-4f2a1b',
            isSavepoint: true,
            at: job.stateSince,
          },
          failedCheckpoints: 0,
          lag: { records: null, ms: null },
          vertices: [
            vertex('v1', 'Source: mysql-cdc orders', 0, 120),
            vertex('v2', 'Dedupe -> Map -> Filter', 340, 870),
            vertex('v3', 'Sink: iceberg lake.orders', 0, 410),
          ],
        }
      : null,
    savepoint: makeSavepoints(job, now)[0] ?? null,
    operation: null,
    incident:
      job.state.is === 'failed'
        ? {
            id: 'inc_1',
            kind: 'job-failed',
            subject: { is: 'job', id: job.id, name: job.name },
            environment: job.environment,
            team: job.team.name,
            generation: 1,
            version: 1,
            openedAt: job.stateSince,
            ...{
              labels: {},
              annotations: {},
              tier: 'P1',
              state: 'triggered',
              toTeam: true,
              chats: [],
              operation: null,
            },
            ...{ acked: null, snoozedUntil: null, assignee: null, silenced: false, escalation: null },
            ...{ onCall: [], closed: null, mergedInto: null },
            alerts: { firing: 1, held: 0, jobs: [], flapping: null },
            cause: OOM,
            savepoint: { id: 'sav_1', at: iso(now - 12 * MIN), path: 's3://flink/x' },
            facts: { gaveUp: false },
            sandbox: false,
          }
        : null,
  }
}

function vertex(id: string, name: string, backPressured: number, busy: number) {
  return {
    id,
    name,
    parallelism: 8,
    state: 'RUNNING',
    readRecords: 41_284_113,
    writeRecords: 41_280_977,
    backPressuredMsPerSecond: backPressured,
    busyMsPerSecond: busy,
  }
}

export function makeAudit(now: number): AuditEntry[] {
  const verbs = ['job:restart', 'job:view', 'approval:decide', 'job:stop', 'job:logs', 'job:release']
  return Array.from({ length: 95 }, (_, index) => {
    const refused = index % 9 === 4
    return {
      id: `aud_${index}`,
      at: iso(now - index * 11 * MIN),
      actor: ['lin', 'mei', 'bo'][index % 3] ?? 'lin',
      via: ['web:ops', 'api:tok_9f', 'cli'][index % 5] ?? 'web:ops',
      verb: verbs[index % verbs.length] ?? 'job:view',
      subject: `data/${NAMES[index % NAMES.length]}`,
      decision: refused ? 'refused' : index % 6 === 0 ? 'done' : 'allowed',
      because: refused ? 'role-lacks' : null,
      before: index % 6 === 0 ? { state: 'running', release: 11 } : null,
      after: index % 6 === 0 ? { state: 'stopping', release: 12 } : null,
      requestId: (0x7f3a91c2 + index).toString(16),
    }
  })
}
