import { z } from 'zod'
import type { Speaker } from '../bot/inbound.ts'
import { shownCard, utterance } from './card-schema.ts'
import { chatName, chatNamed, mayRead, nextAfter, nextBefore, onWeb, sliceOut } from './chats.ts'
import { notFound } from './problem.ts'
import { byOf, type Call, type Caller, ok, type Route, route } from './route.ts'
import { language, list, name, seq, text, wholeNumber } from './schemas.ts'

const about = 'Chat'
const DEFAULT_CHAT = 'ops'
const PAGE = 50

const chatParams = z.strictObject({ chat: name })
const cards = z.object({ cards: list(shownCard) })
const stretch = z.object({
  cards: list(shownCard),
  utterances: list(utterance),
  next: z.string().nullable(),
})

export function speakerOf({ member, token }: Pick<Caller, 'member' | 'token'>): Speaker {
  return token ? { is: 'token', memberId: member.id, token } : { is: 'session', memberId: member.id }
}

/** What a message and a tap have in common. The caller's key makes a repeated one the same event. */
async function inbound(call: Call<'member'>, chat: string) {
  const { services, caller, requestId, key } = call
  const place = await chatNamed(services, chat, caller)
  return {
    eventId: key === null ? services.ids.next('evt') : `key:${caller.member.id}:${key}`,
    chat: { id: place.id, vendor: place.vendor, title: place.title },
    speaker: speakerOf(caller),
    at: services.clock.now(),
    requestId,
    language: caller.language,
  }
}

const say = route({
  method: 'post',
  path: '/say',
  about,
  summary: 'Say something in a chat, as a person would; answers with the cards that it made',
  for: 'member',
  body: z.strictObject({ text: text(10_000, 1), chat: name.default(DEFAULT_CHAT) }),
  responses: { 200: cards },
  problems: ['not-found'],
  async run(call) {
    const said = { ...(await inbound(call, call.body.chat)), text: call.body.text }
    return ok({ cards: await call.services.bot.hear(said) })
  },
})

const press = route({
  method: 'post',
  path: '/press',
  about,
  summary: "Press a card's button, or send its form",
  for: 'member',
  body: z.strictObject({
    press: text(10_000, 1),
    values: z.record(text(100, 1), text(100_000)).default({}),
    chat: name.default(DEFAULT_CHAT),
  }),
  responses: { 200: cards },
  problems: ['not-found'],
  async run(call) {
    const { press, values, chat } = call.body
    return ok({ cards: await call.services.bot.press({ ...(await inbound(call, chat)), press, values }) })
  },
})

const card = route({
  method: 'get',
  path: '/cards/{id}',
  about,
  summary: 'One card as it looks now',
  for: 'member',
  params: z.strictObject({ id: name }),
  responses: { 200: shownCard },
  problems: ['not-found'],
  async run({ services, caller, params }) {
    const kept = await services.conversation.card(params.id)
    const chats = await services.conversation.chats()
    const chat = chats.find((one) => one.id === kept?.chat)
    const isMine = kept?.onlyFor === null || kept?.onlyFor === caller.member.id
    if (!kept || !isMine || !chat || !mayRead(chat, caller)) throw notFound('card', params.id)
    return ok(services.bot.shown(kept))
  },
})

const chats = route({
  method: 'get',
  path: '/chats',
  about,
  summary: 'The chats that the caller may read',
  for: 'member',
  responses: {
    200: list(
      z.object({
        id: z.string(),
        name: z.string(),
        title: z.string(),
        team: z.string().nullable(),
        language,
      }),
    ),
  },
  async run({ services, caller }) {
    const all = await services.conversation.chats()
    const readable = all.filter((chat) => onWeb(chat) && mayRead(chat, caller))
    const teams = await services.platform.access.teams()
    return ok(
      readable.map(({ id, title, teamId, language }) => ({
        id,
        name: chatName(id),
        title,
        team: teams.find((team) => team.id === teamId)?.name ?? null,
        language,
      })),
    )
  },
})

const since = route({
  method: 'get',
  path: '/chats/{chat}/cards',
  about,
  summary: 'What was said and shown after a position, oldest first',
  for: 'member',
  params: chatParams,
  query: z.strictObject({ after: seq.default('0'), limit: wholeNumber(1, 200).optional() }),
  responses: { 200: stretch },
  problems: ['not-found'],
  async run({ services, caller, params, query }) {
    const chat = await chatNamed(services, params.chat, caller)
    const reading = { chat: chat.id, reader: caller.member.id, limit: query.limit ?? PAGE }
    const slice = await services.conversation.since({ ...reading, after: query.after })
    return ok({ ...sliceOut(services.bot, slice, reading.reader), next: nextAfter(slice, reading.limit) })
  },
})

const history = route({
  method: 'get',
  path: '/chats/{chat}/history',
  about,
  summary: 'The newest of what was said and shown, and from there backwards',
  for: 'member',
  params: chatParams,
  query: z.strictObject({ before: seq.optional(), limit: wholeNumber(1, 200).optional() }),
  responses: { 200: stretch },
  problems: ['not-found'],
  async run({ services, caller, params, query }) {
    const chat = await chatNamed(services, params.chat, caller)
    const reading = { chat: chat.id, reader: caller.member.id, limit: query.limit ?? PAGE }
    const slice = await services.conversation.before({ ...reading, before: query.before ?? null })
    return ok({ ...sliceOut(services.bot, slice, reading.reader), next: nextBefore(slice, reading.limit) })
  },
})

const complete = route({
  method: 'get',
  path: '/complete',
  about,
  summary: 'What a half-typed command may become',
  for: 'member',
  query: z.strictObject({
    text: text(2000),
    at: wholeNumber(0, 2000).optional(),
    chat: name.default(DEFAULT_CHAT),
  }),
  responses: {
    200: z.object({
      from: z.int(),
      to: z.int(),
      items: list(z.object({ insert: z.string(), label: z.string(), detail: z.string() })),
    }),
  },
  problems: ['not-found'],
  async run(call) {
    const { services, caller, query } = call
    const chat = await chatNamed(services, query.chat, caller)
    const caret = Math.min(query.at ?? query.text.length, query.text.length)
    return ok(await services.bot.complete(query.text, caret, byOf(call, chat.id)))
  },
})

export const chatRoutes: readonly Route[] = [say, press, card, chats, since, history, complete]
