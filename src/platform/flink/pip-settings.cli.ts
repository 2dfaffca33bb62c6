import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { PIP_DEFAULT_INDEX, readPipConfig } from './pip-index.ts'

export interface PipSettings {
  readonly indexUrl: string
  /** A file of certificates to trust besides the usual ones; null when pip names none. */
  readonly cert: string | null
}

const ASKING: readonly (readonly [string, readonly string[]])[] = [
  ['pip', ['config', 'list']],
  ['pip3', ['config', 'list']],
  ['python3', ['-m', 'pip', 'config', 'list']],
]

/** Which index pip uses here: the environment's word, else pip's own answer, else pip's default. */
export async function pipSettings(env: Readonly<Record<string, string | undefined>>): Promise<PipSettings> {
  const asked = env.PIP_INDEX_URL ? { indexUrl: null, cert: null } : await askPip(env)
  return {
    indexUrl: env.PIP_INDEX_URL || asked.indexUrl || PIP_DEFAULT_INDEX,
    cert: env.PIP_CERT || asked.cert,
  }
}

async function askPip(env: Readonly<Record<string, string | undefined>>) {
  for (const [command, args] of ASKING) {
    const listing = await promisify(execFile)(command, [...args], { env: { ...env }, timeout: 20_000 }).catch(
      () => null,
    )
    if (listing) return readPipConfig(listing.stdout)
  }
  return { indexUrl: null, cert: null }
}
