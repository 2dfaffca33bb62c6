import { describe, expect, it } from 'vitest'
import { digestCard, digestDetailsCard } from '../../../src/bot/cards/digest-card.ts'
import { plain } from '../../../src/bot/cards/plain.ts'
import type { Digest, DigestFacts, Language } from '../../../src/platform/platform.ts'
import { aDigest, aVoice } from './samples.ts'

function drawn(digest: Digest, language: Language = 'en'): string {
  const voice = aVoice(language)
  return plain(digestCard(digest, null, voice), voice.t)
}

const quiet: Partial<DigestFacts> = {
  jobs: { running: 148, stopped: 0, failing: [] },
  incidents: {
    ...{ count: 0, answeredMs: null, solvedMs: null, open: 0, gravest: [], days: [] },
    before: { count: 0, answeredMs: null, solvedMs: null },
  },
  restarts: { asked: 0, byPolicy: 0, failed: [] },
  noisy: [],
  slowest: [],
}

describe('a summary', () => {
  it('tells the day on one screen, with one tap to what would make it quieter', () => {
    expect(drawn(aDigest())).toBe(
      [
        'Team data, 22 Nov · 148 running · 2 stopped by hand · 1 not running although they should',
        '3 incidents (1 fewer): answered in 2 min, solved in 9 min · 5 restarts, all came back · slowest checkpoint dm-orders 48 s (3× usual)',
        'dm-ads: no room in the heap',
        'Noisy: "checkpoint-slow" on dm-orders was told 14×, and nobody had to act',
        'Tomorrow on call: Mei',
        '[Details] [Raise the limit of dm-orders to 60s]',
        '21 Nov 09:00 – 22 Nov 09:00',
      ].join('\n'),
    )
    expect(drawn(aDigest(), 'zh')).toBe(
      [
        '团队 data · 11月22日 日报 · 148 个运行中 · 2 个已手动停止 · 1 个应运行而未运行',
        '3 个问题（减少 1 个）：平均 2 分钟响应，平均 9 分钟解决 · 重启 5 次，全部恢复 · 最慢的 checkpoint：dm-orders 48 秒（平时的 3 倍）',
        'dm-ads：堆内存不足',
        '噪声：dm-orders 的“checkpoint-slow”告警了 14 次，都不需要处理',
        '明天值班：Mei',
        '[详情] [把 dm-orders 的上限调到 60s]',
        '11月21日 09:00 至 11月22日 09:00',
      ].join('\n'),
    )
  })

  it('is short where nothing happened', () => {
    expect(drawn(aDigest(quiet))).toBe(
      [
        'Team data, 22 Nov · 148 running',
        'no incidents',
        'Tomorrow on call: Mei',
        '[Details]',
        '21 Nov 09:00 – 22 Nov 09:00',
      ].join('\n'),
    )
  })

  it('says that nobody is on call tomorrow', () => {
    const onCall = { now: ['Lin'], tomorrow: [], isPlanned: true }

    expect(drawn(aDigest({ ...quiet, onCall }))).toContain('Nobody is on call tomorrow')
  })

  it('calls a week a week', () => {
    const from = Date.parse('2026-11-15T01:00:00Z')

    expect(drawn(aDigest({ ...quiet, from }))).toContain('Team data, the week up to 22 Nov')
  })

  it('has everything behind Details', () => {
    const voice = aVoice('en')

    expect(plain(digestDetailsCard(aDigest(), voice), voice.t)).toBe(
      [
        'Team data, 22 Nov · 21 Nov 09:00 – 22 Nov 09:00',
        'Not running: dm-ads: no room in the heap',
        'Incidents: 3 incidents (1 fewer): answered in 2 min, solved in 9 min',
        'P1 · orders-cdc is down · 22 Nov 02:13, 4 min',
        'Still open: 1',
        'Restarts: 3 asked for, 2 by the restart policy',
        'Releases: orders-cdc rolled back from release 12 to 11 · Lin 22 Nov 02:20',
        'Noise: Noisy: "checkpoint-slow" on dm-orders was told 14×, and nobody had to act',
        'Slowest checkpoints: dm-orders 48 s, usually 16 s',
        'Tokens that expire: ci of Kai, 25 Nov 09:00',
        'Old state: dm-users: the newest savepoint is 10 days old',
        'On call: Today: Lin',
        'Tomorrow on call: Mei',
        '[Raise the limit of dm-orders to 60s]',
      ].join('\n'),
    )
  })
})
