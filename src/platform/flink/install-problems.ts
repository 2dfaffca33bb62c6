import { explainHomeProblem, type HomeProblem } from './home-problems.ts'
import { type Facts, wordsOf } from './problem-facts.ts'

/** Why a Flink was not installed. Holds no secret of the index's address. */
export type InstallProblem =
  | { readonly why: 'bad-version'; readonly wanted: string }
  | { readonly why: 'bad-index' }
  | { readonly why: 'index-refuses'; readonly url: string; readonly status: number }
  | {
      readonly why: 'index-unreachable' | 'download-unreachable'
      readonly url: string
      readonly cause: unknown
    }
  /** The answer is a page for people, often of a sign-in or a proxy. */
  | { readonly why: 'no-index'; readonly url: string }
  | { readonly why: 'not-offered'; readonly wanted: string; readonly offered: readonly string[] }
  | { readonly why: 'download-refused'; readonly url: string; readonly status: number }
  | { readonly why: 'wrong-digest'; readonly file: string; readonly expected: string; readonly got: string }
  | { readonly why: 'no-space'; readonly freeMb: number; readonly neededMb: number }
  | { readonly why: 'cannot-unpack'; readonly file: string; readonly cause: unknown }
  | { readonly why: 'no-tarball'; readonly path: string }
  | { readonly why: 'not-a-home'; readonly problem: HomeProblem }
  | { readonly why: 'in-the-way'; readonly path: string }
  | { readonly why: 'busy'; readonly pid: number }

const SENTENCES = {
  en: {
    'bad-version': ({ wanted }) => `"${wanted}" is no version of Flink. Say 1.20, or 1.20.3.`,
    'bad-index': () => "pip's index address is no http address. Look at PIP_INDEX_URL and `pip config list`.",
    'index-refuses': ({ url, status }) =>
      `The package index ${url} answers ${status}. Look at PIP_INDEX_URL and its password.`,
    'index-unreachable': ({ url }) =>
      `The package index ${url} cannot be reached. Set PIP_INDEX_URL, or use --from <archive>.`,
    'download-unreachable': ({ url }) =>
      `${url} broke off again and again. What is here already is kept: try again.`,
    'no-index': ({ url }) =>
      `${url} answers with a page that is no package index. Is there a sign-in in between?`,
    'not-offered': ({ wanted, offered }) =>
      offered
        ? `The index has no Flink ${wanted}. It has ${offered}.`
        : `The index has no Flink at all. Use --from <archive>.`,
    'download-refused': ({ url, status }) => `The server answers ${status} to ${url}.`,
    'wrong-digest': ({ file }) =>
      `${file} is not what was announced: its digest is wrong. It was thrown away.`,
    'no-space': ({ freeMb, neededMb }) => `There are ${freeMb} MB free, and ${neededMb} MB are needed.`,
    'cannot-unpack': ({ file }) => `${file} cannot be unpacked: it is damaged, or no archive.`,
    'no-tarball': ({ path }) => `${path} is no .tgz or .tar.gz file.`,
    'not-a-home': ({ home }) => `What was unpacked is no Flink. ${home}`,
    'in-the-way': ({ path }) => `${path} exists and is no complete Flink. Move it away first.`,
    busy: ({ pid }) => `Process ${pid} is installing a Flink in the same place. Wait for it.`,
  },
  zh: {
    'bad-version': ({ wanted }) => `“${wanted}”不是 Flink 版本,请写 1.20 或 1.20.3。`,
    'bad-index': () => 'pip 的索引地址不是 http 地址,请检查 PIP_INDEX_URL 和 `pip config list`。',
    'index-refuses': ({ url, status }) => `软件包索引 ${url} 返回 ${status},请检查 PIP_INDEX_URL 及其密码。`,
    'index-unreachable': ({ url }) =>
      `无法访问软件包索引 ${url}。请设置 PIP_INDEX_URL,或使用 --from <安装包>。`,
    'download-unreachable': ({ url }) => `${url} 多次中断。已下载的部分会保留,可以再试一次。`,
    'no-index': ({ url }) => `${url} 返回的不是软件包索引页面,中间是否需要登录?`,
    'not-offered': ({ wanted, offered }) =>
      offered
        ? `索引中没有 Flink ${wanted},可用版本:${offered}。`
        : '索引中没有任何 Flink,请使用 --from <安装包>。',
    'download-refused': ({ url, status }) => `服务器对 ${url} 返回 ${status}。`,
    'wrong-digest': ({ file }) => `${file} 的校验值不符,文件已丢弃。`,
    'no-space': ({ freeMb, neededMb }) => `剩余空间 ${freeMb} MB,需要 ${neededMb} MB。`,
    'cannot-unpack': ({ file }) => `${file} 无法解压:文件已损坏,或不是压缩包。`,
    'no-tarball': ({ path }) => `${path} 不是 .tgz 或 .tar.gz 文件。`,
    'not-a-home': ({ home }) => `解压出来的内容不是 Flink。${home}`,
    'in-the-way': ({ path }) => `${path} 已存在,但不是完整的 Flink,请先移走。`,
    busy: ({ pid }) => `进程 ${pid} 正在同一位置安装 Flink,请等它完成。`,
  },
} as const satisfies Record<string, { readonly [Why in InstallProblem['why']]: (facts: Facts) => string }>

/** One sentence: what went wrong and what to do. Tells no secret of the index's address. */
export function explainInstallProblem(problem: InstallProblem, language: 'en' | 'zh'): string {
  const home = problem.why === 'not-a-home' ? explainHomeProblem(problem.problem, language) : ''
  return SENTENCES[language][problem.why]({ ...wordsOf(problem), home })
}
