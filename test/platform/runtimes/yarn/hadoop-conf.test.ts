import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readHadoopConf } from '../../../../src/platform/runtimes/yarn/hadoop-conf.file.ts'
import { hadoopFacts } from '../../../../src/platform/runtimes/yarn/hadoop-conf.ts'

const facts = (conf: Record<string, string>) => hadoopFacts(new Map(Object.entries(conf)))

describe('what a Hadoop configuration tells of its cluster', () => {
  it('finds one ResourceManager and one NameNode by their hosts, at the usual ports', () => {
    expect(
      facts({ 'fs.defaultFS': 'hdfs://nn-1:8020/', 'yarn.resourcemanager.hostname': 'rm-1' }),
    ).toMatchObject({
      fileSystem: 'hdfs://nn-1:8020',
      resourceManagers: ['http://rm-1:8088'],
      nameNodes: ['http://nn-1:9870'],
      logDirectory: '/tmp/logs',
      kerberos: false,
    })
  })

  it('finds both of a pair', () => {
    const pair = facts({
      'fs.defaultFS': 'hdfs://nameservice1',
      'dfs.ha.namenodes.nameservice1': 'nn1, nn2',
      'dfs.namenode.http-address.nameservice1.nn1': 'a:9870',
      'dfs.namenode.http-address.nameservice1.nn2': 'b:9870',
      'yarn.resourcemanager.ha.enabled': 'true',
      'yarn.resourcemanager.ha.rm-ids': 'rm1,rm2',
      'yarn.resourcemanager.webapp.address.rm1': 'a:8088',
      'yarn.resourcemanager.hostname.rm2': 'b',
    })

    expect(pair.nameNodes).toEqual(['http://a:9870', 'http://b:9870'])
    expect(pair.resourceManagers).toEqual(['http://a:8088', 'http://b:8088'])
  })

  it('speaks HTTPS where nothing else is spoken', () => {
    const secure = facts({
      'fs.defaultFS': 'hdfs://nn:8020',
      'dfs.http.policy': 'HTTPS_ONLY',
      'yarn.http.policy': 'HTTPS_ONLY',
      'yarn.resourcemanager.hostname': 'rm',
    })

    expect(secure).toMatchObject({ nameNodes: ['https://nn:9871'], resourceManagers: ['https://rm:8090'] })
  })

  it.each([
    [
      {
        'yarn.resourcemanager.hostname': 'rm',
        'yarn.resourcemanager.webapp.address': '${yarn.resourcemanager.hostname}:9',
      },
      ['http://rm:9'],
    ],
    [{}, []],
  ])('reads the ResourceManager of %o', (conf, expected) => {
    expect(facts(conf as Record<string, string>).resourceManagers).toEqual(expected)
  })

  it('takes the host of the file system where a NameNode listens everywhere', () => {
    const conf = { 'fs.defaultFS': 'hdfs://nn:8020', 'dfs.namenode.http-address': '0.0.0.0:50070' }

    expect(facts(conf).nameNodes).toEqual(['http://nn:50070'])
  })

  it('says where containers find Hadoop, also when the configuration does not', () => {
    expect(facts({ 'yarn.application.classpath': '/a/*, /b' }).hadoopClasspath).toEqual(['/a/*', '/b'])
    expect(facts({}).hadoopClasspath).toContain('$HADOOP_CONF_DIR')
  })

  it('says that tickets are asked for', () => {
    expect(facts({ 'hadoop.security.authentication': 'Kerberos' }).kerberos).toBe(true)
  })
})

describe('a Hadoop conf directory', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-conf-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const write = (name: string, text: string) => writeFile(join(directory, name), text)

  it('is read as texts, with comments, entities and empty values', async () => {
    await write(
      'core-site.xml',
      `<?xml version="1.0"?><!-- ours --><configuration>
        <property><name>a</name><value>08020</value><final>true</final></property>
        <property><name>b</name><value>x &amp; y</value></property></configuration>`,
    )
    await write('hdfs-site.xml', '<configuration/>')
    await write(
      'yarn-site.xml',
      '<configuration><property><name> c </name><value/></property></configuration>',
    )

    const read = await readHadoopConf(directory)

    expect(read.ok && Object.fromEntries(read.conf)).toEqual({ a: '08020', b: 'x & y', c: '' })
  })

  it.each([
    ['a file that is missing', null],
    ['something else', 'listen: 80'],
    ['a page', '<html><body/></html>'],
  ])('names the file that is %s', async (_, text) => {
    await write('core-site.xml', '<configuration/>')
    if (text !== null) await write('hdfs-site.xml', text)

    expect(await readHadoopConf(directory)).toEqual({ ok: false, file: join(directory, 'hdfs-site.xml') })
  })
})
