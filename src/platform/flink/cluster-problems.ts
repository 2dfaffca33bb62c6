import { explainHomeProblem, type HomeProblem } from './home-problems.ts'
import type { JavaVerdict } from './java.ts'
import type { SpecProblem } from './local-cluster-conf.ts'
import { type Facts, wordsOf } from './problem-facts.ts'

/** Why a local cluster did not do what it was asked for. */
export type ClusterProblem =
  | SpecProblem
  | { readonly why: 'home'; readonly problem: HomeProblem }
  | { readonly why: 'java'; readonly from: number; readonly to: number; readonly verdict: JavaVerdict }
  | { readonly why: 'space-in-path'; readonly path: string }
  | { readonly why: 'unknown'; readonly name: string }
  | { readonly why: 'not-running'; readonly name: string }
  /** Another process is starting or stopping the same cluster. */
  | { readonly why: 'busy'; readonly pid: number }
  /** A script of Flink refused; `tail` is what it said. */
  | { readonly why: 'script'; readonly script: string; readonly tail: string }
  /** Processes died or REST did not come in time; `tail` is the end of `logFile`. */
  | { readonly why: 'died' | 'too-late'; readonly logFile: string; readonly tail: string }
  | { readonly why: 'still-there'; readonly pids: readonly number[] }

const SENTENCES = {
  en: {
    'bad-name': ({ name }) => `"${name}" cannot be a cluster's name: use small letters, digits and dashes.`,
    'bad-number': ({ field, value }) => `${value} is not possible for ${field}.`,
    'bad-config': ({ key }) =>
      `The config key ${key} cannot be set here: Sluice keeps it, or its value has a # or a line break.`,
    home: ({ detail }) => detail,
    java: ({ from, to, detail }) => `Flink needs Java ${from} to ${to}. ${detail}`,
    'space-in-path': ({ path }) =>
      `${path} contains a space, which Flink's scripts cannot cope with. Set SLUICE_HOME elsewhere.`,
    unknown: ({ name }) => `There is no local cluster "${name}".`,
    'not-running': ({ name }) => `The local cluster "${name}" does not run.`,
    busy: ({ pid }) => `Process ${pid} is starting or stopping this cluster. Wait for it.`,
    script: ({ script, tail }) => `${script} gave up. It said:\n${tail}`,
    died: ({ logFile, tail }) =>
      `A Flink process ended right after its start. The end of ${logFile}:\n${tail}`,
    'too-late': ({ logFile, tail }) => `Flink was not ready in time. The end of ${logFile}:\n${tail}`,
    'still-there': ({ pids }) => `These processes do not end: ${pids}.`,
  },
  zh: {
    'bad-name': ({ name }) => `“${name}”不能作为集群名,只能使用小写字母、数字和短横线。`,
    'bad-number': ({ field, value }) => `${field} 不能是 ${value}。`,
    'bad-config': ({ key }) => `配置项 ${key} 不能在这里设置:它由 Sluice 管理,或其值含有 # 或换行。`,
    home: ({ detail }) => detail,
    java: ({ from, to, detail }) => `Flink 需要 Java ${from} 到 ${to}。${detail}`,
    'space-in-path': ({ path }) => `${path} 含有空格,Flink 的脚本无法处理,请把 SLUICE_HOME 设到别处。`,
    unknown: ({ name }) => `没有名为“${name}”的本地集群。`,
    'not-running': ({ name }) => `本地集群“${name}”没有运行。`,
    busy: ({ pid }) => `进程 ${pid} 正在启动或停止这个集群,请等它完成。`,
    script: ({ script, tail }) => `${script} 执行失败,输出:\n${tail}`,
    died: ({ logFile, tail }) => `Flink 进程启动后随即退出。${logFile} 末尾:\n${tail}`,
    'too-late': ({ logFile, tail }) => `Flink 没有按时就绪。${logFile} 末尾:\n${tail}`,
    'still-there': ({ pids }) => `这些进程没有结束:${pids}。`,
  },
} as const satisfies Record<string, { readonly [Why in ClusterProblem['why']]: (facts: Facts) => string }>

/** What went wrong and what to do; for processes that would not start, with the end of their log. */
export function explainClusterProblem(problem: ClusterProblem, language: 'en' | 'zh'): string {
  return SENTENCES[language][problem.why]({
    ...wordsOf(problem),
    detail: detailOf(problem, language),
  })
}

function detailOf(problem: ClusterProblem, language: 'en' | 'zh'): string {
  if (problem.why === 'home') return explainHomeProblem(problem.problem, language)
  return problem.why === 'java' ? javaDetail(problem.verdict, language) : ''
}

function javaDetail(verdict: JavaVerdict, language: 'en' | 'zh'): string {
  if (verdict.ok) return ''
  if (verdict.why === 'none') {
    return language === 'en'
      ? 'None was found: install one or set JAVA_HOME.'
      : '没有找到 Java:请安装,或设置 JAVA_HOME。'
  }
  const found = verdict.found.map(({ home, text }) => `${text} (${home})`).join(', ')
  return language === 'en'
    ? `Found: ${found}. Set JAVA_HOME to another.`
    : `找到的是:${found}。请把 JAVA_HOME 设为其他版本。`
}
