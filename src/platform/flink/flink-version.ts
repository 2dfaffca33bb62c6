/** A version of Flink as a distribution names it: `1.20.3`, a vendor's `1.14.0-csa1.7.0.0`, or `2.3.0`. */
export interface FlinkVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** What stands after the numbers (`csa1.7.0.0`, `SNAPSHOT`); null for an Apache release. */
  readonly vendor: string | null
  readonly text: string
}

/** What differs between minor versions as far as a cluster that we start is concerned. */
export interface FlinkFeatures {
  /** The file that Flink reads in its conf dir. The older one is not YAML: quotes in it are kept literally. */
  readonly configFile: 'flink-conf.yaml' | 'config.yaml'
  readonly javaOptionsKey: 'env.java.opts' | 'env.java.opts.all'
  /** Opens and exports that Flink needs on Java 17; harmless on 11, refused by 8. */
  readonly javaOptions: readonly string[]
  /** The Java versions that it runs on. From 24 on Java lacks the means to catch System.exit() of a job. */
  readonly java: { readonly from: number; readonly to: number }
  readonly keys: FlinkKeys
}

/** Config keys whose names moved. */
export interface FlinkKeys {
  readonly checkpointsDir: string
  readonly savepointsDir: string
}

// A dot or underscore opens a vendor part only before a letter: `1.20.3-` is a slip, not a vendor.
const SHAPE =
  /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:(?:-|[._](?=[A-Za-z]))([0-9A-Za-z]+(?:[._+-][0-9A-Za-z]+)*))?$/

/** Reads a version; null when the text is none. A missing patch number reads as 0. */
export function parseFlinkVersion(text: string): FlinkVersion | null {
  const match = SHAPE.exec(text.trim())
  if (!match) return null
  const [, major, minor, patch, vendor] = match
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch ?? 0),
    vendor: vendor ?? null,
    text: text.trim().replace(/^v/, ''),
  }
}

/** Orders by numbers, then an Apache release before a vendor's build of it, then by the vendor's own numbering. */
export function compareFlinkVersions(a: FlinkVersion, b: FlinkVersion): number {
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    Number(a.vendor !== null) - Number(b.vendor !== null) ||
    compareVendors(a.vendor ?? '', b.vendor ?? '')
  )
}

/** True from `major.minor` on, whatever the patch. */
export function isAtLeast(version: FlinkVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor)
}

/** `1.20` — the part that decides which features there are and which connectors fit. */
export function minorOf(version: FlinkVersion): string {
  return `${version.major}.${version.minor}`
}

const VENDORS: readonly (readonly [prefix: string, name: string])[] = [
  ['csa', 'Cloudera'],
  ['cloudera', 'Cloudera'],
  ['vvr', 'Ververica'],
  ['amzn', 'Amazon EMR'],
]

/** `Apache`, a vendor we know by the marks in its versions, or null for a build we cannot place. */
export function vendorOf({ vendor }: FlinkVersion): string | null {
  if (vendor === null) return 'Apache'
  const marks = vendor.toLowerCase()
  return VENDORS.find(([prefix]) => marks.startsWith(prefix))?.[1] ?? null
}

export function flinkFeatures(version: FlinkVersion): FlinkFeatures {
  const major2 = isAtLeast(version, 2, 0)
  return {
    configFile: isAtLeast(version, 1, 19) ? 'config.yaml' : 'flink-conf.yaml',
    javaOptionsKey: isAtLeast(version, 1, 18) ? 'env.java.opts.all' : 'env.java.opts',
    javaOptions: major2 ? SHARED_JAVA_OPTIONS : [NET_UTIL_EXPORT, ...SHARED_JAVA_OPTIONS],
    java: { from: major2 ? 11 : 8, to: isAtLeast(version, 1, 19) ? 23 : 17 },
    keys: major2 ? KEYS_OF_2 : KEYS_OF_1,
  }
}

const KEYS_OF_1: FlinkKeys = {
  checkpointsDir: 'state.checkpoints.dir',
  savepointsDir: 'state.savepoints.dir',
}

const KEYS_OF_2: FlinkKeys = {
  checkpointsDir: 'execution.checkpointing.dir',
  savepointsDir: 'execution.checkpointing.savepoint-dir',
}

// Without it 1.14-1.17 do not start on Java 17 (`IPAddressUtil`); 2.x no longer touches that class.
const NET_UTIL_EXPORT = '--add-exports=java.base/sun.net.util=ALL-UNNAMED'

const SHARED_JAVA_OPTIONS: readonly string[] = [
  ...[
    'java.rmi/sun.rmi.registry',
    'jdk.compiler/com.sun.tools.javac.api',
    'jdk.compiler/com.sun.tools.javac.file',
    'jdk.compiler/com.sun.tools.javac.parser',
    'jdk.compiler/com.sun.tools.javac.tree',
    'jdk.compiler/com.sun.tools.javac.util',
    'java.security.jgss/sun.security.krb5',
  ].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...[
    'java.lang',
    'java.net',
    'java.io',
    'java.nio',
    'sun.nio.ch',
    'java.lang.reflect',
    'java.text',
    'java.time',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
    'java.util.concurrent.locks',
  ].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
]

// Digit runs compare as numbers, so that csa1.10 follows csa1.9.
function compareVendors(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePieces(left[i] ?? '', right[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function comparePieces(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return Number(a) - Number(b)
  return a < b ? -1 : Number(a > b)
}
