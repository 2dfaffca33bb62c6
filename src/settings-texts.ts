/** What a person reads about a setting; without a full stop, as one of several in a list. */
export interface Sentence {
  readonly zh: string
  readonly en: string
}

/** Where it was found, the value unless that is secret (null), and what is wrong with it. */
export function wrongValue(where: Sentence, value: string | null, because: Sentence): Sentence {
  if (value === null) return wrongPlace(where, because)
  return { zh: `${where.zh} 的值“${value}”${because.zh}`, en: `${where.en} '${value}' ${because.en}` }
}

export function wrongPlace(where: Sentence, because: Sentence): Sentence {
  return { zh: `${where.zh} ${because.zh}`, en: `${where.en} ${because.en}` }
}

export function inEnvironment(name: string): Sentence {
  return { zh: name, en: name }
}

export interface Place {
  file: string
  line: number
  key: string
}

export function inFile({ file, line, key }: Place): Sentence {
  return { zh: `${file} 第 ${line} 行：${key}`, en: `${file} line ${line}: '${key}'` }
}

export function unknownSetting({ file, line, key }: Place, near: string | null): Sentence {
  return {
    zh: `${file} 第 ${line} 行：没有“${key}”这项设置${near === null ? '' : `，是不是“${near}”？`}`,
    en: `${file} line ${line}: '${key}' is not a setting${near === null ? '' : `, did you mean '${near}'?`}`,
  }
}

/** The parser's own words are English; where it stopped is said in both languages. */
export function notYaml(file: string, said: string, at: { line: number; col: number }): Sentence {
  return {
    zh: `${file} 不是有效的 YAML，第 ${at.line} 行第 ${at.col} 列：${said}`,
    en: `${file} is not YAML: ${said} at line ${at.line}, column ${at.col}`,
  }
}

export function notAList(file: string): Sentence {
  return {
    zh: `${file} 不是设置列表：每行写一项，例如 port: 8080`,
    en: `${file} is not a list of settings: write 'port: 8080', one per line`,
  }
}

export function noSuchFile(path: string): Sentence {
  return {
    zh: `SLUICE_CONFIG 指向的“${path}”不存在或无法读取`,
    en: `SLUICE_CONFIG '${path}' is not a file that can be read`,
  }
}

export function noSecretIn(path: string): Sentence {
  return {
    zh: `${path} 中没有可用的密钥：删除该文件，启动时会重新生成（已发出的按钮会失效）`,
    en: `${path} holds no secret: delete it to have a new one made (open buttons become stale)`,
  }
}

export const SECRET_MISSING: Sentence = {
  zh: '缺少 SLUICE_SECRET：使用 DATABASE_URL 时需要自行生成并保管（openssl rand -hex 32）',
  en: 'SLUICE_SECRET is missing: with DATABASE_URL it is yours to make and keep (openssl rand -hex 32)',
}

/** What is wrong with a value; goes on where its name ended. */
export const BECAUSE = {
  notOneValue: { zh: '只能写一个值，不能是列表', en: 'takes one value, not a list' },
  notAPort: {
    zh: '不是端口（0 到 65535，0 表示任选空闲端口）',
    en: 'is not a port (0 to 65535; 0 takes a free one)',
  },
  notTurns: {
    zh: '不是一小时内的变化次数（2 到 9999），也不是 never',
    en: 'is not how often within an hour (2 to 9999), nor never',
  },
  notAHost: {
    zh: '不是主机名或地址（端口用 PORT 设置）',
    en: 'is not a host name or address (the port is PORT)',
  },
  notPublic: {
    zh: '不是完整的地址，应类似 https://sluice.example.com',
    en: 'is not an address such as https://sluice.example.com',
  },
  notHttp: { zh: '必须以 http:// 或 https:// 开头', en: 'must begin with http:// or https://' },
  hasPath: {
    zh: '不能带路径：Sluice 只在根路径 / 提供服务',
    en: 'must not have a path: Sluice is served at /',
  },
  notOurLanguage: {
    zh: '不是 Sluice 支持的语言（zh 或 en）',
    en: 'is not a language Sluice speaks (zh or en)',
  },
  notADuration: { zh: '不是时长，应类似 5s 或 1m', en: 'is not a duration such as 5s or 1m' },
  notAnInterval: { zh: '不在 500ms 到 10m 之间', en: 'is not between 500ms and 10m' },
} as const satisfies Record<string, Sentence>

export function secretTooShort(length: number, needed: number): Sentence {
  return {
    zh: `只有 ${length} 个字符，至少需要 ${needed} 个（openssl rand -hex 32）`,
    en: `has ${length} characters, and needs ${needed} or more (openssl rand -hex 32)`,
  }
}

export function notOneOf(values: readonly string[]): Sentence {
  return { zh: `不可用，可选 ${values.join('、')}`, en: `is not one of ${values.join(', ')}` }
}

export function notAnAddress(what: Sentence, protocols: readonly string[]): Sentence {
  const shown = protocols.map((protocol) => `${protocol}//…`)
  return { zh: `不是${what.zh}（${shown.join(' 或 ')}）`, en: `is not ${what.en} (${shown.join(' or ')})` }
}

export const ADDRESS = {
  ofPostgres: { zh: ' PostgreSQL 地址', en: 'a PostgreSQL address' },
  ofRedis: { zh: ' Redis 地址', en: 'a Redis address' },
  ofAHeartbeat: { zh: '有效的 http 地址', en: 'an http address' },
  ofAnIndex: { zh: '有效的地址', en: 'an address' },
} as const satisfies Record<string, Sentence>
