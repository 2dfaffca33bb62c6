/** A YARN cluster, and what applications there are given. Addresses carry their scheme and no path. */
export interface YarnPlace {
  /** `http://host:8088`; both of a pair. */
  resourceManagers: readonly string[]
  /** `http://host:9870`; both of a pair. */
  nameNodes: readonly string[]
  /** `hdfs://nn:8020` or `hdfs://nameservice`, as containers write it. */
  fileSystem: string
  /** Whom applications and files belong to. */
  user: string
  queue: string
  /** Where containers find Hadoop: `yarn.application.classpath`. */
  hadoopClasspath: readonly string[]
  /** Where YARN keeps the logs of ended applications: `yarn.nodemanager.remote-app-log-dir`, a path on HDFS. */
  logDirectory: string
  /** Flink settings of all jobs here. */
  settings: Readonly<Record<string, string>>
}
