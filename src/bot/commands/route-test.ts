import type { RouteExplanation } from '../../platform/platform.ts'
import { card, facts, text } from '../cards/build.ts'
import type { Voice } from '../texts/voice.ts'
import { settingsArg } from './args.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'
import { readMoment } from './moments.ts'

export const routeTest = command({
  name: ['route', 'test'],
  zh: ['路由', '测试'],
  aliases: [['route'], ['路由']],
  group: 'op',
  summary: {
    zh: '一条告警会通知到谁：经过哪些路由、何时、当时谁值班',
    en: 'where an alert would go: routes, receivers, times, who is on call then',
  },
  examples: ['/route test env=prod severity=critical at=03:00', '/路由 测试 env=prod severity=critical'],
  needs: 'team:view',
  find: onPlatform('alert routing'),
  args: { labels: settingsArg({ zh: '标签', en: 'labels' }) },
  async run({ platform, voice }, { args }) {
    const { t } = voice
    const { at, 时间: zhAt, ...labels } = args.labels
    const asked = at ?? zhAt
    const when = asked === undefined ? voice.now : readMoment(asked, voice)
    if (when === null) return { card: card('warning', t.onCall.badTime(asked ?? '')) }
    if (Object.keys(labels).length === 0) return { card: card('warning', t.route.needsLabels) }
    return { card: explanationCard(await platform.routes.explain(labels, when), voice) }
  },
})

function explanationCard(explained: RouteExplanation, voice: Voice) {
  const { t, f } = voice
  const receivers = [...new Set(explained.routes.map(({ receiver }) => receiver))]
  const held = [
    explained.silencedBy.length > 0 && t.route.silenced(explained.silencedBy.length),
    explained.inhibitedBy.length > 0 && t.route.inhibited(explained.inhibitedBy.length),
  ]
  return card(
    'neutral',
    t.route.title(explained.tier, receivers.length > 0 ? t.and(receivers) : t.route.nowhere),
    {
      body: [
        text(
          ...explained.nodes.map(({ key, taken, matches }) => {
            const how = taken ? t.route.took : matches ? t.route.matched : t.route.passed
            return `${key} · ${how}`
          }),
        ),
        ...facts(
          ...explained.routes.map(
            ({ receiver, waitMs, intervalMs, repeatMs, mutedBy }) =>
              [
                receiver,
                [
                  t.route.timers(f.duration(waitMs), f.duration(intervalMs), f.duration(repeatMs)),
                  ...(mutedBy.length > 0 ? [t.route.muted(t.and(mutedBy))] : []),
                ].join(' · '),
              ] as const,
          ),
        ),
        text(
          ...held,
          explained.onCall.length > 0 ? t.route.onCall(t.and(explained.onCall)) : t.route.nobodyOnCall,
        ),
      ],
    },
  )
}
