// Builds everything into dist/: the Prisma client, the server, the web page. Writes the stamp that scripts/ready.mjs reads.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { sourcesDigest } from './sources-digest.mjs'

run('Prisma client', ['scripts/prisma.mjs', 'generate'])
rmSync('dist', { recursive: true, force: true })
run('server', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
if (existsSync('web/vite.config.ts')) {
  run('web page', [
    'node_modules/vite/bin/vite.js',
    'build',
    '--config',
    'web/vite.config.ts',
    '--logLevel',
    'warn',
  ])
}
chmodSync('dist/main.js', 0o755)
mkdirSync('dist', { recursive: true })
writeFileSync('dist/.built', sourcesDigest())

function run(what, args) {
  const result = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
  if (result.status === 0) return
  process.stderr.write(`The ${what} did not build:\n${result.stdout}${result.stderr}\n`)
  process.exit(1)
}
