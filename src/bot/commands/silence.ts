import { parseDuration } from '../../lib/duration.ts'
import {
  globMatcher,
  type Hidden,
  type Matcher,
  matcherText,
  parseMatchers,
  type SilenceRefusal,
  type SilenceView,
  type Subject,
  type TeamId,
} from '../../platform/platform.ts'
import { card, says, text, to } from '../cards/build.ts'
import type { Block } from '../cards/card.ts'
import { silenceName } from '../cards/notice-cards.ts'
import { quote } from '../grammar/tokens.ts'
import { flagArg, idArg, longTextArg, nameArg, optional, textArg } from './args.ts'
import { command, type MemberTurn, type Reply, type Target } from './command.ts'
import { onPlatform, platformSubject } from './find.ts'
import { findIncident, incidentArg } from './find-incident.ts'

const LEAST_MS = 60_000
const MOST_MS = 30 * 86_400_000

interface Wanted {
  matchers: readonly Matcher[]
}

/**
 * What is silenced, and whose that is: a team's own alerts are its members' to silence, everybody's an admin's. A name
 * with a star means jobs; anything with an operator means labels.
 */
export async function findWanted(
  turn: MemberTurn,
  { what, team }: { what: string; team: string | null },
): Promise<Target<Wanted>> {
  const { t } = turn.voice
  const parsed = /[=~]/.test(what) ? parseMatchers(what) : null
  if (parsed && !parsed.ok) {
    return { ok: false, reply: { card: card('warning', t.silence.badMatcher(parsed.because)) } }
  }
  const matchers = parsed ? parsed.value : [globMatcher('job', what)]
  const owner = await ownerOf(turn, matchers, team)
  const own = owner === null ? matchers : withTeam(matchers, owner.name)
  return { ok: true, subject: owner?.subject ?? platformSubject('silences'), found: { matchers: own } }
}

function withTeam(matchers: readonly Matcher[], team: string): readonly Matcher[] {
  return matchers.some(({ name }) => name === 'team')
    ? matchers
    : [...matchers, { name: 'team', op: '=', value: team }]
}

/** The team that was named; that of the one job; that of the chat; the only one of the asker. */
async function ownerOf(
  { platform, chat, by }: MemberTurn,
  matchers: readonly Matcher[],
  named: string | null,
): Promise<{ name: string; subject: Subject } | null> {
  const team = named ?? matchers.find(({ name, op }) => name === 'team' && op === '=')?.value ?? null
  if (team !== null) {
    const found = await platform.access.team(team)
    return found.ok ? ofTeam(found.value.id, found.value.name) : null
  }
  const job = matchers.find(({ name, op }) => name === 'job' && op === '=')
  const found = job ? await platform.jobs.find(job.value) : null
  if (found?.ok) return ofTeam(found.value.team.id, found.value.team.name)
  const held = chat.teamId === null ? undefined : [...by.member.roles].find(([id]) => id === chat.teamId)
  if (held) return ofTeam(held[0], held[1].team)
  const [only, another] = [...by.member.roles]
  return only && !another ? ofTeam(only[0], only[1].team) : null
}

function ofTeam(id: string, name: string): { name: string; subject: Subject } {
  // The platform gave this id out as a team's.
  return { name, subject: { of: 'team', team: id as TeamId, environment: null, job: null } }
}

export const silence = command({
  name: ['silence'],
  zh: ['静默'],
  aliases: [['silence', 'add']],
  group: 'op',
  summary: {
    zh: '一段时间内不通知某些告警；先列出会隐藏什么，再确认',
    en: 'tell nothing of some alerts for a while; first it shows what that hides',
  },
  examples: [
    '/silence orders-* 2h "upgrade"',
    '/silence "env=preprod,severity!=critical" 30m "load test" team=data',
    '/静默 orders-cdc 2h "升级"',
  ],
  needs: 'alert:silence',
  args: {
    what: textArg({ zh: '静默什么', en: 'what' }, { place: 'word', names: ['条件'] }),
    for: textArg({ zh: '多久', en: 'for' }, { place: 'word', names: ['时长'] }),
    comment: optional(longTextArg({ zh: '原因', en: 'why' }, { place: 'word', names: ['原因', 'comment'] })),
    team: optional(nameArg('team', { zh: '团队', en: 'team' }, { place: 'named' })),
    confirm: flagArg({ zh: '确认', en: 'confirm' }, { names: ['确认'] }),
  },
  find: findWanted,
  async run(turn, { args, found, permit }) {
    const { platform, voice, chat } = turn
    const { t } = voice
    const ms = parseDuration(args.for)
    if (ms === null) return { card: card('warning', t.silence.badDuration(args.for)) }
    if (ms < LEAST_MS || ms > MOST_MS) return { card: card('warning', t.silence.badEnd) }
    if (!args.confirm) return previewed(turn, { args, found, ms })
    const done = await platform.silences.create(permit, {
      ...{ matchers: found.matchers, startsAt: voice.now, endsAt: voice.now + ms },
      ...{ comment: args.comment ?? '', chatId: chat.id },
    })
    return done.ok ? { ...madeReply(done.value, turn), did: true } : refusalReply(done.why, turn)
  },
})

async function previewed(
  { platform, voice }: MemberTurn,
  {
    args,
    found,
    ms,
  }: {
    args: { what: string; for: string; comment: string | null; team: string | null }
    found: Wanted
    ms: number
  },
): Promise<Reply> {
  const { t, f } = voice
  const hidden = await platform.silences.preview(found.matchers)
  const team = args.team ?? found.matchers.find(({ name }) => name === 'team')?.value ?? null
  const words = [
    ...['/silence', quote(args.what), args.for],
    ...(args.comment ? [quote(args.comment)] : []),
    ...(team === null ? [] : [`team=${quote(team)}`]),
    '--confirm',
  ].join(' ')
  return {
    card: card('warning', t.silence.preview(silenceName(found), f.duration(ms)), {
      body: hiddenBlocks(hidden, voice),
      buttons: [says(t.silence.confirm, words, { style: 'primary' })],
    }),
  }
}

function hiddenBlocks({ count, alerts }: Hidden, { t }: MemberTurn['voice']): Block[] {
  if (count === 0) return [text(t.silence.hidesNothing)]
  const lines = alerts.map(
    ({ alertname, labels, tier }) => `· ${tier} ${alertname} ${labels.job ?? labels.cluster ?? ''}`,
  )
  const rest = count - alerts.length
  return [text(t.silence.hides(count), ...lines, rest > 0 && `+ ${rest}`)]
}

function madeReply(made: SilenceView, { voice }: MemberTurn): Reply {
  const { t, f } = voice
  return {
    card: card('good', t.silence.made(silenceName(made), f.when(made.endsAt)), {
      subtitle: made.comment === '' ? [] : [t.silence.comment(made.comment)],
      body: [text(t.silence.madeText)],
      buttons: [
        says(t.silence.endNow, to('silence end', made.id)),
        says(t.silence.extend, to('silence extend', made.id, '2h')),
      ],
    }),
  }
}

function refusalReply(why: SilenceRefusal, { voice }: MemberTurn): Reply {
  const { t } = voice
  switch (why.of) {
    case 'matches-everything':
      return { card: card('warning', t.silence.everything) }
    case 'bad-matcher':
      return { card: card('warning', t.silence.badMatcher(why.because)) }
    case 'over':
      return { card: card('warning', t.silence.over) }
    default:
      return { card: card('warning', t.silence.badEnd) }
  }
}

export const silenceIncident = command({
  name: ['silence', 'incident'],
  zh: ['静默', '问题'],
  aliases: [],
  group: 'op',
  summary: { zh: '静默一个问题里的告警', en: 'silence the alerts of one incident' },
  examples: ['/silence incident inc_k3x9q2m4n7pa', '/静默 问题 inc_k3x9q2m4n7pa'],
  needs: 'job:view',
  args: { incident: incidentArg },
  find: findIncident,
  async run({ voice }, { found }) {
    const { t, f } = voice
    const { labels } = found.incident
    const wanted = ['alertname', 'env', 'cluster', 'job'].filter((name) => labels[name])
    const matchers = wanted.map((name) => ({ name, op: '=' as const, value: labels[name] ?? '' }))
    const what = matchers.map(matcherText).join(',')
    const team = labels.team ? ` team=${quote(labels.team)}` : ''
    const button = (length: string, ms: number) =>
      says(f.duration(ms), `/silence ${quote(what)} ${length}${team}`)
    return {
      card: card('neutral', t.silence.preview(what, '…'), {
        buttons: [button('30m', 30 * 60_000), button('2h', 2 * 3_600_000), button('1d', 86_400_000)],
      }),
    }
  },
})

export const silenceList = command({
  name: ['silence', 'list'],
  zh: ['静默', '列表'],
  aliases: [['silences']],
  group: 'op',
  summary: { zh: '现在有哪些静默', en: 'what is silenced now' },
  examples: ['/silence list', '/silences', '/静默 列表'],
  needs: 'team:view',
  find: onPlatform('silences'),
  args: {},
  async run({ platform, voice }) {
    const { t, f } = voice
    const all = await platform.silences.list()
    const rows = all.map((each) => [
      { text: silenceName(each), says: to('silence end', each.id) },
      f.when(each.endsAt),
      each.createdBy,
    ])
    const body: Block[] =
      all.length === 0 ? [] : [{ is: 'table', columns: [t.label.what, t.silence.until, t.silence.by], rows }]
    return { card: card('neutral', t.silence.listTitle(all.length), { body }) }
  },
})

const silenceArg = idArg('text', { zh: '静默', en: 'silence' }, 'sil')

/** A silence is its team's to end, where it names one. */
async function findSilence(
  turn: MemberTurn,
  { silence: id }: { silence: string },
): Promise<Target<SilenceView>> {
  const { t } = turn.voice
  const found = await turn.platform.silences.byId(id)
  if (!found) {
    const list = says(t.button.show, '/silence list')
    return { ok: false, reply: { card: card('warning', t.silence.unknown(id), { buttons: [list] }) } }
  }
  const owner = await ownerOf(
    turn,
    found.matchers.filter(({ name }) => name === 'team'),
    null,
  )
  const named = found.matchers.some(({ name }) => name === 'team')
  return { ok: true, subject: (named && owner?.subject) || platformSubject('silences'), found }
}

export const silenceEnd = command({
  name: ['silence', 'end'],
  zh: ['静默', '结束'],
  aliases: [],
  group: 'op',
  summary: { zh: '现在就结束一条静默', en: 'end a silence now' },
  examples: ['/silence end sil_k3x9q2m4n7pa', '/静默 结束 sil_k3x9q2m4n7pa'],
  needs: 'alert:silence',
  args: { silence: silenceArg },
  find: findSilence,
  async run(turn, { found, permit }) {
    const done = await turn.platform.silences.expire(permit, found.id)
    if (!done.ok) return refusalReply(done.why, turn)
    return { card: card('good', turn.voice.t.silence.ended(silenceName(found))), did: true }
  },
})

export const silenceExtend = command({
  name: ['silence', 'extend'],
  zh: ['静默', '延长'],
  aliases: [],
  group: 'op',
  summary: { zh: '延长一条静默', en: 'make a silence longer' },
  examples: ['/silence extend sil_k3x9q2m4n7pa 2h', '/静默 延长 sil_k3x9q2m4n7pa 2h'],
  needs: 'alert:silence',
  args: { silence: silenceArg, by: textArg({ zh: '多久', en: 'by' }, { place: 'word', names: ['时长'] }) },
  find: findSilence,
  async run(turn, { args, found, permit }) {
    const { t } = turn.voice
    const ms = parseDuration(args.by)
    if (ms === null) return { card: card('warning', t.silence.badDuration(args.by)) }
    if (found.endsAt + ms - turn.voice.now > MOST_MS) return { card: card('warning', t.silence.badEnd) }
    const done = await turn.platform.silences.extend(permit, found.id, found.endsAt + ms)
    return done.ok ? { ...madeReply(done.value, turn), did: true } : refusalReply(done.why, turn)
  },
})
