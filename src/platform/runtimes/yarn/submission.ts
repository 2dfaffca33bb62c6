import type { JobManagerMemory } from './job-manager-memory.ts'
import { dynamicProperties, jvmOptions } from './job-manager-memory.ts'

/** A file on HDFS that YARN puts into each container. Size and time must be those of the file, to the millisecond. */
export interface Resource {
  /** Its name in the container: `lib/flink-json-1.20.5.jar`. */
  key: string
  /** `hdfs://…` */
  url: string
  size: number
  modifiedAt: number
  /** `PUBLIC` is kept on a node for everybody, `APPLICATION` goes with the application. */
  visibility: 'PUBLIC' | 'APPLICATION'
}

/** All that decides how a JobManager is launched. */
export interface Launch {
  applicationId: string
  name: string
  queue: string
  tags: readonly string[]
  user: string
  attempts: number
  memory: JobManagerMemory
  virtualCores: number
  /** Further options of its JVM. */
  javaOptions: readonly string[]
  /** `hdfs://…/user/<user>`, and the directory of this application below it. */
  userHome: string
  staging: string
  /** What lies below lib/ and plugins/, without the dist jar. */
  libraries: readonly Resource[]
  dist: Resource
  jar: Resource
  conf: Resource
  log4j: Resource
  /** Where containers find Hadoop; may name variables of the node. */
  hadoopClasspath: readonly string[]
}

interface Entries<T> {
  entry: readonly { key: string; value: T }[]
}

/** The body of `POST /ws/v1/cluster/apps`. */
export interface SubmissionContext {
  'application-id': string
  'application-name': string
  'application-type': 'Apache Flink'
  queue: string
  priority: 0
  'unmanaged-AM': false
  'max-app-attempts': number
  'keep-containers-across-application-attempts': boolean
  resource: { memory: number; vCores: number }
  'application-tags': { tag: readonly string[] }
  'am-container-spec': {
    'local-resources': Entries<{
      resource: string
      type: 'FILE'
      visibility: Resource['visibility']
      size: number
      timestamp: number
    }>
    environment: Entries<string>
    commands: { command: string }
  }
}

const MIB = 1024 * 1024
const ENTRY_POINT = 'org.apache.flink.yarn.entrypoint.YarnApplicationClusterEntryPoint'

/** What Flink's own client of the same version would have YARN launch, as it is seen in a container's launch script. */
export function submissionContext(launch: Launch): SubmissionContext {
  const { applicationId, name, queue, tags, memory, attempts } = launch
  return {
    'application-id': applicationId,
    'application-name': name,
    'application-type': 'Apache Flink',
    queue,
    priority: 0,
    'unmanaged-AM': false,
    'max-app-attempts': attempts,
    // Only then do TaskManagers outlive a JobManager that comes again.
    'keep-containers-across-application-attempts': attempts > 1,
    resource: { memory: Math.ceil(memory.process / MIB), vCores: launch.virtualCores },
    'application-tags': { tag: tags },
    'am-container-spec': {
      'local-resources': { entry: allResources(launch).map(localResource) },
      environment: entries(environmentOf(launch)),
      commands: { command: commandOf(launch) },
    },
  }
}

function allResources({ libraries, dist, jar, conf, log4j }: Launch): Resource[] {
  return [...libraries, dist, jar, conf, log4j]
}

function localResource({ key, url, size, modifiedAt, visibility }: Resource) {
  return { key, value: { resource: url, type: 'FILE' as const, visibility, size, timestamp: modifiedAt } }
}

function entries(values: Readonly<Record<string, string>>): Entries<string> {
  return { entry: Object.entries(values).map(([key, value]) => ({ key, value })) }
}

/** The words by which the JobManager finds what its TaskManagers need. */
export function environmentOf(launch: Launch): Readonly<Record<string, string>> {
  const { libraries, dist, jar, conf, log4j } = launch
  const flinkClasspath = classpathOf(launch)
  return {
    _CLIENT_HOME_DIR: launch.userHome,
    _APP_ID: launch.applicationId,
    HADOOP_USER_NAME: launch.user,
    FLINK_LIB_DIR: './lib',
    FLINK_OPT_DIR: './opt',
    _FLINK_YARN_FILES: launch.staging,
    _FLINK_DIST_JAR: descriptor(dist),
    _CLIENT_SHIP_FILES: [...libraries, log4j, jar, conf].map(descriptor).join(';'),
    _FLINK_CLASSPATH: flinkClasspath,
    CLASSPATH: [flinkClasspath, ...launch.hadoopClasspath].join(':'),
  }
}

/** The job's jar stands before Flink's, as with Flink's client; plugins have class loaders of their own. */
function classpathOf({ libraries, dist, jar, conf }: Launch): string {
  const onIt = libraries.map(({ key }) => key).filter((key) => /^lib\/[^/]+\.jar$/.test(key))
  return ['', jar.key, ...onIt.toSorted(), dist.key, conf.key, ''].join(':')
}

/** As Flink's YarnLocalResourceDescriptor reads it back. */
function descriptor({ key, url, size, modifiedAt, visibility }: Resource): string {
  return `{'resourceKey':'${key}','path':'${url}','size':${size},'modificationTime':${modifiedAt},'visibility':'${visibility}','resourceType':'FILE'}`
}

function commandOf({ memory, javaOptions }: Launch): string {
  const log = (ending: string) => `<LOG_DIR>/jobmanager.${ending}`
  return [
    '$JAVA_HOME/bin/java',
    ...jvmOptions(memory),
    ...javaOptions,
    // What another Java does not know is no reason not to start.
    '-XX:+IgnoreUnrecognizedVMOptions',
    `-Dlog.file="${log('log')}"`,
    '-Dlog4j.configuration=file:log4j.properties',
    '-Dlog4j.configurationFile=file:log4j.properties',
    ENTRY_POINT,
    ...dynamicProperties(memory),
    `1> ${log('out')}`,
    `2> ${log('err')}`,
  ].join(' ')
}
