import type { PGlite, protocol } from '@electric-sql/pglite'
import pg from 'pg'

/** What Prisma's adapter, pg-boss and we ask a pool or client with. */
export interface Statement {
  text: string
  values?: unknown[]
  rowMode?: 'array'
  types?: pg.CustomTypesConfig
}
export type Answer = Pick<pg.QueryResult, 'rows' | 'fields' | 'rowCount' | 'command'>

interface Prepared {
  name: string
  parameters: readonly number[]
  fields: readonly pg.FieldDef[]
  uses: number
}

/** Some 30 kB each, in memory that is never given back. */
const MOST_KEPT = 200
/** A plan made when its tables were small is a bad one when they have grown, and nobody runs ANALYZE here. */
const USES_OF_A_PLAN = 1_000

/**
 * Statements on PGlite, prepared once and kept by their text, each use one message. PGlite's own `query` prepares
 * anew every time, in five messages: for the short statements we live on that is six times the work.
 */
export class PGliteStatements {
  readonly #db: PGlite
  readonly #kept = new Map<string, Prepared>()
  #protocol: Promise<typeof protocol> | null = null
  #made = 0

  constructor(db: PGlite) {
    this.#db = db
  }

  async run(statement: Statement): Promise<Answer> {
    if (this.#db.closed) throw new Error('PGlite is closed')
    // Servers on PostgreSQL never load the module. Here it is loaded by now, but an import is still a millisecond.
    this.#protocol ??= import('@electric-sql/pglite').then(({ protocol }) => protocol)
    const { serialize } = await this.#protocol
    return this.#db.runExclusive(() => this.#execute(statement, serialize))
  }

  /** Another statement changed what tables look like. */
  async forget(): Promise<void> {
    this.#kept.clear()
    await this.#db.exec('DEALLOCATE ALL')
  }

  async #execute({ text, values = [], types, rowMode }: Statement, serialize: Serialize): Promise<Answer> {
    const prepared = await this.#prepared(text, serialize)
    const sent = serialize.bind({
      statement: prepared.name,
      values: values.map((value, at) => this.#written(value, prepared.parameters[at])),
    })
    const messages = await this.#send([sent, serialize.execute(), serialize.sync()])
    const parsers = prepared.fields.map(({ dataTypeID }) =>
      types ? types.getTypeParser(dataTypeID, 'text') : pg.types.getTypeParser(dataTypeID, 'text'),
    )
    const read = (texts: readonly (string | null)[]) =>
      texts.map((value, at) => (value === null ? null : parsers[at]?.(value)))
    const rows = messages.flatMap((message) => (isRow(message) ? [read(message.fields)] : []))
    const named = (row: unknown[]) =>
      Object.fromEntries(prepared.fields.map(({ name }, at) => [name, row[at]]))
    return {
      rows: rowMode === 'array' ? rows : rows.map(named),
      fields: [...prepared.fields],
      ...completion(messages),
    }
  }

  async #prepared(text: string, serialize: Serialize): Promise<Prepared> {
    const known = this.#kept.get(text)
    this.#kept.delete(text)
    if (known && known.uses < USES_OF_A_PLAN) {
      // Last in the order: the one that was not used for longest goes first.
      this.#kept.set(text, { ...known, uses: known.uses + 1 })
      return known
    }
    const closing = [...(known ? [known] : []), ...this.#superfluous()].map(({ name }) =>
      serialize.close({ type: 'S', name }),
    )
    const name = `sluice_${++this.#made}`
    const parse = [serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), serialize.sync()]
    const prepared = preparedFrom(name, await this.#send([...closing, ...parse]))
    this.#kept.set(text, prepared)
    return prepared
  }

  #superfluous(): Prepared[] {
    const [oldest] = this.#kept
    if (!oldest || this.#kept.size < MOST_KEPT) return []
    this.#kept.delete(oldest[0])
    return [oldest[1]]
  }

  #written(value: unknown, type: number | undefined): string | null {
    if (value === null || value === undefined) return null
    const write = type === undefined ? undefined : this.#db.serializers[type]
    return write ? write(value) : String(value)
  }

  async #send(parts: readonly Uint8Array[]): Promise<readonly Message[]> {
    // The last part is a Sync, so that after an error the session is ready again.
    return (await this.#db.execProtocol(Buffer.concat(parts))).messages
  }
}

type Serialize = typeof protocol.serialize
type Message = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number]
type Row = Message & { fields: readonly (string | null)[] }

function isRow(message: Message): message is Row {
  return message.name === 'dataRow'
}

function preparedFrom(name: string, messages: readonly Message[]): Prepared {
  let parameters: readonly number[] = []
  let fields: readonly pg.FieldDef[] = []
  for (const message of messages) {
    // The protocol's own classes are not exported as types; their names tell which is which.
    if (message.name === 'parameterDescription') ({ dataTypeIDs: parameters } = message as never)
    if (message.name === 'rowDescription') ({ fields } = message as never)
  }
  return { name, parameters, fields, uses: 1 }
}

/** `INSERT 0 5`, `SELECT 20`, `BEGIN`. */
function completion(messages: readonly Message[]): Pick<Answer, 'command' | 'rowCount'> {
  const done = messages.find(({ name }) => name === 'commandComplete')
  const words = done && 'text' in done ? String(done.text).split(' ') : []
  return { command: words[0] ?? '', rowCount: Number(words.at(-1)) || 0 }
}
