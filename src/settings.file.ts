import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Ids } from './lib/ids.ts'
import { Secret } from './lib/secret.ts'
import {
  type Environment,
  parseSettings,
  type ReadySettings,
  type Settings,
  SettingsError,
} from './settings.ts'
import { noSecretIn, noSuchFile } from './settings-texts.ts'

const FILE = 'sluice.yaml'

/** Settings of this process: the environment, and sluice.yaml here or where SLUICE_CONFIG says. */
export function loadSettings({ environment, cwd }: { environment: Environment; cwd: string }): Settings {
  const named = environment.SLUICE_CONFIG?.trim()
  const path = resolve(cwd, named || FILE)
  const text = readIfThere(path)
  if (named && text === null) throw new SettingsError([noSuchFile(named)])
  return parseSettings({ environment, cwd, file: text === null ? null : { name: basename(path), text } })
}

/** The given secret, or the one kept in `home`, made at first use and readable by its owner alone. */
export function withSecret(settings: Settings, ids: Ids): ReadySettings {
  return Object.freeze({ ...settings, secret: settings.secret ?? keptSecret(settings.home, ids) })
}

function keptSecret(home: string, ids: Ids): Secret {
  const path = join(home, 'secret')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  try {
    // `wx`: of two processes that start together one makes the secret, and the other reads it.
    writeFileSync(path, `${ids.secret()}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
  const kept = readFileSync(path, 'utf8').trim()
  if (kept.length < 32) throw new SettingsError([noSecretIn(path)])
  return new Secret(kept)
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'EISDIR') || isCode(error, 'EACCES')) return null
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
