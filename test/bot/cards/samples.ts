import { createVoice, type Voice } from '../../../src/bot/texts/voice.ts'
import type {
  Digest,
  DigestFacts,
  IncidentView,
  Job,
  Language,
  Operation,
  Order,
  Plan,
  TeamId,
} from '../../../src/platform/platform.ts'

/** 2 March 2026, 14:02 in Shanghai. */
export const NOW = Date.parse('2026-03-02T06:02:00Z')

const TITLES = {
  environments: new Map([['prod', { zh: '生产', en: 'Production' }]]),
  teams: new Map([['data', '数据组']]),
}

export function aVoice(language: Language = 'en'): Voice {
  return createVoice({ language, zone: 'Asia/Shanghai', now: NOW, titles: TITLES })
}

export function aJob(more: Partial<Job> = {}): Job {
  return {
    id: 'job_1',
    name: 'orders-cdc',
    team: { id: 'team_data' as TeamId, name: 'data' },
    environment: 'prod',
    cluster: { id: 'cluster_1', name: 'session-a', sandbox: false },
    kind: 'jar',
    note: '',
    state: { is: 'running', attempt: 3, tasks: { total: 8, running: 8, finished: 0, failed: 0 } },
    stateSince: NOW - 3_600_000,
    desired: 'running',
    effectiveRelease: 12,
    releases: 12,
    attempts: 3,
    generation: 7,
    restartPolicy: { is: 'none' },
    createdAt: NOW - 86_400_000,
    importance: 'normal',
    archivedAt: null,
    ...more,
  }
}

export function aPlan(more: Partial<Plan> = {}): Plan {
  return {
    verb: 'restart',
    fromRelease: 12,
    toRelease: 12,
    parallelism: null,
    stop: 'savepoint',
    restore: { is: 'taken-now' },
    changes: [],
    warnings: [],
    attempts: 3,
    ...more,
  }
}

export const RESTART: Order = { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } }

export function anOperation(more: Partial<Operation> = {}): Operation {
  return {
    id: 'op_1',
    job: { id: 'job_1', name: 'orders-cdc', environment: 'prod', team: 'data', sandbox: false },
    order: RESTART,
    state: 'running',
    plan: aPlan(),
    progress: null,
    outcome: null,
    requester: { memberId: 'member_lin', name: 'Lin' },
    via: 'web:ops',
    reason: null,
    force: false,
    approval: null,
    cancelAskedBy: null,
    requestId: '7f3a',
    version: 4,
    createdAt: NOW,
    startedAt: NOW,
    endedAt: null,
    usualMs: null,
    ...more,
  }
}

export function anIncident(more: Partial<IncidentView> = {}): IncidentView {
  return {
    id: 'inc_1',
    kind: 'job-failed',
    subject: { is: 'job', id: 'job_1', name: 'orders-cdc' },
    ...{
      labels: { alertname: 'JobFailed', job: 'orders-cdc' },
      annotations: {},
      tier: 'P1',
      state: 'triggered',
    },
    environment: 'prod',
    team: 'data',
    generation: 1,
    version: 1,
    openedAt: NOW - 120_000,
    ...{ acked: null, snoozedUntil: null, assignee: null, silenced: false, escalation: null, onCall: [] },
    ...{ closed: null, mergedInto: null, toTeam: true, chats: [], operation: null },
    alerts: { firing: 1, held: 0, jobs: ['orders-cdc'], flapping: null },
    cause: null,
    savepoint: null,
    facts: {},
    sandbox: false,
    ...more,
  }
}

/** A busy day of a team, told in the morning. */
export function aDigest(over: Partial<DigestFacts> = {}): Digest {
  const to = Date.parse('2026-11-22T01:00:00Z')
  const at = (text: string) => Date.parse(`2026-11-22T${text}:00+08:00`)
  const heap = { exception: 'java.lang.OutOfMemoryError', message: 'Java heap space' }
  const cause = { ...heap, at: null, task: null, stack: '' }
  const facts: DigestFacts = {
    ...{ team: 'data', zone: 'Asia/Shanghai', from: to - 86_400_000, to },
    jobs: { running: 148, stopped: 2, failing: [{ name: 'dm-ads', cause }] },
    incidents: {
      ...{ count: 3, answeredMs: 120_000, solvedMs: 540_000, open: 1 },
      before: { count: 4, answeredMs: null, solvedMs: null },
      gravest: [
        {
          ...{ id: 'inc_1', kind: 'job-failed', name: 'orders-cdc', tier: 'P1', cause: null },
          ...{ openedAt: at('02:13'), lastedMs: 240_000 },
        },
      ],
      days: Array.from({ length: 14 }, (_, day) => ({
        date: `2026-11-${String(day + 9).padStart(2, '0')}`,
        tiers: { P0: day % 7 === 3 ? 1 : 0, P1: day % 3, P2: (day * 5) % 4, P3: day % 2 },
      })),
    },
    restarts: { asked: 3, byPolicy: 2, failed: [] },
    changes: [{ job: 'orders-cdc', verb: 'rollback', from: 12, to: 11, by: 'Lin', at: at('02:20') }],
    noisy: [{ rule: 'checkpoint-slow', job: 'dm-orders', times: 14, acted: 0, suggestion: '60s' }],
    slowest: [{ job: 'dm-orders', longestMs: 48_000, usualMs: 16_000 }],
    expiring: {
      tokens: [{ name: 'ci', owner: 'Kai', at: to + 3 * 86_400_000 }],
      savepoints: [{ job: 'dm-users', at: NOW - 10 * 86_400_000 }],
    },
    onCall: { now: ['Lin'], tomorrow: ['Mei'], isPlanned: true },
    ...over,
  }
  return { id: 'dig_1', team: 'data', date: '2026-11-22', kind: 'daily', version: 1, createdAt: to, facts }
}
