import { type TokenView, VERBS, type Verb } from '../../platform/platform.ts'
import { card, facts, text } from '../cards/build.ts'
import type { Voice } from '../texts/voice.ts'
import { listArg, nameArg, numberArg, optional, textArg } from './args.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'

const DAYS = 90

export const tokenList = command({
  name: ['token', 'list'],
  zh: ['令牌', '列表'],
  aliases: [['tokens'], ['token'], ['令牌']],
  group: 'sluice',
  summary: { zh: '我的 API 令牌', en: 'your API tokens' },
  examples: ['/token list', '/tokens', '/令牌'],
  needs: 'token:create',
  args: {},
  find: onPlatform('tokens'),
  async run({ platform, voice, by }) {
    const { t, f } = voice
    const tokens = await platform.access.tokens(by)
    const rows = tokens.map((token) => [
      token.name,
      stateOf(token, voice),
      token.lastUsedAt === null ? t.never : f.when(token.lastUsedAt),
      rightsOf(token, voice),
      token.id,
    ])
    const columns = [t.label.name, t.label.expires, t.label.lastUsed, t.label.rights, t.label.id]
    const body = tokens.length === 0 ? [] : [{ is: 'table', columns, rows } as const]
    return { card: card('neutral', t.token.listTitle(tokens.length), { body }), private: true }
  },
})

export const tokenCreate = command({
  name: ['token', 'create'],
  zh: ['令牌', '新建'],
  aliases: [['令牌', '创建']],
  group: 'sluice',
  summary: {
    zh: '新建 API 令牌，可限定权限、团队和环境',
    en: 'make an API token, narrowed to verbs, teams, environments',
  },
  examples: [
    '/token create ci days=30 verbs=job:view,job:release teams=data envs=preprod',
    '/令牌 新建 ci 天数=30',
  ],
  needs: 'token:create',
  args: {
    name: nameArg('text', { zh: '名称', en: 'name' }),
    days: optional(
      numberArg({ zh: '有效天数', en: 'days' }, { min: 1, max: 365 }, { place: 'named', names: ['天数'] }),
    ),
    verbs: optional(listArg('verb', { zh: '权限', en: 'verbs' }, { names: ['权限'] })),
    teams: optional(listArg('text', { zh: '团队', en: 'teams' }, { names: ['团队'] })),
    envs: optional(listArg('text', { zh: '环境', en: 'environments' }, { names: ['环境', 'environments'] })),
  },
  find: onPlatform('tokens'),
  async run({ platform, voice }, { args: { name, days, verbs, teams, envs }, permit }) {
    const { t } = voice
    const unknown = verbs?.find((verb) => !isVerb(verb))
    if (unknown !== undefined) {
      return {
        card: card('warning', t.say.badValue(unknown, t.label.rights), { body: [text(VERBS.join(', '))] }),
      }
    }
    const made = await platform.access.createToken(permit, {
      name,
      days: days ?? DAYS,
      verbs: (verbs ?? VERBS).filter(isVerb),
      ...(teams && { teams }),
      ...(envs && { environments: envs }),
    })
    if (!made.ok) return { card: card('warning', t.token[made.why]) }
    const { token, secret } = made.value
    const known = facts(
      [t.label.expires, voice.f.fullWhen(token.expiresAt)],
      [t.label.rights, rightsOf(token, voice)],
    )
    return {
      card: card('good', t.token.created(name), { body: [text(t.token.hidden), ...known] }),
      once: card('good', t.token.created(name), {
        body: [text(t.token.createdText), { is: 'code', text: secret, rest: 0 }, ...known],
      }),
      private: true,
      did: true,
    }
  },
})

export const tokenRevoke = command({
  name: ['token', 'revoke'],
  zh: ['令牌', '作废'],
  aliases: [['令牌', '吊销']],
  group: 'sluice',
  summary: { zh: '作废一个令牌', en: 'make a token useless' },
  examples: ['/token revoke tok_k3x9q2m4n7pa', '/令牌 作废 tok_k3x9q2m4n7pa'],
  needs: 'token:create',
  args: { id: textArg({ zh: '编号', en: 'id' }, { place: 'word', names: ['编号'] }) },
  find: onPlatform('tokens'),
  async run({ platform, voice, by }, { args: { id } }) {
    const { t } = voice
    const done = await platform.access.revokeToken(by, id)
    if (done.ok) return { card: card('good', t.token.revoked(done.value.name)), private: true, did: true }
    return { card: card('warning', done.why === 'not-allowed' ? t.token.notAllowed : t.token.unknown(id)) }
  },
})

function isVerb(word: string): word is Verb {
  return VERBS.some((verb) => verb === word)
}

function stateOf({ revokedAt, expiresAt }: TokenView, { t, f, now }: Voice): string {
  if (revokedAt !== null) return t.token.revokedState
  return expiresAt <= now ? t.token.expiredState : t.token.expires(f.fullWhen(expiresAt))
}

function rightsOf({ verbs, teams, environments }: TokenView, { t }: Voice): string {
  const all = verbs.length === 0 || verbs.length === VERBS.length
  return [all ? t.token.all : verbs.join(', '), ...teams, ...environments].join(' · ')
}
