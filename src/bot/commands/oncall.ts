import { wallClock } from '../../lib/wall-clock.ts'
import type {
  OnCallNow,
  OnCallRefusal,
  ScheduleView,
  Shift,
  Subject,
  SwapView,
  TeamId,
} from '../../platform/platform.ts'
import { card, says, text, to } from '../cards/build.ts'
import type { Block, Card } from '../cards/card.ts'
import { pictureOf } from '../cards/digest-card.ts'
import { swapCard } from '../cards/notice-cards.ts'
import { monthSpan, monthSvg } from '../pictures/month-svg.ts'
import type { Voice } from '../texts/voice.ts'
import { idArg, longTextArg, nameArg, optional, textArg } from './args.ts'
import { command, type MemberTurn, type Reply, type Target } from './command.ts'
import { onPlatform } from './find.ts'
import { readMoment } from './moments.ts'

const MINE_DAYS = 30

export const oncall = command({
  name: ['oncall'],
  zh: ['值班'],
  aliases: [['oncall', 'now'], ['on-call']],
  group: 'team',
  summary: { zh: '现在、接下来、或某个时间谁值班', en: 'who is on call now, next, or at another time' },
  examples: ['/oncall', '/oncall data', '/oncall data at=03:00', '/值班', '/值班 data 时间=03:00'],
  needs: 'team:view',
  find: onPlatform('on call'),
  args: {
    team: optional(nameArg('team', { zh: '团队', en: 'team' }, { ofChat: true })),
    at: optional(textArg({ zh: '时间', en: 'at' }, { names: ['时间'] })),
  },
  async run({ platform, voice }, { args: { team, at } }) {
    const { t } = voice
    const when = at === null ? voice.now : readMoment(at, voice)
    if (when === null) return { card: card('warning', t.onCall.badTime(at ?? '')) }
    const known = team === null ? null : await platform.access.team(team)
    if (known && !known.ok) return { card: card('warning', t.team.unknown(team ?? '')) }
    return { card: nowCard(await platform.onCall.now(team, when), team, voice) }
  },
})

function nowCard(all: readonly OnCallNow[], team: string | null, voice: Voice): Card {
  const { t, f } = voice
  if (all.length === 0) return card('neutral', team === null ? t.onCall.none : t.onCall.noneOf(team))
  const names = (each: OnCallNow) => t.and(each.members.map(({ displayName }) => displayName))
  const [only] = all
  const title =
    all.length === 1 && only && only.members.length > 0
      ? t.onCall.handoff(names(only), only.schedule)
      : team === null
        ? t.onCall.titleAll
        : t.onCall.title(voice.team(team))
  const rows = all.map((each) => [
    { text: each.schedule, says: to('oncall show', each.schedule) },
    each.members.length === 0 ? t.onCall.nobody : names(each),
    each.until === null ? '' : t.onCall.until(f.when(each.until)),
    each.next === null ? '' : t.onCall.next(t.and(each.next.members), f.when(each.next.at)),
  ])
  const body: Block[] = [
    { is: 'table', columns: [t.onCall.schedule, t.onCall.who, t.silence.until, t.onCall.following], rows },
  ]
  return card(all.some(({ members }) => members.length === 0) ? 'warning' : 'neutral', title, { body })
}

export const oncallMine = command({
  name: ['oncall', 'mine'],
  zh: ['值班', '我的'],
  aliases: [],
  group: 'team',
  summary: { zh: '我接下来 30 天的值班', en: 'my own shifts in the next 30 days' },
  examples: ['/oncall mine', '/值班 我的'],
  needs: 'team:view',
  find: onPlatform('on call'),
  args: {},
  async run({ platform, voice, by }) {
    const { t, f } = voice
    const mine = await platform.onCall.mine(by.member.name, MINE_DAYS)
    const lines = mine.map(
      ({ schedule, from, to: until }) =>
        `${t.onCall.span(f.fullWhen(from), f.fullWhen(until))} · ${schedule}`,
    )
    return {
      card: card('neutral', t.onCall.mine(mine.length), { body: lines.length > 0 ? [text(...lines)] : [] }),
    }
  },
})

const scheduleArg = nameArg('text', { zh: '值班表', en: 'schedule' })

async function findSchedule(
  turn: MemberTurn,
  { schedule }: { schedule: string },
): Promise<Target<ScheduleView>> {
  const found = await turn.platform.onCall.schedule(schedule)
  if (!found) {
    const near = (await turn.platform.onCall.schedules()).map(({ name }) => name).slice(0, 5)
    return { ok: false, unknown: { arg: 'schedule', title: turn.voice.t.onCall.unknown(schedule), near } }
  }
  // The platform gave this id out as a team's.
  const subject: Subject = { of: 'team', team: found.teamId as TeamId, environment: null, job: null }
  return { ok: true, subject, found }
}

const SHOWN_DAYS = 14

export const oncallShow = command({
  name: ['oncall', 'show'],
  zh: ['值班', '查看'],
  aliases: [],
  group: 'team',
  summary: { zh: '一张值班表未来两周的安排', en: 'the next two weeks of a schedule' },
  examples: ['/oncall show data-primary', '/值班 查看 data-primary'],
  needs: 'team:view',
  find: onPlatform('on call'),
  args: { schedule: scheduleArg },
  async run({ platform, voice }, { args: { schedule } }) {
    const { t, f } = voice
    const span = { from: voice.now, to: voice.now + SHOWN_DAYS * 86_400_000 }
    const shifts = await platform.onCall.shifts(schedule, span)
    if (!shifts) return { card: card('warning', t.onCall.unknown(schedule)) }
    const rows = shifts.map(({ from, to: until, members, source }) => [
      t.onCall.span(f.fullWhen(from), f.fullWhen(until)),
      members.length === 0 ? t.onCall.nobody : t.and(members),
      source,
    ])
    return {
      card: card('neutral', schedule, {
        body: [{ is: 'table', columns: [t.label.since, t.onCall.who, ''], rows }],
      }),
    }
  },
})

export const oncallMonth = command({
  name: ['oncall', 'month'],
  zh: ['值班', '月历'],
  aliases: [],
  group: 'team',
  summary: { zh: '一张值班表整月的图', en: 'a month of a schedule as a picture' },
  examples: [
    '/oncall month data-primary',
    '/oncall month data-primary 2026-12',
    '/值班 月历 data-primary 2026-12',
  ],
  needs: 'team:view',
  find: findSchedule,
  args: {
    schedule: scheduleArg,
    month: optional(textArg({ zh: '月份', en: 'month' }, { place: 'word', names: ['月份'] })),
  },
  async run({ platform, voice, pictures }, { args, found }) {
    const { t } = voice
    const today = wallClock(voice.now, found.zone).date
    const month = args.month ?? today.slice(0, 7)
    if (!/^20\d{2}-(0[1-9]|1[0-2])$/.test(month)) return { card: card('warning', t.onCall.badMonth(month)) }
    const { from, to: end } = monthSpan(month, found.zone)
    const shifts = (await platform.onCall.shifts(found.name, { from, to: end })) ?? []
    const names = await displayNames(platform, shifts)
    const title = t.onCall.month(found.name, month)
    const svg = monthSvg({
      ...{ month, zone: found.zone, shifts, title: `${title} · ${found.zone}`, today },
      ...{ weekdays: t.onCall.weekdays, nobody: t.onCall.nobody },
      nameOf: (member) => names.get(member) ?? member,
    })
    const png = pictures && (await pictures.png(svg))
    return {
      card: card('neutral', title, {
        body: pictureOf(png, title),
        buttons: [
          says(t.onCall.monthBefore, to('oncall month', found.name, monthBeside(month, -1))),
          says(t.onCall.monthAfter, to('oncall month', found.name, monthBeside(month, 1))),
        ],
      }),
    }
  },
})

/** `2026-12` beside `2027-01`. */
function monthBeside(month: string, by: -1 | 1): string {
  const at = new Date(`${month}-15T00:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() + by)
  return at.toISOString().slice(0, 7)
}

async function displayNames(
  { access }: MemberTurn['platform'],
  shifts: readonly Shift[],
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(shifts.flatMap(({ members }) => members))]
  const known = await Promise.all(names.map((name) => access.memberByName(name)))
  return new Map(known.flatMap((member) => (member ? [[member.name, member.displayName] as const] : [])))
}

const fromArg = textArg({ zh: '从', en: 'from' }, { names: ['从'] })
const toArg = textArg({ zh: '到', en: 'to' }, { names: ['到', 'until'] })

function spanOf(args: { from: string; to: string }, voice: Voice): { from: number; to: number } | Reply {
  const { t } = voice
  const from = readMoment(args.from, voice)
  if (from === null) return { card: card('warning', t.onCall.badTime(args.from)) }
  const until = readMoment(args.to, args.to.startsWith('+') ? { ...voice, now: from } : voice)
  if (until === null) return { card: card('warning', t.onCall.badTime(args.to)) }
  return { from, to: until }
}

export const oncallOverride = command({
  name: ['oncall', 'override'],
  zh: ['值班', '替班'],
  aliases: [],
  group: 'team',
  summary: { zh: '某段时间改由某人值班', en: 'somebody else is on call for a while' },
  examples: [
    '/oncall override data-primary mei from=2026-11-27T18:00 to=+12h',
    '/oncall override data-primary mei from=18:00 to=+12h instead=lin',
    '/值班 替班 data-primary mei 从=18:00 到=+12h',
  ],
  needs: 'oncall:override',
  args: {
    schedule: scheduleArg,
    member: nameArg('member', { zh: '成员', en: 'member' }),
    from: fromArg,
    to: toArg,
    instead: optional(nameArg('member', { zh: '替换', en: 'instead' }, { place: 'named', names: ['替换'] })),
  },
  find: findSchedule,
  async run({ platform, voice }, { args, found, permit }) {
    const { t, f } = voice
    const span = spanOf(args, voice)
    if ('card' in span) return span
    const draft = { kind: 'replace' as const, ...span, member: args.member, instead: args.instead }
    const done = await platform.onCall.override(permit, found.name, draft)
    if (!done.ok) return refusal(done.why, voice)
    const title = t.onCall.overridden(args.member, t.onCall.span(f.fullWhen(span.from), f.fullWhen(span.to)))
    return {
      card: card('good', title, { buttons: [says(t.button.show, to('oncall show', found.name))] }),
      did: true,
    }
  },
})

export const oncallSwap = command({
  name: ['oncall', 'swap'],
  zh: ['值班', '换班'],
  aliases: [],
  group: 'team',
  summary: {
    zh: '请人替自己的班，也可以拿对方的一段来换；对方同意后生效',
    en: 'ask somebody to take your shift, perhaps for one of theirs; it holds once they agree',
  },
  examples: [
    '/oncall swap data-primary mei from=2026-11-27T18:00 to=+12h',
    '/oncall swap data-primary mei from=2026-11-27T18:00 to=+12h for=2026-11-29T18:00',
    '/值班 换班 data-primary mei 从=2026-11-27T18:00 到=+12h',
  ],
  needs: 'team:view',
  find: onPlatform('on call'),
  args: {
    schedule: scheduleArg,
    member: nameArg('member', { zh: '成员', en: 'member' }),
    from: fromArg,
    to: toArg,
    for: optional(textArg({ zh: '换', en: 'for' }, { names: ['换'] })),
  },
  async run({ platform, voice, by }, { args }) {
    const { t } = voice
    const span = spanOf(args, voice)
    if ('card' in span) return span
    const back = args.for === null ? null : readMoment(args.for, voice)
    if (args.for !== null && back === null) return { card: card('warning', t.onCall.badTime(args.for)) }
    const done = await platform.onCall.askSwap(by, {
      ...{ schedule: args.schedule, with: args.member, ...span },
      // A span as long as the one that is given away.
      back: back === null ? null : { from: back, to: back + span.to - span.from },
    })
    return done.ok ? swapReply(done.value, voice) : refusal(done.why, voice)
  },
})

const swapArg = idArg('text', { zh: '换班请求', en: 'request' }, 'swp')

export const oncallSwapAgree = command({
  name: ['oncall', 'swap', 'agree'],
  zh: ['值班', '换班', '同意'],
  aliases: [],
  group: 'team',
  summary: { zh: '同意替班', en: 'take the shift that somebody asked you to take' },
  examples: ['/oncall swap agree swp_k3x9q2m4n7pa', '/值班 换班 同意 swp_k3x9q2m4n7pa'],
  needs: 'team:view',
  find: onPlatform('on call'),
  args: { swap: swapArg },
  run: async (turn, { args: { swap } }) => decided(turn, swap, true),
})

export const oncallSwapRefuse = command({
  name: ['oncall', 'swap', 'refuse'],
  zh: ['值班', '换班', '拒绝'],
  aliases: [],
  group: 'team',
  summary: { zh: '拒绝替班，或撤回自己的请求', en: 'refuse it, or take your own request back' },
  examples: ['/oncall swap refuse swp_k3x9q2m4n7pa', '/值班 换班 拒绝 swp_k3x9q2m4n7pa'],
  needs: 'team:view',
  find: onPlatform('on call'),
  args: { swap: swapArg },
  run: async (turn, { args: { swap } }) => decided(turn, swap, false),
})

async function decided({ platform, voice, by }: MemberTurn, id: string, yes: boolean): Promise<Reply> {
  const done = await platform.onCall.decideSwap(by, id, yes)
  if (done.ok) return { ...swapReply(done.value, voice), did: true }
  if (done.why.of === 'unknown') return { card: card('warning', voice.t.onCall.swapUnknown(id)) }
  return refusal(done.why, voice)
}

function swapReply(swap: SwapView, voice: Voice): Reply {
  return { card: swapCard(swap, voice), follows: { subject: `swap:${swap.id}`, version: swap.version } }
}

export const oncallAway = command({
  name: ['oncall', 'away'],
  zh: ['值班', '休假'],
  aliases: [],
  group: 'team',
  summary: { zh: '这段时间我不在，值班由下一层接替', en: 'you are away; your shifts go to the next layer' },
  examples: [
    '/oncall away from=2026-12-01 to=2026-12-08 "holiday"',
    '/值班 休假 从=2026-12-01 到=2026-12-08 "休假"',
  ],
  needs: 'team:view',
  find: onPlatform('on call'),
  args: {
    from: fromArg,
    to: toArg,
    reason: optional(longTextArg({ zh: '原因', en: 'why' }, { place: 'word', names: ['原因'] })),
  },
  async run({ platform, voice, by }, { args }) {
    const { t, f } = voice
    const span = spanOf(args, voice)
    if ('card' in span) return span
    const draft = { member: by.member.name, ...span, reason: args.reason ?? '' }
    const done = await platform.onCall.timeOff(by, draft)
    if (!done.ok) return refusal(done.why, voice)
    return {
      card: card('good', t.onCall.away(t.onCall.span(f.fullWhen(span.from), f.fullWhen(span.to)))),
      did: true,
    }
  },
})

function refusal(why: OnCallRefusal, { t }: Voice): Reply {
  const title = () => {
    switch (why.of) {
      case 'unknown-schedule':
        return t.onCall.unknown('')
      case 'unknown-member':
      case 'not-in-team':
        return t.onCall.unknownMember(why.member)
      case 'not-on-duty':
        return t.onCall.notOnDuty(why.member)
      case 'not-yours':
        return t.onCall.notYours
      case 'bad-calendar':
        return t.onCall.badCalendar
      case 'unknown-calendar':
        return t.onCall.unknownCalendar(why.calendar, why.known.join(', '))
      case 'decided':
        return t.onCall.decided
      default:
        return t.onCall.badSpan
    }
  }
  return { card: card('warning', title()) }
}
