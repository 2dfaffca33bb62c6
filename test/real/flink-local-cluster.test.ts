import { access, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { flinkProcesses } from '../../src/platform/flink/flink-processes.cli.ts'
import { createLocalClusters } from '../../src/platform/flink/local-cluster.cli.ts'
import { LOCAL_MEMORY, type LocalClusterSpec } from '../../src/platform/flink/local-cluster-conf.ts'
import { SQL_ENTRY_CLASS, sqlJar } from '../../src/platform/sql/sql-jar.ts'
import { realFlinkHome } from './flink-home.ts'
import { eventually, type FlinkRest, flinkRest } from './flink-rest.ts'

const ROOT = join(import.meta.dirname, '../..')
const COUNTER_JAR = join(ROOT, 'examples/counter-job.jar')
const RUNNER_JAR = join(ROOT, 'runner/sluice-sql-runner.jar')
const PATIENT = { timeout: 240_000 }

let home: string
let spec: LocalClusterSpec
let rest: FlinkRest
let clusters: ReturnType<typeof createLocalClusters>
let confDir: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-real-'))
  clusters = createLocalClusters({
    home,
    clock: systemClock,
    log: silentLog,
    searchPath: process.env.PATH ?? '',
  })
  spec = {
    ...{
      name: 'real',
      flinkHome: await realFlinkHome(),
      javaHome: null,
      taskManagers: 1,
      slotsPerTaskManager: 4,
    },
    ...{ memory: LOCAL_MEMORY, config: { 'heartbeat.timeout': '20000' } },
  }
  const result = await clusters.up(spec)
  if (!result.ok) throw new Error(JSON.stringify(result.problem, null, 2))
  confDir = result.cluster.confDir
  rest = flinkRest(result.cluster.restUrl)
}, 300_000)

afterAll(async () => {
  await clusters.down('real')
  await rm(home, { recursive: true, force: true })
})

describe('a local session cluster', () => {
  it('answers, with the slots asked for', async () => {
    expect(await clusters.status('real')).toMatchObject({
      is: 'running',
      slots: { taskManagers: 1, total: 4, free: 4 },
    })
  })

  it(
    'listens on the loopback address only',
    async () => {
      const sockets = await listeningSockets(await flinkProcesses(confDir))

      expect(sockets.length).toBeGreaterThan(4)
      expect(sockets.filter((address) => !LOOPBACK_HEX.includes(address))).toEqual([])
    },
    PATIENT.timeout,
  )

  it('is taken as it is by a second up, also from another process', async () => {
    const before = await flinkProcesses(confDir)
    const other = createLocalClusters({
      home,
      clock: systemClock,
      log: silentLog,
      searchPath: process.env.PATH ?? '',
    })

    const again = await other.up(spec)

    expect(again).toMatchObject({ ok: true, resumed: true })
    expect(await flinkProcesses(confDir)).toEqual(before)
  })

  it('grows by a TaskManager', PATIENT, async () => {
    const grown = await clusters.scale('real', 2)

    expect(grown).toMatchObject({ ok: true, cluster: { slots: { taskManagers: 2, total: 8 } } })
  })

  it('gets a killed TaskManager back with the next up', PATIENT, async () => {
    const [victim] = (await flinkProcesses(confDir)).filter(({ role }) => role === 'taskmanager')
    if (victim) process.kill(victim.pid, 'SIGKILL')
    await eventually(
      () => flinkProcesses(confDir),
      (left) => left.length === 2,
    )

    const again = await clusters.up({ ...spec, taskManagers: 2 })

    expect(again).toMatchObject({ ok: true, resumed: true })
    expect((await flinkProcesses(confDir)).map(({ role }) => role).sort()).toEqual([
      'jobmanager',
      'taskmanager',
      'taskmanager',
    ])
  })

  it('survives a job whose main() calls System.exit', PATIENT, async () => {
    const before = await flinkProcesses(confDir)
    const jar = await rest.upload('exit.jar', zipSync({ 'Exit.class': EXIT_CLASS }))

    const started = await rest.run(jar, { entryClass: 'Exit' })

    expect(JSON.stringify(started.json)).toContain('attempted to exit JVM')
    expect(await flinkProcesses(confDir)).toEqual(before)
    expect((await rest.call('GET', '/overview')).status).toBe(200)
  })
})

const SCRIPT = `
-- a semicolon; in a comment
SET 'pipeline.name' = 'sql;job';
CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '5');
CREATE TABLE nowhere (n BIGINT, c BIGINT) WITH ('connector' = 'blackhole');
CREATE TABLE nowhere2 (n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO nowhere SELECT n, COUNT(*) FROM numbers GROUP BY n; /* and */
INSERT INTO nowhere2 SELECT n FROM numbers;
`

describe('a SQL script inside Flink', () => {
  it('runs as one job under the id and the name that we chose', PATIENT, async () => {
    const id = jobId(1)

    const started = await runSql(SCRIPT, id)

    expect(started.json).toMatchObject({ jobid: id })
    expect(await running(id)).toMatchObject({ name: 'sql;job' })
    await cancel(id)
  })

  it('runs a statement set, and takes a RESET back', PATIENT, async () => {
    const set = `EXECUTE STATEMENT SET BEGIN
      INSERT INTO nowhere SELECT n, COUNT(*) FROM numbers GROUP BY n;
      INSERT INTO nowhere2 SELECT CASE WHEN n > 0 THEN n ELSE 0 END FROM numbers;
    END;`
    const tables = SCRIPT.slice(SCRIPT.indexOf('CREATE'), SCRIPT.indexOf('INSERT'))
    const id = jobId(2)

    const started = await runSql(`SET 'pipeline.name' = 'x'; RESET 'pipeline.name';\n${tables}${set}`, id)

    expect(started.json).toMatchObject({ jobid: id })
    const job = await running(id)
    expect(job.name).not.toBe('x')
    await cancel(id)
  })

  it.each([
    [
      'a wrong column, with its place',
      'INSERT INTO nowhere2 SELECT nope FROM numbers',
      /statement 4: .*line 1, column 29.*'nope'/s,
    ],
    [
      'a second job',
      "INSERT INTO nowhere2 SELECT n FROM numbers; EXECUTE PLAN 'x'",
      /statement 5: would start a second job/,
    ],
    ['a query', 'SELECT 1', /statement 4: a query only shows rows/],
    ['no job', 'SHOW TABLES', /the script starts no job/],
  ])('refuses %s, and starts nothing', PATIENT, async (_what, tail, message) => {
    const tables = SCRIPT.slice(SCRIPT.indexOf('CREATE'), SCRIPT.indexOf('INSERT'))
    const id = jobId(3)

    const started = await runSql(tables + tail, id)

    expect(started.status).toBe(400)
    expect(JSON.stringify(started.json)).toMatch(message)
    expect(await rest.stateOf(id)).toBeUndefined()
  })
})

describe('the example job', () => {
  it('goes on counting from a savepoint', PATIENT, async () => {
    const jar = await rest.uploadFile(COUNTER_JAR)
    const [first, second] = [jobId(10), jobId(11)]
    await rest.run(jar, { jobId: first, programArgsList: ['--rate', '50', '--name', 'counted'] })
    const counted = await eventually(
      () => rest.gauge(first, 'counter'),
      (value) => value !== null && value > 100,
    )
    expect(await rest.gauge(first, 'startedFrom')).toBe(0)

    const savepoint = await stopWithSavepoint(first)
    await rest.run(jar, { jobId: second, savepointPath: savepoint, programArgsList: ['--rate', '50'] })

    const startedFrom = await eventually(
      () => rest.gauge(second, 'startedFrom'),
      (value) => value !== null,
    )
    expect(startedFrom).toBeGreaterThanOrEqual(counted ?? 0)
    await eventually(
      () => rest.gauge(second, 'counter'),
      (value) => (value ?? 0) > (startedFrom ?? 0),
    )
    await cancel(second)
  })

  it('tells its number on the TaskManager’s standard output', async () => {
    const outs = (await readdir(join(home, 'clusters/real/log'))).filter((name) => name.endsWith('.out'))
    const texts = await Promise.all(
      outs.map((name) => readFile(join(home, 'clusters/real/log', name), 'utf8')),
    )

    expect(texts.join('')).toMatch(/^counted counter=\d+$/m)
  })

  it('breaks when told, with the words of the file', PATIENT, async () => {
    const jar = await rest.uploadFile(COUNTER_JAR)
    const control = join(home, 'break')
    const id = jobId(12)
    await rest.run(jar, { jobId: id, programArgsList: ['--break-when', control, '--restarts', 'none'] })
    await running(id)

    await writeFile(control, 'the disk is full')

    await eventually(
      () => rest.stateOf(id),
      (state) => state === 'FAILED',
    )
    // The details of a job come from a cache that is up to 3 s old.
    await eventually(
      async () => JSON.stringify((await rest.call('GET', `/jobs/${id}/exceptions`)).json),
      (exceptions) => exceptions.includes('the disk is full'),
    )
  })

  it('keeps its checkpoints when the cluster goes down, and none of its processes', PATIENT, async () => {
    const jar = await rest.uploadFile(COUNTER_JAR)
    const id = jobId(13)
    await rest.run(jar, { jobId: id, programArgsList: ['--interval', '500'] })
    await eventually(
      async () => (await rest.call('GET', `/jobs/${id}/checkpoints`)).json.counts?.completed ?? 0,
      (completed) => completed > 0,
    )

    const stopped = await clusters.down('real')

    expect(stopped).toEqual({ ok: true, stopped: 3 })
    expect(await flinkProcesses(confDir)).toEqual([])
    expect(await clusters.status('real')).toMatchObject({ is: 'stopped' })
    const kept = await readdir(join(home, 'clusters/real/checkpoints', id))
    expect(kept.some((name) => name.startsWith('chk-'))).toBe(true)
    await access(join(home, 'clusters/real/savepoints'))
  })

  it('comes up again at the same address, with the jars it had', PATIENT, async () => {
    const again = await clusters.up(spec)

    expect(again).toMatchObject({ ok: true, resumed: false, cluster: { restUrl: expect.any(String) } })
    const jars = await rest.call('GET', '/jars')
    expect(jars.json.files.length).toBeGreaterThan(0)
  })
})

function jobId(number: number): string {
  return number.toString(16).padStart(32, '0')
}

async function runSql(script: string, id: string) {
  const jar = await rest.upload('job.jar', sqlJar(await readFile(RUNNER_JAR), script))
  return rest.run(jar, { jobId: id, entryClass: SQL_ENTRY_CLASS })
}

async function running(id: string) {
  return eventually(
    () => rest.job(id),
    (job) =>
      job.state === 'RUNNING' &&
      job.vertices.every((vertex: { status: string }) => vertex.status === 'RUNNING'),
  )
}

async function cancel(id: string): Promise<void> {
  await rest.call('PATCH', `/jobs/${id}`)
  await eventually(
    () => rest.stateOf(id),
    (state) => state === 'CANCELED',
  )
}

async function stopWithSavepoint(id: string): Promise<string> {
  const trigger = (await rest.call('POST', `/jobs/${id}/stop`, { drain: false })).json['request-id']
  const done = await eventually(
    async () => (await rest.call('GET', `/jobs/${id}/savepoints/${trigger}`)).json,
    (answer) => answer.status?.id === 'COMPLETED',
  )
  return done.operation.location
}

// public class Exit { public static void main(String[] a) { System.exit(3); } }
const EXIT_CLASS = Buffer.from(
  'yv66vgAAADQAEgoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWCgAIAAkHAAoMAAsADAEAEGphdmEvbGFuZy9T' +
    'eXN0ZW0BAARleGl0AQAEKEkpVgcADgEABEV4aXQBAARDb2RlAQAEbWFpbgEAFihbTGphdmEvbGFuZy9TdHJpbmc7KVYAIQANAAIAAAAAAAIAAQ' +
    'AFAAYAAQAPAAAAEQABAAEAAAAFKrcAAbEAAAAAAAkAEAARAAEADwAAABEAAQABAAAABQa4AAexAAAAAAAA',
  'base64',
)

// 127.0.0.1 as /proc/net/tcp and tcp6 write it, the latter as an IPv4 address inside IPv6.
const LOOPBACK_HEX = ['0100007F', '0000000000000000FFFF00000100007F']

async function listeningSockets(processes: readonly { pid: number }[]): Promise<string[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  )
  const rows = tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const ours = new Set((await Promise.all(processes.map(({ pid }) => socketsOf(pid)))).flat())
  return rows
    .filter((row) => row[3] === '0A' && ours.has(row[9] ?? ''))
    .map((row) => (row[1] ?? '').split(':')[0] ?? '')
}

async function socketsOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}
