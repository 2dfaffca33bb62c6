import { describe, expect, it } from 'vitest'
import { ago, dayName, fullTime, lasting, roughly, sameDay, shortTime } from '../../web/rules/when.ts'

const shanghai = { language: 'en', zone: 'Asia/Shanghai' } as const
const chinese = { language: 'zh', zone: 'Asia/Shanghai' } as const
// 23 Nov, 00:30 in Shanghai; still the 22nd in UTC.
const now = Date.UTC(2026, 10, 22, 16, 30)

describe('short times', () => {
  it.each([
    ['2026-11-22T16:02:00Z', shanghai, '00:02'],
    ['2026-11-22T15:58:00Z', shanghai, '22 Nov 23:58'],
    ['2026-11-22T15:58:00Z', chinese, '11月22日 23:58'],
    ['2025-03-01T00:00:00Z', shanghai, '1 Mar 2025 08:00'],
    ['2026-11-22T15:58:00Z', { language: 'en', zone: 'UTC' } as const, '15:58'],
  ])('shows %s as today without a date, other days with one', (iso, reader, expected) => {
    expect(shortTime(iso, now, reader)).toBe(expected)
  })

  it('shows what is no time as it is', () => {
    expect(shortTime('soon', now, shanghai)).toBe('soon')
  })

  it('falls back to UTC in a zone that the browser does not know', () => {
    expect(shortTime('2026-11-22T16:02:00Z', now, { language: 'en', zone: 'Mars/Olympus' })).toBe('16:02')
  })

  it('names the zone in full times', () => {
    expect(fullTime('2026-11-22T16:02:05Z', shanghai)).toContain('00:02:05 Asia/Shanghai')
  })
})

describe('days of a chat', () => {
  it('changes at midnight of the reader', () => {
    expect(sameDay('2026-11-22T15:59:00Z', '2026-11-22T16:01:00Z', shanghai)).toBe(false)
    expect(sameDay('2026-11-22T15:59:00Z', '2026-11-22T16:01:00Z', { language: 'en', zone: 'UTC' })).toBe(
      true,
    )
  })

  it.each([
    ['2026-11-22T16:02:00Z', 'Today', '今天'],
    ['2026-11-22T10:00:00Z', 'Yesterday', '昨天'],
    ['2026-11-20T10:00:00Z', '20 Nov', '11月20日'],
  ])('calls %s %s', (iso, en, zh) => {
    expect(dayName(iso, now, shanghai)).toBe(en)
    expect(dayName(iso, now, chinese)).toBe(zh)
  })
})

describe('how long', () => {
  it.each([
    [0, '0 ms', '0 毫秒'],
    [320, '320 ms', '320 毫秒'],
    [1840, '1.8 s', '1.8 秒'],
    [41_300, '41 s', '41 秒'],
    [125_000, '2 min 5 s', '2 分 5 秒'],
    [725_000, '12 min', '12 分'],
    [11_520_000, '3 h 12 min', '3 小时 12 分'],
    [356_400_000, '4 d 3 h', '4 天 3 小时'],
    [9 * 86_400_000, '9 d', '9 天'],
  ])('says %i ms with two units at most', (ms, en, zh) => {
    expect(lasting(ms, 'en')).toBe(en)
    expect(lasting(ms, 'zh')).toBe(zh)
  })

  it.each([
    [2000, 'just now', '刚刚'],
    [42_000, '42 s ago', '42 秒前'],
    [125_000, '2 min ago', '2 分钟前'],
    [47 * 3_600_000, '47 h ago', '47 小时前'],
    [49 * 3_600_000, '2 d ago', '2 天前'],
  ])('says that %i ms have passed with one unit', (ms, en, zh) => {
    const iso = new Date(now - ms).toISOString()
    expect(ago(iso, now, 'en')).toBe(en)
    expect(ago(iso, now, 'zh')).toBe(zh)
  })

  it('takes a time ahead of our clock as now', () => {
    expect(ago(new Date(now + 9000).toISOString(), now, 'en')).toBe('just now')
    expect(roughly(-9000, 'en')).toBe('0 s')
  })
})
