import type { Instant } from '../../../lib/clock.ts'
import type { Tier } from '../alert.ts'
import type { GroupTimes } from '../grouping.ts'
import { compileInhibition, type Inhibition } from '../inhibition.ts'
import type { Labels } from '../labels.ts'
import { compileMatchers } from '../matcher.ts'
import type { HookConfig, ReceiverConfig, RouteNode, RoutingConfig } from './config.ts'
import { isWithin } from './intervals.ts'
import { allRoutes, type CompiledRoute, compileRoutes, groupKey, groupLabels, matchRoutes } from './routes.ts'

export type Hook = HookConfig

export interface Receiver {
  name: string
  hooks: readonly Hook[]
  /** Whether its alerts are incidents with cards in chats. */
  showsCards: boolean
  chats: readonly string[]
  /** With the team's own chats. */
  toTeam: boolean
  chain: string | null
}

export interface Route {
  id: string
  receiver: Receiver
  times: GroupTimes
  groupOf(labels: Labels): Labels
  keyOf(labels: Labels): string
  /** Names of the times that hold it back at that instant. */
  mutedBy(at: Instant): readonly string[]
}

/** How alerts are routed now, ready for use. */
export interface Routing
  extends Pick<Inhibition, 'mayInhibit' | 'mayBeInhibited' | 'inhibitedBy' | 'headStart'> {
  revision: number
  text: string
  config: RoutingConfig
  root: CompiledRoute
  routesOf(labels: Labels): readonly Route[]
  routeOf(id: string): Route | null
  receiver(name: string): Receiver | null
  hookOf(receiver: string, part: number): Hook | null
  tierOf(labels: Labels): Tier
}

export function createRouting(
  config: RoutingConfig,
  { revision, text }: { revision: number; text: string },
): Routing {
  const root = compileRoutes(config)
  const receivers = new Map(config.receivers.map((receiver) => [receiver.name, receiverOf(receiver)]))
  const routes = new Map(
    allRoutes(root).map((compiled) => [compiled.node.id, routeOf(compiled, { config, receivers })]),
  )
  const tierOf = tierTable(config)
  return {
    ...compileInhibition(config.inhibitRules),
    ...{ revision, text, config, root, tierOf },
    routesOf: (labels) => matchRoutes(root, labels).flatMap(({ node }) => routes.get(node.id) ?? []),
    routeOf: (id) => routes.get(id) ?? null,
    receiver: (name) => receivers.get(name) ?? null,
    hookOf: (name, part) => receivers.get(name)?.hooks[part] ?? null,
  }
}

/**
 * A receiver of kinds that we do not speak gets cards instead: its alerts would reach nobody otherwise. One without
 * anything is Alertmanager's way of saying "nobody".
 */
function receiverOf({ name, hooks, cards, unsupported }: ReceiverConfig): Receiver {
  const isLost = hooks.length === 0 && cards.length === 0 && unsupported.length > 0
  return {
    ...{ name, hooks, showsCards: cards.length > 0 || isLost },
    chats: cards.flatMap(({ chats }) => (chats === 'team' ? [] : chats)),
    toTeam: isLost || cards.some(({ chats }) => chats === 'team'),
    chain: cards.find(({ chain }) => chain !== null)?.chain ?? null,
  }
}

function routeOf(
  compiled: CompiledRoute,
  { config, receivers }: { config: RoutingConfig; receivers: ReadonlyMap<string, Receiver> },
): Route {
  const { node } = compiled
  const receiver = receivers.get(node.receiver)
  if (!receiver)
    throw new Error(`Route ${node.id} names the receiver "${node.receiver}", which is not there.`)
  const { wait, interval, repeat } = node
  return {
    ...{ id: node.id, receiver, times: { wait, interval, repeat } },
    groupOf: (labels) => groupLabels(node, labels),
    keyOf: (labels) => groupKey(compiled, groupLabels(node, labels)),
    mutedBy: (at) => mutedBy(node, config, at),
  }
}

/** Muted within any of its mute times, and outside of all its active times. */
export function mutedBy(
  { muteTimes, activeTimes }: Pick<RouteNode, 'muteTimes' | 'activeTimes'>,
  { intervals }: Pick<RoutingConfig, 'intervals'>,
  at: Instant,
): readonly string[] {
  const holds = (name: string) => isWithin(intervals[name] ?? [], at)
  const muting = muteTimes.filter(holds)
  return activeTimes.length === 0 || activeTimes.some(holds) ? muting : [...muting, ...activeTimes]
}

function tierTable({ tiers }: RoutingConfig): (labels: Labels) => Tier {
  const table = tiers.map(({ matchers, tier }) => {
    const compiled = compileMatchers(matchers)
    if (!compiled.ok) throw new Error(`A matcher of tier ${tier} cannot be read: ${compiled.because}`)
    return { matches: compiled.value, tier }
  })
  return (labels) => table.find(({ matches }) => matches(labels))?.tier ?? bySeverity(labels)
}

/** Where a configuration says nothing of tiers: it was made for Alertmanager. */
function bySeverity({ severity = '' }: Labels): Tier {
  if (/^(critical|page|p[01])$/i.test(severity)) return 'P1'
  return /^(info|none|p3)$/i.test(severity) ? 'P3' : 'P2'
}
