// Makes a fresh clone ready: installs dependencies and, with --build, builds, but only when they are missing or stale.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Sluice needs Node 20.19 or newer; this is ${process.version}.\n`)
  process.exit(1)
}

const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
if (readOr('node_modules/.ready') !== lock) {
  process.stderr.write('Installing dependencies (npm ci) …\n')
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  const result = spawnSync(command, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
  })
  if (result.status !== 0) process.exit(result.status ?? 1)
  writeFileSync('node_modules/.ready', lock)
}

if (process.argv.includes('--build')) {
  const { sourcesDigest } = await import('./sources-digest.mjs')
  if (readOr('dist/.built') !== sourcesDigest()) {
    process.stderr.write('Building …\n')
    const result = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
    if (result.status !== 0) process.exit(result.status ?? 1)
  }
}

function readOr(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
