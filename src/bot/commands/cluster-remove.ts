import { card, says, text } from '../cards/build.ts'
import { nameArg } from './args.ts'
import { command } from './command.ts'
import { findCluster } from './find.ts'

export const clusterRemove = command({
  name: ['cluster', 'remove'],
  zh: ['集群', '移除'],
  aliases: [
    ['cluster', 'delete'],
    ['集群', '删除'],
  ],
  group: 'cluster',
  summary: {
    zh: '不再管理一个集群；上面运行的东西不会停',
    en: 'look after a cluster no longer; nothing on it stops',
  },
  examples: ['/cluster remove session-b', '/集群 移除 session-b'],
  needs: 'cluster:manage',
  args: { cluster: nameArg('cluster', { zh: '集群', en: 'cluster' }) },
  find: findCluster,
  async run({ platform, voice }, { found: { name }, permit }) {
    const { t } = voice
    const done = await platform.clusters.remove(permit, name)
    if (done.ok) {
      return {
        card: card('good', t.cluster.removed(name), { body: [text(t.cluster.removedText)] }),
        did: true,
      }
    }
    if (done.why.of === 'unknown') return { card: card('warning', t.say.unknownCluster(name)) }
    const jobs = says(t.button.jobs, `/job list cluster=${name}`)
    return { card: card('warning', t.cluster.hasJobs(name, done.why.jobs), { buttons: [jobs] }) }
  },
})
