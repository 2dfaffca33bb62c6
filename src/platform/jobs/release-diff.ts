import { isSecretKey, maskText } from '../audit/mask-secrets.ts'
import type { Release, ReleaseChange } from './release.ts'

type Side = Pick<
  Release,
  'program' | 'parallelism' | 'flinkSettings' | 'flinkVersion' | 'clusterId' | 'savepointDir'
>

const MASK = '***'

/** What is different between two releases, for people's eyes: secrets are masked, and still told as changed. */
export function releaseChanges(
  before: Side,
  after: Side,
  clusterName: (id: string) => string = (id) => id,
): ReleaseChange[] {
  return [
    ...programChanges(before.program, after.program),
    ...field('parallelism', textOf(before.parallelism), textOf(after.parallelism)),
    ...settingChanges(before.flinkSettings, after.flinkSettings),
    ...field('flinkVersion', before.flinkVersion, after.flinkVersion),
    ...field('cluster', before.clusterId, after.clusterId, clusterName),
    ...field('savepointDir', before.savepointDir, after.savepointDir, maskText),
  ]
}

function programChanges(before: Release['program'], after: Release['program']): ReleaseChange[] {
  if (before.is === 'sql' && after.is === 'sql') {
    // The texts are for a page of their own.
    return before.script === after.script ? [] : [{ field: 'program', key: null, before: null, after: null }]
  }
  return [
    ...field('program', codeOf(before), codeOf(after)),
    ...field('entryClass', entryOf(before), entryOf(after)),
    ...argChanges(argsOf(before), argsOf(after)),
  ]
}

function settingChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ReleaseChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => ({
      field: 'setting',
      key,
      before: settingShown(key, before[key]),
      after: settingShown(key, after[key]),
    }))
}

function settingShown(key: string, value: string | undefined): string | null {
  if (value === undefined) return null
  return isSecretKey(key) ? MASK : maskText(value)
}

function argChanges(before: readonly string[] | null, after: readonly string[] | null): ReleaseChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  return [{ field: 'args', key: null, before: before && maskArgs(before), after: after && maskArgs(after) }]
}

/** `--db-password x` and `--db-password=x` alike. */
export function maskArgs(args: readonly string[]): string {
  return maskedArgs(args)
    .map((arg) => (/[\s'"]/.test(arg) || arg === '' ? JSON.stringify(arg) : arg))
    .join(' ')
}

function maskedArgs(args: readonly string[]): string[] {
  return args.map((arg, i) => (namesSecret(args[i - 1]) ? MASK : maskText(arg)))
}

function namesSecret(arg: string | undefined): boolean {
  return arg !== undefined && /^--?[^=]+$/.test(arg) && isSecretKey(arg)
}

function field(
  name: ReleaseChange['field'],
  before: string | null,
  after: string | null,
  shown: (text: string) => string = (text) => text,
): ReleaseChange[] {
  if (before === after) return []
  return [{ field: name, key: null, before: before && shown(before), after: after && shown(after) }]
}

function codeOf(program: Release['program']): string {
  return program.is === 'sql' ? 'SQL' : `${program.fileName} (${program.digest.slice(0, 8)})`
}

function entryOf(program: Release['program']): string | null {
  return program.is === 'jar' ? program.entryClass : null
}

function argsOf(program: Release['program']): readonly string[] | null {
  return program.is === 'jar' ? program.args : null
}

function textOf(value: number | null): string | null {
  return value === null ? null : String(value)
}

/** A release for people's eyes, and for the audit. */
export function maskedRelease(release: Release): Release {
  const { program, flinkSettings } = release
  return {
    ...release,
    program: program.is === 'jar' ? { ...program, args: maskedArgs(program.args) } : program,
    flinkSettings: Object.fromEntries(
      Object.entries(flinkSettings).map(([key, value]) => [key, settingShown(key, value) ?? '']),
    ),
  }
}
