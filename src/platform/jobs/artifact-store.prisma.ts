import { dateOf, instantOf, toJson } from '../storage/columns.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { ArtifactStore } from './stores.ts'

export function createArtifactStore(client: Tx): ArtifactStore {
  return {
    async byDigest(digest) {
      const row = await client.artifact.findUnique({ where: { digest } })
      if (!row) return null
      const { fileName, size, entryClass, createdAt } = row
      return { digest, fileName, size, entryClass, createdAt: instantOf(createdAt) }
    },
    async insert({ manifest, createdAt, ...same }) {
      const row = { ...same, manifest: toJson(manifest), createdAt: dateOf(createdAt) }
      // The same bytes again are the same artifact, under the name it came with first.
      await client.artifact.createMany({ data: [row], skipDuplicates: true })
    },
  }
}
