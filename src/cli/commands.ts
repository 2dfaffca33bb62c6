import type { CommandSpec, Given, Said } from './cli.ts'

const port: Said = { zh: '端口', en: 'port' }
const name: Said = { zh: '名称', en: 'name' }
const clusterName: Said = { zh: '集群名', en: 'name' }
const archive: Said = { zh: '安装包', en: 'archive' }
const teamName: Said = { zh: '团队', en: 'team' }

/** Everything that `sluice` can be asked for, in the order of the help. */
export const COMMANDS = {
  start: {
    summary: { zh: '启动服务', en: 'Start the server' },
    about: {
      zh: '设置取自环境变量和 sluice.yaml。首次启动会给出一次性登录链接。Ctrl-C 停止，未完成的操作下次启动后继续。',
      en: 'Settings come from the environment and sluice.yaml. The first start gives a one-time sign-in link. Ctrl-C stops it; operations that were not finished go on at the next start.',
    },
    options: {
      host: {
        value: { zh: '地址', en: 'address' },
        meaning: { zh: '监听地址（HOST）', en: 'Address to listen on (HOST)' },
      },
      port: { value: port, is: 'port', meaning: { zh: '监听端口（PORT）', en: 'Port to listen on (PORT)' } },
    },
    examples: ['sluice start', 'sluice start --port 8090'],
  },
  demo: {
    summary: {
      zh: '一条命令体验：真实 Flink、示例作业和聊天页面',
      en: 'Try it: a real Flink, example jobs and a chat',
    },
    options: {
      tour: {
        meaning: {
          zh: '自动走一遍主要流程并核对每一步，退出码 0 或 1',
          en: 'Walk through it by itself, check each outcome, exit with 0 or 1',
        },
      },
      sandbox: {
        meaning: {
          zh: '使用模拟集群，不需要 Java',
          en: 'A simulated cluster: needs no Java, runs nothing real',
        },
      },
      from: {
        value: archive,
        meaning: { zh: '从 Flink 官方安装包安装', en: 'Install Flink from an official archive' },
      },
      port: { value: port, is: 'port', meaning: { zh: '首先尝试的端口', en: 'The port to try first' } },
    },
    examples: ['sluice demo', 'sluice demo --tour', 'sluice demo --sandbox'],
  },
  migrate: {
    summary: { zh: '把数据库升级到当前版本', en: 'Bring the database up to this version' },
    about: {
      zh: '启动服务时也会自动升级；单独运行便于提前确认。',
      en: 'The server does the same when it starts; by itself it can be done, and seen, beforehand.',
    },
    options: {},
    examples: ['sluice migrate'],
  },
  doctor: {
    summary: {
      zh: '检查设置、数据库、Java、Flink 和集群，并给出解决办法',
      en: 'Check settings, database, Java, Flink and clusters, with the cure for each',
    },
    about: {
      zh: '每行一项：正常、注意或异常。有异常时退出码为 1。',
      en: 'One line for each: ok, warn or fail. Exits with 1 when something fails.',
    },
    options: {},
    examples: ['sluice doctor'],
  },
  'doctor chat': {
    summary: {
      zh: '检查聊天平台：凭证、权限、连接，以及最近收到的消息',
      en: 'Check chats: credentials, permissions, connections, and what came in lately',
    },
    about: {
      zh: '由运行中的服务检查它打开的聊天；没有服务时，检查环境变量设置的聊天，不建立连接。不会打扰任何人。有异常时退出码为 1。',
      en: 'The running server looks at the chats that it has open; without one, those that the environment sets up are looked at, without connecting. Nobody is told anything. Exits with 1 when something fails.',
    },
    argument: { name: { zh: '平台', en: 'platform' }, required: false },
    options: {},
    examples: ['sluice doctor chat', 'sluice doctor chat feishu'],
  },
  'flink install': {
    summary: { zh: '安装 Flink', en: 'Install a Flink' },
    about: {
      zh: '从 pip 所用的软件包索引下载（约 240 MB），校验后解压到 SLUICE_HOME/flink。中断后再次运行会续传。',
      en: 'Downloads from the package index that pip uses (about 240 MB), checks it and unpacks it into SLUICE_HOME/flink. Run it again after a break and it goes on where it was.',
    },
    argument: { name: { zh: '版本', en: 'version' }, required: false },
    options: {
      from: {
        value: archive,
        meaning: {
          zh: '改用官方安装包 flink-*-bin-scala_*.tgz',
          en: 'Take an official archive, flink-*-bin-scala_*.tgz, instead',
        },
      },
    },
    examples: [
      'sluice flink install',
      'sluice flink install 1.20.3',
      'sluice flink install --from flink-1.20.3-bin-scala_2.12.tgz',
    ],
  },
  'flink list': {
    summary: { zh: '列出已安装的 Flink', en: 'List installed Flinks' },
    options: {},
    examples: ['sluice flink list'],
  },
  'flink remove': {
    summary: { zh: '删除已安装的 Flink', en: 'Remove an installed Flink' },
    about: {
      zh: '有本地集群正在用它运行，或运行中的服务登记了它时拒绝。',
      en: 'Refused while a local cluster runs on it, or a running server lists it.',
    },
    argument: { name: { zh: '版本', en: 'version' }, required: true },
    options: {},
    examples: ['sluice flink remove 1.20.3'],
  },
  'cluster up': {
    summary: { zh: '启动本机的 session 集群', en: 'Start a session cluster on this machine' },
    about: {
      zh: '名称默认为 local。已在运行的集群保持不变，只补足缺少的 TaskManager。集群独立于 Sluice 进程运行。',
      en: 'Its name is local unless another is given. One that runs is taken as it is; only missing TaskManagers are added. It goes on running without Sluice.',
    },
    argument: { name: clusterName, required: false },
    options: {
      flink: {
        value: { zh: '版本或目录', en: 'version or directory' },
        meaning: {
          zh: '使用的 Flink；默认 FLINK_HOME，否则为最新安装的版本',
          en: 'The Flink to use; FLINK_HOME, else the newest installed one',
        },
      },
      'task-managers': {
        value: { zh: '数量', en: 'count' },
        is: 'count',
        meaning: { zh: 'TaskManager 数量（默认 1）', en: 'How many TaskManagers (1)' },
      },
      slots: {
        value: { zh: '数量', en: 'count' },
        is: 'count',
        meaning: { zh: '每个 TaskManager 的 slot 数（默认 4）', en: 'Slots of each TaskManager (4)' },
      },
    },
    examples: ['sluice cluster up', 'sluice cluster up etl --flink 1.20 --task-managers 2'],
  },
  'cluster down': {
    summary: { zh: '停止本机的 session 集群', en: 'Stop a session cluster of this machine' },
    about: {
      zh: '其中的作业会一起停止；目录（包括 savepoint）保留。',
      en: 'Its jobs end with it; its directories, savepoints included, stay.',
    },
    argument: { name: clusterName, required: false },
    options: {},
    examples: ['sluice cluster down', 'sluice cluster down etl'],
  },
  'cluster list': {
    summary: { zh: '列出本机的 session 集群', en: 'List session clusters of this machine' },
    options: {},
    examples: ['sluice cluster list'],
  },
  'member add': {
    summary: { zh: '添加成员并给出登录链接', en: 'Add a member and get a sign-in link for them' },
    argument: { name, required: true },
    options: {
      'display-name': {
        value: { zh: '显示名', en: 'text' },
        meaning: { zh: '卡片上显示的名字', en: 'The name on cards' },
      },
      email: { value: { zh: '邮箱', en: 'address' }, meaning: { zh: '邮箱', en: 'E-mail address' } },
      admin: { meaning: { zh: '管理员', en: 'May do everything' } },
      team: {
        value: teamName,
        meaning: { zh: '加入团队（同时给出 --role）', en: 'Put them into a team (with --role)' },
      },
      role: {
        value: { zh: '角色', en: 'role' },
        meaning: {
          zh: '在团队中的角色：viewer、developer、operator、lead …',
          en: 'Their role there: viewer, developer, operator, lead, …',
        },
      },
      language: {
        value: { zh: '语言', en: 'language' },
        is: ['zh', 'en'],
        meaning: { zh: '成员的语言：zh 或 en', en: 'The language of the member: zh or en' },
      },
    },
    examples: [
      'sluice member add lin --display-name Lin --team data --role operator',
      'sluice member add mei --admin',
    ],
  },
  'member link': {
    summary: { zh: '为成员生成一次性登录链接', en: 'Make a one-time sign-in link for a member' },
    argument: { name, required: true },
    options: {},
    examples: ['sluice member link admin'],
  },
  'token create': {
    summary: { zh: '创建 API 令牌', en: 'Make an API token' },
    about: {
      zh: '密钥只在标准输出显示这一次。不加限制的令牌拥有成员的全部权限。',
      en: 'The secret is printed to standard output, this once. A token that nothing narrows can do all that its member can.',
    },
    argument: { name, required: true },
    options: {
      member: {
        value: { zh: '成员', en: 'member' },
        meaning: {
          zh: '令牌属于谁（默认 local，本机管理员）',
          en: 'Whose token it is (local, the admin of this machine)',
        },
      },
      verb: {
        value: { zh: '权限', en: 'verb' },
        many: true,
        meaning: {
          zh: '只允许这些操作，例如 job:view（可重复）',
          en: 'Only these verbs, such as job:view (repeatable)',
        },
      },
      team: {
        value: teamName,
        many: true,
        meaning: { zh: '只限这些团队（可重复）', en: 'Only these teams (repeatable)' },
      },
      environment: {
        value: { zh: '环境', en: 'environment' },
        many: true,
        meaning: { zh: '只限这些环境（可重复）', en: 'Only these environments (repeatable)' },
      },
      days: {
        value: { zh: '天数', en: 'days' },
        is: 'count',
        meaning: { zh: '有效天数，1 到 365（默认 90）', en: 'How many days it is good for, 1 to 365 (90)' },
      },
    },
    examples: ['sluice token create ci --verb job:view --verb job:release --team data --days 30'],
  },
  say: {
    summary: {
      zh: '在运行中的服务的聊天里说一句话，并显示卡片',
      en: 'Say something in a chat of the running server, and show its cards',
    },
    about: {
      zh: '以本机管理员 local 的身份发言。',
      en: 'Speaks as the member local, the admin of this machine.',
    },
    argument: { name: { zh: '命令', en: 'command' }, required: true, many: true },
    options: {
      chat: {
        value: { zh: '聊天', en: 'chat' },
        meaning: { zh: '聊天名（默认 ops）', en: 'The chat (ops)' },
      },
    },
    examples: ['sluice say "/job list"', 'sluice say "/job restart orders-cdc" --chat ops'],
  },
  'artifact upload': {
    summary: { zh: '上传 JAR 到运行中的服务', en: 'Send a JAR to the running server' },
    about: {
      zh: '标准输出只有摘要（digest），发布版本时用它指定这个 JAR。',
      en: 'Standard output is its digest alone, by which a release names it.',
    },
    argument: { name: { zh: '文件', en: 'file' }, required: true },
    options: {},
    examples: ['sluice artifact upload orders-etl.jar'],
  },
  'route check': {
    summary: {
      zh: '检查一份 alertmanager.yml，不改动任何东西',
      en: 'Check an alertmanager.yml; nothing is changed',
    },
    argument: { name: { zh: '文件', en: 'file' }, required: true },
    options: {},
    examples: ['sluice route check alertmanager.yml'],
  },
  'route import': {
    summary: {
      zh: '让运行中的服务按这份 alertmanager.yml 通知告警',
      en: 'Have the running server route alerts by an alertmanager.yml',
    },
    about: {
      zh: '文件原样使用；不支持的接收方式会逐个列出，它们的告警改发到团队的聊天群。',
      en: 'The file is taken as it is. Kinds of receivers that are not supported are named; their alerts go to the chats of the team instead.',
    },
    argument: { name: { zh: '文件', en: 'file' }, required: true },
    options: {},
    examples: ['sluice route import alertmanager.yml'],
  },
  'rules test': {
    summary: {
      zh: '用记录下来的指标检验告警规则',
      en: 'Play recorded samples against the alert rules',
    },
    about: {
      zh: '文件写明指标序列和每个时刻应触发的规则；与预期不符时退出码为 1。',
      en: 'The file holds series of samples and what must fire when; exits with 1 where something else does.',
    },
    argument: { name: { zh: '文件', en: 'file' }, required: true },
    options: {},
    examples: ['sluice rules test rules.test.yml'],
  },
} as const satisfies Record<string, CommandSpec>

export type CommandName = keyof typeof COMMANDS
export type GivenTo<C extends CommandName> = Given<keyof (typeof COMMANDS)[C]['options'] & string>

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[]

export function specOf(command: CommandName): CommandSpec {
  return COMMANDS[command]
}

/** `flink` of `flink install`; commands of one word belong to none. */
export function groupOf(command: CommandName): string | null {
  const [group, second] = command.split(' ')
  return second === undefined ? null : (group ?? null)
}

export function commandsOf(group: string): readonly CommandName[] {
  return COMMAND_NAMES.filter((command) => groupOf(command) === group)
}
