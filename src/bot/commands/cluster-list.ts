import { clusterListCard } from '../cards/cluster-cards.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'

export const clusterList = command({
  name: ['cluster', 'list'],
  zh: ['集群', '列表'],
  aliases: [['clusters'], ['cluster'], ['集群']],
  group: 'cluster',
  summary: { zh: '有哪些集群，还有多少 slot', en: 'the clusters and their free slots' },
  examples: ['/cluster list', '/clusters', '/集群'],
  needs: 'cluster:view',
  args: {},
  find: onPlatform('clusters'),
  run: async ({ platform, voice }) => ({ card: clusterListCard(await platform.clusters.list(), voice) }),
})
