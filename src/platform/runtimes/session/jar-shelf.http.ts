import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { FlinkRest, RestFailure, Upload } from '../job-manager/flink-rest.http.ts'
import * as schemas from '../job-manager/schemas.ts'
import type { ArtifactContent } from '../runtime.ts'

export interface Jar {
  /** sha256 in hex: the name on the cluster carries it, so that one upload serves every submit. */
  digest: string
  open: () => Promise<ArtifactContent | null>
}

export type Shelved =
  | { is: 'there'; jarId: string }
  | { is: 'no-artifact' }
  | { is: 'failed'; failure: RestFailure }

const UPLOAD_TIMEOUT_MS = 300_000

/** The jars that lie on a cluster. Flink keeps them on the JobManager's disk and may lose them with it. */
export interface JarShelf {
  /** `fresh` uploads even when the cluster lists the jar: for when it turned out to be missing. */
  put(jar: Jar, options?: { fresh: boolean }): Promise<Shelved>
}

export function createJarShelf(rest: FlinkRest): JarShelf {
  // Two submits of one jar at once wait for one upload.
  const underWay = new Map<string, Promise<Shelved>>()

  const find = async (jar: Jar): Promise<Shelved | null> => {
    const listed = await rest.call({ path: '/jars', route: '/jars', answer: schemas.jars })
    if (listed.is !== 'answered') return { is: 'failed', failure: listed }
    const found = listed.body.files.find((file) => file.name === nameOf(jar))
    return found ? { is: 'there', jarId: found.id } : null
  }

  const upload = async (jar: Jar): Promise<Shelved> => {
    const content = await jar.open()
    if (!content) return { is: 'no-artifact' }
    const answer = await rest.call({
      method: 'POST',
      path: '/jars/upload',
      route: '/jars/upload',
      upload: await uploadOf(nameOf(jar), content),
      answer: schemas.uploaded,
      timeoutMs: UPLOAD_TIMEOUT_MS,
    })
    if (answer.is !== 'answered') return { is: 'failed', failure: answer }
    return { is: 'there', jarId: answer.body.filename.split('/').at(-1) ?? '' }
  }

  return {
    put(jar, options = { fresh: false }) {
      const waiting = underWay.get(jar.digest)
      if (waiting) return waiting
      const work = (async () => (options.fresh ? null : await find(jar)) ?? (await upload(jar)))()
      underWay.set(jar.digest, work)
      return work.finally(() => underWay.delete(jar.digest))
    },
  }
}

function nameOf(jar: Jar): string {
  return `sluice-${jar.digest}.jar`
}

async function uploadOf(fileName: string, content: ArtifactContent): Promise<Upload> {
  if ('bytes' in content) {
    return { fileName, size: content.bytes.length, content: () => once(content.bytes) }
  }
  const { size } = await stat(content.path)
  return { fileName, size, content: () => createReadStream(content.path) }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
