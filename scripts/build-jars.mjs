// Builds the jars that are shipped: the SQL runner and the example job. Users need a JRE only, so the results stand
// in the repository; `--check` builds them again and fails when one byte differs. What makes that possible: one
// compiler (JDK 17, told to write Java 8 classes) and an archive without times, orders or compression of its own.
//
//   node scripts/build-jars.mjs            needs a JDK 17 (JAVA_HOME or PATH); FLINK_HOME for the example
//   node scripts/build-jars.mjs --check    the same, writes nothing
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { zipSync } from 'fflate'

const ROOT = resolve(import.meta.dirname, '..')
const COMPILER = 17
// On the first day that a zip entry can carry, as local time, which is what fflate writes.
const MTIME = new Date(1980, 0, 1, 12)

const JARS = [
  {
    file: 'runner/sluice-sql-runner.jar',
    sources: 'runner/src',
    mainClass: 'sluice.SqlRunner',
    needsFlink: false,
  },
  {
    file: 'examples/counter-job.jar',
    sources: 'examples/counter-job/src',
    mainClass: 'sluice.examples.CounterJob',
    needsFlink: true,
  },
]

main(process.argv.slice(2))

function main(args) {
  const check = args.includes('--check')
  const javac = findJavac()
  for (const jar of JARS) {
    const bytes = build(jar, javac)
    if (check) compare(jar, bytes)
    else writeFileSync(join(ROOT, jar.file), bytes)
    console.log(`${jar.file}: ${check ? 'as its source says' : 'written'}, ${bytes.length} bytes`)
  }
}

function build(jar, javac) {
  const out = mkdtempSync(join(tmpdir(), 'sluice-jar-'))
  try {
    compile(jar, javac, out)
    return pack(jar, out)
  } finally {
    rmSync(out, { recursive: true })
  }
}

function compile(jar, javac, out) {
  const sources = filesUnder(join(ROOT, jar.sources)).filter((file) => file.endsWith('.java'))
  const classPath = jar.needsFlink ? flinkClassPath() : out
  execFileSync(
    javac,
    [
      '--release',
      '8',
      '-encoding',
      'UTF-8',
      '-g:source,lines',
      '-proc:none',
      '-Xlint:-options',
      '-cp',
      classPath,
      '-d',
      out,
      ...sources,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
}

function pack(jar, out) {
  const manifest = `Manifest-Version: 1.0\r\nMain-Class: ${jar.mainClass}\r\n\r\n`
  const entries = { 'META-INF/MANIFEST.MF': Buffer.from(manifest) }
  for (const file of filesUnder(out)) entries[relative(out, file).replaceAll('\\', '/')] = readFileSync(file)
  return Buffer.from(zipSync(entries, { level: 0, mtime: MTIME }))
}

function compare(jar, bytes) {
  const shipped = join(ROOT, jar.file)
  if (!existsSync(shipped)) fail(`${jar.file} is missing. Build it: node scripts/build-jars.mjs`)
  if (!readFileSync(shipped).equals(bytes)) {
    fail(`${jar.file} differs from what its source gives. Build it again: node scripts/build-jars.mjs`)
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1))
}

function flinkClassPath() {
  const home = process.env.FLINK_HOME
  if (!home || !existsSync(join(home, 'lib')))
    fail('FLINK_HOME must name a Flink: the example is compiled against its lib.')
  return readdirSync(join(home, 'lib'))
    .filter((name) => name.startsWith('flink-dist') && name.endsWith('.jar'))
    .map((name) => join(home, 'lib', name))
    .join(':')
}

function findJavac() {
  const candidates = [process.env.JAVA_HOME && join(process.env.JAVA_HOME, 'bin/javac'), 'javac'].filter(
    Boolean,
  )
  for (const javac of candidates) {
    if (versionOf(javac) === COMPILER) return javac
  }
  return fail(`JDK ${COMPILER} is needed (other compilers write other bytes): set JAVA_HOME to one.`)
}

function versionOf(javac) {
  try {
    const text = execFileSync(javac, ['-version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    return Number(/javac (\d+)/.exec(text)?.[1])
  } catch {
    return null
  }
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
