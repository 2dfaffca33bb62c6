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
    flinkOf(cluster.room) ?? '',
    roomText(cluster.room, voice),
    String(cluster.jobs),
  ]
  const columns = [
    t.label.cluster,
    t.label.environment,
    t.label.state,
    t.label.flink,
    t.label.room,
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
          [t.label.queue, cluster.yarn?.queue],
          [t.label.user, cluster.yarn?.user],
          [t.label.flink, flinkOf(room)],
          [t.label.taskManagers, room?.of === 'slots' ? String(room.taskManagers) : null],
          [t.label.nodes, room?.of === 'memory' ? String(room.nodes) : null],
          [room?.of === 'memory' ? t.label.room : t.label.slots, roomText(room, voice)],
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

/** On YARN each job has its own. */
export function flinkOf(room: ClusterView['room']): string | undefined {
  return room?.of === 'slots' ? room.flinkVersion : undefined
}

export function roomText(room: ClusterView['room'], { t, f }: Voice): string {
  if (!room) return ''
  if (room.of === 'slots') return t.cluster.slots(room.slotsFree, room.slotsTotal)
  const mb = 1024 * 1024
  return t.cluster.memory(f.size(room.freeMb * mb), f.size(room.totalMb * mb), room.freeCores)
}

/** Why a cluster of whatever kind was not registered. */
export function notAddedCard(
  why: 'name-taken' | 'bad-name' | 'unknown-environment' | 'unknown-flink-version',
  { name, environment, flink }: { name: string; environment: string; flink: string },
  { t }: Voice,
): Card {
  switch (why) {
    case 'name-taken':
      return card('warning', t.cluster.nameTaken(name))
    case 'bad-name':
      return card('warning', t.cluster.badName(name))
    case 'unknown-environment':
      return card('warning', t.cluster.unknownEnvironment(environment))
    case 'unknown-flink-version':
      return card('warning', t.flink.unknown(flink))
  }
}
