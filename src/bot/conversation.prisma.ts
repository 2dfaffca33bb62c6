import type { Database, Language } from '../platform/platform.ts'
import type { Card } from './cards/card.ts'
import type { Chat, ChatSlice, Conversation, KeptCard, Reading, Tap, Utterance } from './conversation.ts'
import { DEADLINES_MS, type NewDelivery, RANK, receiverText } from './delivery/delivery.ts'
import { DELIVERY_CHANNEL } from './delivery/outbox.ts'

interface ChatRow {
  id: string
  vendor: string
  title: string
  teamId: string | null
  environments: string[]
  language: string
  direct: boolean
  readOnly: boolean
  openly: boolean
  leftAt: Date | null
}

interface UtteranceRow {
  chatId: string
  seq: bigint | string
  memberId: string | null
  speaker: string
  text: string
  at: Date
}

interface CardRow {
  id: string
  chatId: string
  version: number
  seq: bigint | string
  subject: string | null
  subjectVersion: number
  language: string
  content: unknown
  onlyFor: string | null
  createdAt: Date
  updatedAt: Date
}

// One statement takes the next place and writes: the chat's row stays locked until it commits, so places become
// visible in their order.
const NEXT = `WITH place AS (UPDATE "Chat" SET "lastSeq" = "lastSeq" + 1 WHERE "id" = $1 RETURNING "lastSeq")`

const HEAR = `${NEXT}
INSERT INTO "Utterance" ("chatId", "seq", "eventId", "memberId", "speaker", "text", "at")
SELECT $1, "lastSeq", $2, $3, $4, $5, $6 FROM place ON CONFLICT DO NOTHING RETURNING *`

// Deliveries come with their card and follow its edits in the same commit, and who sends them is woken after it.
const INSERT = `${NEXT},
card AS (
  INSERT INTO "Card" ("id", "chatId", "subject", "subjectVersion", "language", "content", "seq", "onlyFor", "createdAt", "updatedAt")
  SELECT $2, $1, $3, $4, $5, $6::jsonb, "lastSeq", $7, $8, $8 FROM place
  ON CONFLICT ("id") DO NOTHING RETURNING *
),
made AS (
  INSERT INTO "Delivery" ("id", "vendor", "receiver", "chatId", "cardId", "memberId", "rank", "urgent", "mention", "ring", "instead", "insteadOf", "wanted", "dueAt", "deadlineAt", "createdAt")
  SELECT d."id", d."vendor", d."receiver", $1, $2, d."memberId", d."rank", d."urgent",
    ARRAY(SELECT jsonb_array_elements_text(d."mention")), d."ring", d."instead", d."insteadOf", 1, $8, to_timestamp(d."deadlineAt" / 1000.0), $8
  FROM card, jsonb_to_recordset($9::jsonb) AS d("id" text, "vendor" text, "receiver" text, "memberId" text, "rank" int, "urgent" bool,
    "mention" jsonb, "ring" jsonb, "instead" text, "insteadOf" text, "deadlineAt" float8)
  ON CONFLICT DO NOTHING RETURNING "vendor"
)
SELECT card.*, (SELECT count(pg_notify('${DELIVERY_CHANNEL}', "vendor")) FROM made) AS "woken" FROM card`

const EDIT = `${NEXT},
card AS (
  UPDATE "Card" SET "version" = "version" + 1, "subjectVersion" = $4, "content" = $5::jsonb, "seq" = "lastSeq", "updatedAt" = $6
  FROM place WHERE "id" = $2 AND "version" = $3 AND "subjectVersion" <= $4 RETURNING "Card".*
),
moved AS (
  UPDATE "Delivery" SET "wanted" = card."version",
    "rank" = CASE WHEN "shown" > 0 AND NOT "urgent" THEN ${RANK.edit} ELSE "rank" END,
    "tries" = CASE WHEN "state" = 'done' THEN 0 ELSE "tries" END,
    "dueAt" = CASE WHEN "state" = 'done' THEN $6 ELSE "dueAt" END,
    "state" = CASE WHEN "state" = 'done' THEN 'waiting' ELSE "state" END
  FROM card WHERE "Delivery"."cardId" = card."id" RETURNING "vendor"
)
SELECT card.*, (SELECT count(pg_notify('${DELIVERY_CHANNEL}', "vendor")) FROM moved) AS "woken" FROM card`

export function prismaConversation({ prisma, sql }: Database): Conversation {
  const known = new Map<string, string>()

  async function card(id: string): Promise<KeptCard | null> {
    const row = await prisma.card.findUnique({ where: { id } })
    return row && keptCard(row)
  }

  /** Both lists are read one by one and cut together, so that a page has no hole. */
  async function slice(
    { chat, reader, limit }: Reading,
    seq: { gt: bigint } | { lt: bigint } | undefined,
    order: 'asc' | 'desc',
  ): Promise<ChatSlice> {
    const where = { chatId: chat, ...(seq && { seq }) }
    const forReader = { OR: [{ onlyFor: null }, ...(reader === null ? [] : [{ onlyFor: reader }])] }
    const page = { orderBy: { seq: order }, take: limit }
    const [cards, utterances] = await Promise.all([
      prisma.card.findMany({ where: { ...where, ...forReader }, ...page }),
      prisma.utterance.findMany({ where, ...page }),
    ])
    const sign = order === 'asc' ? 1 : -1
    const places = [...cards, ...utterances].map(({ seq }) => seq).sort((a, b) => sign * Number(a - b))
    const last = places[limit - 1]
    const within = (row: { seq: bigint }) => last === undefined || sign * Number(row.seq - last) <= 0
    const byPlace = (a: { seq: bigint }, b: { seq: bigint }) => Number(a.seq - b.seq)
    return {
      cards: cards.filter(within).sort(byPlace).map(keptCard),
      utterances: utterances.filter(within).sort(byPlace).map(utteranceOf),
    }
  }

  return {
    async chat(ref, language, at) {
      // A chat's title seldom changes; what was seen last is not written again.
      const seen = await prisma.chat.findUnique({ where: { id: ref.id } })
      const isAsSeen = seen !== null && (seen.title === ref.title || known.get(ref.id) === ref.title)
      if (isAsSeen && seen.leftAt === null) return chatOf(seen)
      known.set(ref.id, ref.title)
      const created = { id: ref.id, vendor: ref.vendor, title: ref.title, direct: ref.pair ?? false }
      const row = await prisma.chat.upsert({
        where: { id: ref.id },
        create: { ...created, language, createdAt: new Date(at) },
        update: { title: ref.title, leftAt: null },
      })
      return chatOf(row)
    },
    async chatById(id) {
      const row = await prisma.chat.findUnique({ where: { id } })
      return row && chatOf(row)
    },
    chats: async () => (await prisma.chat.findMany({ orderBy: { createdAt: 'asc' } })).map(chatOf),
    async setChat(id, change) {
      const { leftAt, environments, ...plain } = change
      await prisma.chat.update({
        where: { id },
        data: {
          ...plain,
          ...(environments !== undefined && { environments: [...environments] }),
          ...(leftAt !== undefined && { leftAt: leftAt === null ? null : new Date(leftAt) }),
        },
      })
    },

    async hear({ chat, eventId, memberId, speaker, text, at }) {
      const rows = await sql<UtteranceRow>(HEAR, [chat, eventId, memberId, speaker, text, new Date(at)])
      return rows[0] ? utteranceOf(rows[0]) : null
    },

    async insert({ id, chat, subject, subjectVersion, language, zone, card, onlyFor, at }, deliveries = []) {
      const content = JSON.stringify({ card, zone })
      const carried = JSON.stringify(deliveries.map((delivery) => deliveryRow(delivery, at)))
      const values = [chat, id, subject, subjectVersion, language, content, onlyFor, new Date(at), carried]
      const [row] = await sql<CardRow>(INSERT, values)
      return row ? keptCard(row) : null
    },
    async edit(id, { version, subjectVersion, card: drawn, at }) {
      const now = await card(id)
      if (!now || now.version !== version) return null
      const content = JSON.stringify({ card: drawn, zone: now.zone })
      const [row] = await sql<CardRow>(EDIT, [now.chat, id, version, subjectVersion, content, new Date(at)])
      return row ? keptCard(row) : null
    },
    card,
    async cardsOf(subject) {
      const rows = await prisma.card.findMany({ where: { subject }, orderBy: { createdAt: 'asc' } })
      return rows.map(keptCard)
    },

    since: (reading) => slice(reading, { gt: BigInt(reading.after) }, 'asc'),
    before: (reading) =>
      slice(reading, reading.before === null ? undefined : { lt: BigInt(reading.before) }, 'desc'),

    async tap(tap) {
      const data = { ...tap, at: new Date(tap.at) }
      const { count } = await prisma.pressedButton.createMany({ data, skipDuplicates: true })
      if (count === 1) return { is: 'taken' }
      const row = await prisma.pressedButton.findUnique({ where: { id: tap.id } })
      // Released in between: whoever had it came to nothing, and so this tap is told to look again.
      return { is: 'was-taken', by: row ? tapOf(row) : { ...tap, answer: null } }
    },
    async answerTap(id, answer) {
      await prisma.pressedButton.update({ where: { id }, data: { answer } })
    },
    async tapOf(id) {
      const row = await prisma.pressedButton.findUnique({ where: { id } })
      return row && tapOf(row)
    },
    async releaseTap(id) {
      await prisma.pressedButton.deleteMany({ where: { id } })
    },
  }
}

/** As the statement reads it. */
export function deliveryRow({ receiver, urgency, ring, ...rest }: NewDelivery, now: number) {
  return {
    mention: [],
    instead: null,
    insteadOf: null,
    ...rest,
    receiver: receiverText(receiver),
    rank: { urgent: RANK.urgent, ordinary: RANK.fresh, low: RANK.digest }[urgency],
    urgent: urgency === 'urgent',
    ring: ring ? { ...ring, done: false } : null,
    deadlineAt: now + DEADLINES_MS[urgency],
  }
}

function chatOf(row: ChatRow): Chat {
  const { id, vendor, title, teamId, environments, language, direct, readOnly, openly, leftAt } = row
  return {
    ...{ id, vendor, title, teamId, environments, direct, readOnly, openly },
    language: language as Language,
    leftAt: leftAt?.getTime() ?? null,
  }
}

function utteranceOf({ chatId, seq, memberId, speaker, text, at }: UtteranceRow): Utterance {
  return { seq: String(seq), chat: chatId, memberId, speaker, text, at: at.getTime() }
}

function tapOf({ at, ...tap }: Omit<Tap, 'at'> & { at: Date }): Tap {
  return { ...tap, at: at.getTime() }
}

function keptCard(row: CardRow): KeptCard {
  // Written by `insert` and `edit` alone.
  const { card, zone } = row.content as { card: Card; zone: string }
  return {
    id: row.id,
    chat: row.chatId,
    version: row.version,
    seq: String(row.seq),
    subject: row.subject,
    subjectVersion: row.subjectVersion,
    language: row.language as Language,
    zone,
    card,
    onlyFor: row.onlyFor,
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
  }
}
