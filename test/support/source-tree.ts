import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** One source file as the rules of the house see it. */
export interface Source {
  path: string
  /** Without comments. */
  code: string
  imports: readonly Import[]
}

export interface Import {
  /** A path from the root of the repository, or the name of a package. */
  to: string
  /** `import type`: gone at run time. */
  typeOnly: boolean
  /** `await import(…)`: loaded when it is first used. */
  onFirstUse: boolean
  /** What stands between the braces. */
  names: readonly string[]
}

const COMMENTS = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm
// Biome formats everything, so a statement begins at the start of a line and quotes are single.
const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:([\w*{}\s,$]*?)\sfrom\s+)?'([^'\n]+)'/gm
const DYNAMIC = /\bimport\(\s*'([^'\n]+)'\s*\)/g

export function source(path: string, text: string): Source {
  const code = text.replace(COMMENTS, '')
  const statements = [...code.matchAll(STATEMENT)].map(([, type, names = '', from = '']) => ({
    to: resolved(path, from),
    typeOnly: type !== undefined,
    onFirstUse: false,
    names: names.match(/[\w$]+/g) ?? [],
  }))
  const dynamic = [...code.matchAll(DYNAMIC)].map(([, from = '']) => ({
    to: resolved(path, from),
    typeOnly: false,
    onFirstUse: true,
    names: [],
  }))
  return { path, code, imports: [...statements, ...dynamic] }
}

function resolved(from: string, to: string): string {
  return to.startsWith('.') ? posix.join(posix.dirname(from), to) : to
}

export function sourcesBelow(root: string, folders: readonly string[]): Source[] {
  return folders
    .flatMap((folder) => filesBelow(root, folder))
    .filter((path) => /\.(ts|tsx|mts|mjs)$/.test(path))
    .map((path) => source(path, readFileSync(join(root, path), 'utf8')))
}

/** Paths of our own files: nothing that was generated, built or installed. */
export function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (NOT_OURS.has(entry.name)) return []
    if (entry.isDirectory()) return filesBelow(root, path)
    return entry.isFile() ? [path] : []
  })
}

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'generated', 'coverage', '.sluice', '.sluice-test'])
