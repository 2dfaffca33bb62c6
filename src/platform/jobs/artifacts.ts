import { basename } from 'node:path/posix'
import type { Clock } from '../../lib/clock.ts'
import type { ArtifactView, Done, JobsApi } from '../platform.ts'
import { changeUnder } from './change.ts'
import { entryClassOf } from './jar-manifest.ts'
import type { Stores, Transact } from './stores.ts'

/** Where the bytes are. */
export interface ArtifactFiles {
  keep(
    content: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<
    Done<{ digest: string; size: number; manifest: Record<string, string> }, 'not-a-jar' | 'too-large'>
  >
  /** For the runtimes; null: there is no such file. */
  open(digest: string): Promise<{ path: string } | null>
}

export type Artifacts = Pick<JobsApi, 'upload'>

export function createArtifacts(dependencies: {
  transact: Transact
  read: Stores
  files: ArtifactFiles
  clock: Clock
}): Artifacts {
  const { transact, read, files, clock } = dependencies
  return {
    async upload(permit, { name, bytes }) {
      // The file comes first: bytes that no row names are harmless, a row without bytes is not.
      const kept = await files.keep(bytes)
      if (!kept.ok) return kept
      const { digest, size, manifest } = kept.value
      const known = await read.artifacts.byDigest(digest)
      if (known) return { ok: true, value: known }

      const fileName = fileNameOf(name)
      const artifact: ArtifactView = {
        digest,
        fileName,
        size,
        entryClass: entryClassOf(manifest),
        createdAt: clock.now(),
      }
      await transact(async (stores) => {
        await stores.artifacts.insert({ ...artifact, manifest, uploadedBy: permit.by.member.name })
        await stores.audit.record(changeUnder(permit, { subject: `artifact ${fileName}`, after: artifact }))
      })
      return { ok: true, value: artifact }
    },
  }
}

/** The last part of a path of any system, without what could break a line or a card. */
function fileNameOf(given: string): string {
  const name = basename(given.replaceAll('\\', '/')).replaceAll(/[^\p{L}\p{N} ._+-]/gu, '_')
  return name.slice(0, 120) || 'job.jar'
}
