import { EventEmitter } from 'node:events'
import type { PGlite, Results } from '@electric-sql/pglite'
import pg from 'pg'
import { type Answer, PGliteStatements, type Statement } from './pglite-statements.prisma.ts'

type Ask = string | Statement

/**
 * PGlite in the clothes of a `pg.Pool`, so that the embedded database goes through the same Prisma adapter as
 * PostgreSQL: same errors, savepoints and isolation levels. PGlite has one session, so statements queue here, and a
 * transaction holds the queue from BEGIN to COMMIT or ROLLBACK.
 */
export class PGlitePool extends pg.Pool {
  readonly #db: PGlite
  readonly #statements: PGliteStatements
  #tail: Promise<void> = Promise.resolve()

  constructor(db: PGlite) {
    super({ max: 1 })
    this.#db = db
    this.#statements = new PGliteStatements(db)
  }

  // `never` fits every one of pg's overloads; the promise forms are the ones that our callers use.
  override query(ask: unknown, values?: unknown): never {
    return this.alone(() => this.#runWhole(ask as Ask, values as unknown[] | undefined)) as never
  }

  override connect(): never {
    return Promise.resolve(new PGliteClient(this)) as never
  }

  override async end(): Promise<void> {}

  async listen(channel: string, onMessage: (payload: string) => void): Promise<() => Promise<void>> {
    // Alone: inside somebody's transaction a LISTEN would be undone by its rollback.
    const stop = await this.alone(() => this.#db.listen(`"${channel}"`, onMessage))
    return () => this.alone(() => stop())
  }

  /** Runs when no transaction and no statement is under way, and lets none begin meanwhile. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const free = await this.enter()
    try {
      return await work()
    } finally {
      free()
    }
  }

  /** Waits for its turn; the next one waits until the returned function is called. */
  async enter(): Promise<() => void> {
    let free = () => {}
    const before = this.#tail
    this.#tail = new Promise((resolve) => {
      free = resolve
    })
    await before
    return free
  }

  async run(ask: Ask, given?: unknown[]): Promise<Answer> {
    const statement = typeof ask === 'string' ? { text: ask } : ask
    const { text, types } = statement
    const values = given ?? statement.values ?? []
    // Without parameters a text may hold several statements, which only the simple protocol takes.
    const prepares = values.length > 0 || types !== undefined
    const result = prepares
      ? await this.#statements.run({ ...statement, values })
      : answer((await this.#db.exec(text, { parsers: plainParsers })).at(-1), text)
    if (changesShapes(text)) await this.#statements.forget()
    return result
  }

  /** A text may bring its own BEGIN and COMMIT; one that fails in between must not leave the session inside. */
  async #runWhole(ask: Ask, values?: unknown[]): Promise<Answer> {
    try {
      return await this.run(ask, values)
    } catch (error) {
      if (opensTransaction(typeof ask === 'string' ? ask : ask.text)) await this.run('ROLLBACK')
      throw error
    }
  }
}

/** One lent client. It owns the session only between BEGIN and COMMIT or ROLLBACK; otherwise it takes turns. */
class PGliteClient extends EventEmitter {
  readonly #pool: PGlitePool
  #free: (() => void) | null = null

  constructor(pool: PGlitePool) {
    super()
    this.#pool = pool
  }

  async query(ask: Ask, values?: unknown[]): Promise<Answer> {
    const text = typeof ask === 'string' ? ask : ask.text
    if (!this.#free && !opensTransaction(text)) return this.#pool.alone(() => this.#pool.run(ask, values))

    this.#free ??= await this.#pool.enter()
    try {
      const result = await this.#pool.run(ask, values)
      if (endsTransaction(text)) this.#leave()
      return result
    } catch (error) {
      if (opensTransaction(text)) await this.release()
      if (endsTransaction(text)) this.#leave()
      throw error
    }
  }

  /** Also called after an error in mid-transaction: the session must not stay inside it. */
  async release(): Promise<void> {
    if (!this.#free) return
    try {
      await this.#pool.run('ROLLBACK')
    } finally {
      this.#leave()
    }
  }

  #leave(): void {
    this.#free?.()
    this.#free = null
  }
}

function opensTransaction(text: string): boolean {
  return /^\s*(begin|start\s+transaction)\b/i.test(text)
}

function endsTransaction(text: string): boolean {
  return /^\s*(commit|end|rollback(?!\s+to)|abort)\b/i.test(text)
}

/** What is prepared for a table does not fit the changed one. Outside of migrations nobody does this. */
function changesShapes(text: string): boolean {
  return /^\s*(create|alter|drop)\s/im.test(text)
}

// Every type that pg parses in its own way: PGlite would parse these differently.
const PARSED_TYPES = [
  16, 17, 18, 19, 20, 21, 23, 25, 26, 114, 142, 143, 199, 600, 651, 700, 701, 790, 791, 829, 869, 650, 1000,
  1001, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1028, 1041, 1042, 1043, 1082, 1083, 1114, 1115, 1182,
  1183, 1184, 1185, 1186, 1187, 1231, 1266, 1270, 1560, 1561, 1562, 1563, 1700, 2950, 2951, 3802, 3807,
]
const plainParsers = Object.fromEntries(
  PARSED_TYPES.map((type) => [type, pg.types.getTypeParser(type, 'text')] as const),
)

function answer(result: Results<unknown> | undefined, text: string): Answer {
  const command = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? ''
  if (!result) return { rows: [], fields: [], rowCount: 0, command }
  // PGlite tells no more of a field than its name and type; nobody here reads the rest.
  const fields = result.fields as unknown as pg.FieldDef[]
  return {
    rows: result.rows as unknown[],
    fields,
    rowCount: result.affectedRows || result.rows.length,
    command,
  }
}
