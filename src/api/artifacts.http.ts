import { z } from 'zod'
import type { Permit, Subject } from '../platform/platform.ts'
import { permit } from './permits.ts'
import { Problem } from './problem.ts'
import { type Call, type Route, route } from './route.ts'
import { text, time } from './schemas.ts'

export const LARGEST_ARTIFACT = 300_000_000

const upload = route({
  method: 'post',
  path: '/artifacts',
  about: 'Jobs',
  summary: 'Send a JAR; the same bytes are kept once. A release names it by its digest',
  for: 'member',
  query: z.strictObject({
    name: text(200, 1).regex(/^[^/\\]+$/),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  takes: { types: ['application/java-archive', 'application/octet-stream'] },
  responses: {
    201: z
      .object({
        digest: z.string(),
        fileName: z.string(),
        size: z.number(),
        entryClass: z.string().nullable(),
        createdAt: time,
      })
      .meta({ id: 'Artifact' }),
  },
  problems: ['not-a-jar', 'digest-differs', 'too-large'],
  async run(call) {
    const { services, stream, query } = call
    // Before the bytes: who may not make releases sends 300 MB for nothing.
    const allowed = await uploadPermit(call)
    const file = await services.uploads.receive(stream, LARGEST_ARTIFACT)
    try {
      if (query.sha256 !== undefined && query.sha256 !== file.sha256) {
        throw new Problem('digest-differs', { wanted: query.sha256, got: file.sha256 })
      }
      const taken = await services.platform.jobs.upload(allowed, {
        name: query.name,
        bytes: await file.bytes(),
      })
      if (taken.ok) return { status: 201 as const, body: taken.value }
      if (taken.why === 'too-large') throw new Problem('too-large', { limit: '300 MB' })
      throw new Problem('not-a-jar', { name: query.name })
    } finally {
      await file.remove()
    }
  },
})

/** Whoever may make jobs or releases in some team. Which jobs then use the file is decided with their releases. */
async function uploadPermit(call: Call<'member'>): Promise<Permit<'job:release'> | Permit<'job:create'>> {
  const { member, token } = call.caller
  const { access } = call.services.platform
  const environments = token && token.environments.length > 0 ? token.environments : [null]
  const subjects: Subject[] = [...member.roles.keys()].flatMap((team) =>
    environments.map((environment) => ({ of: 'team' as const, team, environment, job: null })),
  )
  for (const subject of subjects) {
    if (access.mightDo(member, token, 'job:release', subject)) return permit(call, 'job:release', subject)
    if (access.mightDo(member, token, 'job:create', subject)) return permit(call, 'job:create', subject)
  }
  return permit(call, 'job:release', subjects[0] ?? { of: 'platform', what: 'artifacts' })
}

export const artifactRoutes: readonly Route[] = [upload]
