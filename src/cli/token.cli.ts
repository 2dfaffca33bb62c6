import { nearNames } from '../lib/near-names.ts'
import { VERBS, type Verb } from '../platform/access/access.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { withPeople } from './people.cli.ts'

const DEFAULT_DAYS = 90
const MOST_DAYS = 365

export async function createToken(given: GivenTo<'token create'>, context: Context): Promise<Exit> {
  const { language, out, err } = context
  const [name = ''] = given.words
  const days = given.number('days') ?? DEFAULT_DAYS
  if (days > MOST_DAYS) throw new Refusal(EXIT.usage, WORDS[language].tooManyDays)
  const draft = {
    name,
    days,
    verbs: given.texts('verb').map((verb) => knownVerb(verb, language)),
    teams: given.texts('team'),
    environments: given.texts('environment'),
  }
  return withPeople(context, async (people) => {
    const made = await people.createToken(draft, given.text('member'))
    err(WORDS[language].made({ ...made, name }))
    out(made.secret)
    return EXIT.done
  })
}

function knownVerb(typed: string, language: Language): Verb {
  const verb = VERBS.find((one) => one === typed)
  if (verb) return verb
  throw new Refusal(EXIT.usage, WORDS[language].unknownVerb(typed, nearNames(typed, VERBS)))
}

interface Made {
  name: string
  member: string
  expiresAt: Date
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10)
}

const WORDS = {
  zh: {
    tooManyDays: `--days 最多 ${MOST_DAYS}。`,
    unknownVerb: (typed: string, near: readonly string[]) =>
      near.length
        ? `没有“${typed}”这个权限，是不是 ${near.join(' / ')}？`
        : `没有“${typed}”这个权限，可用：${VERBS.join('、')}。`,
    made: ({ name, member, expiresAt }: Made) =>
      `令牌 ${name}（属于 ${member}，有效期到 ${day(expiresAt)}）。密钥只显示这一次：`,
  },
  en: {
    tooManyDays: `--days is at most ${MOST_DAYS}.`,
    unknownVerb: (typed: string, near: readonly string[]) =>
      near.length
        ? `There is no verb "${typed}", did you mean ${near.join(' / ')}?`
        : `There is no verb "${typed}". There are ${VERBS.join(', ')}.`,
    made: ({ name, member, expiresAt }: Made) =>
      `Token ${name}, of ${member}, good until ${day(expiresAt)}. Its secret, shown this once:`,
  },
} as const satisfies Record<Language, object>
