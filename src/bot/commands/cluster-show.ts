import { clusterCard } from '../cards/cluster-cards.ts'
import { nameArg } from './args.ts'
import { command } from './command.ts'
import { findCluster } from './find.ts'

export const clusterShow = command({
  name: ['cluster', 'show'],
  zh: ['集群', '查看'],
  aliases: [],
  group: 'cluster',
  summary: { zh: '一个集群的现状', en: 'how one cluster is doing' },
  examples: ['/cluster show session-a', '/集群 查看 session-a'],
  needs: 'cluster:view',
  args: { cluster: nameArg('cluster', { zh: '集群', en: 'cluster' }) },
  find: findCluster,
  run: async ({ voice }, { found }) => ({ card: clusterCard(found, voice) }),
})
