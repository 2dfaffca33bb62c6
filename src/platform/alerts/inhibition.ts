import type { Labels } from './labels.ts'
import { compileMatchers, type Matcher, type Matches } from './matcher.ts'

export interface InhibitRule {
  source: readonly Matcher[]
  target: readonly Matcher[]
  /** Labels that source and target have alike. */
  equal: readonly string[]
  /** How long a target waits for its source before it is told the first time, in ms. */
  headStart: number
}

interface Known {
  fingerprint: string
  labels: Labels
}

export interface Inhibition {
  /** Whether an alert holds others back when it fires. */
  mayInhibit(labels: Labels): boolean
  mayBeInhibited(labels: Labels): boolean
  /** Fingerprints of those among the firing ones that hold it back. */
  inhibitedBy(target: Labels, firing: readonly Known[]): readonly string[]
  headStart(labels: Labels): number
}

/** Throws for a matcher that cannot be compiled: rules are checked where they are read. */
export function compileInhibition(rules: readonly InhibitRule[]): Inhibition {
  const compiled = rules.map((rule) => ({
    ...rule,
    isSource: must(rule.source),
    isTarget: must(rule.target),
  }))
  return {
    mayInhibit: (labels) => compiled.some(({ isSource }) => isSource(labels)),
    mayBeInhibited: (labels) => compiled.some(({ isTarget }) => isTarget(labels)),
    headStart: (labels) =>
      Math.max(0, ...compiled.filter(({ isTarget }) => isTarget(labels)).map(({ headStart }) => headStart)),
    inhibitedBy(target, firing) {
      const sources = compiled
        .filter(({ isTarget }) => isTarget(target))
        .flatMap((rule) => sourcesOf(rule, target, firing))
      return [...new Set(sources)]
    },
  }
}

/** Two that are each source and target of one rule do not hold each other back: nothing would be told at all. */
function sourcesOf(
  { isSource, isTarget, equal }: { isSource: Matches; isTarget: Matches; equal: readonly string[] },
  target: Labels,
  firing: readonly Known[],
): readonly string[] {
  const isBoth = isSource(target)
  return firing
    .filter(({ labels }) => isSource(labels) && !(isBoth && isTarget(labels)))
    .filter(({ labels }) => equal.every((name) => (labels[name] ?? '') === (target[name] ?? '')))
    .map(({ fingerprint }) => fingerprint)
}

function must(matchers: readonly Matcher[]): Matches {
  const compiled = compileMatchers(matchers)
  if (!compiled.ok) throw new Error(`A matcher of an inhibit rule cannot be read: ${compiled.because}`)
  return compiled.value
}
