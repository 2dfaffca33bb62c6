import { parseDuration } from '../../lib/duration.ts'
import type { MaintenanceView, WindowTimes } from '../../platform/platform.ts'
import { windowTimes } from '../../platform/platform.ts'
import { card, text } from '../cards/build.ts'
import { quote } from '../grammar/tokens.ts'
import type { Voice } from '../texts/voice.ts'
import { longTextArg, nameArg, optional, textArg } from './args.ts'
import { command, type MemberTurn, type Target } from './command.ts'
import { findTeam, onPlatform, platformSubject } from './find.ts'
import { findWanted } from './silence.ts'

const windowArg = textArg({ zh: '名称', en: 'name' }, { place: 'word', names: ['名称'] })

export const maintenanceList = command({
  name: ['maintenance', 'list'],
  zh: ['维护', '列表'],
  aliases: [['maintenance'], ['维护']],
  group: 'op',
  summary: { zh: '定期维护窗口', en: 'maintenance windows that come again and again' },
  examples: ['/maintenance list', '/维护 列表'],
  needs: 'team:view',
  args: {},
  find: onPlatform('silences'),
  async run({ platform, voice }) {
    const { t } = voice
    const all = await platform.silences.windows()
    if (all.length === 0) return { card: card('neutral', t.maintenance.none) }
    const rows = all.map((window) => [window.name, timesText(window, voice), nextText(window, voice)])
    return {
      card: card('neutral', t.maintenance.title(all.length), {
        body: [{ is: 'table', columns: [t.label.what, t.maintenance.when, t.maintenance.next], rows }],
      }),
    }
  },
})

function timesText({ times, zone }: MaintenanceView, { t, f }: Voice): string {
  const days = times.weekdays.map((day) => t.maintenance.days[day])
  return t.maintenance.times(t.and(days), times.from, f.duration(times.minutes * 60_000), zone)
}

function nextText({ next }: MaintenanceView, { t, f, now }: Voice): string {
  if (next === null) return ''
  return next.from <= now ? t.maintenance.now(f.when(next.to)) : f.when(next.from)
}

export const maintenanceAdd = command({
  name: ['maintenance', 'add'],
  zh: ['维护', '添加'],
  aliases: [],
  group: 'op',
  summary: {
    zh: '每周固定时间静默某些告警',
    en: 'silence some alerts at the same time of every week',
  },
  examples: [
    '/maintenance add nightly-compaction dm-* mon,tue,wed,thu,fri 02:00 90m',
    '/maintenance add upgrade "env=preprod" sun 22:00 4h zone=Asia/Shanghai team=data',
    '/维护 添加 nightly-compaction dm-* mon,tue 02:00 90m',
  ],
  needs: 'alert:silence',
  args: {
    name: windowArg,
    what: textArg({ zh: '静默什么', en: 'what' }, { place: 'word', names: ['条件'] }),
    days: textArg({ zh: '星期', en: 'days' }, { place: 'word', names: ['星期'] }),
    from: textArg({ zh: '几点', en: 'from' }, { place: 'word', names: ['从'] }),
    for: textArg({ zh: '多久', en: 'for' }, { place: 'word', names: ['时长'] }),
    comment: optional(longTextArg({ zh: '原因', en: 'why' }, { names: ['原因', 'comment'] })),
    zone: optional(textArg({ zh: '时区', en: 'zone' }, { names: ['时区'] })),
    team: optional(nameArg('team', { zh: '团队', en: 'team' }, { place: 'named' })),
  },
  find: (turn, { what, team }) => findWanted(turn, { what, team }),
  async run({ platform, voice }, { args, found, permit }) {
    const { t } = voice
    const times = readTimes(args)
    if (!times) return { card: card('warning', t.maintenance.badTimes) }
    const team = found.matchers.find(({ name, op }) => name === 'team' && op === '=')?.value ?? null
    const saved = await platform.silences.saveWindow(permit, {
      ...{ name: args.name, team, matchers: found.matchers, times, comment: args.comment ?? '' },
      zone: args.zone ?? voice.zone,
    })
    if (!saved.ok) return { card: card('warning', refusalText(saved.why, voice)) }
    const window = saved.value
    return {
      card: card('good', t.maintenance.set(window.name), {
        body: [text(timesText(window, voice), t.maintenance.nextIs(nextText(window, voice)))],
      }),
      did: true,
    }
  },
})

function readTimes(args: { days: string; from: string; for: string }): WindowTimes | null {
  const ms = parseDuration(args.for)
  const weekdays = args.days.toLowerCase().split(/[,，、]/)
  const read = windowTimes.safeParse({ weekdays, from: args.from, minutes: (ms ?? 0) / 60_000 })
  return read.success ? read.data : null
}

function refusalText(why: { of: string; because?: string }, { t }: Voice): string {
  if (why.of === 'bad-matcher') return t.silence.badMatcher(why.because ?? '')
  if (why.of === 'matches-everything') return t.silence.everything
  if (why.of === 'bad-zone') return t.maintenance.badZone
  return t.maintenance.nameTaken
}

async function findWindow(turn: MemberTurn, { name }: { name: string }): Promise<Target<MaintenanceView>> {
  const window = await turn.platform.silences.window(name)
  if (!window) {
    const near = (await turn.platform.silences.windows()).map((each) => each.name).slice(0, 5)
    return { ok: false, unknown: { arg: 'name', title: turn.voice.t.maintenance.unknown(name), near } }
  }
  if (window.team === null) return { ok: true, subject: platformSubject('silences'), found: window }
  const team = await findTeam(turn, { team: window.team })
  return team.ok ? { ...team, found: window } : team
}

export const maintenanceRemove = command({
  name: ['maintenance', 'remove'],
  zh: ['维护', '删除'],
  aliases: [],
  group: 'op',
  summary: { zh: '不再有这个维护窗口', en: 'have a maintenance window no more' },
  examples: ['/maintenance remove nightly-compaction', '/维护 删除 nightly-compaction'],
  needs: 'alert:silence',
  args: { name: windowArg },
  find: findWindow,
  async run({ platform, voice }, { found, permit }) {
    await platform.silences.removeWindow(permit, found.name)
    return { card: card('good', voice.t.maintenance.removed(quote(found.name))), did: true }
  },
})
