import { goQuoted, isLegacyLabelName, type Labels, sortedNames } from '../labels.ts'
import { compileMatchers, type Matches, matcherText } from '../matcher.ts'
import type { RouteNode, RoutingConfig } from './config.ts'

export interface CompiledRoute {
  node: RouteNode
  matches: Matches
  /** As Alertmanager writes the way to it: `{}/{severity="critical"}`. */
  key: string
  routes: readonly CompiledRoute[]
}

/** Throws for a matcher that cannot be compiled: a configuration is checked where it is read. */
export function compileRoutes({ root }: Pick<RoutingConfig, 'root'>): CompiledRoute {
  return compile(root, null)
}

function compile(node: RouteNode, parent: string | null): CompiledRoute {
  const matches = compileMatchers(node.matchers)
  if (!matches.ok) throw new Error(`A matcher of route ${node.id} cannot be read: ${matches.because}`)
  const own = `{${sortedMatchers(node).join(',')}}`
  const key = parent === null ? own : `${parent}/${own}`
  return { node, matches: matches.value, key, routes: node.routes.map((each) => compile(each, key)) }
}

/** In the order in which Alertmanager sorts them: by name, value and kind. */
function sortedMatchers({ matchers }: RouteNode): readonly string[] {
  const order = ['=', '!=', '=~', '!~']
  return matchers
    .toSorted(
      (a, b) =>
        compare(a.name, b.name) || compare(a.value, b.value) || order.indexOf(a.op) - order.indexOf(b.op),
    )
    .map(matcherText)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/**
 * The routes that take an alert: the deepest that match, the first of several brothers unless it goes on, and the
 * parent where no child does. As Alertmanager does it (dispatch/route.go).
 */
export function matchRoutes(route: CompiledRoute, labels: Labels): readonly CompiledRoute[] {
  if (!route.matches(labels)) return []
  const found: CompiledRoute[] = []
  for (const child of route.routes) {
    const below = matchRoutes(child, labels)
    found.push(...below)
    if (below.length > 0 && !child.node.goesOn) break
  }
  return found.length > 0 ? found : [route]
}

/** The labels by which an alert is told together with others. */
export function groupLabels({ groupBy }: Pick<RouteNode, 'groupBy'>, labels: Labels): Labels {
  if (groupBy === '...') return labels
  return Object.fromEntries(groupBy.flatMap((name) => (name in labels ? [[name, labels[name] ?? '']] : [])))
}

/** `{}/{severity="critical"}:{alertname="X", job="j1"}` */
export function groupKey({ key }: Pick<CompiledRoute, 'key'>, group: Labels): string {
  const pairs = sortedNames(group).map((name) => {
    const shown = isLegacyLabelName(name) ? name : goQuoted(name)
    return `${shown}=${goQuoted(group[name] ?? '')}`
  })
  return `${key}:{${pairs.join(', ')}}`
}

export function allRoutes(route: CompiledRoute): readonly CompiledRoute[] {
  return [route, ...route.routes.flatMap(allRoutes)]
}
