/** Why a YARN cluster cannot be registered as it was described. */
export type YarnProblem =
  | { is: 'no-conf'; file: string }
  | { is: 'missing'; what: 'resource-manager' | 'name-node' | 'file-system' | 'classpath' }
  | {
      is: 'bad-value'
      what: 'address' | 'file-system' | 'user' | 'queue' | 'classpath' | 'log-directory'
      value: string
    }
  /** Tickets are not taken yet. */
  | { is: 'kerberos' }

type Missing = Extract<YarnProblem, { is: 'missing' }>['what']
type Bad = Extract<YarnProblem, { is: 'bad-value' }>['what']

/** One sentence: what is wrong, and what would be right. */
export function explainYarnProblem(problem: YarnProblem, language: 'en' | 'zh'): string {
  const t = SENTENCES[language]
  switch (problem.is) {
    case 'no-conf':
      return t.noConf(problem.file)
    case 'missing':
      return t.missing[problem.what]
    case 'bad-value':
      return t.bad[problem.what](problem.value)
    case 'kerberos':
      return t.kerberos
  }
}

interface Sentences {
  noConf(file: string): string
  missing: Record<Missing, string>
  bad: Record<Bad, (value: string) => string>
  kerberos: string
}

const SENTENCES: Record<'en' | 'zh', Sentences> = {
  en: {
    noConf: (file) =>
      `${file} cannot be read as a Hadoop configuration. Name the directory with core-site.xml, hdfs-site.xml and yarn-site.xml on the machine of Sluice.`,
    missing: {
      'resource-manager':
        'No ResourceManager is named: give yarn.resourcemanager.webapp.address in yarn-site.xml, or its address like http://rm-1:8088.',
      'name-node':
        'No NameNode is named: give dfs.namenode.http-address in hdfs-site.xml, or its address like http://nn-1:9870.',
      'file-system': 'No file system is named: give fs.defaultFS in core-site.xml, like hdfs://nn-1:8020.',
      classpath:
        'It is not said where containers find Hadoop: give yarn.application.classpath in yarn-site.xml.',
    },
    bad: {
      address: (value) => `"${value}" is no address. Write it like http://rm-1:8088.`,
      'file-system': (value) =>
        `"${value}" is no HDFS. Write it like hdfs://nn-1:8020 or hdfs://nameservice1.`,
      user: (value) => `"${value}" cannot be a user on the cluster.`,
      queue: (value) => `"${value}" cannot be a queue. Write it like root.prod.`,
      classpath: (value) => `"${value}" cannot stand on a class path of Hadoop.`,
      'log-directory': (value) => `"${value}" is no directory on HDFS. Write it like /tmp/logs.`,
    },
    kerberos:
      'This cluster asks for Kerberos tickets, which Sluice does not take yet. A cluster with simple authentication can be registered.',
  },
  zh: {
    noConf: (file) =>
      `${file} 不是可读的 Hadoop 配置。请指定 Sluice 所在机器上含 core-site.xml、hdfs-site.xml 和 yarn-site.xml 的目录。`,
    missing: {
      'resource-manager':
        '没有 ResourceManager 地址：请在 yarn-site.xml 中设置 yarn.resourcemanager.webapp.address，或直接给出，如 http://rm-1:8088。',
      'name-node':
        '没有 NameNode 地址：请在 hdfs-site.xml 中设置 dfs.namenode.http-address，或直接给出，如 http://nn-1:9870。',
      'file-system': '没有文件系统：请在 core-site.xml 中设置 fs.defaultFS，如 hdfs://nn-1:8020。',
      classpath: '不知道容器在哪里能找到 Hadoop：请在 yarn-site.xml 中设置 yarn.application.classpath。',
    },
    bad: {
      address: (value) => `“${value}”不是地址，应写成 http://rm-1:8088 这样。`,
      'file-system': (value) => `“${value}”不是 HDFS，应写成 hdfs://nn-1:8020 或 hdfs://nameservice1 这样。`,
      user: (value) => `“${value}”不能作为集群上的用户。`,
      queue: (value) => `“${value}”不能作为队列，应写成 root.prod 这样。`,
      classpath: (value) => `“${value}”不能放在 Hadoop 的 classpath 上。`,
      'log-directory': (value) => `“${value}”不是 HDFS 上的目录，应写成 /tmp/logs 这样。`,
    },
    kerberos: '这个集群要求 Kerberos 票据，Sluice 目前还不支持。可以登记使用 simple 认证的集群。',
  },
}
