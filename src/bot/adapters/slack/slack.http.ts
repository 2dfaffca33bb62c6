import type { App, Receiver } from '@slack/bolt'
import { fullJitter } from '../../../lib/backoff.ts'
import type { AdapterParts, ChatAdapter, Connection, Webhooks } from '../adapter.ts'
import { SLACK_ABILITIES, SLACK_PACE } from './abilities.ts'
import { mayAnswerAt } from './addresses.ts'
import { checkSlack } from './checks.http.ts'
import type { Ours, TapPlace } from './decode.ts'
import { createDirectory } from './directory.http.ts'
import { createHearing, type Means } from './hearing.ts'
import { openListener } from './listener.http.ts'
import { createMessages } from './messages.http.ts'
import { wordsOf } from './outcome.ts'
import { createPictures } from './pictures.http.ts'
import type { SlackSetup } from './settings.ts'
import { fitsSlack } from './size.ts'
import { createSlackApi, Faulty, faultOf, type SlackApi, TIMEOUT_MS } from './slack-api.http.ts'
import { createSockets } from './socket.http.ts'
import { escaped } from './text.ts'
import { byRoute, createWebhook } from './webhook.http.ts'

/** Slack, over its socket when there is an app-level token, else over calls that it makes. */
export function createSlack(parts: AdapterParts<SlackSetup>): ChatAdapter & { webhooks?: Webhooks } {
  const { setup, inbox, clock, log } = parts
  const stopping = new AbortController()
  const api = createSlackApi({ setup, log, stopped: stopping.signal })
  const directory = createDirectory(api, clock)
  const messages = createMessages({ api, pictures: createPictures(api), clock, log })
  const means: Means = { ...answers(api, setup), nameOf: directory.nameOf, learnNames: directory.learn }

  async function listen(receiver: Receiver): Promise<App> {
    const ours = await whoWeAre(api)
    const hear = createHearing({ inbox, clock, log, ours, means })
    return openListener({ setup, ours, log, fetch: api.fetch, hear }, receiver)
  }

  const inbound = openInbound({ ...parts, api, listen, stopped: stopping.signal })

  function connection(): Connection {
    return stopping.signal.aborted ? { is: 'stopped' } : inbound.connection()
  }

  return {
    vendor: 'slack',
    abilities: SLACK_ABILITIES,
    pace: SLACK_PACE,
    start: inbound.start,
    async stop() {
      stopping.abort()
      await inbound.closed()
    },
    connection,
    fits: fitsSlack,
    ...messages,
    directory: { person: directory.person, people: directory.people },
    async titleOf(chat) {
      const asked = await api.ask((client) => client.conversations.info({ channel: chat }))
      return asked.ok ? (asked.value.channel?.name ?? null) : null
    },
    check: () => checkSlack({ api, setup, connection }),
    ...(inbound.webhooks && { webhooks: inbound.webhooks }),
  }
}

async function whoWeAre(api: SlackApi): Promise<Ours> {
  const asked = await api.ask((client) => client.auth.test())
  if (!asked.ok) throw new Faulty(asked.fault)
  const { team_id, user_id, bot_id, enterprise_id } = asked.value
  return {
    teamId: team_id ?? '',
    userId: user_id ?? '',
    botId: bot_id ?? null,
    enterpriseId: typeof enterprise_id === 'string' ? enterprise_id : null,
  }
}

// --- in -----------------------------------------------------------------------------------------------------------

interface Inbound {
  start(): Promise<void>
  closed(): Promise<void>
  connection(): Connection
  webhooks: Webhooks | null
}

interface InboundParts extends AdapterParts<SlackSetup> {
  api: SlackApi
  listen: (receiver: Receiver) => Promise<App>
  stopped: AbortSignal
}

function openInbound(parts: InboundParts): Inbound {
  const { setup, api, ...rest } = parts
  if (setup.inbound.is === 'http') return openCalls(parts, setup.inbound)
  const { appToken } = setup.inbound
  const sockets = createSockets({ ...rest, apiUrl: setup.apiUrl, fetch: api.fetch, appToken })
  return { ...sockets, webhooks: null }
}

const BACKOFF = { base: 500, cap: 30_000 } as const

/** Calls are taken once Slack has told us who we are: asked until it does. */
function openCalls(
  { clock, log, random, listen, stopped }: InboundParts,
  { signingSecret }: Extract<SlackSetup['inbound'], { is: 'http' }>,
): Inbound {
  const since = clock.now()
  let app: App | null = null
  let because: string | null = null
  const webhook = createWebhook({ signingSecret, clock, log, app: () => (stopped.aborted ? null : app) })

  async function becomeKnown(onFirst: () => void): Promise<void> {
    for (let failures = 0; app === null && !stopped.aborted; failures++) {
      try {
        app = await listen(byRoute)
      } catch (error) {
        because = wordsOf(faultOf(error)).code
        log.warn({ because }, 'slack: not known yet')
      }
      onFirst()
      if (app === null) await clock.sleep(fullJitter(failures, BACKOFF, random), stopped)
    }
  }

  return {
    start: () => new Promise((first) => void becomeKnown(first)),
    closed: async () => {},
    connection() {
      if (app === null) return { is: 'connecting', since, because }
      return { is: 'waiting-for-calls', lastAt: webhook.lastAt() }
    },
    webhooks: webhook,
  }
}

// --- answers to taps ----------------------------------------------------------------------------------------------

function answers(api: SlackApi, setup: SlackSetup): Pick<Means, 'tell' | 'openWindow'> {
  /** Works where we are not a member, for half an hour after the tap. */
  async function answerAt(url: string, text: string): Promise<void> {
    if (!mayAnswerAt(url, setup.apiUrl)) return
    const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: escaped(text) })
    const headers = { 'content-type': 'application/json' }
    // Nobody waits for it, and the tap was worked: a lost answer changes nothing.
    await api
      .fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) })
      .catch(() => {})
  }

  return {
    async tell({ channel, person, thread, responseUrl }: TapPlace, text) {
      const asked = await api.ask((client) =>
        client.chat.postEphemeral({
          channel,
          user: person,
          text: escaped(text),
          parse: 'none',
          ...(thread !== null && { thread_ts: thread }),
        }),
      )
      if (!asked.ok && responseUrl !== null) await answerAt(responseUrl, text)
    },
    async openWindow(trigger, view) {
      const asked = await api.ask((client) => client.views.open({ trigger_id: trigger, view }))
      return asked.ok
    },
  }
}
