import { parseDuration } from '../../lib/duration.ts'
import type { Done, IncidentRefusal, IncidentView } from '../../platform/platform.ts'
import { card, says, text, to } from '../cards/build.ts'
import { choiceArg, longTextArg, nameArg, optional, textArg } from './args.ts'
import { command, type MemberTurn, type Reply } from './command.ts'
import {
  type FoundIncident,
  findIncident,
  incidentArg,
  incidentRefusal,
  incidentReply,
} from './find-incident.ts'

export const incidentUnack = command({
  name: ['incident', 'unack'],
  zh: ['问题', '退回'],
  aliases: [['unack']],
  group: 'op',
  summary: { zh: '退回认领：还是请别人处理', en: 'give an incident back: somebody else should take it' },
  examples: ['/incident unack inc_k3x9q2m4n7pa', '/问题 退回 inc_k3x9q2m4n7pa'],
  needs: 'incident:acknowledge',
  args: { incident: incidentArg },
  find: findIncident,
  run: async ({ platform, voice }, { found, permit }) =>
    changed(found, await platform.incidents.unacknowledge(permit, found.incident.id), voice),
})

export const incidentStill = command({
  name: ['incident', 'still'],
  zh: ['问题', '仍在处理'],
  aliases: [],
  group: 'op',
  summary: { zh: '仍在处理：认领继续有效', en: 'still on it: the acknowledgement goes on' },
  examples: ['/incident still inc_k3x9q2m4n7pa', '/问题 仍在处理 inc_k3x9q2m4n7pa'],
  needs: 'incident:acknowledge',
  args: { incident: incidentArg },
  find: findIncident,
  run: async ({ platform, voice }, { found, permit }) =>
    changed(found, await platform.incidents.stillOnIt(permit, found.incident.id), voice),
})

export const incidentEscalate = command({
  name: ['incident', 'escalate'],
  zh: ['问题', '升级'],
  aliases: [['escalate'], ['升级']],
  group: 'op',
  summary: { zh: '马上通知下一级，不再等待', en: 'tell the next in line now, without waiting' },
  examples: ['/incident escalate inc_k3x9q2m4n7pa', '/升级 inc_k3x9q2m4n7pa'],
  needs: 'incident:acknowledge',
  args: { incident: incidentArg },
  find: findIncident,
  run: async ({ platform, voice }, { found, permit }) =>
    changed(found, await platform.incidents.escalate(permit, found.incident.id), voice),
})

const timeArg = (place: 'word' | 'named') =>
  textArg({ zh: '多久', en: 'for' }, { place, names: ['时长', 'duration'] })

export const incidentSnooze = command({
  name: ['incident', 'snooze'],
  zh: ['问题', '暂缓'],
  aliases: [['snooze'], ['暂缓']],
  group: 'op',
  summary: {
    zh: '一段时间内不再呼叫；到时若仍未恢复，重新开始',
    en: 'call nobody for a while; if it is not over then, begin again',
  },
  examples: ['/incident snooze inc_k3x9q2m4n7pa 2h', '/暂缓 inc_k3x9q2m4n7pa 2h'],
  needs: 'incident:acknowledge',
  args: { incident: incidentArg, for: timeArg('word') },
  find: findIncident,
  async run({ platform, voice }, { args, found, permit }) {
    const ms = parseDuration(args.for)
    if (ms === null) return { card: card('warning', voice.t.silence.badDuration(args.for)) }
    return changed(found, await platform.incidents.snooze(permit, found.incident.id, voice.now + ms), voice)
  },
})

export const incidentNote = command({
  name: ['incident', 'note'],
  zh: ['问题', '备注'],
  aliases: [],
  group: 'op',
  summary: { zh: '在经过里记一笔', en: 'write something into its timeline' },
  examples: [
    '/incident note inc_k3x9q2m4n7pa "the source table was renamed"',
    '/问题 备注 inc_k3x9q2m4n7pa "上游改了表名"',
  ],
  needs: 'incident:acknowledge',
  args: {
    incident: incidentArg,
    text: longTextArg({ zh: '内容', en: 'text' }, { place: 'word', names: ['内容'] }),
  },
  find: findIncident,
  async run({ platform, voice }, { args, found, permit }) {
    const done = await platform.incidents.note(permit, found.incident.id, args.text)
    if (!done.ok) return incidentRefusal(found.incident.id, done.why, voice)
    const { t } = voice
    return {
      card: card('good', t.incident.noted, {
        body: [text(args.text)],
        buttons: [says(t.button.timeline, to('incident timeline', found.incident.id))],
      }),
      did: true,
    }
  },
})

export const incidentAssign = command({
  name: ['incident', 'assign'],
  zh: ['问题', '指派'],
  aliases: [],
  group: 'op',
  summary: { zh: '交给某个人', en: 'give an incident to somebody' },
  examples: ['/incident assign inc_k3x9q2m4n7pa mei', '/问题 指派 inc_k3x9q2m4n7pa mei'],
  needs: 'incident:manage',
  args: { incident: incidentArg, member: nameArg('member', { zh: '成员', en: 'member' }) },
  find: findIncident,
  async run({ platform, voice }, { args, found, permit }) {
    const done = await platform.incidents.assign(permit, found.incident.id, args.member)
    if (done.ok || done.why !== 'unknown-member') return changed(found, done, voice)
    const { t } = voice
    return {
      card: card('warning', t.page.unknown(args.member), {
        buttons: [says(t.label.members, '/member list')],
      }),
    }
  },
})

const TIER_CHOICES = [
  { value: 'P0', label: { zh: 'P0', en: 'P0' }, also: ['0'] },
  { value: 'P1', label: { zh: 'P1', en: 'P1' }, also: ['1'] },
  { value: 'P2', label: { zh: 'P2', en: 'P2' }, also: ['2'] },
  { value: 'P3', label: { zh: 'P3', en: 'P3' }, also: ['3'] },
] as const

export const tierArg = choiceArg({ zh: '级别', en: 'tier' }, TIER_CHOICES, { names: ['级别'] })

export const incidentTier = command({
  name: ['incident', 'tier'],
  zh: ['问题', '级别'],
  aliases: [],
  group: 'op',
  summary: {
    zh: '改级别：P0、P1 呼叫值班，P2 只发群里，P3 只进日报',
    en: 'change its tier: P0 and P1 call people, P2 is shown to the team, P3 waits for the digest',
  },
  examples: ['/incident tier inc_k3x9q2m4n7pa P0', '/问题 级别 inc_k3x9q2m4n7pa P0'],
  needs: 'incident:manage',
  args: { incident: incidentArg, tier: tierArg },
  find: findIncident,
  run: async ({ platform, voice }, { args, found, permit }) =>
    changed(found, await platform.incidents.setTier(permit, found.incident.id, args.tier), voice),
})

export const incidentResolve = command({
  name: ['incident', 'resolve'],
  zh: ['问题', '关闭'],
  aliases: [],
  group: 'op',
  summary: {
    zh: '手动关闭；若仍有告警，会作为新的问题再次通知',
    en: 'close it by hand; what fires again becomes a new one',
  },
  examples: ['/incident resolve inc_k3x9q2m4n7pa', '/问题 关闭 inc_k3x9q2m4n7pa'],
  needs: 'incident:manage',
  args: { incident: incidentArg },
  find: findIncident,
  run: async ({ platform, voice }, { found, permit }) =>
    changed(found, await platform.incidents.resolve(permit, found.incident.id), voice),
})

export const incidentMerge = command({
  name: ['incident', 'merge'],
  zh: ['问题', '合并'],
  aliases: [],
  group: 'op',
  summary: { zh: '并入另一个问题，只在那里继续', en: 'make one of two: it goes on as the other' },
  examples: [
    '/incident merge inc_k3x9q2m4n7pa into=inc_8f2m5n1k9w3z',
    '/问题 合并 inc_k3x9q2m4n7pa 到=inc_8f2m5n1k9w3z',
  ],
  needs: 'incident:manage',
  args: { incident: incidentArg, into: { ...incidentArg, place: 'named', names: ['到'] } },
  find: findIncident,
  async run({ platform, voice }, { args, found, permit }) {
    const done = await platform.incidents.merge(permit, found.incident.id, args.into)
    if (!done.ok && done.why === 'unknown-other') return incidentRefusal(args.into, 'unknown', voice)
    return changed(found, done, voice)
  },
})

export const incidentNew = command({
  name: ['incident', 'new'],
  zh: ['问题', '新建'],
  aliases: [],
  group: 'op',
  summary: {
    zh: '自己报告一个问题，按级别通知值班',
    en: 'open an incident yourself; people are told by its tier',
  },
  examples: ['/incident new "kafka is slow" tier=P1 team=data', '/问题 新建 "Kafka 很慢" 级别=P1 团队=data'],
  needs: 'incident:manage',
  args: {
    title: longTextArg({ zh: '什么事', en: 'what' }, { place: 'word' }),
    tier: optional({ ...tierArg, place: 'named' }),
    team: optional(nameArg('team', { zh: '团队', en: 'team' }, { place: 'named', ofChat: true })),
    job: optional(nameArg('job', { zh: '作业', en: 'job' }, { place: 'named' })),
  },
  find: async (turn, { team }) => ({ ok: true, subject: await teamSubject(turn, team), found: null }),
  async run({ platform, voice }, { args, permit }) {
    const draft = { title: args.title, tier: args.tier ?? 'P2', team: args.team, job: args.job }
    const done = await platform.incidents.create(permit, draft)
    if (done.ok) return { ...incidentReply({ incident: done.value, job: null }, voice), did: true }
    const { t } = voice
    const title =
      done.why === 'unknown-team' ? t.team.unknown(args.team ?? '') : t.say.unknownJob(args.job ?? '')
    return { card: card('warning', title) }
  },
})

async function teamSubject({ platform }: MemberTurn, name: string | null) {
  const found = name === null ? null : await platform.access.team(name)
  if (!found?.ok) return { of: 'platform', what: 'incidents' } as const
  // The platform gave this id out as a team's.
  return { of: 'team', team: found.value.id as never, environment: null, job: null } as const
}

type Refusal =
  | IncidentRefusal
  | 'not-acknowledged'
  | 'nobody-left'
  | 'bad-time'
  | 'unknown-member'
  | 'same'
  | 'unknown-other'

function changed(found: FoundIncident, done: Done<IncidentView, Refusal>, voice: MemberTurn['voice']): Reply {
  if (done.ok) return { ...incidentReply({ ...found, incident: done.value }, voice), did: true }
  const { id } = found.incident
  const { t } = voice
  switch (done.why) {
    case 'not-acknowledged':
      return { card: card('warning', t.incident.notAcked) }
    case 'nobody-left':
      return { card: card('warning', t.incident.nobodyLeft) }
    case 'bad-time':
      return { card: card('warning', t.incident.badTime) }
    case 'same':
      return { card: card('warning', t.incident.sameIncident) }
    case 'unknown-member':
    case 'unknown-other':
      return incidentRefusal(id, 'unknown', voice)
    default:
      return incidentRefusal(id, done.why, voice)
  }
}
