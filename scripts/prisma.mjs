// Runs the Prisma CLI without letting it download its schema engine: `generate`, `format` and `validate` never use it,
// and with Node itself in its place a command that does need it fails loudly instead of doing nothing.
import { spawnSync } from 'node:child_process'

const result = spawnSync(process.execPath, ['node_modules/prisma/build/index.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
})
process.exit(result.status ?? 1)
