import { describe, expect, it } from 'vitest'
import { DIGEST_CHART, digestChart } from '../../../src/bot/pictures/digest-chart.ts'
import { monthSpan, monthSvg } from '../../../src/bot/pictures/month-svg.ts'
import { openPictures } from '../../../src/bot/pictures/pictures.file.ts'
import { instantIn } from '../../../src/lib/wall-clock.ts'
import type { DigestFacts, Shift } from '../../../src/platform/platform.ts'
import { aDigest, aVoice } from '../cards/samples.ts'

/** What a PNG's header says of it. */
function sizeOf(png: string): { width: number; height: number } {
  const bytes = Buffer.from(png, 'base64')
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG')
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

describe('a picture', () => {
  it.each(['zh', 'en'] as const)('of two weeks is drawn sharp enough for a phone (%s)', async (language) => {
    const png = await openPictures().png(digestChart(aDigest().facts, aVoice(language)))

    expect(sizeOf(png)).toEqual({ width: 2 * DIGEST_CHART.width, height: 2 * DIGEST_CHART.height })
  })

  it('has the same writing on every machine: with fonts of its own', async () => {
    const words = (text: string) =>
      openPictures().png(
        `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><text x="5" y="25">${text}</text></svg>`,
      )

    const [chinese, latin, empty] = await Promise.all([words('值班'), words('Lin'), words('')])

    expect(new Set([chinese, latin, empty]).size).toBe(3)
  })
})

describe('two weeks of incidents', () => {
  const chart = (days: DigestFacts['incidents']['days']) =>
    digestChart({ ...aDigest().facts, incidents: { ...aDigest().facts.incidents, days } }, aVoice())
  const day = (P0: number, P1 = 0) => ({ date: '2026-11-07', tiers: { P0, P1, P2: 0, P3: 0 } })
  const bars = (svg: string) =>
    [...svg.matchAll(/y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="(#\w+)"/g)].map(([, y, height]) => [
      Number(y),
      Number(height),
    ])
  const scale = (svg: string) =>
    [...svg.matchAll(/text-anchor="end">(\d+)</g)].map(([, value]) => Number(value))

  it('stands tiers on each other, as high as their number', () => {
    expect(bars(chart([day(1, 2)]))).toEqual([
      [168, 60],
      [48, 120],
    ])
  })

  it('counts in whole incidents, in few lines', () => {
    expect(scale(chart([day(0)]))).toEqual([0, 1])
    expect(scale(chart([day(5)]))).toEqual([0, 1, 2, 3, 4, 5])
    expect(scale(chart([day(212)]))).toEqual([0, 36, 72, 108, 144, 180, 216])
  })
})

describe('a month of a schedule', () => {
  const zone = 'America/Chicago'
  const at = (text: string) => instantIn(text, zone) ?? 0
  const shift = (from: string, to: string, members: string[], source = 'layer 1') => ({
    ...{ from: at(from), to: at(to), members, source },
  })
  const month = (shifts: readonly Shift[], name = '2026-11') =>
    monthSvg({
      ...{ month: name, zone, shifts, title: 'data-primary', today: null, nobody: 'nobody' },
      weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
      nameOf: (member) => member.toUpperCase(),
    })
  const bars = (svg: string) =>
    [...svg.matchAll(/<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="30"[^>]*>/g)].map(
      ([, x, y, width]) => [Number(x), Number(y), Number(width)],
    )

  it('has whole weeks from Monday on', () => {
    expect(monthSpan('2026-11', zone).days).toHaveLength(42)
    expect(monthSpan('2026-11', zone).days[0]).toBe('2026-10-26')
    // A February of four weeks that begins on a Monday.
    expect(monthSpan('2027-02', zone).days).toHaveLength(28)
  })

  it('asks for the hours of its zone, the longer day included', () => {
    const { from, to } = monthSpan('2026-11', zone)

    expect((to - from) / 3_600_000).toBe(42 * 24 + 1)
  })

  it('breaks a shift at the end of a week, and begins it at its hour', () => {
    const svg = month([shift('2026-11-07T12:00', '2026-11-10T06:00', ['lin'])])

    // Saturday noon to the end of the week; Monday to Tuesday six o'clock.
    expect(bars(svg)).toEqual([
      [16 + 550 + 1, 80 + 74 + 30, 148],
      [17, 80 + 148 + 30, 123],
    ])
    expect(svg).toContain('>LIN</text>')
  })

  it('keeps the hour on the wall over a change of the clock', () => {
    const [bar] = bars(month([shift('2026-11-01T12:00', '2026-11-02T00:00', ['lin'])]))

    expect(bar).toEqual([16 + 650 + 1, 80 + 30, 48])
  })

  it('tells people apart, a gap and what differs from the layers too', () => {
    const svg = month([
      shift('2026-11-02T00:00', '2026-11-03T00:00', ['lin']),
      shift('2026-11-03T00:00', '2026-11-04T00:00', ['mei']),
      shift('2026-11-04T00:00', '2026-11-05T00:00', [], 'gap'),
      shift('2026-11-05T00:00', '2026-11-06T00:00', ['kai'], 'override'),
    ])

    const fills = [...svg.matchAll(/height="30"[^>]*fill="(#\w+)"/g)].map(([, fill]) => fill)
    expect(new Set(fills).size).toBe(4)
    expect(svg).toContain('>nobody</text>')
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(1)
  })

  it('writes names as text, whatever is in them', () => {
    expect(month([shift('2026-11-02T00:00', '2026-11-05T00:00', ['<b>&'])])).toContain('&#60;B&#62;&#38;')
  })
})
