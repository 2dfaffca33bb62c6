import type { AlertFacts, AlertKind } from '../alerts/alert.ts'
import { isMeasured } from '../alerts/alert.ts'
import type { Noise } from './digest.ts'

export interface ToldByRule {
  kind: AlertKind
  job: string | null
  measured: AlertFacts['measured']
  acted: boolean
}

/** Fewer is no noise. */
const OFTEN = 3
const MOST = 3

/** What was told most often with the least use: nobody acted on most of it. */
export function noiseIn(told: readonly ToldByRule[]): readonly Noise[] {
  const groups = new Map<string, ToldByRule[]>()
  for (const each of told) {
    if (each.job === null || !isMeasured(each.kind)) continue
    const key = `${each.kind} ${each.job}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()]
    .map(noiseOf)
    .filter(({ times, acted }) => times >= OFTEN && acted * 2 < times)
    .sort((a, b) => b.times - a.times)
    .slice(0, MOST)
}

function noiseOf(told: readonly ToldByRule[]): Noise {
  const [first] = told
  const acted = told.filter((each) => each.acted).length
  const suggestion = acted > 0 ? null : suggestionFor(told)
  return { rule: first?.kind ?? 'rule', job: first?.job ?? '', times: told.length, acted, suggestion }
}

/** A round limit above all that was measured. */
function suggestionFor(told: readonly ToldByRule[]): string | null {
  const measured = told.flatMap((each) => each.measured ?? [])
  const [first] = measured
  if (!first) return null
  const highest = Math.max(...measured.map(({ value }) => value))
  if (highest <= first.limit) return null
  if (first.unit === 'ms') return durationAbove(highest)
  if (first.unit === 'bytes') return `${Math.ceil((highest * 1.1) / 1024 ** 3)}GiB`
  // A share above that is no limit any more.
  if (first.unit === 'share') return highest >= 0.95 ? null : `${Math.ceil(highest * 20) * 5}%`
  return String(roundAbove(highest * 1.1))
}

const STEPS_S = [10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1200, 1800, 2700, 3600]

function durationAbove(ms: number): string {
  const seconds = (ms * 1.1) / 1000
  const step = STEPS_S.find((each) => each >= seconds) ?? Math.ceil(seconds / 3600) * 3600
  return step % 60 === 0 ? `${step / 60}m` : `${step}s`
}

/** Two digits that count. */
function roundAbove(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / unit) * unit
}
