import { describe, expect, it } from 'vitest'
import { incidentCard } from '../../../src/bot/cards/incident-card.ts'
import { plain } from '../../../src/bot/cards/plain.ts'
import type { IncidentView, Language } from '../../../src/platform/platform.ts'
import { aJob, anIncident, aVoice, NOW } from './samples.ts'

function drawn(incident: IncidentView, language: Language = 'en'): string {
  const voice = aVoice(language)
  return plain(incidentCard(incident, aJob(), voice), voice.t)
}

const UNKNOWN_CAUSE = {
  exception: 'com.acme.OddOrderException',
  message: 'order 17 has no price\n\tat com.acme…',
  at: null,
  task: 'enrich',
  stack: 'com.acme.OddOrderException: order 17 has no price',
}

describe('an incident', () => {
  it('says what, since when, why, what is kept, and what can be done', () => {
    const incident = anIncident({
      cause: UNKNOWN_CAUSE,
      savepoint: { id: 'sp_1', at: NOW - 180_000, path: 'file:/sp' },
      facts: { willRestartAt: NOW + 60_000 },
    })
    expect(drawn(incident)).toBe(
      [
        'orders-cdc is down: order 17 has no price (OddOrderException) · prod / team data · since 14:00 (2 min)',
        'Cause: order 17 has no price (OddOrderException), in "enrich"',
        'Last good savepoint 13:59',
        'I restart it at 14:03',
        '[Acknowledge] [Restart] [Logs] [Show]',
      ].join('\n'),
    )
    expect(drawn(incident, 'zh')).toBe(
      [
        'orders-cdc 停止运行：order 17 has no price (OddOrderException) · 生产 / 数据组 · 从 14:00 起（2 分钟）',
        '原因：order 17 has no price (OddOrderException)，发生在“enrich”',
        '最近可用 savepoint 13:59',
        '将在 14:03 自动重启',
        '[我来处理] [重启] [日志] [查看]',
      ].join('\n'),
    )
  })

  it('does not offer to restart what may well be running', () => {
    expect(drawn(anIncident({ kind: 'job-lost' }))).not.toContain('[Restart]')
  })

  it('says of a silent cluster that nothing is touched', () => {
    const subject = { is: 'cluster', id: 'cluster_1', name: 'session-a' } as const
    expect(drawn(anIncident({ kind: 'cluster-silent', subject, team: null, facts: { jobs: 31 } }))).toBe(
      [
        'I cannot reach Flink on session-a · prod · since 14:00 (2 min)',
        'Its 31 jobs were fine then; I will not touch them until I see them again.',
        '[Acknowledge] [Show cluster]',
      ].join('\n'),
    )
  })

  it('tells when it is over, how long it lasted and who was on it', () => {
    const incident = anIncident({
      acked: { by: 'Lin', at: NOW - 60_000 },
      closed: { as: 'recovered', at: NOW },
    })
    expect(drawn(incident)).toBe(
      [
        'orders-cdc is well again · prod / team data · since 14:00, lasted 2 min',
        'Lin is on it since 14:01',
        '[Show]',
      ].join('\n'),
    )
  })
})
