import { type DigestFacts, TIERS, type Tier } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { TIER_COLORS } from './pictures.ts'
import { label, svgOf } from './svg.ts'

export const DIGEST_CHART = { width: 640, height: 260 }

const PLOT = { left: 36, right: 624, top: 48, bottom: 228 }
const INK = { axis: '#4a5568', grid: '#e6e8eb', title: '#2d3748' }
/** So many lines across at most, each a whole number of incidents. */
const MOST_LINES = 6

type Day = DigestFacts['incidents']['days'][number]

/** Incidents of two weeks, a bar per day, by tier: the gravest at the bottom, where bars are compared best. */
export function digestChart({ incidents }: DigestFacts, { t }: Voice): string {
  const { days } = incidents
  const most = Math.max(1, ...days.map(({ tiers }) => TIERS.reduce((sum, tier) => sum + tiers[tier], 0)))
  const step = Math.ceil(most / MOST_LINES)
  const top = Math.ceil(most / step) * step
  const heightOf = (count: number) => ((PLOT.bottom - PLOT.top) * count) / top
  return svgOf(DIGEST_CHART, [
    label(t.digest.chart, { x: 12, y: 26, size: 15, fill: INK.title }),
    ...legend((tier) => t.tier[tier]),
    ...lines({ top, step, heightOf }),
    ...days.flatMap((day, at) => bar(day, { at, of: days.length, heightOf })),
  ])
}

function legend(nameOf: (tier: Tier) => string): readonly string[] {
  return TIERS.flatMap((tier, at) => {
    const x = PLOT.right - (TIERS.length - at) * 48
    return [
      `<rect x="${x}" y="14" width="13" height="13" rx="3" fill="${TIER_COLORS[tier]}"/>`,
      label(nameOf(tier), { x: x + 18, y: 25, size: 13, fill: INK.axis }),
    ]
  })
}

interface Scale {
  heightOf(count: number): number
}

function lines({ top, step, heightOf }: Scale & { top: number; step: number }): readonly string[] {
  return Array.from({ length: top / step + 1 }, (_, at) => {
    const y = PLOT.bottom - heightOf(at * step)
    const stroke = at === 0 ? INK.axis : INK.grid
    return (
      `<line x1="${PLOT.left}" y1="${y.toFixed(1)}" x2="${PLOT.right}" y2="${y.toFixed(1)}" stroke="${stroke}"/>` +
      label(String(at * step), { x: PLOT.left - 8, y: y + 4, size: 12, fill: INK.axis, anchor: 'end' })
    )
  })
}

function bar(
  { date, tiers }: Day,
  { at, of, heightOf }: Scale & { at: number; of: number },
): readonly string[] {
  const room = (PLOT.right - PLOT.left) / of
  const width = Math.min(26, room * 0.62)
  const middle = PLOT.left + (at + 0.5) * room
  let y = PLOT.bottom
  const parts = TIERS.filter((tier) => tiers[tier] > 0).map((tier) => {
    const height = heightOf(tiers[tier])
    y -= height
    return `<rect x="${(middle - width / 2).toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="${TIER_COLORS[tier]}"/>`
  })
  // `11-07`: read the same in both languages.
  return [
    ...parts,
    label(date.slice(5), { x: middle, y: PLOT.bottom + 18, size: 12, fill: INK.axis, anchor: 'middle' }),
  ]
}
