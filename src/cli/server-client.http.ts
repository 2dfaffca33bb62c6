import { createReadStream } from 'node:fs'
import { request } from 'undici'
import { z } from 'zod'
import { EXIT, type Language, Refusal } from './cli.ts'
import { readServerFile, type ServerFile } from './server-file.file.ts'

const HEALTH_MS = 3_000
/** A command's first card comes at once; a large JAR takes its time. */
const ANSWER_MS = 120_000
const UPLOAD_MS = 30 * 60_000

type Answer = Awaited<ReturnType<typeof request>>

export interface RunningServer {
  readonly file: Pick<ServerFile, 'url' | 'pid'>
  say(text: string, chat: string): Promise<readonly Shown[]>
  flinkVersions(): Promise<readonly z.infer<typeof flinkVersion>[]>
  clusters(): Promise<readonly z.infer<typeof cluster>[]>
  ready(): Promise<{ ready: boolean; database: string; queue: string }>
  upload(jar: { path: string; name: string; size: number; sha256: string }): Promise<Artifact>
  call<S extends z.ZodType>(shape: S, asked: Asked): Promise<z.output<S>>
  /** Acts as whoever the one-time code is for, and signs out again. */
  signedIn<T>(code: string, act: (as: Session) => Promise<T>): Promise<T>
}

export interface Session {
  cookie: string
  csrf: string
}

export interface Asked {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  body?: unknown
  /** As somebody who signed in, instead of by the token of the file. */
  session?: Session
}

const shownCard = z.object({ text: z.string(), card: z.object({ tone: z.string() }) })
export type Shown = z.infer<typeof shownCard>

const artifact = z.object({
  digest: z.string(),
  fileName: z.string(),
  size: z.number(),
  entryClass: z.string().nullable(),
})
export type Artifact = z.infer<typeof artifact>

const flinkVersion = z.object({ name: z.string(), home: z.string(), javaHome: z.string().nullable() })
const cluster = z.object({
  name: z.string(),
  address: z.string(),
  managed: z.boolean(),
  sandbox: z.boolean(),
})
const problem = z.object({ detail: z.string() })
const readiness = z.object({ ready: z.boolean(), database: z.string(), queue: z.string() })

/** The server that wrote server.json, when it lives and answers; null when none does. */
export async function findServer(home: string, language: Language): Promise<RunningServer | null> {
  const file = await readServerFile(home)
  // The token goes to nobody but the process that wrote the file: its port may be somebody else's by now.
  if (!file || !isAlive(file.pid) || !(await isHealthy(file.url))) return null
  return clientOf(file, language)
}

export async function demandServer(home: string, language: Language): Promise<RunningServer> {
  const server = await findServer(home, language)
  if (server) return server
  throw new Refusal(EXIT.server, WORDS[language].none(home))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await request(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_MS) })
    const body = z.object({ status: z.literal('ok') }).safeParse(JSON.parse(await answer.body.text()))
    return answer.statusCode === 200 && body.success
  } catch {
    return false
  }
}

function clientOf(file: ServerFile, language: Language): RunningServer {
  const { url, pid } = file

  async function send(path: string, options: Parameters<typeof request>[1]): Promise<Answer> {
    return request(`${url}${path}`, options).catch((cause: unknown) => {
      throw new Refusal(EXIT.server, WORDS[language].gone(url, cause))
    })
  }

  async function call<S extends z.ZodType>(
    shape: S,
    { method, path, body, session }: Asked,
  ): Promise<z.output<S>> {
    const answer = await send(`/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        'accept-language': language,
        ...(session
          ? { cookie: session.cookie, 'x-csrf-token': session.csrf }
          : { authorization: `Bearer ${file.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return readAnswer(shape, answer)
  }

  async function readAnswer<S extends z.ZodType>(shape: S, answer: Answer): Promise<z.output<S>> {
    const text = await answer.body.text()
    const json = text === '' ? null : parsed(text)
    if (answer.statusCode < 200 || answer.statusCode > 299) {
      const said = problem.safeParse(json)
      throw new Refusal(
        EXIT.notDone,
        said.success ? said.data.detail : WORDS[language].odd(url, answer.statusCode),
      )
    }
    const body = shape.safeParse(json)
    if (body.success) return body.data
    throw new Refusal(EXIT.notDone, WORDS[language].odd(url, answer.statusCode))
  }

  return {
    file: { url, pid },
    call,
    async signedIn(code, act) {
      const answer = await send('/api/v1/session', {
        method: 'POST',
        signal: AbortSignal.timeout(ANSWER_MS),
        headers: { 'accept-language': language, 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      })
      const set = [answer.headers['set-cookie'] ?? []].flat()[0]
      const { csrf } = await readAnswer(z.object({ csrf: z.string() }), answer)
      const session = { csrf, cookie: set?.split(';')[0] ?? '' }
      try {
        return await act(session)
      } finally {
        await call(z.unknown(), { method: 'DELETE', path: '/session', session })
      }
    },
    async say(text, chat) {
      const body = { text, chat }
      const { cards } = await call(z.object({ cards: z.array(shownCard) }), {
        method: 'POST',
        path: '/say',
        body,
      })
      return cards
    },
    flinkVersions: () => call(z.array(flinkVersion), { method: 'GET', path: '/flink-versions' }),
    clusters: () => call(z.array(cluster), { method: 'GET', path: '/clusters' }),
    async ready() {
      const answer = await send('/ready', { signal: AbortSignal.timeout(ANSWER_MS) })
      return readiness.parse(parsed(await answer.body.text()))
    },
    async upload({ path, name, size, sha256 }) {
      const query = new URLSearchParams({ name, sha256 })
      const answer = await send(`/api/v1/artifacts?${query}`, {
        method: 'POST',
        signal: AbortSignal.timeout(UPLOAD_MS),
        headers: {
          'accept-language': language,
          authorization: `Bearer ${file.token}`,
          'content-type': 'application/java-archive',
          'content-length': String(size),
        },
        body: createReadStream(path),
      })
      return readAnswer(artifact, answer)
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const WORDS = {
  zh: {
    none: (home: string) => `没有服务响应（查找位置：${home}）。请先启动：sluice start`,
    gone: (url: string, cause: unknown) => `${url} 的服务中断了应答：${because(cause)}。`,
    odd: (url: string, status: number) => `${url} 给出了意外的应答（${status}）。服务和命令的版本是否一致？`,
  },
  en: {
    none: (home: string) => `No server answers (looked in ${home}). Start one: sluice start`,
    gone: (url: string, cause: unknown) => `The server at ${url} broke off: ${because(cause)}.`,
    odd: (url: string, status: number) =>
      `The server at ${url} gave an odd answer (${status}). Are server and command of the same version?`,
  },
} as const satisfies Record<Language, object>

function because(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
