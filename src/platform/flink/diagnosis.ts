/**
 * Texts of Flink, YARN and connectors that name the cause of a failure. A rule matches when one of its texts stands
 * in the stack, whatever the case; the first rule that matches wins, so the telling ones stand before the general.
 */
export interface Diagnosis {
  /** Stable name, for tests, metrics and links. */
  id: string
  cause: Words
  advice: Words
}

export interface Words {
  zh: string
  en: string
}

interface Rule extends Diagnosis {
  texts: readonly string[]
}

/** What the text of a failure says about its cause; null when no rule knows it. */
export function diagnose(text: string): Diagnosis | null {
  const lower = text.toLowerCase()
  const rule = RULES.find(({ texts }) => texts.some((one) => lower.includes(one)))
  return rule ? { id: rule.id, cause: rule.cause, advice: rule.advice } : null
}

const RULES: readonly Rule[] = [
  {
    id: 'duplicate-submit',
    texts: ['duplicatejobsubmissionexception', 'duplicateapplicationsubmissionexception'],
    cause: { zh: '该作业标识已被使用', en: 'this job id has been used already' },
    advice: {
      zh: '接管正在运行的作业,不要重复提交',
      en: 'adopt the job that is there; do not submit it again',
    },
  },
  {
    id: 'jobmanager-replaced',
    texts: ['the jobmanager was replaced by another'],
    cause: {
      zh: 'JobManager 已更换,没有高可用,作业随之结束',
      en: 'the JobManager was replaced, and without high availability its jobs ended with it',
    },
    advice: {
      zh: '从最近的检查点重启;在集群上配置高可用,作业就能自己恢复',
      en: 'restart it from its newest checkpoint; with high availability jobs outlive their JobManager',
    },
  },
  {
    id: 'metaspace',
    texts: ['outofmemoryerror: metaspace'],
    cause: { zh: '元空间(Metaspace)耗尽', en: 'no room in the metaspace' },
    advice: {
      zh: '多半是会话集群里反复启动造成类泄漏:重启 TaskManager,或调大 taskmanager.memory.jvm-metaspace.size',
      en: 'restarts in a session cluster leak classes: restart the TaskManager, or raise taskmanager.memory.jvm-metaspace.size',
    },
  },
  {
    id: 'direct-memory',
    texts: ['direct buffer memory'],
    cause: { zh: '堆外内存耗尽', en: 'no room in direct memory' },
    advice: {
      zh: '调大 taskmanager.memory.framework.off-heap.size 或 task.off-heap.size',
      en: 'raise taskmanager.memory.framework.off-heap.size or task.off-heap.size',
    },
  },
  {
    id: 'heap',
    texts: ['java heap space', 'gc overhead limit exceeded'],
    cause: { zh: '堆内存不足', en: 'no room in the heap' },
    advice: {
      zh: '调大 TaskManager 内存或提高并行度;状态很大时改用 RocksDB',
      en: 'give the TaskManager more memory or the job more parallelism; large state belongs into RocksDB',
    },
  },
  {
    id: 'physical-memory',
    texts: [
      'running beyond physical memory limits',
      'exited with exit code: 137',
      'exited with a non-zero exit code 137',
      'exited with exit code: 143',
      'exited with a non-zero exit code 143',
    ],
    cause: { zh: '容器因内存超限被杀', en: 'the container was killed for its memory' },
    advice: {
      zh: '调大进程内存或 jvm-overhead',
      en: 'raise the process memory or its jvm-overhead',
    },
  },
  {
    id: 'network-buffers',
    texts: ['insufficient number of network buffers'],
    cause: { zh: '网络缓冲区不足', en: 'not enough network buffers' },
    advice: { zh: '调大 taskmanager.memory.network', en: 'raise taskmanager.memory.network' },
  },
  {
    id: 'binlog-lost',
    texts: [
      'binlog has been purged',
      'could not find first log file name in binary log',
      'gtids purged',
      'purged binary logs',
      'the slave is connecting using',
    ],
    cause: { zh: 'MySQL binlog 位点已被清理', en: 'MySQL has purged the binlog position' },
    advice: {
      zh: '位点已丢失,需要重新做全量快照;并延长 binlog 保留时间',
      en: 'the position is lost: take a new snapshot, and keep binlogs longer',
    },
  },
  {
    id: 'kafka-offset',
    texts: ['offsetoutofrange'],
    cause: { zh: 'Kafka 位点超出保留范围', en: 'the Kafka offset is beyond what is retained' },
    advice: {
      zh: '延长 topic 保留时间,或从 earliest/latest 重新开始',
      en: 'keep the topic longer, or start from earliest or latest',
    },
  },
  {
    id: 'kafka-topic',
    texts: ['unknowntopicorpartition', 'not present in metadata'],
    cause: { zh: 'Kafka topic 不存在或读不到', en: 'the Kafka topic is not there or cannot be seen' },
    advice: {
      zh: '检查 topic 名称、集群地址和权限',
      en: 'check the name of the topic, the brokers and the rights',
    },
  },
  {
    id: 'kafka-credentials',
    texts: ['saslauthenticationexception', 'sasl authentication failed', 'topicauthorizationexception'],
    cause: { zh: 'Kafka 认证或授权失败', en: 'Kafka refused the credentials' },
    advice: { zh: '检查账号、密码和 ACL', en: 'check the account, its password and its ACLs' },
  },
  {
    id: 'kerberos',
    texts: ['gss initiate failed', "can't be found in cache", 'token is expired', 'clock skew too great'],
    cause: { zh: 'Kerberos 票据或令牌失效', en: 'the Kerberos ticket or token is no longer valid' },
    advice: {
      zh: '长期作业请用 keytab 登录;并检查各机器时间是否一致',
      en: 'long jobs need a keytab; also check that the clocks agree',
    },
  },
  {
    id: 'state-unmappable',
    texts: ['cannot map checkpoint/savepoint state for operator', 'there is no operator for the state'],
    cause: { zh: '作业拓扑变了,旧状态对不上', en: 'the job changed and cannot read this state' },
    advice: {
      zh: '换一个恢复点,给算子设置 uid,或确认可以丢弃后允许跳过状态',
      en: 'choose another place to start from, set operator uids, or allow state to be skipped if it may be lost',
    },
  },
  {
    id: 'max-parallelism',
    texts: ['max parallelism'],
    cause: { zh: '最大并行度与状态不一致', en: 'the max parallelism does not fit the state' },
    advice: {
      zh: '恢复成原来的最大并行度',
      en: 'restore with the max parallelism the state was written with',
    },
  },
  {
    id: 'savepoint-missing',
    texts: ['cannot find checkpoint or savepoint', 'cannot find meta data file'],
    cause: { zh: '恢复点不存在', en: 'the place to start from is not there' },
    advice: {
      zh: '检查路径和文件系统,或换一个恢复点',
      en: 'check its path and file system, or choose another one',
    },
  },
  {
    id: 'connector-missing',
    texts: ['could not find any factory for identifier'],
    cause: { zh: '缺少连接器或格式的 jar', en: 'a connector or format is missing' },
    advice: {
      zh: '把连接器加到版本里;原文列出了可用的',
      en: 'add its jar to the release; the text lists what is there',
    },
  },
  {
    id: 'executor-missing',
    texts: ['no executor found', 'no executorfactory found'],
    cause: { zh: '找不到执行器', en: 'no executor for this target' },
    advice: {
      zh: '检查 Hadoop classpath,以及该 Flink 版本是否支持此目标',
      en: 'check the Hadoop class path, and whether this Flink version knows the target',
    },
  },
  {
    id: 'file-system-missing',
    texts: ['could not find a file system implementation for scheme'],
    cause: { zh: '缺少该文件系统的实现', en: 'the file system of this path is unknown to Flink' },
    advice: {
      zh: '设置 HADOOP_CLASSPATH,或安装对应的 Flink 文件系统插件',
      en: 'set HADOOP_CLASSPATH, or install the file system plugin',
    },
  },
  {
    id: 'queue',
    texts: ['to unknown queue', 'does not have permission to submit', 'cannot submit applications to queue'],
    cause: { zh: 'YARN 队列不存在或无权限', en: 'the YARN queue is unknown or closed to this account' },
    advice: { zh: '检查队列名和 ACL', en: 'check the name of the queue and its ACL' },
  },
  {
    id: 'container-too-large',
    texts: ['maximum-capability', 'invalidresourcerequestexception'],
    cause: {
      zh: '申请的内存或核数超过 YARN 上限',
      en: 'more memory or cores asked for than YARN gives to one container',
    },
    advice: { zh: '调小 JM/TM 的内存或核数', en: 'ask for less memory or fewer cores' },
  },
  {
    id: 'queue-full',
    texts: ['am is not assigned', "queue's am resource limit exceeded"],
    cause: { zh: '队列已满,作业在排队', en: 'the queue is full; the job waits' },
    advice: { zh: '等待,或换一个队列', en: 'wait, or take another queue' },
  },
  {
    id: 'no-slots',
    texts: ['noresourceavailableexception', 'could not acquire the minimum required resources'],
    cause: { zh: '集群空闲 slot 不足', en: 'the cluster has too few free slots' },
    advice: {
      zh: '增加 TaskManager,降低并行度,或停掉其他作业',
      en: 'add TaskManagers, lower the parallelism, or stop another job',
    },
  },
  {
    id: 'checkpoint-expired',
    texts: ['checkpoint expired before completing'],
    cause: { zh: 'checkpoint 超时', en: 'checkpoints take longer than their timeout' },
    advice: {
      zh: '先看反压和状态存储,再考虑调大超时',
      en: 'look at backpressure and the state store before raising the timeout',
    },
  },
  {
    id: 'checkpoint-declined',
    texts: ['checkpoint was declined', 'exceeded checkpoint tolerable failure threshold'],
    cause: { zh: 'checkpoint 连续失败', en: 'checkpoints keep failing' },
    advice: { zh: '查看拒绝 checkpoint 的任务日志', en: 'look at the log of the task that declined' },
  },
  {
    id: 'system-exit',
    texts: ['attempted to exit jvm'],
    cause: { zh: '程序调用了 System.exit()', en: 'the program called System.exit()' },
    advice: {
      zh: '去掉该调用:它会拖垮整个集群',
      en: 'take the call out: it ends the cluster with all its jobs',
    },
  },
  {
    id: 'entry-class',
    texts: ['entry point class', "neither a 'main-class'"],
    cause: { zh: '找不到入口类', en: 'the entry class is not in the jar' },
    advice: { zh: '检查入口类名和 jar 内容', en: 'check the name of the class and what is in the jar' },
  },
  {
    id: 'sql',
    texts: ['sql parse failed', 'sql validation failed'],
    cause: { zh: 'SQL 有误', en: 'the SQL is wrong' },
    advice: { zh: '按行列号修改后重新发布', en: 'mend it at the line and column named, and release again' },
  },
  {
    id: 'task-manager-lost',
    texts: [
      'heartbeat of taskmanager',
      'is no longer reachable',
      'connection unexpectedly closed by remote task manager',
      'lost connection to task manager',
    ],
    cause: { zh: '与 TaskManager 失去联系', en: 'a TaskManager was lost' },
    advice: { zh: '先看它所在容器为何退出', en: 'look first at why its container ended' },
  },
  {
    id: 'connection-refused',
    texts: ['connection refused'],
    cause: { zh: '目标服务拒绝连接', en: 'a service refused the connection' },
    advice: { zh: '检查地址、端口和对方是否存活', en: 'check its address and port, and whether it is up' },
  },
]
