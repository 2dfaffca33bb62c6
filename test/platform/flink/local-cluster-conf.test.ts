import { describe, expect, it } from 'vitest'
import { parseFlinkVersion } from '../../../src/platform/flink/flink-version.ts'
import {
  type ConfRequest,
  LOCAL_MEMORY,
  type LocalClusterSpec,
  localClusterConfFile,
  problemOfSpec,
} from '../../../src/platform/flink/local-cluster-conf.ts'

const SPEC: LocalClusterSpec = {
  ...{ name: 'demo', flinkHome: '/opt/flink', javaHome: null, taskManagers: 2, slotsPerTaskManager: 4 },
  ...{ memory: LOCAL_MEMORY, config: {} },
}

function request(version: string, changes: Partial<ConfRequest> = {}): ConfRequest {
  const parsed = parseFlinkVersion(version)
  if (!parsed) throw new Error(version)
  const root = '/home/lin/.sluice/clusters/demo'
  return {
    ...{ version: parsed, javaMajor: 17, spec: SPEC, ports: { rest: 8081, rpc: 6123, blob: 6124 } },
    dirs: {
      ...{ root, conf: `${root}/conf`, log: `${root}/log`, pid: `${root}/pid`, tmp: `${root}/tmp` },
      ...{ upload: `${root}/upload`, checkpoints: `${root}/checkpoints`, savepoints: `${root}/savepoints` },
      archive: `${root}/archive`,
    },
    ...changes,
  }
}

describe('the config file of a local cluster', () => {
  it('reads like this for 1.20, on a Java too old for modules', () => {
    expect(localClusterConfFile(request('1.20.3', { javaMajor: 8 }))).toEqual({
      name: 'config.yaml',
      text: `# Written by Sluice at each start; changes are lost.
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: 6123
jobmanager.bind-host: 127.0.0.1
blob.server.port: 6124
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: 8081
rest.bind-port: 8081
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
taskmanager.rpc.port: 0
taskmanager.data.port: 0
taskmanager.numberOfTaskSlots: 4
jobmanager.memory.process.size: 1024m
taskmanager.memory.process.size: 1280m
taskmanager.memory.managed.fraction: 0.1
io.tmp.dirs: /home/lin/.sluice/clusters/demo/tmp
web.upload.dir: /home/lin/.sluice/clusters/demo/upload
state.checkpoints.dir: file:///home/lin/.sluice/clusters/demo/checkpoints
state.savepoints.dir: file:///home/lin/.sluice/clusters/demo/savepoints
jobmanager.archive.fs.dir: file:///home/lin/.sluice/clusters/demo/archive
execution.checkpointing.externalized-checkpoint-retention: RETAIN_ON_CANCELLATION
cluster.intercept-user-system-exit: THROW
metrics.fetcher.update-interval: 3000
`,
    })
  })

  it.each([
    ['1.16.1', 'flink-conf.yaml', 'env.java.opts: --add-exports=java.base/sun.net.util=ALL-UNNAMED '],
    ['1.18.1', 'flink-conf.yaml', 'env.java.opts.all: --add-exports=java.base/sun.net.util=ALL-UNNAMED '],
    ['1.20.3', 'config.yaml', 'env.java.opts.all: --add-exports=java.base/sun.net.util=ALL-UNNAMED '],
    ['2.3.0', 'config.yaml', 'env.java.opts.all: --add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED '],
  ])('opens Java 17 for %s in %s', (version, name, line) => {
    const file = localClusterConfFile(request(version))

    expect(file.name).toBe(name)
    expect(file.text).toContain(`\n${line}`)
  })

  it('names directories as 2.x does', () => {
    const { text } = localClusterConfFile(request('2.3.0'))

    expect(text).toContain('\nexecution.checkpointing.dir: file:///home')
    expect(text).toContain('\nexecution.checkpointing.savepoint-dir: file:///home')
  })

  it('quotes for YAML what YAML would misread, and never in the older file, where quotes are kept', () => {
    const config = { 'a.list': '[x, y]', 'a.text': "it's: so", 'a.plain': '10 s', 'a.number': '3' }
    const spec = { ...SPEC, config }

    expect(localClusterConfFile(request('1.20.3', { spec })).text).toContain(
      "\na.list: '[x, y]'\na.text: 'it''s: so'\na.plain: 10 s\na.number: 3\n",
    )
    expect(localClusterConfFile(request('1.18.1', { spec })).text).toContain('\na.list: [x, y]\n')
  })

  it('lets further config win over defaults that are not safety', () => {
    const spec = { ...SPEC, config: { 'taskmanager.memory.managed.fraction': '0.4' } }

    const lines = localClusterConfFile(request('1.20.3', { spec })).text.split('\n')

    expect(lines.filter((line) => line.includes('managed.fraction'))).toEqual([
      'taskmanager.memory.managed.fraction: 0.4',
    ])
  })
})

describe('a request for a local cluster', () => {
  it('is fine as the demo makes it', () => {
    expect(problemOfSpec(SPEC)).toBeNull()
  })

  it.each(['', 'Demo', '../x', 'a b', 'a/b', '-a', 'a'.repeat(41)])('may not be named %j', (name) => {
    expect(problemOfSpec({ ...SPEC, name })).toMatchObject({ why: 'bad-name' })
  })

  it.each([
    [{ taskManagers: 0 }, 'taskManagers'],
    [{ taskManagers: 1.5 }, 'taskManagers'],
    [{ slotsPerTaskManager: 0 }, 'slotsPerTaskManager'],
    [{ memory: { jobManagerMb: 100, taskManagerMb: 1280 } }, 'jobManagerMb'],
    [{ memory: { jobManagerMb: 1024, taskManagerMb: Number.NaN } }, 'taskManagerMb'],
  ])('may not hold %j', (change, field) => {
    expect(problemOfSpec({ ...SPEC, ...change })).toMatchObject({ why: 'bad-number', field })
  })

  it.each([
    ['rest.bind-address', '0.0.0.0', 'owned'],
    ['cluster.intercept-user-system-exit', 'DISABLED', 'owned'],
    ['env.java.opts.all', '-Dx', 'owned'],
    ['a.b', 'x\nrest.bind-address: 0.0.0.0', 'value'],
    ['a.b', 'x # y', 'value'],
    ['a: b', 'x', 'key'],
  ])('may not set %s to %j', (key, value, because) => {
    expect(problemOfSpec({ ...SPEC, config: { [key]: value } })).toEqual({ why: 'bad-config', key, because })
  })
})
