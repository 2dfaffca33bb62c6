/** Why the database cannot be used. The sentence people read is made from the code and the facts, in their language. */
export type DatabaseTrouble =
  /** Another process uses the embedded directory. */
  | 'directory-in-use'
  /** The embedded directory was taken over by another process while we used it. */
  | 'directory-lost'
  /** The embedded directory was written by another major version of PostgreSQL. */
  | 'other-postgres'
  | 'server-too-old'
  | 'server-not-in-utc'
  /** A newer Sluice has changed the schema. */
  | 'newer-schema'
  /** A migration that was applied has another text now. */
  | 'changed-migration'
  /** The outer client was used inside a transaction: it would wait for itself, or silently write outside of it. */
  | 'outside-transaction'

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: DatabaseTrouble
  readonly facts: Readonly<Record<string, string | number>>

  constructor(code: DatabaseTrouble, sentence: string, facts: Record<string, string | number> = {}) {
    super(sentence)
    this.code = code
    this.facts = facts
  }
}
