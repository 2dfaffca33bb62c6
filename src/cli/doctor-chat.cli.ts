import { z } from 'zod'
import type { Finding as Seen, Vendor } from '../bot/adapters/adapter.ts'
import { setupsOf } from '../chats/chat-settings.ts'
import { checkOnce, inTime } from '../chats/check-once.ts'
import { openAdapter } from '../chats/open-adapter.http.ts'
import { GUIDES } from '../chats/setups.ts'
import { silentLog } from '../lib/log.ts'
import { Secret } from '../lib/secret.ts'
import { type Settings, SettingsError } from '../settings.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { type Finding, findingLine, summaryLine } from './findings.ts'
import { findServer, type RunningServer } from './server-client.http.ts'
import { settingsOf } from './tools.cli.ts'

/** Looks at chats as they are set up, and tells nobody there anything. */
export async function doctorChat({ words }: GivenTo<'doctor chat'>, context: Context): Promise<Exit> {
  const { language, out, isTerminal } = context
  const only = words[0] === undefined ? null : vendorOf(words[0], language)
  const { findings, colour } = await look(only, context)
  for (const finding of findings) out(findingLine(finding, language, isTerminal && colour))
  out(summaryLine(findings, language))
  return findings.some(({ level }) => level === 'fail') ? EXIT.notDone : EXIT.done
}

async function look(
  only: Vendor | null,
  context: Context,
): Promise<{ findings: Finding[]; colour: boolean }> {
  const { language } = context
  try {
    const settings = settingsOf(context)
    const server = await findServer(settings.home, language)
    const findings = server
      ? await throughServer(server, only, language)
      : await byOurselves(settings, only, context)
    return { findings, colour: settings.color }
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const what = WORDS[language].settings
    const findings = error.problems.map((one) => ({ level: 'fail' as const, what, said: one[language] }))
    return { findings, colour: true }
  }
}

function vendorOf(word: string, language: Language): Vendor {
  const known = Object.keys(GUIDES) as Vendor[]
  const found = known.find((one) => one === word.toLowerCase())
  if (found) return found
  throw new Refusal(EXIT.usage, WORDS[language].unknown(word, known.join(', ')))
}

// --- through the server, which has them open ------------------------------------------------------------------------

const setups = z.array(z.object({ vendor: z.string(), title: z.string(), from: z.string().nullable() }))
const found = z.object({
  findings: z.array(
    z.object({ is: z.enum(['ok', 'warn', 'fail']), says: z.string(), cure: z.string().nullable() }),
  ),
})

async function throughServer(
  server: RunningServer,
  only: Vendor | null,
  language: Language,
): Promise<Finding[]> {
  const all = await server.call(setups, { method: 'GET', path: '/setups' })
  const wanted = all.filter(({ vendor, from }) => (only === null ? from !== null : vendor === only))
  if (wanted.length === 0) return [noneFinding(language)]
  const each = await Promise.all(
    wanted.map(async ({ vendor, title, from }) => {
      if (from === null) return [notSetUpFinding(vendor as Vendor, language)]
      const path = `/setups/${vendor}/check`
      const { findings } = await server.call(found, { method: 'POST', path, body: {} })
      return findings.map(({ is, says, cure }) => line(title, { is, says, cure }))
    }),
  )
  return each.flat()
}

// --- without one ----------------------------------------------------------------------------------------------------

async function byOurselves(
  { chats, publicUrl }: Settings,
  only: Vendor | null,
  { language, clock }: Context,
): Promise<Finding[]> {
  // It signs links in mails, and none is sent.
  const ours = { publicUrl, linkKey: new Secret('of no use') }
  const open = setupsOf(chats.given, ours).filter(({ vendor }) => only === null || vendor === only)
  const noServer = { level: 'ok' as const, what: WORDS[language].server, said: WORDS[language].noServer }
  if (open.length === 0) return [noServer, only ? notSetUpFinding(only, language) : noneFinding(language)]
  const parts = { openAdapter, clock, log: silentLog, random: Math.random }
  const each = await Promise.all(
    open.map(async (setup) => {
      const seen = await inTime(clock, checkOnce(setup, parts))
      return seen.map((one) => line(GUIDES[setup.vendor].title[language], inOne(one, language)))
    }),
  )
  return [noServer, ...each.flat()]
}

function inOne({ is, says, cure }: Seen, language: Language) {
  return { is, says: says[language], cure: cure?.[language] ?? null }
}

// --- lines ----------------------------------------------------------------------------------------------------------

function line(
  what: string,
  { is, says, cure }: { is: Finding['level']; says: string; cure: string | null },
): Finding {
  return { level: is, what, said: says, ...(cure !== null && { cure }) }
}

function noneFinding(language: Language): Finding {
  const t = WORDS[language]
  return { level: 'ok', what: t.chats, said: t.none }
}

function notSetUpFinding(vendor: Vendor, language: Language): Finding {
  const t = WORDS[language]
  const what = GUIDES[vendor].title[language]
  return { level: 'fail', what, said: t.notSetUp, cure: t.guide(vendor) }
}

const WORDS = {
  zh: {
    settings: '设置',
    server: '服务',
    noServer: '没有运行：只检查环境变量设置的聊天，不建立连接',
    chats: '聊天',
    none: '还没有设置聊天平台（在网页的 /setup，或用环境变量）',
    notSetUp: '还没有设置',
    guide: (vendor: string) => `按步骤设置：网页的 /setup/${vendor}，或 docs/setup/${vendor}.zh.md`,
    unknown: (word: string, known: string) => `没有聊天平台“${word}”。可用：${known}`,
  },
  en: {
    settings: 'settings',
    server: 'server',
    noServer: 'does not run: only chats that the environment sets up are looked at, without connecting',
    chats: 'chats',
    none: 'none is set up (on the page at /setup, or by the environment)',
    notSetUp: 'is not set up',
    guide: (vendor: string) => `follow /setup/${vendor} on the page, or docs/setup/${vendor}.md`,
    unknown: (word: string, known: string) => `There is no chat "${word}". There are: ${known}`,
  },
} as const satisfies Record<Language, object>
