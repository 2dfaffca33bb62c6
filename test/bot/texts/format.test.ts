import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFormat } from '../../../src/bot/texts/format.ts'

/** 14:02 in Shanghai, 06:02 in London. */
const NOW = Date.parse('2026-03-02T06:02:00Z')
const en = createFormat('en', 'Asia/Shanghai', NOW)
const zh = createFormat('zh', 'Asia/Shanghai', NOW)

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

describe('times', () => {
  it.each([
    ['today without its day', '2026-03-02T05:50:00Z', '13:50', '13:50'],
    ['just after midnight of today', '2026-03-01T16:00:00Z', '00:00', '00:00'],
    ['yesterday', '2026-03-01T15:59:00Z', '1 Mar 23:59', '3月1日 23:59'],
    ['last year', '2025-11-20T01:05:00Z', '20 Nov 2025 09:05', '2025年11月20日 09:05'],
  ])('are written in the reader’s zone: %s', (_, at, english, chinese) => {
    expect(en.when(Date.parse(at))).toBe(english)
    expect(zh.when(Date.parse(at))).toBe(chinese)
  })

  it('are written in UTC where the zone is not known', () => {
    expect(createFormat('en', 'Mars/Olympus', NOW).when(NOW)).toBe('06:02')
  })
})

describe('durations', () => {
  it.each([
    [0, '0 ms', '0 毫秒'],
    [400, '400 ms', '400 毫秒'],
    [41 * SECOND, '41 s', '41 秒'],
    [2 * MINUTE, '2 min', '2 分钟'],
    [2 * MINUTE + 5 * SECOND, '2 min 5 s', '2 分 5 秒'],
    [34 * MINUTE, '34 min', '34 分钟'],
    [3 * HOUR + 5 * MINUTE, '3 h 5 min', '3 小时 5 分钟'],
    [24 * HOUR, '1 day', '1 天'],
    [73 * HOUR, '3 days', '3 天'],
  ])('of %d ms', (ms, english, chinese) => {
    expect(en.duration(ms)).toBe(english)
    expect(zh.duration(ms)).toBe(chinese)
  })

  it('never say 60 of something', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 * 24 * HOUR }), (ms) => {
        expect(en.duration(ms)).not.toMatch(/\b60 (s|min)\b|\b1000 ms\b/)
      }),
    )
  })
})

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [1_300_000, '1.2 MB'],
    [5 * 1024 ** 3, '5 GB'],
  ])('of %d bytes', (bytes, text) => {
    expect(en.size(bytes)).toBe(text)
  })
})
