import { createVoice, type Voice } from '../../../src/bot/texts/voice.ts'
import type {
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
    environment: 'prod',
    team: 'data',
    generation: 1,
    version: 1,
    openedAt: NOW - 120_000,
    acked: null,
    closed: null,
    cause: null,
    savepoint: null,
    facts: {},
    sandbox: false,
    ...more,
  }
}
