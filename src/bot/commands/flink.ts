import { card, text } from '../cards/build.ts'
import { flagArg, nameArg, optional, textArg } from './args.ts'
import { command } from './command.ts'
import { onPlatform } from './find.ts'

export const flinkList = command({
  name: ['flink', 'list'],
  zh: ['flink', '列表'],
  aliases: [['flink']],
  group: 'cluster',
  summary: { zh: '登记了哪些 Flink', en: 'the registered Flink versions' },
  examples: ['/flink list', '/flink 列表'],
  needs: 'flink:view',
  args: {},
  find: onPlatform('flink-versions'),
  async run({ platform, voice }) {
    const { t } = voice
    const all = await platform.flink.list()
    const columns = [t.label.name, t.label.version, t.label.home, t.label.java]
    const rows = all.map(({ name, version, vendor, home, javaHome, isDefault }) => [
      isDefault ? `${name} (${t.flink.standard})` : name,
      vendor === null ? version : `${version} (${vendor})`,
      home,
      javaHome ?? '',
    ])
    const body = all.length === 0 ? [text(t.flink.none)] : [{ is: 'table', columns, rows } as const]
    return { card: card('neutral', t.flink.listTitle(all.length), { body }) }
  },
})

export const flinkAdd = command({
  name: ['flink', 'add'],
  zh: ['flink', '添加'],
  aliases: [],
  group: 'cluster',
  summary: { zh: '登记一个 Flink 安装目录', en: 'register a Flink home' },
  examples: [
    '/flink add flink-1.20 /opt/flink-1.20.1 --default',
    '/flink 添加 cdh /opt/cloudera/parcels/FLINK java=/usr/lib/jvm/java-11',
  ],
  needs: 'flink:manage',
  args: {
    name: nameArg('text', { zh: '名称', en: 'name' }),
    home: textArg({ zh: '安装目录', en: 'home' }, { place: 'word', names: ['目录'] }),
    conf: optional(textArg({ zh: '配置目录', en: 'conf directory' }, { names: ['配置目录'] })),
    java: optional(textArg({ zh: 'Java 目录', en: 'Java home' })),
    hadoop: optional(textArg({ zh: 'Hadoop 配置目录', en: 'Hadoop conf directory' })),
    default: flagArg({ zh: '设为默认', en: 'as the standard one' }, { names: ['默认'] }),
  },
  find: onPlatform('flink-versions'),
  async run({ platform, voice }, { args, permit }) {
    const { name, home, conf, java, hadoop } = args
    const { t } = voice
    const added = await platform.flink.add(permit, {
      name,
      home,
      ...(conf !== null && { confDir: conf }),
      ...(java !== null && { javaHome: java }),
      ...(hadoop !== null && { hadoopConfDir: hadoop }),
      isDefault: args.default,
    })
    if (added.ok) return { card: card('good', t.flink.added(name, added.value.version)), did: true }
    const { why } = added
    if (why.of === 'bad-home') return { card: card('warning', voice.pick(why.because)) }
    return {
      card: card('warning', why.of === 'name-taken' ? t.flink.nameTaken(name) : t.flink.badName(name)),
    }
  },
})

export const flinkRemove = command({
  name: ['flink', 'remove'],
  zh: ['flink', '移除'],
  aliases: [],
  group: 'cluster',
  summary: { zh: '取消登记；文件不动', en: 'unregister a Flink version; its files stay' },
  examples: ['/flink remove flink-1.20', '/flink 移除 flink-1.20'],
  needs: 'flink:manage',
  args: { name: nameArg('flink-version', { zh: '名称', en: 'name' }) },
  find: onPlatform('flink-versions'),
  async run({ platform, voice }, { args: { name }, permit }) {
    const { t } = voice
    const done = await platform.flink.remove(permit, name)
    if (done.ok) {
      return { card: card('good', t.flink.removed(name), { body: [text(t.flink.removedText)] }), did: true }
    }
    return { card: card('warning', done.why === 'unknown' ? t.flink.unknown(name) : t.flink.inUse(name)) }
  },
})
