import { z } from 'zod'
import { given } from './paging.ts'
import { maySee, onPlatform, permit } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { ok, type Route, route } from './route.ts'
import { list, name, text } from './schemas.ts'

const about = 'Flink versions'

const flinkVersion = z
  .object({
    name: z.string(),
    version: z.string(),
    vendor: z.string().nullable(),
    home: z.string(),
    confDir: z.string().nullable(),
    javaHome: z.string().nullable(),
    hadoopConfDir: z.string().nullable(),
    isDefault: z.boolean(),
  })
  .meta({ id: 'FlinkVersion' })

const all = route({
  method: 'get',
  path: '/flink-versions',
  about,
  summary: 'Registered Flink homes',
  for: 'member',
  responses: { 200: list(flinkVersion) },
  async run(call) {
    await maySee(call, 'flink:view', onPlatform('flink versions'))
    return ok(await call.services.platform.flink.list())
  },
})

const add = route({
  method: 'post',
  path: '/flink-versions',
  about,
  summary: 'Register a Flink home on this machine; its version is read from its files',
  for: 'member',
  body: z.strictObject({
    name,
    home: text(1000, 1),
    confDir: text(1000, 1).optional(),
    javaHome: text(1000, 1).optional(),
    hadoopConfDir: text(1000, 1).optional(),
    isDefault: z.boolean().optional(),
  }),
  responses: { 201: flinkVersion },
  problems: ['name-taken', 'bad-name', 'bad-home'],
  async run(call) {
    const allowed = await permit(call, 'flink:manage', onPlatform('flink versions'))
    const { name, home, ...rest } = call.body
    const added = await call.services.platform.flink.add(allowed, { name, home, ...given(rest) })
    if (added.ok) return { status: 201 as const, body: added.value }
    if (added.why.of === 'bad-home') throw new Problem('bad-home', added.why.because)
    throw new Problem(added.why.of, { name })
  },
})

const remove = route({
  method: 'delete',
  path: '/flink-versions/{name}',
  about,
  summary: 'Forget a Flink home; its files stay',
  for: 'member',
  params: z.strictObject({ name }),
  responses: { 200: flinkVersion },
  problems: ['not-found', 'in-use'],
  async run(call) {
    const { name } = call.params
    const allowed = await permit(call, 'flink:manage', onPlatform(`flink version ${name}`))
    const removed = await call.services.platform.flink.remove(allowed, name)
    if (removed.ok) return ok(removed.value)
    if (removed.why === 'unknown') throw notFound('flink-version', name)
    throw new Problem('in-use', { name })
  },
})

export const flinkVersionRoutes: readonly Route[] = [all, add, remove]
