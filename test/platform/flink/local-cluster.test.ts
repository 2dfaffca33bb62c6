import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { explainClusterProblem } from '../../../src/platform/flink/cluster-problems.ts'
import { flinkProcesses } from '../../../src/platform/flink/flink-processes.cli.ts'
import { createLocalClusters } from '../../../src/platform/flink/local-cluster.cli.ts'
import { LOCAL_MEMORY, type LocalClusterSpec } from '../../../src/platform/flink/local-cluster-conf.ts'
import { type FakeFlinkOptions, fakeFlinkHome, fakeJavaHome } from '../../fakes/fake-flink-home.ts'

let root: string
let clusters: ReturnType<typeof createLocalClusters>

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-clusters-'))
  clusters = clustersIn(join(root, 'home'))
})

afterEach(async () => {
  for (const name of await clusters.list()) await clusters.down(name)
  await rm(root, { recursive: true, force: true })
})

function clustersIn(home: string, startWithinMs = 30_000) {
  return createLocalClusters({
    home,
    clock: systemClock,
    log: silentLog,
    searchPath: '/usr/bin:/bin',
    startWithinMs,
  })
}

async function aSpec(
  options: FakeFlinkOptions = {},
  changes: Partial<LocalClusterSpec> = {},
): Promise<LocalClusterSpec> {
  return {
    ...{ name: 'demo', taskManagers: 1, slotsPerTaskManager: 2, memory: LOCAL_MEMORY, config: {} },
    flinkHome: await fakeFlinkHome(join(root, 'flink'), options),
    javaHome: await fakeJavaHome(join(root, 'java')),
    ...changes,
  }
}

const confDir = (name = 'demo') => join(root, 'home/clusters', name, 'conf')
const pids = async (name?: string) => (await flinkProcesses(confDir(name))).map(({ pid }) => pid)

describe('a local cluster', () => {
  it('is up when REST answers and every TaskManager brought its slots', async () => {
    const result = await clusters.up(await aSpec({}, { taskManagers: 2 }))

    expect(result).toMatchObject({
      ok: true,
      resumed: false,
      cluster: { slots: { taskManagers: 2, total: 4, free: 4 } },
    })
    expect(await clusters.status('demo')).toMatchObject({ is: 'running' })
    expect(await clusters.list()).toEqual(['demo'])
  })

  it('is resumed by the next up, which only adds what is missing', async () => {
    const spec = await aSpec()
    await clusters.up(spec)
    const before = await flinkProcesses(confDir())
    const manager = before.find(({ role }) => role === 'taskmanager')
    if (manager) await killAndSeeGone(manager.pid)

    const again = await clustersIn(join(root, 'home')).up(spec)

    expect(again).toMatchObject({ ok: true, resumed: true })
    const after = await flinkProcesses(confDir())
    expect(after.map(({ role }) => role).sort()).toEqual(['jobmanager', 'taskmanager'])
    expect(after.find(({ role }) => role === 'jobmanager')).toEqual(
      before.find(({ role }) => role === 'jobmanager'),
    )
  })

  it('grows when scaled, and never shrinks', async () => {
    await clusters.up(await aSpec())

    expect(await clusters.scale('demo', 3)).toMatchObject({
      ok: true,
      cluster: { slots: { taskManagers: 3 } },
    })
    expect(await clusters.scale('demo', 1)).toMatchObject({
      ok: true,
      cluster: { slots: { taskManagers: 3 } },
    })
    expect(await pids()).toHaveLength(4)
  })

  it('keeps its address over a restart, unless somebody took it meanwhile', async () => {
    const spec = await aSpec()
    const first = await clusters.up(spec)
    await clusters.down('demo')
    const second = await clusters.up(spec)
    expect(first.ok && second.ok && second.cluster.restUrl === first.cluster.restUrl).toBe(true)
    await clusters.down('demo')

    const squatter = await occupy(Number(new URL(first.ok ? first.cluster.restUrl : '').port))
    const third = await clusters.up(spec)
    await new Promise((done) => squatter.close(done))

    expect(third.ok && first.ok && third.cluster.restUrl !== first.cluster.restUrl).toBe(true)
  })

  it('writes its files for the owner alone', async () => {
    await clusters.up(await aSpec())

    for (const file of ['conf/config.yaml', 'cluster.json']) {
      expect((await stat(join(root, 'home/clusters/demo', file))).mode & 0o077).toBe(0)
    }
  })
})

describe('taking a local cluster down', () => {
  it('ends its processes, leaves another cluster alone, and keeps savepoints', async () => {
    const spec = await aSpec()
    await clusters.up(spec)
    await clusters.up({ ...spec, name: 'other' })
    await writeFile(join(root, 'home/clusters/demo/savepoints/kept'), 'x')

    expect(await clusters.down('demo')).toEqual({ ok: true, stopped: 2 })

    expect(await pids()).toEqual([])
    expect(await pids('other')).toHaveLength(2)
    expect(await clusters.status('demo')).toMatchObject({ is: 'stopped' })
    expect(await readFile(join(root, 'home/clusters/demo/savepoints/kept'), 'utf8')).toBe('x')
    expect(await clusters.down('demo')).toEqual({ ok: true, stopped: 0 })
  })

  it('knows no cluster of another name', async () => {
    expect(await clusters.down('nobody')).toEqual({ ok: false, problem: { why: 'unknown', name: 'nobody' } })
    expect(await clusters.status('../demo')).toEqual({ is: 'unknown' })
    expect(await clusters.scale('nobody', 2)).toMatchObject({ problem: { why: 'unknown' } })
  })

  it('finds processes that a killed starter never wrote down', async () => {
    await clusters.up(await aSpec())
    await rm(join(root, 'home/clusters/demo/cluster.json'))

    expect(await clusters.down('demo')).toEqual({ ok: true, stopped: 2 })
  })
})

describe('a local cluster that cannot start', () => {
  it('says what the dying process said, and leaves nothing running', async () => {
    const result = await clusters.up(await aSpec({ taskManagerDies: true }))

    expect(result).toMatchObject({ ok: false, problem: { why: 'died' } })
    expect(!result.ok && explainClusterProblem(result.problem, 'en')).toContain('no room for the heap')
    expect(await pids()).toEqual([])
  })

  it('gives up at its deadline, and leaves nothing running', async () => {
    clusters = clustersIn(join(root, 'home'), 1500)

    expect(await clusters.up(await aSpec({ neverReady: true }))).toMatchObject({
      ok: false,
      problem: { why: 'too-late' },
    })
    expect(await pids()).toEqual([])
  })

  it('passes on what the script said', async () => {
    const result = await clusters.up(await aSpec({ refusal: 'Flink distribution jar not found' }))

    expect(result).toMatchObject({ ok: false, problem: { why: 'script' } })
    expect(!result.ok && explainClusterProblem(result.problem, 'zh')).toContain(
      'Flink distribution jar not found',
    )
    expect(await pids()).toEqual([])
  })

  it('waits for nobody who is at it already', async () => {
    await mkdir(join(root, 'home/clusters/demo'), { recursive: true })
    await writeFile(join(root, 'home/clusters/demo/lock'), String(process.pid))

    expect(await clusters.up(await aSpec())).toEqual({
      ok: false,
      problem: { why: 'busy', pid: process.pid },
    })
    await rm(join(root, 'home/clusters/demo/lock'))
  })

  it('names the missing home, the unsuitable Java, the space in the path', async () => {
    const spec = await aSpec()
    await writeFile(join(root, 'java/release'), 'JAVA_VERSION="25.0.1"\n')
    const here = createLocalClusters({
      home: join(root, 'home'),
      clock: systemClock,
      log: silentLog,
      searchPath: '',
    })

    const java = await here.up(spec)
    const home = await here.up({ ...spec, flinkHome: join(root, 'nowhere') })
    const space = await clustersIn(join(root, 'my home')).up(spec)

    expect(java).toMatchObject({ problem: { why: 'java', verdict: { why: 'unsuitable' } } })
    expect(!java.ok && explainClusterProblem(java.problem, 'en')).toContain('Java 8 to 23. Found: 25.0.1')
    expect(home).toMatchObject({ problem: { why: 'home', problem: { why: 'not-there' } } })
    expect(space).toMatchObject({ problem: { why: 'space-in-path' } })
  })
})

async function killAndSeeGone(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await vi.waitUntil(async () => !(await pids()).includes(pid), { timeout: 10_000 })
}

function occupy(port: number): Promise<Server> {
  return new Promise((done) => {
    const server = createServer().listen(port, '127.0.0.1', () => done(server))
  })
}
