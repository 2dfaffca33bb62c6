import type { Instant } from '../../../lib/clock.ts'
import type { Labels } from '../labels.ts'
import { compileMatchers, matcherText } from '../matcher.ts'
import { mutedBy, type Routing } from './current.ts'
import { type CompiledRoute, groupKey, groupLabels, matchRoutes } from './routes.ts'

export interface ExplainedNode {
  id: string
  key: string
  matchers: readonly { matcher: string; matches: boolean }[]
  matches: boolean
  /** It takes the alert. */
  taken: boolean
}

export interface ExplainedRoute {
  id: string
  receiver: string
  groupLabels: Labels
  groupKey: string
  waitMs: number
  intervalMs: number
  repeatMs: number
  /** Times that hold it back now. */
  mutedBy: readonly string[]
}

export interface Explanation {
  /** Every route that was looked at, in order. */
  nodes: readonly ExplainedNode[]
  routes: readonly ExplainedRoute[]
}

/** Why an alert with these labels goes where it goes. */
export function explainRoutes({ root, config }: Routing, labels: Labels, at: Instant): Explanation {
  const taken = matchRoutes(root, labels)
  const ids = new Set(taken.map(({ node }) => node.id))
  return {
    nodes: visited(root, labels).map((route) => explained(route, labels, ids.has(route.node.id))),
    routes: taken.map((route) => {
      const { node } = route
      const group = groupLabels(node, labels)
      return {
        ...{ id: node.id, receiver: node.receiver, groupLabels: group, groupKey: groupKey(route, group) },
        ...{ waitMs: node.wait, intervalMs: node.interval, repeatMs: node.repeat },
        mutedBy: mutedBy(node, config, at),
      }
    }),
  }
}

/** Those that the search comes to: children of what matched, up to the brother that took it and does not go on. */
function visited(route: CompiledRoute, labels: Labels): readonly CompiledRoute[] {
  const seen: CompiledRoute[] = [route]
  if (!route.matches(labels)) return seen
  for (const child of route.routes) {
    seen.push(...visited(child, labels))
    if (child.matches(labels) && !child.node.goesOn) break
  }
  return seen
}

function explained({ node, key, matches }: CompiledRoute, labels: Labels, taken: boolean): ExplainedNode {
  const matchers = node.matchers.map((matcher) => {
    const compiled = compileMatchers([matcher])
    return { matcher: matcherText(matcher), matches: compiled.ok && compiled.value(labels) }
  })
  return { id: node.id, key, matchers, matches: matches(labels), taken }
}
