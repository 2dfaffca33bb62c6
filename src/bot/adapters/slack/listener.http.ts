import { App, type Receiver } from '@slack/bolt'
import type { Log } from '../../../lib/log.ts'
import type { Ours } from './decode.ts'
import type { Acknowledge, Hear } from './hearing.ts'
import type { SlackSetup } from './settings.ts'
import { clientOptions, quietLogger, type SlackApi } from './slack-api.http.ts'

export interface ListenerParts {
  setup: SlackSetup
  ours: Ours
  log: Log
  fetch: SlackApi['fetch']
  hear: Hear
}

/** What a receiver hands on: the body, and the way to answer it. */
export interface Incoming {
  body: Record<string, unknown>
  ack: Acknowledge
  retryNum?: number | undefined
  retryReason?: string | undefined
}

/**
 * Bolt's App with one listener for everything. Bolt itself acknowledges events before any listener has run; it is
 * handed an `ack` that does nothing then, and the real one is called when what was said is stored.
 */
export async function openListener(
  { setup, ours, log, fetch, hear }: ListenerParts,
  receiver: Receiver,
): Promise<App> {
  const app = new App({
    token: setup.botToken.reveal(),
    botId: ours.botId ?? '',
    botUserId: ours.userId,
    receiver,
    // Both ids are known, so nothing is asked of Slack for each event.
    deferInitialization: true,
    tokenVerificationEnabled: false,
    convoStore: false,
    clientOptions: clientOptions(setup.apiUrl, fetch),
    logger: quietLogger(log),
  })
  app.use(async ({ body, context }) => {
    const acknowledge = context[ACKNOWLEDGE] as Acknowledge
    await hear(body, acknowledge)
  })
  await app.init()
  return app
}

const ACKNOWLEDGE = 'sluiceAcknowledge'

/** Rejects when it was not worked: then it was not acknowledged either. */
export async function passOn(app: App, { body, ack, retryNum, retryReason }: Incoming): Promise<void> {
  let isAcknowledged = false
  const once: Acknowledge = async () => {
    if (isAcknowledged) return
    isAcknowledged = true
    await ack()
  }
  await app.processEvent({
    body,
    ack: async () => {},
    customProperties: { [ACKNOWLEDGE]: once },
    ...(retryNum !== undefined && { retryNum }),
    ...(retryReason !== undefined && { retryReason }),
  })
  // Bolt passes over what it does not know, and what our own bot said.
  await once()
}
