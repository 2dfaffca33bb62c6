import { z } from 'zod'
import type { FlinkVersion } from './flink-version.ts'
import { compareFlinkVersions, parseFlinkVersion } from './flink-version.ts'

/** Where pip looks when nobody told it otherwise. */
export const PIP_DEFAULT_INDEX = 'https://pypi.org/simple'

/** The two packages that make a Flink: the jars, and the scripts with their conf. */
export const LIBRARIES = 'apache-flink-libraries'
export const SCRIPTS = 'apache-flink'

export interface IndexFile {
  readonly name: string
  readonly url: string
  readonly sha256: string
  /** Old-style indexes do not tell it. */
  readonly size: number | null
}

export interface IndexChoice {
  readonly version: FlinkVersion
  readonly libraries: IndexFile
  readonly scripts: IndexFile
}

/** How to reach the index: the address without what is secret in it, and that apart. */
export interface IndexAddress {
  readonly url: string
  readonly authorization: string | null
}

/** Splits `https://user:secret@host/simple/` so that the secret travels in a header and is never printed. */
export function indexAddress(text: string): IndexAddress | null {
  const url = parseUrl(text.trim())
  if (!url || !/^https?:$/.test(url.protocol)) return null
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.hash = ''
  const base = url.href.endsWith('/') ? url.href.slice(0, -1) : url.href
  return { url: base, authorization: username || password ? basic(username, password) : null }
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

function basic(username: string, password: string): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** What `pip config list` says about the index and the certificates to trust. */
export function readPipConfig(listing: string): { indexUrl: string | null; cert: string | null } {
  const values = new Map<string, string>()
  for (const line of listing.split(/\r?\n/)) {
    const match = /^([^=]+)=(['"])(.*)\2$/.exec(line.trim())
    if (match) values.set(match[1] ?? '', match[3] ?? '')
  }
  // As pip does it: the environment wins over a command's section, and that over [global].
  const find = (key: string) =>
    ['', ':env:.', 'download.', 'install.', 'global.']
      .map((part) => values.get(`${part}${key}`))
      .find(Boolean) ?? null
  return { indexUrl: find('index-url'), cert: find('cert') }
}

const Listing = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      size: z.number().optional(),
      hashes: z.record(z.string(), z.string()).default({}),
      yanked: z.union([z.boolean(), z.string()]).default(false),
    }),
  ),
})

/** Reads the index's page of one package, in the JSON or the older HTML form; null when it is neither. */
export function readIndexPage(body: string, pageUrl: string): IndexFile[] | null {
  return body.trimStart().startsWith('{') ? readJson(body, pageUrl) : readHtml(body, pageUrl)
}

function readJson(body: string, pageUrl: string): IndexFile[] | null {
  const listing = Listing.safeParse(parseJson(body))
  if (!listing.success) return null
  return listing.data.files.flatMap(({ filename, url, size, hashes, yanked }) =>
    asFile({
      name: filename,
      href: url,
      pageUrl,
      sha256: hashes.sha256,
      size: size ?? null,
      yanked: yanked !== false,
    }),
  )
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

const ANCHOR = /<a\b([^>]*)>([^<]*)<\/a>/gi

function readHtml(body: string, pageUrl: string): IndexFile[] | null {
  const anchors = [...body.matchAll(ANCHOR)]
  const files = anchors.flatMap(([, attributes = '', name = '']) => {
    const href = /href\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes)
    const target = unescapeHtml(href?.[1] ?? href?.[2] ?? '')
    const sha256 = /#sha256=([0-9a-f]{64})/i.exec(target)?.[1]
    return asFile({
      name: name.trim(),
      href: target,
      pageUrl,
      sha256,
      size: null,
      yanked: /data-yanked/i.test(attributes),
    })
  })
  // A login page has links too; only a package index links to archives.
  return files.length > 0 ? files : null
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"')
}

interface Found {
  readonly name: string
  readonly href: string
  readonly pageUrl: string
  readonly sha256: string | undefined
  readonly size: number | null
  readonly yanked: boolean
}

// A file without a digest cannot be trusted, so it does not count as offered.
function asFile({ name, href, pageUrl, sha256, size, yanked }: Found): IndexFile[] {
  if (yanked || !/^[\w.+-]+$/.test(name) || !sha256 || !URL.canParse(href, pageUrl)) return []
  const url = new URL(href, pageUrl)
  url.hash = ''
  if (!/^https?:$/.test(url.protocol)) return []
  return [{ name, url: url.href, sha256: sha256.toLowerCase(), size }]
}

/** The version in a file's name: `apache_flink-1.20.3-cp38-cp38-….whl`, `apache-flink-libraries-1.20.3.tar.gz`. */
export function versionOfFile(name: string, packageName: string): FlinkVersion | null {
  const stem = packageName.replaceAll('-', '[-_.]')
  const match = new RegExp(`^${stem}-(\\d[^-]*)(?:-[^/]*\\.whl|\\.tar\\.gz|\\.zip)$`, 'i').exec(name)
  return match ? parseFlinkVersion(match[1] ?? '') : null
}

/** All versions for which both packages are there, oldest first. */
export function offeredVersions(
  libraries: readonly IndexFile[],
  scripts: readonly IndexFile[],
): FlinkVersion[] {
  const inScripts = new Set(scripts.map(({ name }) => versionOfFile(name, SCRIPTS)?.text))
  const inBoth = libraries
    .map(({ name }) => versionOfFile(name, LIBRARIES))
    .filter((version) => version !== null && inScripts.has(version.text))
  const unique = new Map(inBoth.map((version) => [version?.text, version]))
  return [...unique.values()].filter((version) => version !== null).sort(compareFlinkVersions)
}

/** Picks the files for `1.20.3`, or for the newest patch when only `1.20` is asked for. */
export function chooseFiles(
  wanted: string,
  libraries: readonly IndexFile[],
  scripts: readonly IndexFile[],
): IndexChoice | null {
  const offered = offeredVersions(libraries, scripts)
  const version = offered.findLast(({ text }) => text === wanted || isPatchOf(text, wanted))
  if (!version) return null
  const ofVersion = (files: readonly IndexFile[], name: string) =>
    smallest(files.filter((file) => versionOfFile(file.name, name)?.text === version.text))
  const chosen = { libraries: ofVersion(libraries, LIBRARIES), scripts: ofVersion(scripts, SCRIPTS) }
  return chosen.libraries && chosen.scripts
    ? { version, libraries: chosen.libraries, scripts: chosen.scripts }
    : null
}

function isPatchOf(text: string, wanted: string): boolean {
  return /^\d+\.\d+$/.test(wanted) && new RegExp(`^${wanted.replace('.', '\\.')}\\.\\d+$`).test(text)
}

// The scripts are the same for every Python and platform. Wheels first: a source archive of the scripts may lack them.
function smallest(files: readonly IndexFile[]): IndexFile | undefined {
  const rank = ({ name, size }: IndexFile) => (name.endsWith('.whl') ? 0 : 1e15) + (size ?? 1e12)
  return [...files].filter(({ name }) => /\.(whl|tar\.gz)$/.test(name)).sort((a, b) => rank(a) - rank(b))[0]
}

const PARTS_OF_HOME = ['bin', 'conf', 'examples', 'lib', 'licenses', 'log', 'opt', 'plugins']

/**
 * Where an entry of one of the packages belongs in the Flink home; null for what does not. Wheels carry it under
 * `pyflink/`, source archives under `<name>-<version>/deps/`.
 */
export function placeInHome(entry: string): string | null {
  const match = /^(?:pyflink|[^/]+\/deps)\/(.+)$/.exec(entry)
  const inside = match?.[1] ?? ''
  return PARTS_OF_HOME.some((part) => inside.startsWith(`${part}/`)) ? safePath(inside) : null
}

/** Where an entry of an official archive belongs: everything, without the outermost directory. */
export function placeFromTarball(entry: string): string | null {
  return safePath(entry.replace(/^(\.\/)?[^/]+\//, ''))
}

function safePath(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.length === 0 || parts.includes('..') || path.includes('\\') || path.startsWith('/')
    ? null
    : parts.join('/')
}
