import type { Database } from '../../src/platform/storage/database.prisma.ts'

export interface SeedPlan {
  jobs: number
  clusters: number
  /** Over all jobs. */
  operations: number
  /** Of ten jobs, how many run. */
  running: number
  addresses: readonly string[]
}

/** The Flink job id of a seeded job's live attempt. */
export function seededFlinkId(job: number): string {
  return `5${job.toString(16).padStart(31, '0')}`
}

export function seededName(job: number): string {
  return `${KINDS[job % KINDS.length]}-${String(job).padStart(5, '0')}`
}

/** Jobs are dealt out to clusters one by one; in each round of ten on a cluster the first ones run. */
export function seededRuns(
  job: number,
  { clusters, running }: Pick<SeedPlan, 'clusters' | 'running'>,
): boolean {
  return Math.floor(job / clusters) % 10 < running
}

/** Per cluster, the Flink job ids that run there. */
export function seededIds(plan: Pick<SeedPlan, 'jobs' | 'clusters' | 'running'>): string[][] {
  const ids: string[][] = Array.from({ length: plan.clusters }, () => [])
  for (let job = 0; job < plan.jobs; job++) {
    if (seededRuns(job, plan)) ids[job % plan.clusters]?.push(seededFlinkId(job))
  }
  return ids
}

const KINDS = [
  'orders-cdc',
  'clicks-per-page',
  'fraud-rules',
  'stock-sync',
  'ads-join',
  'risk-features',
  'dim-cache',
]
const TEAMS = 10
const RELEASES = 4

/**
 * A company's worth of history, by SQL: teams, clusters, jobs with releases, attempts and savepoints, operations as
 * people asked for them over half a year, and the audit of each. The people come from the use cases, not from here.
 */
export async function seed({ sql }: Pick<Database, 'sql'>, plan: SeedPlan): Promise<void> {
  const { jobs, clusters, operations, running } = plan
  await sql(TEAM_ROWS, [TEAMS])
  await sql(CLUSTER_ROWS, [clusters, plan.addresses])
  await sql(
    `INSERT INTO "Artifact" VALUES ($1, 'stream-jobs-1.4.2.jar', 48211034, 'com.example.Main', '{}', 'lin', now())`,
    [DIGEST],
  )
  await sql(JOB_ROWS, [jobs, clusters, TEAMS, KINDS, RELEASES, running])
  await sql(RELEASE_ROWS, [RELEASES, DIGEST])
  await sql(ATTEMPT_ROWS, [RELEASES])
  await sql(SAVEPOINT_ROWS)
  // In parts: one statement of a hundred thousand rows would be dear in memory, which an embedded database keeps.
  const perJob = Math.ceil(operations / jobs)
  for (let from = 0; from < operations; from += PART) {
    const to = Math.min(operations, from + PART) - 1
    await sql(OPERATION_ROWS, [jobs, from, to, perJob])
  }
  await sql('ANALYZE')
}

const PART = 10_000
const DIGEST = 'd'.repeat(64)

const TEAM_ROWS = `
INSERT INTO "Team" (id, name, title, "createdAt")
SELECT 'team_' || n, 'team-' || n, '数据平台 ' || n, now() - interval '300 days' FROM generate_series(0, $1::int - 1) n`

const CLUSTER_ROWS = `
INSERT INTO "Cluster" (id, name, kind, "environmentName", address, sandbox, "savepointDir", "checkpointDir",
  "parallelOperations", "createdAt", "reachableAt")
SELECT 'clu_' || n, 'session-' || n, 'session', CASE WHEN n % 2 = 0 THEN 'preprod' ELSE 'prod' END,
  coalesce(($2::text[])[n + 1], 'http://127.0.0.1:9'), false, 'hdfs:///flink/savepoints', 'hdfs:///flink/checkpoints', 8,
  now() - interval '300 days', now()
FROM generate_series(0, $1::int - 1) n`

const JOB_ROWS = `
INSERT INTO "Job" (id, name, "teamId", "environmentName", "clusterId", kind, note, state, detail, "stateSince", desired,
  "effectiveRelease", releases, attempts, generation, "restartPolicy", "createdAt")
SELECT 'job_' || lpad(n::text, 12, '0'),
  ($4::text[])[n % array_length($4::text[], 1) + 1] || '-' || lpad(n::text, 5, '0'),
  'team_' || n % $3::int, CASE WHEN n % $2::int % 2 = 0 THEN 'preprod' ELSE 'prod' END, 'clu_' || n % $2::int, 'jar',
  'owned by the data platform, reads topic ' || n,
  CASE WHEN runs THEN 'running' ELSE 'stopped' END,
  CASE WHEN runs
    THEN jsonb_build_object('is', 'running', 'attempt', $5::int,
      'tasks', '{"total": 2, "running": 2, "finished": 0, "failed": 0}'::jsonb)
    ELSE jsonb_build_object('is', 'stopped', 'savepointId', 'sp_' || lpad(n::text, 7, '0') || '_' || $5::int) END,
  now() - interval '3 days', CASE WHEN runs THEN 'running' ELSE 'stopped' END,
  $5::int, $5::int, $5::int, 40,
  '{"is": "none"}',
  now() - interval '200 days'
FROM (SELECT n, n / $2::int % 10 < $6::int AS runs FROM generate_series(0, $1::int - 1) n) jobs`

const RELEASE_ROWS = `
INSERT INTO "Release" ("jobId", number, kind, "artifactDigest", "entryClass", args, parallelism, "flinkSettings",
  "clusterId", note, "authorName", "createdAt")
SELECT j.id, r, 'jar', $2, 'com.example.jobs.Main', ARRAY['--topic', j.name, '--group', 'sluice-' || r, '--parallel', '4'], 1,
  '{"execution.checkpointing.interval": "60 s", "state.backend.type": "rocksdb", "restart-strategy.type": "exponential-delay"}',
  j."clusterId", 'release ' || r || ' of ' || j.name, 'Lin', now() - interval '200 days' + r * interval '40 days'
FROM "Job" j CROSS JOIN generate_series(1, $1::int) r`

const ATTEMPT_ROWS = `
INSERT INTO "Attempt" (id, "jobId", number, release, parallelism, "clusterId", fence, identity, "flinkJobId", state, born,
  proof, "intendedAt", "liveAt", "overAt")
SELECT 'att_' || right(a.id, 7) || '_' || a.number, a.id, a.number, a.number, 1, a."clusterId", 1,
  jsonb_build_object('on', 'session', 'flinkJobId', a.flink), a.flink, CASE WHEN a.live THEN 'live' ELSE 'over' END, 1,
  CASE WHEN NOT a.live THEN '{"kind": "flink-terminal", "state": "FINISHED", "endedAt": null}'::jsonb END,
  now() - interval '160 days' + a.number * interval '39 days', now() - interval '160 days' + a.number * interval '39 days',
  CASE WHEN NOT a.live THEN now() - interval '121 days' + a.number * interval '39 days' END
FROM (
  SELECT j.id, j."clusterId", n AS number, n = $1::int AND j.state = 'running' AS live,
    CASE WHEN n = $1::int AND j.state = 'running' THEN '5' || lpad(to_hex(right(j.id, 7)::int), 31, '0')
      ELSE '6' || lpad(to_hex(right(j.id, 7)::int * 16 + n), 31, '0') END AS flink
  FROM "Job" j CROSS JOIN generate_series(1, $1::int) n
) a`

const SAVEPOINT_ROWS = `
INSERT INTO "Savepoint" (id, "jobId", "attemptId", release, path, origin, at, "sizeBytes", presence, "checkedAt", "createdAt")
SELECT 'sp_' || right(a."jobId", 7) || '_' || a.number, a."jobId", a.id, a.release,
  'hdfs:///flink/savepoints/savepoint-' || left(a."flinkJobId", 6) || '-' || md5(a.id), 'stop', a."intendedAt" + interval '2 hours',
  (hashtext(a.id) & 1073741823)::bigint, 'there', now(), a."intendedAt" + interval '2 hours'
FROM "Attempt" a`

const OPERATION_ROWS = `
WITH made AS (
  SELECT n, 'job_' || lpad((n % $1::int)::text, 12, '0') AS job,
    now() - interval '180 days' + n / $1::int * (interval '170 days' / $4::int) + n % $1::int * interval '1 second' AS at,
    (ARRAY['restart', 'savepoint', 'stop', 'start', 'savepoint', 'restart', 'rollback'])[(n / $1::int + n) % 7 + 1] AS verb
  FROM generate_series($2::int, $3::int) n
), operations AS (
  INSERT INTO "Operation" (id, "jobId", verb, "mergeKey", state, "order", plan, "planDigest", step, progress, outcome,
    requester, via, reason, "requestId", version, fence, "createdAt", "startedAt", "endedAt")
  SELECT 'op_' || lpad(n::text, 12, '0'), job, verb, verb, CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'done' END,
    CASE verb
      WHEN 'savepoint' THEN '{"verb": "savepoint"}'
      WHEN 'stop' THEN '{"verb": "stop", "how": "savepoint"}'
      WHEN 'start' THEN '{"verb": "start", "release": null, "from": {"is": "latest"}}'
      WHEN 'rollback' THEN '{"verb": "rollback", "to": 3, "from": {"is": "latest"}}'
      ELSE '{"verb": "restart", "release": null, "how": "savepoint", "from": {"is": "latest"}}' END::jsonb,
    jsonb_build_object('verb', verb, 'fromRelease', 4, 'toRelease', CASE WHEN verb IN ('savepoint', 'stop') THEN NULL ELSE 4 END,
      'parallelism', 1, 'stop', CASE WHEN verb IN ('restart', 'stop', 'rollback') THEN 'savepoint' END,
      'restore', CASE WHEN verb IN ('restart', 'rollback') THEN '{"is": "taken-now"}'::jsonb END,
      'changes', CASE WHEN verb = 'rollback' THEN
        '[{"field": "args", "key": null, "before": "--group sluice-4", "after": "--group sluice-3"}]' ELSE '[]' END::jsonb,
      'warnings', '[]'::jsonb, 'attempts', 4),
    md5(n::text),
    '{"former": 3, "ending": null, "ended": true, "saving": null, "taken": null, "start": null, "back": null, "wentWrong": null, "faults": 0}',
    jsonb_build_object('phase', 'waiting-for-tasks', 'since', 1700000000000 + n, 'tasks', '{"running": 1, "total": 2}'::jsonb),
    CASE
      WHEN n % 20 = 0 THEN jsonb_build_object('is', 'not-done', 'why', 'did-not-start', 'now', 'failed', 'release', 4, 'cause',
        jsonb_build_object('exception', 'java.lang.IllegalStateException', 'message', 'no route to the broker ' || n,
          'at', 1700000000000, 'task', 'Source: orders (1/4)', 'stack', repeat('\tat org.apache.flink.runtime.Task.run(Task.java:1)\n', 12)))
      WHEN verb = 'savepoint' THEN jsonb_build_object('is', 'savepoint-taken', 'tookMs', 2100,
        'savepoint', jsonb_build_object('id', 'sp_x', 'path', 'hdfs:///flink/savepoints/savepoint-' || md5(n::text)))
      WHEN verb = 'stop' THEN jsonb_build_object('is', 'stopped', 'tookMs', 4200,
        'savepoint', jsonb_build_object('id', 'sp_x', 'path', 'hdfs:///flink/savepoints/savepoint-' || md5(n::text)))
      ELSE jsonb_build_object('is', 'running', 'release', 4, 'attempt', 4, 'tookMs', 9100, 'restoredFrom', NULL,
        'tasks', '{"running": 2, "total": 2}'::jsonb, 'parallelism', 1) END,
    (ARRAY['Lin', 'Wei', 'Mei', 'Zhang'])[n % 4 + 1], 'web:ops', CASE WHEN n % 3 = 0 THEN 'new broker addresses' END,
    'req_' || lpad(n::text, 12, '0'), 6, 1, at, at + interval '1 second', at + (n % 90 + 2) * interval '1 second'
  FROM made
)
INSERT INTO "AuditEntry" (at, actor, via, verb, subject, "subjectId", "jobId", "teamId", decision, after, "requestId")
SELECT at, 'lin', 'web:ops', 'job:' || verb, job, job, job, 'team_' || (n % 10), 'done',
  jsonb_build_object('operation', 'op_' || lpad(n::text, 12, '0'), 'state', '{"is": "running"}'::jsonb),
  'req_' || lpad(n::text, 12, '0')
FROM made`
