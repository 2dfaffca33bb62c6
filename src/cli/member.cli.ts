import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { LINK_MINUTES } from './local-member.ts'
import { withPeople } from './people.cli.ts'
import type { MemberDraft } from './people.ts'

export async function addMember(given: GivenTo<'member add'>, context: Context): Promise<Exit> {
  const t = WORDS[context.language]
  const team = given.text('team')
  const role = given.text('role')
  if ((team === null) !== (role === null)) throw new Refusal(EXIT.usage, t.teamAndRole)
  return withPeople(context, async (people) => {
    // Asked first, so that a slip in a name leaves nothing half done.
    if (team !== null && role !== null) await people.demandRole(team, role)
    const { name } = await people.addMember(draftFrom(given))
    if (team !== null && role !== null) await people.setRole({ team, member: name, role })
    context.err(t.added(name))
    context.out(await people.signInLink(name))
    return EXIT.done
  })
}

function draftFrom(given: GivenTo<'member add'>): MemberDraft {
  const [name = ''] = given.words
  const email = given.text('email')
  const language = given.text('language')
  return {
    name,
    displayName: given.text('display-name') ?? name,
    ...(email !== null && { email }),
    ...(given.has('admin') && { admin: true }),
    // The parser let no other through.
    ...(language !== null && { language: language === 'en' ? 'en' : 'zh' }),
  }
}

export async function linkMember(given: GivenTo<'member link'>, context: Context): Promise<Exit> {
  const [name = ''] = given.words
  return withPeople(context, async (people) => {
    const address = await people.signInLink(name)
    context.err(WORDS[context.language].link(name))
    context.out(address)
    return EXIT.done
  })
}

const WORDS = {
  zh: {
    teamAndRole: '--team 和 --role 要一起给。',
    added: (name: string) =>
      `成员 ${name} 已添加。请把登录链接交给本人（只能用一次，${LINK_MINUTES} 分钟内有效）：`,
    link: (name: string) => `${name} 的登录链接（只能用一次，${LINK_MINUTES} 分钟内有效）：`,
  },
  en: {
    teamAndRole: '--team and --role belong together.',
    added: (name: string) =>
      `${name} is a member now. Their sign-in link, good once, within ${LINK_MINUTES} min:`,
    link: (name: string) => `The sign-in link of ${name}, good once, within ${LINK_MINUTES} min:`,
  },
} as const satisfies Record<Language, object>
