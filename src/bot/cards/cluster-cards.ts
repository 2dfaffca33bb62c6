import type { ClusterView } from '../../platform/platform.ts'
import type { Voice } from '../texts/voice.ts'
import { card, facts, sandboxFooter, says, text, to } from './build.ts'
import type { Card } from './card.ts'

export function clusterListCard(clusters: readonly ClusterView[], voice: Voice): Card {
  const { t } = voice
  if (clusters.length === 0) return card('neutral', t.cluster.listTitle(0), { body: [text(t.cluster.none)] })
  const row = (cluster: ClusterView) => [
    { text: cluster.name, says: to('cluster show', cluster.name) },
    voice.environment(cluster.environment),
    reachText(cluster, voice),
    cluster.room?.flinkVersion ?? '',
    slotsText(cluster, voice),
    String(cluster.jobs),
  ]
  const columns = [
    t.label.cluster,
    t.label.environment,
    t.label.state,
    t.label.flink,
    t.label.slots,
    t.label.jobs,
  ]
  const silent = clusters.some(({ reach }) => reach.is === 'silent')
  return card(silent ? 'warning' : 'neutral', t.cluster.listTitle(clusters.length), {
    body: [{ is: 'table', columns, rows: clusters.map(row) }],
    footer: sandboxFooter(
      voice,
      clusters.some(({ sandbox }) => sandbox),
    ),
  })
}

export function clusterCard(cluster: ClusterView, voice: Voice): Card {
  const { t } = voice
  const { reach, name, room } = cluster
  return card(
    reach.is === 'reachable' ? 'good' : reach.is === 'silent' ? 'bad' : 'neutral',
    titleOf(cluster, voice),
    {
      subtitle: [
        voice.environment(cluster.environment),
        cluster.managed ? t.cluster.managed : t.cluster.foreign,
      ],
      body: [
        ...(reach.is === 'silent' ? [text(reach.because)] : []),
        ...facts(
          [t.label.address, cluster.address],
          [t.label.flink, room?.flinkVersion],
          [t.label.taskManagers, room && String(room.taskManagers)],
          [t.label.slots, slotsText(cluster, voice)],
          [t.label.jobs, String(cluster.jobs)],
        ),
      ],
      buttons: [says(t.button.jobs, `${to('job list')} cluster=${name}`)],
      footer: sandboxFooter(voice, cluster.sandbox),
    },
  )
}

function titleOf({ reach, name }: ClusterView, { t, f }: Voice): string {
  if (reach.is === 'silent') return t.cluster.title.silent(name, f.when(reach.since))
  return reach.is === 'reachable' ? t.cluster.title.reachable(name) : t.cluster.title.notSeen(name)
}

function reachText({ reach }: ClusterView, { t, f }: Voice): string {
  if (reach.is === 'silent') return t.cluster.silent(f.when(reach.since))
  return reach.is === 'reachable' ? t.cluster.reachable(f.when(reach.at)) : t.cluster.notSeen
}

function slotsText({ room }: ClusterView, { t }: Voice): string {
  return room ? t.cluster.slots(room.slotsFree, room.slotsTotal) : ''
}
