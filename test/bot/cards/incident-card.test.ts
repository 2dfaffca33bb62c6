import { describe, expect, it } from 'vitest'
import { incidentCard } from '../../../src/bot/cards/incident-card.ts'
import { plain } from '../../../src/bot/cards/plain.ts'
import type { IncidentView, Language } from '../../../src/platform/platform.ts'
import { aJob, anIncident, anOperation, aVoice, NOW } from './samples.ts'

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
      onCall: [{ memberId: 'mem_lin', name: 'Lin' }],
      escalation: { chain: 'default', step: 1, nextAt: NOW + 600_000 },
    })
    expect(drawn(incident)).toBe(
      [
        'P1 · orders-cdc is down: order 17 has no price (OddOrderException) · prod / team data · since 14:00 (2 min)',
        'Cause: order 17 has no price (OddOrderException), in "enrich"',
        'Last good savepoint 13:59',
        'I restart it at 14:03',
        'On call: Lin',
        'Nobody has answered; I go on at 14:12',
        '[Acknowledge] [Restart] [Roll back] [Logs] [Show] [Silence] [Escalate]',
      ].join('\n'),
    )
    expect(drawn(incident, 'zh')).toBe(
      [
        'P1 · orders-cdc 停止运行：order 17 has no price (OddOrderException) · 生产 / 数据组 · 从 14:00 起（2 分钟）',
        '原因：order 17 has no price (OddOrderException)，发生在“enrich”',
        '最近可用 savepoint 13:59',
        '将在 14:03 自动重启',
        '值班：Lin',
        '还没有人响应，14:12 继续升级',
        '[我来处理] [重启] [回滚] [日志] [查看] [静默] [升级]',
      ].join('\n'),
    )
  })

  it('says of what others tell about a job what they call it', () => {
    const incident = anIncident({ kind: 'outside', annotations: {}, labels: { alertname: 'NoData' } })
    expect(drawn(incident)).toContain('P1 · orders-cdc: NoData · ')
    const named = anIncident({ kind: 'outside', annotations: { summary: 'orders-cdc has no data' } })
    expect(drawn(named)).toContain('P1 · orders-cdc has no data · ')
  })

  it('shows what is being done about its job on the same card', () => {
    const progress = { phase: 'stopping-with-savepoint', since: NOW - 12_000, tasks: null } as const
    const operation = anOperation({ state: 'running', startedAt: NOW - 12_000, progress })

    expect(drawn(anIncident({ operation }))).toMatch(
      /orders-cdc is restarting[^\n]*\n[^\n]*stopping with savepoint \(12 s\)/,
    )
    expect(drawn(anIncident({ operation: anOperation({ state: 'done' }) }))).not.toContain('restarting')
  })

  it('does not offer to restart what may well be running', () => {
    expect(drawn(anIncident({ kind: 'job-lost' }))).not.toContain('[Restart]')
  })

  it('says of a silent cluster that nothing is touched', () => {
    const subject = { is: 'cluster', id: 'cluster_1', name: 'session-a' } as const
    expect(drawn(anIncident({ kind: 'cluster-silent', subject, team: null, facts: { jobs: 31 } }))).toBe(
      [
        'P1 · I cannot reach Flink on session-a · prod · since 14:00 (2 min)',
        'Its 31 jobs were fine then; I will not touch them until I see them again.',
        'Nobody is on call',
        '[Acknowledge] [Show cluster] [Silence] [Escalate]',
      ].join('\n'),
    )
  })

  it('tells when it is over, how long it lasted and who was on it', () => {
    const incident = anIncident({
      acked: { by: 'Lin', memberId: 'mem_lin', at: NOW - 60_000, until: null, onCall: true, helpers: [] },
      closed: { as: 'recovered', at: NOW, by: null },
    })
    expect(drawn(incident)).toBe(
      [
        'orders-cdc is well again · prod / team data · since 14:00, lasted 2 min',
        'Lin is on it since 14:01',
        '[Show]',
      ].join('\n'),
    )
  })

  it('says who took it, who helps, and offers to go on instead of to take it', () => {
    const acked = { memberId: 'mem_lin', by: 'Lin', at: NOW, until: null, onCall: true, helpers: ['Mei'] }
    const card = drawn(anIncident({ state: 'acknowledged', acked }))

    expect(card).toContain('Lin is on it since 14:02 · with Mei')
    expect(card).toContain('[Still on it]')
    expect(card).not.toMatch(/\[Acknowledge\]|\[Escalate\]|on call/i)
  })

  it('shows what others told in their words, and how far it reaches', () => {
    const card = drawn(
      anIncident({
        kind: 'outside',
        subject: { is: 'alerts', name: 'Kafka is slow' },
        annotations: { summary: 'Kafka is slow', description: 'p99 of produce is 4 s' },
        alerts: { firing: 3, held: 2, jobs: ['orders-cdc', 'orders-wide'], flapping: 6 },
      }),
    )

    expect(card).toMatch(/^P1 · Kafka is slow · /)
    expect(card).toContain('p99 of produce is 4 s')
    expect(card).toContain('3 alerts of one group')
    expect(card).toContain('2 jobs: orders-cdc and orders-wide')
    expect(card).toContain('2 more held back (silenced or inhibited)')
    expect(card).toContain('Comes and goes: 6 times within the hour')
    expect(card).not.toContain('[Restart]')
  })

  it('tells a measured value with its limit and what is usual', () => {
    const measured = { metric: 'lag_time', value: 840_000, limit: 300_000, unit: 'ms', usual: 20_000 }

    expect(drawn(anIncident({ kind: 'lag', facts: { measured } }))).toContain(
      'Delay of the slowest source: now 14 min, limit 5 min\nusually 20 s',
    )
  })

  it('that expired is not told as well again', () => {
    const card = drawn(anIncident({ closed: { as: 'expired', at: NOW, by: null } }))

    expect(card).toMatch(/^orders-cdc: nobody tells of it any more/)
    expect(card).toContain('not the same as well again')
  })
})
