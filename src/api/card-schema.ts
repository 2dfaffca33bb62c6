import { z } from 'zod'
import { language, list, time } from './schemas.ts'

const shownButton = z.object({
  label: z.string(),
  style: z.enum(['primary', 'plain', 'danger']),
  press: z.string(),
})

const cell = z.union([z.string(), z.object({ text: z.string(), says: z.string() })])

const field = z.object({
  name: z.string(),
  label: z.string(),
  input: z.discriminatedUnion('is', [
    z.object({ is: z.literal('text'), placeholder: z.string(), multiline: z.boolean() }),
    z.object({ is: z.literal('select'), choices: list(z.object({ value: z.string(), label: z.string() })) }),
    z.object({ is: z.literal('number'), min: z.number().nullable(), max: z.number().nullable() }),
  ]),
  value: z.string(),
  required: z.boolean(),
})

const block = z.discriminatedUnion('is', [
  z.object({ is: z.literal('text'), text: z.string() }),
  z.object({
    is: z.literal('facts'),
    facts: list(z.object({ label: z.string(), value: z.string(), before: z.string().optional() })),
  }),
  z.object({ is: z.literal('progress'), label: z.string(), done: z.number().nullable() }),
  z.object({ is: z.literal('table'), columns: list(z.string()), rows: list(list(cell)) }),
  z.object({ is: z.literal('code'), text: z.string(), rest: z.number() }),
  z.object({ is: z.literal('form'), name: z.string(), fields: list(field), submit: shownButton }),
  z.object({ is: z.literal('picture'), alt: z.string(), png: z.string() }),
])

/** What a chat was shown; the card is drawn from `card`, `text` is the same in plain words. */
export const shownCard = z
  .object({
    id: z.string(),
    chat: z.string(),
    version: z.int(),
    seq: z.string(),
    subject: z.string().nullable(),
    language,
    onlyFor: z.string().nullable(),
    text: z.string(),
    card: z.object({
      tone: z.enum(['neutral', 'progress', 'good', 'warning', 'bad']),
      title: z.string(),
      subtitle: list(z.string()),
      body: list(block),
      footer: list(z.string()),
    }),
    buttons: list(shownButton),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Card' })

export const utterance = z
  .object({ seq: z.string(), speaker: z.string(), text: z.string(), at: time, mine: z.boolean() })
  .meta({ id: 'Utterance' })
