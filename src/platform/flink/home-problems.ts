/** Why a directory is no Flink home that can be used. */
export type HomeProblem =
  | { readonly why: 'not-there' | 'no-lib' | 'no-dist' | 'space-in-path'; readonly path: string }
  | {
      readonly why: 'several-dists' | 'unknown-version'
      readonly path: string
      readonly files: readonly string[]
    }
  | { readonly why: 'no-script' | 'not-executable' | 'no-conf'; readonly path: string; readonly file: string }

const SENTENCES = {
  en: {
    'not-there': ({ path }) => `${path} is no directory.`,
    'no-lib': ({ path }) => `${path} has no lib directory: it is not a Flink home.`,
    'no-dist': ({ path }) =>
      `${path}/lib holds no flink-dist jar: it is not a Flink home, or an unfinished one.`,
    'space-in-path': ({ path }) =>
      `${path} contains a space, which Flink's scripts cannot cope with. Move it.`,
    'several-dists': ({ path, files }) => `${path}/lib holds several flink-dist jars (${files}): keep one.`,
    'unknown-version': ({ files }) => `No version can be read from ${files}.`,
    'no-script': ({ path, file }) => `${path}/${file} is missing or cannot be read.`,
    'not-executable': ({ path, file }) =>
      `${path}/${file} is not executable: chmod +x ${path}/bin/*.sh ${path}/bin/flink`,
    'no-conf': ({ file }) => `${file} holds neither config.yaml nor flink-conf.yaml.`,
  },
  zh: {
    'not-there': ({ path }) => `${path} 不是目录。`,
    'no-lib': ({ path }) => `${path} 下没有 lib 目录,不是 Flink 安装目录。`,
    'no-dist': ({ path }) => `${path}/lib 中没有 flink-dist jar,不是 Flink 安装目录或安装不完整。`,
    'space-in-path': ({ path }) => `${path} 含有空格,Flink 的脚本无法处理,请换一个位置。`,
    'several-dists': ({ path, files }) => `${path}/lib 中有多个 flink-dist jar(${files}),请只保留一个。`,
    'unknown-version': ({ files }) => `无法从 ${files} 读出版本。`,
    'no-script': ({ path, file }) => `${path}/${file} 不存在或不可读。`,
    'not-executable': ({ path, file }) =>
      `${path}/${file} 没有执行权限:chmod +x ${path}/bin/*.sh ${path}/bin/flink`,
    'no-conf': ({ file }) => `${file} 中既没有 config.yaml 也没有 flink-conf.yaml。`,
  },
} as const satisfies Record<string, Record<HomeProblem['why'], (facts: Facts) => string>>

interface Facts {
  readonly path: string
  readonly file: string
  readonly files: string
}

/** One sentence: what is wrong with the home and what would be right. */
export function explainHomeProblem(problem: HomeProblem, language: 'en' | 'zh'): string {
  return SENTENCES[language][problem.why]({
    path: problem.path,
    file: 'file' in problem ? problem.file : '',
    files: 'files' in problem ? problem.files.join(', ') : '',
  })
}
