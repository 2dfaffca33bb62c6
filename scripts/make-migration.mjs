// node scripts/make-migration.mjs <name>     the next migration, from the last one's schema to prisma/schema.prisma
// node scripts/make-migration.mjs --restart  0001_start anew, from nothing; only while nothing is released
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { schemaSql } from './schema-sql.mjs'

const HOME = 'prisma/migrations'
const [name = ''] = process.argv.slice(2)
const schema = readFileSync('prisma/schema.prisma', 'utf8')
mkdirSync(HOME, { recursive: true })

if (name === '--restart') await restart()
else if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) await next()
else fail('Name the migration in lower-case words with dashes, e.g. add-silences, or say --restart.')

async function restart() {
  for (const former of migrations()) rmSync(join(HOME, former), { recursive: true })
  const handWritten = readFileSync('prisma/hand-written.sql', 'utf8')
  write('0001_start', `${await schemaSql(null, schema)}\n${handWritten}`)
}

async function next() {
  const last = migrations().at(-1)
  const sql = await schemaSql(last ? readFileSync(join(HOME, last, 'schema.prisma'), 'utf8') : null, schema)
  if (!sql) fail(`prisma/schema.prisma is as ${last} left it; there is nothing to migrate.`)
  const number = String(migrations().length + 1).padStart(4, '0')
  write(`${number}_${name}`, sql)
}

function write(folder, sql) {
  mkdirSync(join(HOME, folder), { recursive: true })
  writeFileSync(join(HOME, folder, 'migration.sql'), sql)
  // The next difference is counted from here.
  copyFileSync('prisma/schema.prisma', join(HOME, folder, 'schema.prisma'))
  process.stdout.write(`Wrote ${join(HOME, folder, 'migration.sql')}; read it before you commit it.\n`)
}

function migrations() {
  return readdirSync(HOME)
    .filter((folder) => existsSync(join(HOME, folder, 'migration.sql')))
    .sort()
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
