import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const ROOT = join(import.meta.dirname, '..')

const versions = z.record(z.string(), z.string()).default({})
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      dependencies: versions,
      devDependencies: versions,
      optionalDependencies: versions,
      os: z.array(z.string()).default([]),
    }),
  ),
})
type LockFile = z.infer<typeof lockFile>

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
const lock = lockFile.parse(readJson('package-lock.json'))

/** npm writes only the packages of the machine it runs on into a lock file now and then; elsewhere `npm ci` fails. */
function missingForOtherPlatforms({ packages }: LockFile): string[] {
  const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  return Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !names.has(name))
      .map((name) => `${name}, which ${path} wants on some platform`),
  )
}

function installed({ packages }: LockFile) {
  return Object.entries(packages).filter(([path]) => path !== '')
}

describe('the lock file', () => {
  it('holds the packages of every platform', () => {
    expect(missingForOtherPlatforms(lock)).toEqual([])
  })

  it.each(['linux', 'darwin', 'win32'])('holds a compiler, a linter and a bundler for %s', (os) => {
    const here = installed(lock)
      .filter(([, one]) => one.os.includes(os))
      .map(([path]) => path)

    for (const tool of ['@typescript/', '@biomejs/', '@rolldown/', '@esbuild/', 'lightningcss-']) {
      expect(
        here.some((path) => path.startsWith(`node_modules/${tool}`)),
        `${tool} for ${os}`,
      ).toBe(true)
    }
  })

  it('names no registry: packages come from where npm is set up to look, and are checked by their digest', () => {
    expect(installed(lock).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
    expect(installed(lock).filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([])
  })

  it('says the same as package.json', () => {
    const manifest = z
      .object({ dependencies: versions, devDependencies: versions })
      .parse(readJson('package.json'))

    expect(lock.packages['']).toMatchObject(manifest)
  })

  it('pins every version, so that an update is a commit', () => {
    const { dependencies, devDependencies } = lock.packages[''] ?? { dependencies: {}, devDependencies: {} }
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d/.test(version),
    )

    expect(ranges).toEqual([])
  })

  it('and a package that was dropped is missed', () => {
    const { 'node_modules/@esbuild/win32-x64': _dropped, ...packages } = lock.packages

    expect(missingForOtherPlatforms({ packages })).toEqual([
      '@esbuild/win32-x64, which node_modules/esbuild wants on some platform',
    ])
  })
})
