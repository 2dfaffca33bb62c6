import { z } from 'zod'
import { cluster } from './core-schemas.ts'
import { given } from './paging.ts'
import { maySee, onPlatform, permit } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { ok, type Route, route } from './route.ts'
import { list, name, text } from './schemas.ts'

const about = 'Clusters'
const params = z.strictObject({ name })

const all = route({
  method: 'get',
  path: '/clusters',
  about,
  summary: 'Where jobs run',
  for: 'member',
  responses: { 200: list(cluster) },
  async run(call) {
    await maySee(call, 'cluster:view', onPlatform('clusters'))
    return ok(await call.services.platform.clusters.list())
  },
})

const show = route({
  method: 'get',
  path: '/clusters/{name}',
  about,
  summary: 'One cluster',
  for: 'member',
  params,
  responses: { 200: cluster },
  problems: ['not-found'],
  async run(call) {
    await maySee(call, 'cluster:view', onPlatform('clusters'))
    const found = await call.services.platform.clusters.find(call.params.name)
    if (!found.ok) throw notFound('cluster', call.params.name, found.near)
    return ok(found.value)
  },
})

const add = route({
  method: 'post',
  path: '/clusters',
  about,
  summary: 'Register a session cluster by its REST address; it must answer',
  for: 'member',
  body: z.strictObject({
    name,
    address: text(500, 1),
    environment: name,
    savepointDir: text(1000, 1).optional(),
    checkpointDir: text(1000, 1).optional(),
    archiveDir: text(1000, 1).optional(),
    flinkVersion: name.optional(),
  }),
  responses: { 201: cluster },
  problems: ['name-taken', 'bad-name', 'bad-address', 'not-found', 'no-answer'],
  async run(call) {
    const { body, services } = call
    const allowed = await permit(call, 'cluster:manage', onPlatform('clusters'))
    const { name, address, environment, ...rest } = body
    const added = await services.platform.clusters.add(allowed, {
      name,
      address,
      environment,
      ...given(rest),
    })
    if (added.ok) return { status: 201 as const, body: added.value }
    const { why } = added
    if (why.of === 'no-answer') throw new Problem('no-answer', { address, because: why.because })
    if (why.of === 'bad-address') throw new Problem('bad-address', { address })
    if (why.of === 'unknown-environment') throw notFound('environment', environment)
    if (why.of === 'unknown-flink-version') throw notFound('flink-version', rest.flinkVersion ?? '')
    throw new Problem(why.of, { name })
  },
})

const addresses = z.array(text(500, 1)).min(1).max(4).optional()
const directory = text(1000, 1).optional()

const addYarn = route({
  method: 'post',
  path: '/clusters/yarn',
  about,
  summary: 'Register a YARN cluster; its ResourceManager and its NameNode must answer',
  for: 'member',
  body: z.strictObject({
    name,
    environment: name,
    flinkVersion: name,
    user: text(64, 1),
    queue: text(200, 1),
    hadoopConfDir: directory.describe(
      'On the machine of Sluice, with core-site.xml, hdfs-site.xml and yarn-site.xml; what else is given goes before it.',
    ),
    resourceManagers: addresses,
    nameNodes: addresses,
    fileSystem: text(200, 1).optional(),
    hadoopClasspath: z.array(text(500, 1)).max(200).optional(),
    logDirectory: directory,
    settings: z.record(z.string().max(200), z.string().max(4000)).optional(),
    savepointDir: directory,
    checkpointDir: directory,
    archiveDir: directory,
  }),
  responses: { 201: cluster },
  problems: ['name-taken', 'bad-name', 'bad-yarn', 'not-found', 'yarn-silent'],
  async run(call) {
    const { body, services } = call
    const allowed = await permit(call, 'cluster:manage', onPlatform('clusters'))
    const { name, environment, flinkVersion, user, queue, ...rest } = body
    const added = await services.platform.clusters.addYarn(allowed, {
      ...{ name, environment, flinkVersion, user, queue },
      ...given(rest),
    })
    if (added.ok) return { status: 201 as const, body: added.value }
    const { why } = added
    if (why.of === 'no-answer') throw new Problem('yarn-silent', { name, because: why.because })
    if (why.of === 'bad-yarn') throw new Problem('bad-yarn', why.because)
    if (why.of === 'unknown-environment') throw notFound('environment', environment)
    if (why.of === 'unknown-flink-version') throw notFound('flink-version', flinkVersion)
    throw new Problem(why.of, { name })
  },
})

const remove = route({
  method: 'delete',
  path: '/clusters/{name}',
  about,
  summary: 'Forget a cluster that has no jobs; it is not stopped',
  for: 'member',
  params,
  responses: { 200: cluster },
  problems: ['not-found', 'has-jobs'],
  async run(call) {
    const { name } = call.params
    const allowed = await permit(call, 'cluster:manage', onPlatform(`cluster ${name}`))
    const removed = await call.services.platform.clusters.remove(allowed, name)
    if (removed.ok) return ok(removed.value)
    if (removed.why.of === 'unknown') throw notFound('cluster', name)
    throw new Problem('has-jobs', { name, jobs: removed.why.jobs })
  },
})

const scale = route({
  method: 'post',
  path: '/clusters/{name}/scale',
  about,
  summary: 'Add TaskManagers to a cluster that Sluice started',
  for: 'member',
  params,
  body: z.strictObject({ taskManagers: z.int().min(1).max(1000) }),
  responses: { 200: cluster },
  problems: ['not-found', 'not-managed', 'not-scaled'],
  async run(call) {
    const { name } = call.params
    const allowed = await permit(call, 'cluster:manage', onPlatform(`cluster ${name}`))
    const scaled = await call.services.platform.clusters.scale(allowed, name, call.body.taskManagers)
    if (scaled.ok) return ok(scaled.value)
    const { why } = scaled
    if (why.of === 'unknown') throw notFound('cluster', name)
    if (why.of === 'not-managed') throw new Problem('not-managed', { name })
    throw new Problem('not-scaled', { name, because: why.because })
  },
})

export const clusterRoutes: readonly Route[] = [all, add, addYarn, show, remove, scale]
