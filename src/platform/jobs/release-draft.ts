import { nearNames } from '../../lib/near-names.ts'
import type { Language } from '../access/access.ts'
import type { Done, JobRefusal } from '../platform.ts'
import { checkScript, explainScriptProblem } from '../sql/split-statements.ts'
import type { Job } from './job.ts'
import type { Release, ReleaseDraft } from './release.ts'
import type { Stores } from './stores.ts'

/** A release but for who made it, when, and its number. */
export type ReleaseContent = Pick<
  Release,
  'program' | 'parallelism' | 'flinkSettings' | 'flinkVersion' | 'savepointDir' | 'note'
>

const MOST_PARALLELISM = 32_768

/** What a draft becomes: what it leaves out is taken from the former release. */
export async function completeDraft(
  stores: Stores,
  draft: ReleaseDraft,
  { kind, former, language }: { kind: Job['kind']; former: ReleaseContent | null; language: Language },
): Promise<Done<ReleaseContent, JobRefusal>> {
  const program = await completeProgram(stores, draft.program, { kind, former, language })
  if (!program.ok) return program
  const content: ReleaseContent = {
    program: program.value,
    parallelism: draft.parallelism === undefined ? (former?.parallelism ?? null) : draft.parallelism,
    flinkSettings: draft.flinkSettings ?? former?.flinkSettings ?? {},
    flinkVersion: draft.flinkVersion === undefined ? (former?.flinkVersion ?? null) : draft.flinkVersion,
    savepointDir: draft.savepointDir === undefined ? (former?.savepointDir ?? null) : draft.savepointDir,
    note: draft.note ?? '',
  }
  if (!isParallelism(content.parallelism)) return { ok: false, why: { of: 'bad-parallelism' } }
  const near = await nearVersions(stores, content.flinkVersion)
  return near ? { ok: false, why: { of: 'unknown-flink-version', near } } : { ok: true, value: content }
}

async function completeProgram(
  stores: Stores,
  draft: ReleaseDraft['program'],
  { kind, former, language }: { kind: Job['kind']; former: ReleaseContent | null; language: Language },
): Promise<Done<Release['program'], JobRefusal>> {
  if (!draft) return former ? { ok: true, value: former.program } : { ok: false, why: { of: 'no-program' } }
  // A SQL job stays one: its state would mean nothing to a jar.
  if (draft.is !== kind) return { ok: false, why: { of: 'no-program' } }
  if (draft.is === 'sql') {
    const refusal = sqlRefusal(draft.script, language)
    return refusal ? { ok: false, why: refusal } : { ok: true, value: draft }
  }

  const artifact = await stores.artifacts.byDigest(draft.digest)
  if (!artifact) return { ok: false, why: { of: 'unknown-artifact' } }
  const before = former?.program.is === 'jar' ? former.program : null
  const { entryClass = before?.entryClass ?? null, args = before?.args ?? [] } = draft
  const { digest, fileName } = artifact
  return { ok: true, value: { is: 'jar', digest, fileName, entryClass, args } }
}

function sqlRefusal(script: string, language: Language): JobRefusal | null {
  const checked = checkScript(script)
  if (checked.ok) return null
  const { problem } = checked
  // What is wrong with the whole is wrong from its beginning.
  const { line, column } = 'line' in problem ? problem : { line: 1, column: 1 }
  return { of: 'bad-sql', line, column, because: explainScriptProblem(problem, language) }
}

function isParallelism(value: number | null): boolean {
  return value === null || (Number.isInteger(value) && value >= 1 && value <= MOST_PARALLELISM)
}

/** Names near to a version that does not exist; null: it does, or none is named. */
async function nearVersions(stores: Stores, name: string | null): Promise<readonly string[] | null> {
  if (name === null || (await stores.flinkVersions.byName(name))) return null
  const all = await stores.flinkVersions.all()
  return nearNames(
    name,
    all.map((version) => version.name),
  )
}
