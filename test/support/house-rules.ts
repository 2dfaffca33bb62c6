import type { Import, Source } from './source-tree.ts'

/** A rule of the house: what breaks it, as sentences. */
export type Rule = (sources: readonly Source[]) => string[]

/** Who may import whom. A part may always import from itself. */
const STANDS_ON = {
  main: ['cli'],
  cli: ['demo', 'app', 'settings', 'api', 'chats', 'bot', 'platform', 'lib'],
  demo: ['app', 'settings', 'core', 'api', 'bot', 'platform', 'lib'],
  app: ['settings', 'core', 'api', 'chats', 'bot', 'platform', 'lib'],
  api: ['chats', 'bot', 'platform', 'lib'],
  chats: ['bot', 'platform', 'lib'],
  bot: ['platform', 'lib'],
  core: ['platform', 'lib'],
  platform: ['lib'],
  settings: ['chats', 'bot', 'lib'],
  lib: [],
} as const satisfies Record<string, readonly string[]>

export type Part = keyof typeof STANDS_ON

export const PARTS = Object.entries(STANDS_ON) as [Part, readonly Part[]][]

/** Files that stand right under `src`. */
const BY_FILE: Readonly<Record<string, Part>> = {
  'src/main.ts': 'main',
  'src/app.ts': 'app',
  'src/server.http.ts': 'app',
  'src/metrics.ts': 'lib',
  'src/package.file.ts': 'lib',
  'src/core.ts': 'core',
  'src/settings.ts': 'settings',
  'src/settings.file.ts': 'settings',
  'src/settings-texts.ts': 'settings',
}

export function partOf(path: string): Part | null {
  const folder = /^src\/([a-z]+)\//.exec(path)?.[1]
  return BY_FILE[path] ?? PARTS.find(([part]) => part === folder)?.[0] ?? null
}

export const everyFileBelongsToAPart: Rule = (sources) =>
  sources
    .filter(({ path }) => inSrc(path) && partOf(path) === null)
    .map(({ path }) => `${path} belongs to no part of the house`)

export function importsOnly(part: Part, allowed: readonly Part[]): Rule {
  return eachImport((from, { to }) => {
    if (partOf(from.path) !== part || isPackage(to)) return false
    const other = partOf(to)
    return other === null || (other !== part && !allowed.includes(other))
  })
}

export function reachesThePlatformThroughItsDoor(part: Part): Rule {
  return eachImport(
    ({ path }, { to }) =>
      partOf(path) === part && partOf(to) === 'platform' && to !== 'src/platform/platform.ts',
  )
}

export const theApiKnowsTypesOfTheBotOnly: Rule = eachImport(
  ({ path }, { to, typeOnly }) => partOf(path) === 'api' && partOf(to) === 'bot' && !typeOnly,
)

/** What the page takes from the server is bundled for browsers, with all that hangs on it; types are not. */
export const thePageTakesPureCodeOnly: Rule = (sources) => {
  const byPath = new Map(sources.map((one) => [one.path, one]))

  function bundled(path: string, way: readonly string[]): string[] {
    if (way.includes(path)) return []
    const trail = [...way, path]
    if (inSrc(path) && suffixOf(path) !== null) return [trail.join(' -> ')]
    const imports = byPath.get(path)?.imports ?? []
    return imports
      .filter(({ to, typeOnly }) => inSrc(to) && !typeOnly)
      .flatMap(({ to }) => bundled(to, trail))
  }

  return sources.filter(({ path }) => path.startsWith('web/')).flatMap(({ path }) => bundled(path, []))
}

export const sourceImportsNoTests: Rule = eachImport(
  ({ path }, { to }) => /^(src|web)\//.test(path) && /^(test|bench|scripts)\//.test(to),
)

// --- inside and outside --------------------------------------------------------------------------------------------

const SUFFIXES = ['prisma', 'pgboss', 'http', 'smtp', 'cli', 'file', 'pino']

/** `.prisma` of `job-store.prisma.ts`: the outside world that a file touches. */
function suffixOf(path: string): string | null {
  return /\.([a-z]+)\.tsx?$/.exec(path)?.[1] ?? null
}

export const aSuffixNamesAWorldWeKnow: Rule = (sources) =>
  sources
    .filter(({ path }) => inSrc(path))
    .flatMap(({ path }) => {
      const suffix = suffixOf(path)
      return suffix === null || SUFFIXES.includes(suffix) ? [] : [`${path}: no world is called ${suffix}`]
    })

/** What a file without suffix may import: it computes, and touches nothing. */
const PURE_PACKAGES = new Set([
  'zod',
  'yaml',
  // RE2 in JavaScript: regular expressions in linear time.
  're2js',
  'temporal-polyfill',
  'ical.js',
  'fflate',
  'fastest-levenshtein',
  'prom-client',
  'fast-xml-parser',
  '@wecom/crypto',
  'node:path',
  'node:path/posix',
  'node:url',
  'node:util',
  'node:crypto',
  'node:async_hooks',
])
const PURE_NAMES: Readonly<Record<string, readonly string[]>> = {
  'node:net': ['isIP', 'isIPv4', 'isIPv6', 'BlockList'],
}

export const noSuffixNoOutsideModule: Rule = eachImport((from, one) => {
  if (!isPure(from.path) || one.typeOnly || !isPackage(one.to) || PURE_PACKAGES.has(one.to)) return false
  const names = PURE_NAMES[one.to]
  return !names || !one.names.every((name) => names.includes(name))
})

export const noSuffixNoOutsideCall: Rule = (sources) =>
  found(
    sources.filter(({ path }) => isPure(path) && path !== 'src/main.ts' && path !== 'src/settings.ts'),
    /(?<![\w.])(fetch\(|process\.\w+)/,
  )

/** Real stores and clients are handed in; those who build the house are the ones who fetch them. */
const BUILDERS = new Set(['src/main.ts', 'src/app.ts', 'src/core.ts'])

export const noSuffixActsThroughPorts: Rule = eachImport(
  (from, { to, typeOnly }) =>
    isPure(from.path) && !BUILDERS.has(from.path) && !typeOnly && inSrc(to) && suffixOf(to) !== null,
)

/** Vendors' own kits are large: one that is not set up costs neither memory nor time. */
export const vendorsAreLoadedOnFirstUse: Rule = eachImport((from, { to, typeOnly, onFirstUse }) => {
  const vendor = /^src\/bot\/adapters\/([a-z]+)\//.exec(to)?.[1]
  if (!inSrc(from.path) || vendor === undefined || typeOnly || onFirstUse || suffixOf(to) === null)
    return false
  return !from.path.startsWith(`src/bot/adapters/${vendor}/`)
})

export const onlySettingsReadTheEnvironment: Rule = (sources) =>
  found(
    sources.filter(({ path }) => inSrc(path) && path !== 'src/settings.ts'),
    /process\.env\b|from 'node:process'/,
  )

export const timeAndChanceAreHandedIn: Rule = (sources) =>
  found(
    sources.filter(({ path }) => isPure(path) && path !== 'src/lib/clock.ts' && path !== 'src/lib/ids.ts'),
    /Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|randomUUID\(/,
  )

// --- how modules look ----------------------------------------------------------------------------------------------

export const noDefaultExports: Rule = (sources) =>
  found(
    sources.filter(({ path }) => /^(src|web)\//.test(path) && !path.endsWith('.config.ts')),
    /^export default\b/m,
  )

export const onlyThePlatformsDoorPassesOn: Rule = (sources) =>
  found(
    sources.filter(({ path }) => inSrc(path) && path !== 'src/platform/platform.ts'),
    /^export (type )?\*/m,
  )

export const testsMockNoModules: Rule = (sources) =>
  found(
    sources.filter(({ path }) => path.startsWith('test/')),
    /\bvi\.(mock|doMock|hoisted|stubGlobal)\(/,
  )

/** Files that import each other, types included, in whatever number of steps. */
export const noCycles: Rule = (sources) => {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports.map(({ to }) => to)]))
  const done = new Set<string>()
  const cycles: string[] = []

  function walk(path: string, way: readonly string[]): void {
    const seen = way.indexOf(path)
    if (seen >= 0) cycles.push([...way.slice(seen), path].join(' -> '))
    if (seen >= 0 || done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...way, path])
    done.add(path)
  }

  for (const path of graph.keys()) walk(path, [])
  return cycles
}

// --- what is installed ---------------------------------------------------------------------------------------------

export interface Manifest {
  dependencies: Readonly<Record<string, string>>
  devDependencies: Readonly<Record<string, string>>
}

/** Programs, and what only generated code imports. */
const TOOLS = new Set(['@biomejs/biome', 'typescript', 'tsx', '@prisma/client'])

export const whatRunsIsInstalledToRun =
  ({ dependencies }: Manifest): Rule =>
  (sources) =>
    sources
      .filter(({ path }) => inSrc(path))
      .flatMap(({ path, imports }) =>
        packagesOf(imports.filter(({ typeOnly }) => !typeOnly))
          .filter((name) => !(name in dependencies))
          .map((name) => `${path} needs ${name}, which is not among the dependencies`),
      )

export const whatIsInstalledIsUsed =
  ({ dependencies, devDependencies }: Manifest): Rule =>
  (sources) => {
    const used = new Set(sources.flatMap(({ imports }) => packagesOf(imports)))
    const spoken = sources.map(({ code }) => code).join('\n')
    return Object.keys({ ...dependencies, ...devDependencies })
      .filter((name) => !used.has(name) && !TOOLS.has(name) && !isNamedOtherwise(name, spoken))
      .map((name) => `${name} is installed, and nothing uses it`)
  }

/** Types of a package, or a path into it: `@types/ws`, `node_modules/prisma/build/…`. */
function isNamedOtherwise(name: string, spoken: string): boolean {
  const ways = [`node_modules/${name}/`, `'${name}'`, `'${name}/`]
  return name.startsWith('@types/') || ways.some((way) => spoken.includes(way))
}

function packagesOf(imports: readonly Import[]): string[] {
  return imports
    .map(({ to }) => to)
    .filter((to) => isPackage(to) && !to.startsWith('node:'))
    .map((to) => (to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] ?? to)))
}

// --- helpers -------------------------------------------------------------------------------------------------------

function eachImport(breaks: (from: Source, one: Import) => boolean): Rule {
  return (sources) =>
    sources.flatMap((from) =>
      from.imports.filter((one) => breaks(from, one)).map(({ to }) => `${from.path} imports ${to}`),
    )
}

function found(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, code }) => {
    const hit = pattern.exec(code)
    return hit ? [`${path} says ${hit[0]}`] : []
  })
}

function isPackage(to: string): boolean {
  if (/^(src|web|test|bench|scripts)\//.test(to) || to.startsWith('..')) return false
  // Paths of our files have a folder; some packages end like a file (`ical.js`).
  return !to.includes('/') || !/\.[cm]?[jt]sx?$/.test(to)
}

function inSrc(path: string): boolean {
  return path.startsWith('src/')
}

function isPure(path: string): boolean {
  return inSrc(path) && suffixOf(path) === null
}
