import { card, facts, says, to } from '../cards/build.ts'
import { flinkOf, notAddedCard, roomText } from '../cards/cluster-cards.ts'
import { nameArg, optional, textArg } from './args.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'

export const clusterAdd = command({
  name: ['cluster', 'add'],
  zh: ['集群', '添加'],
  aliases: [],
  group: 'cluster',
  summary: { zh: '按 REST 地址登记一个 session 集群', en: 'register a session cluster by its REST address' },
  examples: [
    '/cluster add session-b http://flink-b:8081 env=preprod',
    '/集群 添加 session-b http://flink-b:8081 环境=preprod',
  ],
  needs: 'cluster:manage',
  args: {
    name: nameArg('text', { zh: '集群名', en: 'name' }),
    address: textArg({ zh: 'REST 地址', en: 'REST address' }, { place: 'word', names: ['地址', 'url'] }),
    env: nameArg(
      'environment',
      { zh: '环境', en: 'environment' },
      { place: 'named', names: ['环境', 'environment'], words: ['in'] },
    ),
    savepoints: optional(
      textArg({ zh: 'savepoint 目录', en: 'savepoint directory' }, { names: ['savepoint目录'] }),
    ),
    checkpoints: optional(
      textArg({ zh: 'checkpoint 目录', en: 'checkpoint directory' }, { names: ['checkpoint目录'] }),
    ),
    archive: optional(textArg({ zh: '归档目录', en: 'archive directory' }, { names: ['归档目录'] })),
    flink: optional(nameArg('flink-version', { zh: 'Flink 版本', en: 'Flink version' }, { place: 'named' })),
  },
  find: onPlatform('clusters'),
  async run({ platform, voice }, { args, permit }) {
    const { name, address, env, savepoints, checkpoints, archive, flink } = args
    const { t } = voice
    const added = await platform.clusters.add(permit, {
      name,
      address,
      environment: env,
      ...(savepoints !== null && { savepointDir: savepoints }),
      ...(checkpoints !== null && { checkpointDir: checkpoints }),
      ...(archive !== null && { archiveDir: archive }),
      ...(flink !== null && { flinkVersion: flink }),
    })
    if (added.ok) {
      const { room } = added.value
      return {
        card: card('good', t.cluster.added(name), {
          body: facts([t.label.flink, flinkOf(room)], [t.label.slots, roomText(room, voice)]),
          buttons: [says(t.button.showCluster, to('cluster show', name))],
        }),
        did: true,
      }
    }
    const { why } = added
    switch (why.of) {
      case 'bad-address':
        return { card: card('warning', t.cluster.badAddress(address)) }
      case 'no-answer':
        return { card: card('warning', t.cluster.noAnswer(address, why.because)) }
      default:
        return { card: notAddedCard(why.of, { name, environment: env, flink: flink ?? '' }, voice) }
    }
  },
})
