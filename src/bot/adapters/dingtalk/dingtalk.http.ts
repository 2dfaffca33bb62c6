import { createHash } from 'node:crypto'
import { fullJitter } from '../../../lib/backoff.ts'
import type { ShownCard } from '../../cards/card.ts'
import type {
  AdapterParts,
  ChatAdapter,
  Connection,
  Edit,
  Finding,
  Post,
  Posted,
  SaidThere,
  Urge,
  Webhooks,
} from '../adapter.ts'
import { DINGTALK_PACE, dingtalkAbilities } from './abilities.ts'
import { cardIsGone, cardIsThere, type Failure, failureOf } from './answers.ts'
import { createApi } from './api.http.ts'
import { type Decoded, decodeEvent, decodeMessage, decodeTap, directChat } from './decode.ts'
import { createDirectory } from './directory.http.ts'
import { findingsOf } from './findings.ts'
import {
  cardBody,
  dingBodies,
  markdownCall,
  type Place,
  placeOf,
  readDelivery,
  readDing,
  readSending,
  routeKey,
} from './outgoing.ts'
import { drawCard, drawMarkdown } from './render.ts'
import type { DingTalkSetup } from './settings.ts'
import { cardApiSecret } from './signatures.ts'
import { type Frame, type Listeners, openStream } from './stream.http.ts'
import { supervise } from './supervisor.ts'
import { CARD_PATH, createWebhooks } from './webhooks.http.ts'

const REMEMBERED = 500
const REGISTERING = { base: 1_000, cap: 60_000 }
/** As long as any that was seen: what is to be sent is not known yet when its size is asked for. */
const LONGEST_CHAT = 'c'.repeat(64)
const PLACEHOLDER_PICTURE = '@lADPDgQ9q8hFhlHNAXzNAqI0000000000000000'

type Pictures = { is: 'uploaded'; names: readonly (string | null)[] } | { is: 'failed'; failure: Failure }

export function createDingTalk(parts: AdapterParts<DingTalkSetup>): ChatAdapter & { webhooks?: Webhooks } {
  const { setup, inbox, clock, log, random } = parts
  const api = createApi({ setup, clock })
  const listeners = createListeners(parts, (said) => names.keep(said.from.id, said.from.name ?? said.from.id))
  const names = remembered()
  const uploads = remembered()
  const line = createLine()
  const cards = setup.cardTemplateId !== null

  return {
    vendor: 'dingtalk',
    abilities: dingtalkAbilities(setup),
    pace: DINGTALK_PACE,
    start: line.start,
    async stop() {
      await line.stop()
      await api.close()
    },
    connection: line.connection,
    fits,
    post,
    edit,
    urge,
    directory: createDirectory(api),
    check,
    ...(line.webhooks ? { webhooks: line.webhooks } : {}),
  }

  // --- out ---------------------------------------------------------------------------------------------------------

  function fits(shown: ShownCard): boolean {
    const pictures = pngsOf(shown).map(() => PLACEHOLDER_PICTURE)
    return cards ? drawCard(shown, { chat: LONGEST_CHAT, pictures }).fits : drawMarkdown(shown, pictures).fits
  }

  async function post(wanted: Post): Promise<Posted> {
    const pictures = await upload(wanted.shown)
    if (pictures.is === 'failed') return failureOf(pictures.failure)
    const place = placeOf(wanted.to)
    return cards ? postCard(wanted, place, pictures.names) : postMarkdown(wanted, place, pictures.names)
  }

  async function postCard(
    { shown, key, mention }: Post,
    place: Place,
    pictures: readonly (string | null)[],
  ): Promise<Posted> {
    const { params } = drawCard(shown, { chat: chatOf(place), pictures })
    const called = Object.fromEntries(mention.map((id) => [id, names.of(id) ?? id]))
    const answer = await api.call({
      path: '/v1.0/card/instances/createAndDeliver',
      body: cardBody({ key, shown, place, params, mention: called }, setup),
    })
    if (cardIsThere(answer)) return { is: 'accepted', handle: { outTrackId: key } }
    return answer.is === 'ok' ? readDelivery(answer.body, key) : failureOf(answer)
  }

  async function postMarkdown(
    { shown }: Post,
    place: Place,
    pictures: readonly (string | null)[],
  ): Promise<Posted> {
    const answer = await api.call(markdownCall(place, shown, { pictures, robotCode: setup.robotCode }))
    return answer.is === 'ok' ? readSending(answer.body) : failureOf(answer)
  }

  async function edit({ at, shown, to }: Edit): Promise<Posted> {
    const { outTrackId } = at
    if (!outTrackId || !cards)
      return { is: 'fixed', said: { code: 'not-a-card', message: 'Messages of text cannot be edited' } }
    const pictures = await upload(shown)
    if (pictures.is === 'failed') return failureOf(pictures.failure)
    const { params } = drawCard(shown, { chat: chatOf(placeOf(to)), pictures: pictures.names })
    const answer = await api.call({
      method: 'PUT',
      path: '/v1.0/card/instances',
      body: {
        outTrackId,
        cardData: { cardParamMap: params },
        cardUpdateOptions: { updateCardDataByKey: true },
        userIdType: 1,
      },
    })
    if (answer.is === 'ok') return { is: 'accepted', handle: at }
    const failure = failureOf(answer)
    return cardIsGone(answer) ? { is: 'fixed', said: failure.said } : failure
  }

  async function urge(wanted: Urge): Promise<Posted> {
    const missed: string[] = []
    let handle = {}
    for (const body of dingBodies(wanted, setup.robotCode)) {
      const answer = await api.call({ path: '/v1.0/robot/ding/send', body })
      if (answer.is !== 'ok') return failureOf(answer)
      const read = readDing(answer.body, body.receiverUserIdList)
      missed.push(...read.missed)
      if (read.id !== null) handle = { openDingId: read.id }
    }
    return { is: 'accepted', handle, ...(missed.length > 0 ? { missed } : {}) }
  }

  /** Pictures by what the vendor calls them; one that it refuses is told in words instead. */
  async function upload(shown: ShownCard): Promise<Pictures> {
    const uploaded: (string | null)[] = []
    for (const png of pngsOf(shown)) {
      const digest = createHash('sha256').update(png).digest('hex')
      const known = uploads.of(digest)
      if (known === undefined) {
        const answer = await api.upload(Buffer.from(png, 'base64'))
        if (answer.is !== 'ok' && failureOf(answer).is !== 'refused') return { is: 'failed', failure: answer }
        const name = answer.is === 'ok' ? mediaOf(answer.body) : null
        if (name !== null) uploads.keep(digest, name)
        uploaded.push(name)
      } else uploaded.push(known)
    }
    return { is: 'uploaded', names: uploaded }
  }

  async function check(): Promise<readonly Finding[]> {
    const token = await api.token()
    const works = token.is === 'ok'
    const card =
      works && cards
        ? await api.call({
            method: 'PUT',
            path: '/v1.0/card/instances',
            body: {
              outTrackId: 'sluice_check',
              cardData: { cardParamMap: { title: '' } },
              cardUpdateOptions: { updateCardDataByKey: true },
              userIdType: 1,
            },
          })
        : null
    const directory = works
      ? await api.call({ host: 'old', path: '/topapi/v2/department/listsubid', body: { dept_id: 1 } })
      : null
    return findingsOf({ token, card, directory, connection: line.connection() }, setup)
  }

  // --- in ----------------------------------------------------------------------------------------------------------

  function createLine() {
    return setup.mode === 'stream' ? streamLine() : httpLine()
  }

  function streamLine() {
    const { start, stop, connection } = supervise({
      open: (events) => openStream({ setup, api, listeners }, events),
      clock,
      random,
      log,
    })
    return { start, stop, connection, webhooks: null }
  }

  function httpLine() {
    const stopping = new AbortController()
    let state: Connection = { is: 'stopped' }
    let registering: Promise<void> | null = null
    const called = () => {
      if (state.is === 'waiting-for-calls') state = { is: 'waiting-for-calls', lastAt: clock.now() }
    }

    return {
      webhooks: createWebhooks({ setup, listeners, clock, log, called }),
      connection: () => state,
      async start() {
        state = { is: 'waiting-for-calls', lastAt: null }
        if (!cards) return
        await new Promise<void>((tried) => {
          registering = register(tried, stopping.signal)
        })
      },
      async stop() {
        stopping.abort()
        await registering
        state = { is: 'stopped' }
      },
    }
  }

  /** Tells where taps go; without it cards are shown, and their buttons reach nobody. */
  async function register(tried: () => void, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const answer = await api.call({
        path: '/v1.0/card/callbacks/register',
        body: {
          callbackRouteKey: routeKey(setup.clientId),
          callbackUrl: `${setup.publicUrl}${CARD_PATH}`,
          apiSecret: cardApiSecret(setup.clientSecret.reveal()),
          forceUpdate: true,
        },
      })
      tried()
      if (answer.is === 'ok') return
      log.warn({ code: failureOf(answer).said.code }, 'DingTalk was not told where taps go; trying again')
      await clock.sleep(fullJitter(failures, REGISTERING, random), signal)
    }
    tried()
  }

  function chatOf(place: Place): string {
    return place.is === 'group' ? place.id : directChat(place.id)
  }

  function createListeners(
    { inbox: to }: Pick<AdapterParts<DingTalkSetup>, 'inbox'>,
    heard: (said: SaidThere) => void,
  ): Listeners {
    const around = ({ messageId }: Frame) => ({ messageId, now: clock.now() })
    return {
      async message(frame) {
        const said = taken(
          decodeMessage(frame.data, { ...around(frame), robotCode: setup.robotCode }),
          'A message was left aside',
        )
        if (!said) return
        heard(said)
        await to.said(said)
      },
      async tap(frame) {
        const pressed = taken(decodeTap(frame.data, around(frame)), 'A tap was left aside')
        // Not waited for: the answer cannot tell anything, and a late one shows as an error.
        if (pressed) void work(to.pressed(pressed))
      },
      async event(frame) {
        for (const told of decodeEvent(frame, around(frame))) await to.told(told)
      },
      nonsense: () => log.warn({}, 'A frame of another shape came from DingTalk'),
    }
  }

  function taken<T>(decoded: Decoded<T>, otherwise: string): T | null {
    if (decoded.is === 'event') return decoded.event
    log.info({ because: decoded.because }, otherwise)
    return null
  }

  async function work(done: ReturnType<typeof inbox.pressed>): Promise<void> {
    try {
      await done
    } catch {
      log.error({}, 'A tap could not be worked')
    }
  }
}

function pngsOf({ card }: ShownCard): readonly string[] {
  return card.body.flatMap((block) => (block.is === 'picture' ? [block.png] : []))
}

function mediaOf(body: unknown): string | null {
  const id = (body as { media_id?: unknown }).media_id
  return typeof id === 'string' && /^@[\w-]+$/.test(id) ? id : null
}

/** The last few; forgetting one costs a call, or a name. */
function remembered() {
  const kept = new Map<string, string>()
  return {
    of: (key: string) => kept.get(key),
    keep(key: string, value: string) {
      kept.delete(key)
      kept.set(key, value)
      const [oldest] = kept.keys()
      if (kept.size > REMEMBERED && oldest !== undefined) kept.delete(oldest)
    },
  }
}
