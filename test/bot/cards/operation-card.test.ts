import { describe, expect, it } from 'vitest'
import { operationCard } from '../../../src/bot/cards/operation-card.ts'
import { plain } from '../../../src/bot/cards/plain.ts'
import type {
  Language,
  NotDone,
  NowTrue,
  Operation,
  OperationState,
  Order,
  Phase,
} from '../../../src/platform/platform.ts'
import { aJob, anOperation, aPlan, aVoice, NOW } from './samples.ts'

function drawn(operation: Operation, language: Language = 'en'): string {
  const voice = aVoice(language)
  return plain(operationCard({ operation, job: aJob(), joined: false }, voice), voice.t)
}

const ORDERS: readonly Order[] = [
  { verb: 'start', release: null, from: { is: 'latest' } },
  { verb: 'stop', how: 'savepoint' },
  { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } },
  { verb: 'rollback', to: 9, from: { is: 'latest' } },
  { verb: 'savepoint' },
  { verb: 'scale', parallelism: 8 },
  { verb: 'cancel' },
  { verb: 'adopt', flinkJobId: '5a1c2d3e4f5061728394a5b6c7d8e9f0' as never, release: 1 },
]
const STATES: readonly OperationState[] = [
  'waiting-approval',
  'queued',
  'running',
  'done',
  'failed',
  'refused',
  'cancelled',
]
const WHYS: readonly NotDone[] = [
  'cluster-silent',
  'no-room',
  'refused-by-flink',
  'state-not-readable',
  'restore-not-seen',
  'savepoint-failed',
  'did-not-start',
  'failed-after-start',
  'artifact-missing',
  'plan-changed',
  'nothing-runs',
  'already-runs',
  'cancelled',
  'not-seen-in-time',
  'not-found-on-cluster',
  'our-fault',
]
const NOWS: readonly NowTrue[] = [
  'running-as-before',
  'running-former-release',
  'still-trying',
  'stopped',
  'failed',
  'unclear',
]
const PHASES: readonly Phase[] = [
  'queued',
  'checking',
  'stopping-with-savepoint',
  'stopping',
  'taking-savepoint',
  'submitting',
  'waiting-for-tasks',
  'asking-runtime',
  'going-back',
]

describe('an approval', () => {
  it('shows the whole plan: releases, changes, state with its age, replay, reason', () => {
    const operation = anOperation({
      state: 'waiting-approval',
      order: { verb: 'rollback', to: 11, from: { is: 'latest' } },
      reason: 'duplicate orders since 13:50',
      approval: { state: 'open', expiresAt: NOW + 900_000, decider: null, decidedAt: null, note: null },
      plan: aPlan({
        verb: 'rollback',
        toRelease: 11,
        restore: {
          is: 'savepoint',
          id: 'sp_1',
          path: 'file:/sp',
          at: NOW - 60_000,
          origin: 'savepoint',
          release: 11,
        },
        changes: [
          { field: 'setting', key: 'limit.qps', before: '500', after: '300' },
          { field: 'program', key: null, before: 'orders-2.jar', after: 'orders-1.jar' },
        ],
        warnings: [
          { of: 'replays', sinceMs: 60_000 },
          { of: 'state-not-proved', writer: 12, reader: 11 },
        ],
      }),
    })
    expect(drawn(operation)).toBe(
      [
        'Lin wants to roll orders-cdc back to release 11 in prod · prod / team data · expires 14:17',
        'Release 12 → 11 · from savepoint 14:01 (1 min old)',
        'Stops the running job with a savepoint first',
        'limit.qps: 500 → 300',
        'Program: orders-2.jar → orders-1.jar',
        'Replays about 1 min.',
        'Nobody has tried yet whether release 11 reads this state. If Flink refuses it, the job goes back to where it was.',
        'Reason: "duplicate orders since 13:50"',
        '[Approve] [Reject] [Compare] [Cancel]',
      ].join('\n'),
    )
    expect(drawn(operation, 'zh')).toBe(
      [
        'Lin 申请把生产环境的 orders-cdc 回滚到版本 11 · 生产 / 数据组 · 14:17 过期',
        '版本 12 → 11 · 从 14:01 的 savepoint 启动（1 分钟前）',
        '先做 savepoint，再停止当前运行',
        'limit.qps: 500 → 300',
        '程序: orders-2.jar → orders-1.jar',
        '大约重放 1 分钟的数据。',
        '还没有验证过版本 11 能否读取这份状态；如果 Flink 不接受，作业会退回原状。',
        '理由：“duplicate orders since 13:50”',
        '[批准] [拒绝] [对比] [取消]',
      ].join('\n'),
    )
  })

  it('says who said no, and why', () => {
    const approval = {
      state: 'rejected',
      expiresAt: NOW,
      decider: 'Mei',
      decidedAt: NOW,
      note: 'not during the sale',
    } as const
    expect(drawn(anOperation({ state: 'refused', approval }))).toBe(
      [
        'Mei said no to the restart of orders-cdc · prod / team data · asked by Lin 14:02',
        'Mei: "not during the sale"',
        'Nothing was changed; orders-cdc is as it was.',
        '[Show]',
      ].join('\n'),
    )
  })
})

describe('what could not be done', () => {
  it('says what remains true and the way out', () => {
    const operation = anOperation({
      state: 'failed',
      order: { verb: 'rollback', to: 9, from: { is: 'latest' } },
      plan: aPlan({ verb: 'rollback', toRelease: 9 }),
      outcome: {
        is: 'not-done',
        why: 'state-not-readable',
        now: 'running-former-release',
        cause: null,
        release: 9,
      },
    })
    expect(drawn(operation)).toBe(
      [
        'Not rolled back: release 9 cannot read the state · prod / team data · asked by Lin 14:02',
        'orders-cdc runs on release 12 again.',
        'Choose a release that reads it, an older savepoint, or a start without state.',
        '[Compare] [Savepoints] [Show]',
      ].join('\n'),
    )
  })

  it('dates the button that tries again', () => {
    const outcome = { is: 'not-done', why: 'did-not-start', now: 'failed', cause: null, release: 12 } as const
    const voice = aVoice()
    const card = operationCard(
      { operation: anOperation({ state: 'failed', outcome }), job: aJob(), joined: false },
      voice,
    )
    expect(card.buttons[0]).toEqual({
      label: 'Try again',
      style: 'primary',
      press: { is: 'says', text: '/job restart orders-cdc', job: { id: 'job_1', generation: 7 } },
    })
    expect(card.tone).toBe('bad')
  })
})

describe('every operation in every state', () => {
  const cards = (['en', 'zh'] as const).flatMap((language) =>
    ORDERS.flatMap((order) => [
      ...STATES.map((state) => ({ language, text: drawn(anOperation({ order, state }), language) })),
      ...PHASES.map((phase) => {
        const progress = { phase, since: NOW - 12_000, tasks: { running: 3, total: 8 } }
        return { language, text: drawn(anOperation({ order, progress }), language) }
      }),
      ...WHYS.flatMap((why) =>
        NOWS.map((now) => {
          const outcome = { is: 'not-done', why, now, cause: null, release: 9 } as const
          return { language, text: drawn(anOperation({ order, state: 'failed', outcome }), language) }
        }),
      ),
    ]),
  )

  it('is told without a gap, an exclamation mark or a bare "failed"', () => {
    for (const { text } of cards) {
      expect(text).not.toMatch(/undefined|null|NaN|\[object|!|！|\bfailed\b|\bplease\b|success/i)
    }
  })

  it('is told in one language', () => {
    for (const { language, text } of cards) {
      if (language === 'en') expect(text).not.toMatch(/\p{Script=Han}/u)
      else expect(text.split('\n')[0]).toMatch(/\p{Script=Han}/u)
    }
  })
})
