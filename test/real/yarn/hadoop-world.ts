import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../../src/lib/clock.ts'
import { freePort } from '../../support/postgres.ts'

const run = promisify(execFile)
const SHELF = resolve(import.meta.dirname, '../../../.sluice-test/hadoop')
const VERSION = '3.3.6'

/** Each is a JVM of its own, so that any may be killed. */
export type Daemon = 'namenode' | 'datanode' | 'resourcemanager' | 'nodemanager'

/** HDFS and YARN on this machine: real daemons, one node, loopback only, simple authentication. */
export interface HadoopWorld {
  /** `http://localhost:…`, as the ResourceManager's REST API is reached. */
  resourceManager: string
  /** WebHDFS. */
  nameNode: string
  /** `hdfs://localhost:…` */
  fileSystem: string
  confDir: string
  /** The jars of Hadoop, as containers have them on their class path. */
  classpath: string
  kill(daemon: Daemon, signal?: NodeJS.Signals): Promise<void>
  start(daemon: Daemon): Promise<void>
  /** The JVMs of an application's containers, by what they are. */
  containers(applicationId: string): Promise<readonly Container[]>
  /** Until the ResourceManager answers and a node is there. */
  ready(): Promise<void>
  close(): Promise<void>
}

export interface Container {
  pid: number
  id: string
  role: 'jobmanager' | 'taskmanager'
}

export interface HadoopOptions {
  /** The ResourceManager finds its applications again after its restart. */
  recovery?: boolean
  /** After how long a node that says nothing is lost. */
  nodeExpiryMs?: number
}

const MAIN: Readonly<Record<Daemon, { main: string; heap: string }>> = {
  namenode: { main: 'org.apache.hadoop.hdfs.server.namenode.NameNode', heap: '256m' },
  datanode: { main: 'org.apache.hadoop.hdfs.server.datanode.DataNode', heap: '192m' },
  resourcemanager: {
    main: 'org.apache.hadoop.yarn.server.resourcemanager.ResourceManager',
    heap: '400m',
  },
  nodemanager: { main: 'org.apache.hadoop.yarn.server.nodemanager.NodeManager', heap: '256m' },
}

/** Hadoop 3 reaches into the JDK; from Java 16 on that must be allowed. */
const OPENS = ['lang', 'util', 'util.concurrent', 'net', 'io', 'nio']
  .map((name) => `java.base/java.${name}`)
  .concat(['java.base/sun.net.util', 'java.base/sun.nio.ch'])
  .flatMap((module) => ['--add-opens', `${module}=ALL-UNNAMED`])

export async function hadoopWorld(options: HadoopOptions = {}): Promise<HadoopWorld> {
  const lib = await hadoopJars()
  const home = await mkdtemp(join(tmpdir(), 'sluice-hadoop-'))
  const confDir = join(home, 'conf')
  const ports = await portsOf()
  const classpath = `${confDir}:${lib}/*`
  await writeConf({ home, confDir, lib, ports, options })
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java'
  const javaHome = process.env.JAVA_HOME ?? resolve(await javaHomeOf(java))
  const env = {
    ...{ PATH: process.env.PATH ?? '', HOME: home, JAVA_HOME: javaHome, HADOOP_CONF_DIR: confDir },
    HADOOP_USER_NAME: 'root',
  }
  const args = (daemon: Daemon) => [
    `-Xmx${MAIN[daemon].heap}`,
    '-XX:+UseSerialGC',
    '-Djava.net.preferIPv4Stack=true',
    ...OPENS,
    ...['-cp', classpath, MAIN[daemon].main],
  ]
  await run(java, [...args('namenode'), '-format', '-nonInteractive', '-force'], { env })
  const running = new Map<Daemon, ChildProcess>()

  async function start(daemon: Daemon): Promise<void> {
    const log = await open(join(home, `${daemon}.log`), 'a')
    const child = spawn(java, args(daemon), { env, stdio: ['ignore', log.fd, log.fd] })
    await log.close()
    running.set(daemon, child)
  }

  async function kill(daemon: Daemon, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = running.get(daemon)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  const resourceManager = `http://localhost:${ports.resourceManagerWeb}`

  async function ready(): Promise<void> {
    const deadline = systemClock.now() + 120_000
    while (!(await hasNode(resourceManager))) {
      for (const [daemon, child] of running) {
        if (child.exitCode === null || child.signalCode !== null) continue
        const log = await readFile(join(home, `${daemon}.log`), 'utf8')
        throw new Error(`The ${daemon} ended by itself: ${log.slice(-2_000)}`)
      }
      if (systemClock.now() > deadline) throw new Error('No node came up within 2 minutes')
      await systemClock.sleep(300)
    }
  }

  for (const daemon of ['namenode', 'datanode', 'resourcemanager', 'nodemanager'] as const)
    await start(daemon)
  await ready()
  return {
    ...{ resourceManager, confDir, classpath, kill, start, ready },
    nameNode: `http://localhost:${ports.nameNodeWeb}`,
    fileSystem: `hdfs://localhost:${ports.nameNode}`,
    containers: containersOf,
    async close() {
      for (const daemon of ['nodemanager', 'resourcemanager', 'datanode', 'namenode'] as const) {
        await kill(daemon, 'SIGTERM')
      }
      // A NodeManager that was killed leaves its containers behind.
      for (const { pid } of await containersOf('application_')) process.kill(pid, 'SIGKILL')
      await rm(home, { recursive: true, force: true })
    },
  }

  async function containersOf(applicationId: string): Promise<Container[]> {
    const { stdout } = await run('ps', ['-eo', 'pid=,args='], { maxBuffer: 16 * 1024 * 1024 })
    return stdout.split('\n').flatMap((line) => {
      const pid = Number(/^\s*(\d+) \S*java /.exec(line)?.[1])
      const id = /container_(?:e\d+_)?\d+_\d+_\d+_\d+/.exec(line)?.[0]
      if (!pid || !id || !line.includes(home) || !line.includes(applicationId)) return []
      return [{ pid, id, role: line.includes('YarnTaskExecutorRunner') ? 'taskmanager' : 'jobmanager' }]
    })
  }
}

/** Fetched by Maven, once. */
async function hadoopJars(): Promise<string> {
  const lib = join(SHELF, VERSION, 'lib')
  const complete = join(SHELF, VERSION, 'complete')
  if (await stat(complete).catch(() => null)) return lib
  const pom = join(import.meta.dirname, 'pom.xml')
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`]
  await run('mvn', ['-q', '-B', '-ntp', '-f', pom, `-Dhadoop.version=${VERSION}`, ...goal])
  await writeFile(complete, '')
  return lib
}

async function javaHomeOf(java: string): Promise<string> {
  const { stderr } = await run(java, ['-XshowSettings:properties', '-version'])
  return /java\.home = (.*)/.exec(stderr)?.[1]?.trim() ?? ''
}

async function hasNode(resourceManager: string): Promise<boolean> {
  const answer = await fetch(`${resourceManager}/ws/v1/cluster/metrics`).catch(() => null)
  if (!answer?.ok) return false
  const { clusterMetrics } = (await answer.json()) as { clusterMetrics: { activeNodes: number } }
  return clusterMetrics.activeNodes > 0
}

type Ports = Readonly<Record<(typeof PORTS)[number], number>>

const PORTS = [
  ...(['nameNode', 'nameNodeWeb', 'data', 'dataWeb', 'dataIpc'] as const),
  ...(['address', 'scheduler', 'tracker', 'admin', 'resourceManagerWeb'] as const),
  ...(['node', 'localizer', 'nodeWeb'] as const),
]

async function portsOf(): Promise<Ports> {
  // At the same time, so that all are different.
  const ports = await Promise.all(PORTS.map(async (name) => [name, await freePort()] as const))
  return Object.fromEntries(ports) as Ports
}

type Properties = Readonly<Record<string, string | number | boolean>>

interface Conf {
  home: string
  confDir: string
  lib: string
  ports: Ports
  options: HadoopOptions
}

async function writeConf({ home, confDir, lib, ports, options }: Conf): Promise<void> {
  // hadoop-hdfs brings no web pages, and refuses to start without their directories.
  for (const name of ['hdfs', 'datanode']) await mkdir(join(confDir, 'webapps', name), { recursive: true })
  const here = (port: number) => `localhost:${port}`
  const files = {
    'core-site.xml': {
      'fs.defaultFS': `hdfs://${here(ports.nameNode)}`,
      'hadoop.tmp.dir': join(home, 'tmp'),
    },
    'hdfs-site.xml': {
      'dfs.replication': 1,
      'dfs.namenode.rpc-bind-host': '127.0.0.1',
      'dfs.namenode.http-address': here(ports.nameNodeWeb),
      'dfs.namenode.name.dir': join(home, 'name'),
      'dfs.datanode.data.dir': join(home, 'data'),
      'dfs.datanode.address': `127.0.0.1:${ports.data}`,
      'dfs.datanode.http.address': `127.0.0.1:${ports.dataWeb}`,
      'dfs.datanode.ipc.address': `127.0.0.1:${ports.dataIpc}`,
      'dfs.datanode.hostname': 'localhost',
      'dfs.namenode.safemode.extension': 0,
    },
    'yarn-site.xml': yarnSite({ home, confDir, lib, ports, options }),
    'capacity-scheduler.xml': {
      'yarn.scheduler.capacity.root.queues': 'default,tiny',
      'yarn.scheduler.capacity.root.default.capacity': 98,
      // Never holds a JobManager: what is sent there waits for room for ever.
      'yarn.scheduler.capacity.root.tiny.capacity': 2,
      'yarn.scheduler.capacity.root.tiny.maximum-capacity': 2,
      'yarn.scheduler.capacity.maximum-am-resource-percent': 1.0,
    },
  }
  for (const [name, properties] of Object.entries(files))
    await writeFile(join(confDir, name), xmlOf(properties))
  await writeFile(
    join(confDir, 'log4j.properties'),
    [
      'log4j.rootLogger=INFO,console',
      'log4j.appender.console=org.apache.log4j.ConsoleAppender',
      'log4j.appender.console.layout=org.apache.log4j.PatternLayout',
      'log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n',
      '',
    ].join('\n'),
  )
}

function yarnSite({ home, confDir, lib, ports, options }: Conf): Properties {
  const manager = (port: number) => `localhost:${port}`
  return {
    'yarn.resourcemanager.hostname': 'localhost',
    'yarn.resourcemanager.bind-host': '127.0.0.1',
    'yarn.resourcemanager.address': manager(ports.address),
    'yarn.resourcemanager.scheduler.address': manager(ports.scheduler),
    'yarn.resourcemanager.resource-tracker.address': manager(ports.tracker),
    'yarn.resourcemanager.admin.address': manager(ports.admin),
    'yarn.resourcemanager.webapp.address': manager(ports.resourceManagerWeb),
    'yarn.resourcemanager.am.max-attempts': 2,
    'yarn.resourcemanager.connect.retry-interval.ms': 1_000,
    'yarn.nm.liveness-monitor.expiry-interval-ms': options.nodeExpiryMs ?? 600_000,
    ...(options.recovery && {
      'yarn.resourcemanager.recovery.enabled': true,
      'yarn.resourcemanager.store.class':
        'org.apache.hadoop.yarn.server.resourcemanager.recovery.FileSystemRMStateStore',
      'yarn.resourcemanager.fs.state-store.uri': `file://${join(home, 'rm-state')}`,
    }),
    'yarn.nodemanager.hostname': 'localhost',
    'yarn.nodemanager.bind-host': '127.0.0.1',
    'yarn.nodemanager.address': manager(ports.node),
    'yarn.nodemanager.localizer.address': manager(ports.localizer),
    'yarn.nodemanager.webapp.address': manager(ports.nodeWeb),
    'yarn.nodemanager.local-dirs': join(home, 'local'),
    'yarn.nodemanager.log-dirs': join(home, 'logs'),
    // More than there is: nothing here uses what it asks for.
    'yarn.nodemanager.resource.memory-mb': 32_768,
    'yarn.nodemanager.resource.cpu-vcores': 64,
    'yarn.nodemanager.vmem-check-enabled': false,
    'yarn.nodemanager.pmem-check-enabled': false,
    'yarn.nodemanager.disk-health-checker.enable': false,
    'yarn.nodemanager.env-whitelist': 'JAVA_HOME,HADOOP_CONF_DIR',
    'yarn.scheduler.minimum-allocation-mb': 256,
    'yarn.log-aggregation-enable': true,
    'yarn.nodemanager.remote-app-log-dir': '/tmp/logs',
    'yarn.application.classpath': `${confDir},${lib}/*`,
  }
}

function xmlOf(properties: Properties): string {
  const rows = Object.entries(properties).map(
    ([name, value]) => `  <property><name>${name}</name><value>${value}</value></property>`,
  )
  return `<?xml version="1.0"?>\n<configuration>\n${rows.join('\n')}\n</configuration>\n`
}
