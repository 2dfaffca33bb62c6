import { card, facts, says, to } from '../cards/build.ts'
import { notAddedCard, roomText } from '../cards/cluster-cards.ts'
import { nameArg, textArg } from './args.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'

export const clusterAddYarn = command({
  name: ['cluster', 'add-yarn'],
  zh: ['集群', '添加yarn'],
  aliases: [],
  group: 'cluster',
  summary: {
    zh: '按 Hadoop 配置目录登记一个 YARN 集群',
    en: 'register a YARN cluster by its Hadoop conf directory',
  },
  examples: [
    '/cluster add-yarn yarn-prod /etc/hadoop/conf env=prod queue=root.prod user=flink flink=flink-1.20',
    '/集群 添加yarn yarn-prod /etc/hadoop/conf 环境=prod 队列=root.prod 用户=flink flink=flink-1.20',
  ],
  needs: 'cluster:manage',
  args: {
    name: nameArg('text', { zh: '集群名', en: 'name' }),
    conf: textArg(
      { zh: 'Hadoop 配置目录', en: 'Hadoop conf directory' },
      { place: 'word', names: ['配置目录', 'hadoop'] },
    ),
    env: nameArg(
      'environment',
      { zh: '环境', en: 'environment' },
      { place: 'named', names: ['环境', 'environment'], words: ['in'] },
    ),
    queue: textArg({ zh: '队列', en: 'queue' }, { names: ['队列'] }),
    user: textArg({ zh: '用户', en: 'user' }, { names: ['用户'] }),
    flink: nameArg('flink-version', { zh: 'Flink 版本', en: 'Flink version' }, { place: 'named' }),
  },
  find: onPlatform('clusters'),
  async run({ platform, voice }, { args, permit }) {
    const { name, conf, env, queue, user, flink } = args
    const { t } = voice
    const added = await platform.clusters.addYarn(permit, {
      ...{ name, environment: env, hadoopConfDir: conf, queue, user, flinkVersion: flink },
    })
    if (added.ok) {
      const { room, address } = added.value
      return {
        card: card('good', t.cluster.added(name), {
          body: facts(
            [t.label.address, address],
            [t.label.queue, queue],
            [t.label.room, roomText(room, voice)],
          ),
          buttons: [says(t.button.showCluster, to('cluster show', name))],
        }),
        did: true,
      }
    }
    const { why } = added
    switch (why.of) {
      case 'bad-yarn':
        return { card: card('warning', voice.pick(why.because)) }
      case 'no-answer':
        return { card: card('warning', t.cluster.noYarn(name, why.because)) }
      default:
        return { card: notAddedCard(why.of, { name, environment: env, flink }, voice) }
    }
  },
})
