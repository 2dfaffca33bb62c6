import type { Instant } from '../../lib/clock.ts'
import { wallClock } from '../../lib/wall-clock.ts'
import type { Language } from '../access/access.ts'
import type { IncidentView, Timeline } from './incidents-api.ts'
import type { IncidentEvent, Notice } from './ports.ts'

/** What a postmortem begins from, in Markdown: what is known is written, what people have to find out is asked. */
export function postmortemOf(
  { incident, events, notices }: Timeline,
  { language, zone, title, sayEvent }: PostmortemVoice,
): string {
  const t = WORDS[language]
  const at = (instant: Instant) => timeText(instant, zone)
  return [
    `# ${t.heading(title)}`,
    '',
    ...facts(incident, { t, at }),
    '',
    `## ${t.happened}`,
    '',
    incident.cause
      ? `${t.cause}: ${cell(`${incident.cause.exception} ${incident.cause.message}`)}`
      : t.causeUnknown,
    '',
    `## ${t.timeline} (${zone})`,
    '',
    `| ${t.when} | ${t.who} | ${t.what} |`,
    '|---|---|---|',
    ...events.map((event) => `| ${at(event.at)} | ${cell(event.actor)} | ${cell(sayEvent(event))} |`),
    '',
    `## ${t.told}`,
    '',
    ...toldLines(notices, { t, at }),
    '',
    ...t.questions.flatMap((question) => [`## ${question}`, '', '…', '']),
  ].join('\n')
}

export interface PostmortemVoice {
  language: Language
  zone: string
  title: string
  /** `took it`, `put it off until …`: as the timeline in a chat says it. */
  sayEvent(event: IncidentEvent): string
}

interface Words {
  t: (typeof WORDS)[Language]
  at(instant: Instant): string
}

function facts(incident: IncidentView, { t, at }: Words): readonly string[] {
  const { openedAt, acked, closed, tier, team, environment, alerts, savepoint } = incident
  const minutes = (to: Instant) => t.minutes(Math.max(1, Math.round((to - openedAt) / 60_000)))
  const pairs: readonly (readonly [string, string | null])[] = [
    [t.tier, tier],
    [t.where, [environment, team].filter(Boolean).join(' / ')],
    [t.began, at(openedAt)],
    [t.answered, acked && `${at(acked.at)} · ${acked.by} · ${minutes(acked.at)}`],
    [t.ended, closed ? `${at(closed.at)} · ${minutes(closed.at)}` : t.stillOpen],
    [t.jobs, alerts.jobs.length > 0 ? alerts.jobs.join(', ') : null],
    [t.savepoint, savepoint && `${at(savepoint.at)} · ${savepoint.path}`],
    ['ID', incident.id],
  ]
  return pairs.flatMap(([name, value]) => (value ? [`- **${name}**: ${cell(value)}`] : []))
}

function toldLines(notices: readonly Notice[], { t, at }: Words): readonly string[] {
  if (notices.length === 0) return [t.nobodyTold]
  return notices.map(
    ({ createdAt, target, state, because }) =>
      `- ${at(createdAt)} ${cell(target)}: ${t.states[state]}${because ? ` (${cell(because)})` : ''}`,
  )
}

/** Within a table a bar ends the cell and a line ends the row; nothing that people wrote becomes markup. */
function cell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`)
    .trim()
}

function timeText(at: Instant, zone: string): string {
  const { date, minute } = wallClock(at, zone)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

const WORDS = {
  zh: {
    heading: (title: string) => `复盘：${title}`,
    happened: '发生了什么',
    cause: '原因线索',
    causeUnknown: '没有记录到异常。',
    timeline: '经过',
    when: '时间',
    who: '谁',
    what: '做了什么',
    told: '通知了谁',
    nobodyTold: '除群里的卡片外，没有单独通知任何人。',
    tier: '级别',
    where: '环境 / 团队',
    began: '开始',
    answered: '响应',
    ended: '结束',
    stillOpen: '尚未结束',
    jobs: '涉及作业',
    savepoint: '最近可用 savepoint',
    minutes: (n: number) => `${n} 分钟后`,
    states: { waiting: '等待发送', told: '已送达', dropped: '已不需要', dead: '没有送到' },
    questions: ['影响了谁', '根本原因', '哪些做得好、哪些不好', '后续行动（负责人、日期）'],
  },
  en: {
    heading: (title: string) => `Postmortem: ${title}`,
    happened: 'What happened',
    cause: 'Cause as Flink told it',
    causeUnknown: 'No exception was recorded.',
    timeline: 'Timeline',
    when: 'When',
    who: 'Who',
    what: 'What',
    told: 'Who was told',
    nobodyTold: 'Besides the card in the chat nobody was told.',
    tier: 'Tier',
    where: 'Environment / team',
    began: 'Began',
    answered: 'Answered',
    ended: 'Ended',
    stillOpen: 'still open',
    jobs: 'Jobs',
    savepoint: 'Last good savepoint',
    minutes: (n: number) => `after ${n} min`,
    states: { waiting: 'waits', told: 'told', dropped: 'no longer needed', dead: 'could not be reached' },
    questions: ['Who was affected', 'Root cause', 'What went well, what did not', 'Actions (owner, date)'],
  },
} as const satisfies Record<Language, object>
