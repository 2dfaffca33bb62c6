import type { InstallProgress } from '../platform/flink/flink-install.http.ts'

interface DemoWords {
  chat: string
  stopping: string
  stopped: string
  ready(link: string, cluster: { sandbox: boolean; address: string }): string
  otherPort(wanted: number, used: number): string
  noPort(from: number, to: number): string
  /** Null: nothing worth a line. `step`: per how many percent of a download one line is printed. */
  installing(progress: InstallProgress, step: number): string | null
}

/** What the demo says on the terminal. */
export const DEMO_WORDS: Readonly<Record<'zh' | 'en', DemoWords>> = {
  zh: {
    chat: '数据组值班群',
    stopping: '正在停止本次演示启动的一切 …',
    stopped: '已全部停止。作业、版本和 savepoint 都保留着，再次运行会接着来。',
    ready: (link, { sandbox, address }) =>
      [
        '',
        sandbox ? '沙箱模式：集群是模拟的，没有真正的作业在运行。' : `Flink 集群：${address}`,
        '打开这个链接即可登录（一次有效）：',
        `  ${link}`,
        '在聊天里试试：/job list · /job restart counter · /demo break · /help',
        '按 Ctrl-C 停止。',
        '',
      ].join('\n'),
    otherPort: (wanted, used) => `端口 ${wanted} 已被占用，改用 ${used}。`,
    noPort: (from, to) => `端口 ${from} 到 ${to} 都被占用。请用 PORT=… 指定一个空闲端口。`,
    installing: (progress, step) => {
      switch (progress.step) {
        case 'index':
          return '正在查找 Flink …'
        case 'download':
          return `正在下载 ${progress.file}（${amount(progress, step)}）`
        case 'unpack':
          return `正在解压 ${progress.file} …`
        default:
          return null
      }
    },
  },
  en: {
    chat: 'Data on call',
    stopping: 'Stopping everything this demo started …',
    stopped: 'All stopped. Jobs, releases and savepoints are kept; the next run goes on from here.',
    ready: (link, { sandbox, address }) =>
      [
        '',
        sandbox ? 'Sandbox: the cluster is simulated, nothing real runs.' : `Flink cluster: ${address}`,
        'Open this link; it signs you in (once):',
        `  ${link}`,
        'Try in the chat: /job list · /job restart counter · /demo break · /help',
        'Ctrl-C stops everything.',
        '',
      ].join('\n'),
    otherPort: (wanted, used) => `Port ${wanted} is taken; using ${used}.`,
    noPort: (from, to) => `Ports ${from} to ${to} are all taken. Name a free one with PORT=….`,
    installing: (progress, step) => {
      switch (progress.step) {
        case 'index':
          return 'Looking for Flink …'
        case 'download':
          return `Downloading ${progress.file} (${amount(progress, step)})`
        case 'unpack':
          return `Unpacking ${progress.file} …`
        default:
          return null
      }
    },
  },
}

function amount({ bytes, total }: Extract<InstallProgress, { step: 'download' }>, step: number): string {
  const megabytes = (size: number) => `${Math.round(size / 1_000_000)} MB`
  if (total === null) return megabytes(bytes)
  const percent = Math.floor((bytes / total) * (100 / step)) * step
  return `${percent} % / ${megabytes(total)}`
}
