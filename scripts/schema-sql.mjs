// Turns a Prisma schema, or the difference between two, into SQL, with Prisma's own schema engine as WebAssembly.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)
const engineHome = dirname(require.resolve('@prisma/schema-engine-wasm'))
// Comes with the adapter, in the version that fits it.
const { bindMigrationAwareSqlAdapterFactory } = createRequire(require.resolve('@prisma/adapter-pg'))(
  '@prisma/driver-adapter-utils',
)

// Comparing schemas needs no database. The engine greets one all the same, and is content with an empty answer.
const noDatabase = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  connect: async () => ({
    ...noDatabase,
    queryRaw: async () => ({ columnNames: [], columnTypes: [], rows: [] }),
    executeRaw: async () => 0,
    executeScript: async () => {},
    startTransaction: async () => {
      throw new Error('Comparing schemas needs no transaction.')
    },
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: async () => {},
  }),
}

let engine = null

/** SQL that leads from the schema `from` (null: an empty database) to the schema `to`; '' when they are equal. */
export async function schemaSql(from, to) {
  // One engine per process: a second instance of its module would mix its memory up with the first one's.
  engine ??= startEngine(to)
  const { stdout } = await (await engine).diff({
    from: from === null ? { tag: 'empty' } : asSchema(from),
    to: asSchema(to),
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return stdout.includes('This is an empty migration') ? '' : stdout
}

async function startEngine(schema) {
  const glue = await import(pathToFileURL(join(engineHome, 'schema_engine_bg.js')).href)
  const module = new WebAssembly.Module(readFileSync(join(engineHome, 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  const adapter = bindMigrationAwareSqlAdapterFactory(noDatabase)
  return glue.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter)
}

function asSchema(content) {
  return { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] }
}
