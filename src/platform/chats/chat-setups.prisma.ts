import type { Clock } from '../../lib/clock.ts'
import type { Seal } from '../../lib/seal.ts'
import type { Permit } from '../access/access.ts'
import { type AuditPort, entryFor } from '../audit/audit.ts'
import type { ChatSetup, ChatSetupsApi } from '../platform.ts'
import type { Database } from '../storage/database.prisma.ts'

const CHANNEL = 'sluice_chat_setups'

interface Row {
  vendor: string
  fields: string
  revision: number
  updatedBy: string
  updatedAt: Date
}

/** The fields rest sealed: a backup of the database opens no company's chat. */
export function createChatSetups({
  database,
  audit,
  seal,
  clock,
}: {
  database: Database
  audit: AuditPort
  seal: Seal
  clock: Clock
}): ChatSetupsApi {
  const { prisma } = database

  function setupOf({ fields, updatedAt, ...row }: Row): ChatSetup {
    return { ...row, fields: read(fields), updatedAt: updatedAt.getTime() }
  }

  /** What was sealed under another key is lost: it is entered anew, and the others go on meanwhile. */
  function read(sealed: string): ChatSetup['fields'] {
    try {
      // Written by `save` alone.
      return JSON.parse(seal.open(sealed))
    } catch {
      return {}
    }
  }

  return {
    list: async () => (await prisma.chatSetup.findMany({ orderBy: { vendor: 'asc' } })).map(setupOf),
    save(permit, { vendor, fields }) {
      const sealed = seal.close(JSON.stringify(fields))
      return database.transaction(async (tx) => {
        const now = clock.now()
        const change = { fields: sealed, updatedBy: permit.by.member.displayName, updatedAt: new Date(now) }
        const row = await tx.chatSetup.upsert({
          where: { vendor },
          create: { vendor, revision: 1, ...change },
          update: { revision: { increment: 1 }, ...change },
        })
        // Which fields, and never what stands in them.
        const after = { revision: row.revision, fields: Object.keys(fields).sort() }
        await audit.record(tx, entryOf(permit, vendor, { after }, now))
        await database.notify(tx, CHANNEL, vendor)
        return setupOf(row)
      })
    },
    remove(permit, vendor) {
      return database.transaction(async (tx) => {
        const { count } = await tx.chatSetup.deleteMany({ where: { vendor } })
        if (count === 0) return false
        await audit.record(tx, entryOf(permit, vendor, { before: { vendor } }, clock.now()))
        await database.notify(tx, CHANNEL, vendor)
        return true
      })
    },
    onChange: (listener) => database.listen(CHANNEL, listener),
  }
}

function entryOf(
  permit: Permit<'chat:manage'>,
  vendor: string,
  what: { before?: unknown; after?: unknown },
  now: number,
) {
  return entryFor(permit, { subject: `chat ${vendor}`, subjectId: vendor, ...what }, now)
}
