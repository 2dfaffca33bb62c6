import { card, says, text, to } from '../cards/build.ts'
import { nameArg, numberArg } from './args.ts'
import { command } from './command.ts'
import { findCluster } from './find.ts'

export const clusterScale = command({
  name: ['cluster', 'scale'],
  zh: ['集群', '扩容'],
  aliases: [],
  group: 'cluster',
  summary: {
    zh: '给 Sluice 启动的集群增加 TaskManager',
    en: 'add TaskManagers to a cluster that Sluice started',
  },
  examples: ['/cluster scale session-a 2', '/集群 扩容 session-a 2'],
  needs: 'cluster:manage',
  args: {
    cluster: nameArg('cluster', { zh: '集群', en: 'cluster' }),
    add: numberArg(
      { zh: '增加几个', en: 'how many more' },
      { min: 1, max: 100 },
      { names: ['增加'], words: ['by', '增加'] },
    ),
  },
  find: findCluster,
  async run({ platform, voice }, { args: { add }, found: { name }, permit }) {
    const { t } = voice
    const done = await platform.clusters.scale(permit, name, add)
    const show = says(t.button.showCluster, to('cluster show', name))
    if (done.ok) {
      const body = [text(t.cluster.scaledText)]
      return { card: card('good', t.cluster.scaled(name, add), { body, buttons: [show] }), did: true }
    }
    const { why } = done
    if (why.of === 'unknown') return { card: card('warning', t.say.unknownCluster(name)) }
    const title = why.of === 'not-managed' ? t.cluster.notManaged(name) : t.cluster.scaleFailed(why.because)
    return { card: card('warning', title, { buttons: [show] }) }
  },
})
