import type { YarnPlace } from './yarn-place.ts'

/** What Hadoop's own configuration tells of a cluster; what it leaves out has Hadoop's default or stays out. */
export type HadoopFacts = Partial<
  Pick<YarnPlace, 'resourceManagers' | 'nameNodes' | 'fileSystem' | 'hadoopClasspath' | 'logDirectory'>
> & { kerberos: boolean }

/** By the keys of core-site.xml, hdfs-site.xml and yarn-site.xml, whose defaults are those of Hadoop 3. */
export function hadoopFacts(conf: ReadonlyMap<string, string>): HadoopFacts {
  const fileSystem = conf.get('fs.defaultFS')?.replace(/\/+$/, '')
  const classpath = listed(conf.get('yarn.application.classpath'))
  return {
    resourceManagers: resourceManagersIn(conf),
    nameNodes: fileSystem === undefined ? [] : nameNodesIn(conf, fileSystem),
    ...(fileSystem !== undefined && { fileSystem }),
    hadoopClasspath: classpath.length > 0 ? classpath : DEFAULT_CLASSPATH,
    logDirectory: conf.get('yarn.nodemanager.remote-app-log-dir') ?? '/tmp/logs',
    kerberos: conf.get('hadoop.security.authentication')?.toLowerCase() === 'kerberos',
  }
}

/** YarnConfiguration.DEFAULT_YARN_APPLICATION_CLASSPATH; nodes know the variables. */
const DEFAULT_CLASSPATH = [
  '$HADOOP_CONF_DIR',
  '$HADOOP_COMMON_HOME/share/hadoop/common/*',
  '$HADOOP_COMMON_HOME/share/hadoop/common/lib/*',
  '$HADOOP_HDFS_HOME/share/hadoop/hdfs/*',
  '$HADOOP_HDFS_HOME/share/hadoop/hdfs/lib/*',
  '$HADOOP_YARN_HOME/share/hadoop/yarn/*',
  '$HADOOP_YARN_HOME/share/hadoop/yarn/lib/*',
]

function resourceManagersIn(conf: ReadonlyMap<string, string>): string[] {
  const isHttps = conf.get('yarn.http.policy') === 'HTTPS_ONLY'
  const key = `yarn.resourcemanager.webapp.${isHttps ? 'https.' : ''}address`
  const port = isHttps ? 8090 : 8088
  const addressOf = (suffix: string) => {
    const host = conf.get(`yarn.resourcemanager.hostname${suffix}`)
    const address = substituted(conf.get(`${key}${suffix}`), conf) ?? (host && `${host}:${port}`)
    return address ? [`${isHttps ? 'https' : 'http'}://${address}`] : []
  }
  const ids = conf.get('yarn.resourcemanager.ha.enabled') === 'true' ? haIds(conf) : []
  return ids.length > 0 ? ids.flatMap((id) => addressOf(`.${id}`)) : addressOf('')
}

const haIds = (conf: ReadonlyMap<string, string>) => listed(conf.get('yarn.resourcemanager.ha.rm-ids'))

function nameNodesIn(conf: ReadonlyMap<string, string>, fileSystem: string): string[] {
  const isHttps = conf.get('dfs.http.policy') === 'HTTPS_ONLY'
  const key = `dfs.namenode.${isHttps ? 'https' : 'http'}-address`
  const scheme = isHttps ? 'https' : 'http'
  const host = /^hdfs:\/\/([^/:]+)/.exec(fileSystem)?.[1]
  const ids = host === undefined ? [] : listed(conf.get(`dfs.ha.namenodes.${host}`))
  if (ids.length > 0) {
    return ids.flatMap((id) => {
      const address = conf.get(`${key}.${host}.${id}`)
      return address ? [`${scheme}://${address}`] : []
    })
  }
  const address = conf.get(key)
  // A wildcard is where it listens, not where it is reached.
  const named = address?.replace(/^0\.0\.0\.0(?=:)/, host ?? '')
  const reached = named ?? (host && `${host}:${isHttps ? 9871 : 9870}`)
  return reached ? [`${scheme}://${reached}`] : []
}

/** `${yarn.resourcemanager.hostname}:8088` */
function substituted(value: string | undefined, conf: ReadonlyMap<string, string>): string | undefined {
  return value?.replace(/\$\{([^}]+)\}/g, (whole, key: string) => conf.get(key) ?? whole)
}

function listed(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
