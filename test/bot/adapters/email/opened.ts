import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { ChatAdapter, Inbox, Webhooks } from '../../../../src/bot/adapters/adapter.ts'
import { createEmail } from '../../../../src/bot/adapters/email/email.smtp.ts'
import { emailSetup } from '../../../../src/bot/adapters/email/settings.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import type { Log } from '../../../../src/lib/log.ts'
import type { FakeEmail } from '../../../fakes/chats/email.ts'

export const LINK_KEY = 'a key for links in tests'

export interface OpenedEmail {
  adapter: ChatAdapter
  webhooks: Webhooks
  /** Where our pages are. */
  url: string
  logged: () => string
  close(): Promise<void>
}

/** The adapter against a fake server, its pages on a server of the test. */
export async function openEmail(
  fake: Pick<FakeEmail, 'setup'>,
  {
    inbox,
    now = () => Date.now(),
    ca,
    setup = {},
  }: { inbox: Inbox; now?: () => number; ca?: string; setup?: Record<string, unknown> },
): Promise<OpenedEmail> {
  const app = express()
  const http = createServer(app).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const lines: string[] = []
  const note = (fields: Record<string, unknown>, message: string) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { error: note, warn: note, info: note, debug: note }
  const adapter = createEmail(
    {
      setup: emailSetup.parse({ ...fake.setup(), publicUrl: url, linkKey: LINK_KEY, ...setup }),
      inbox,
      clock: { ...systemClock, now },
      log,
      random: () => 0.5,
    },
    ca === undefined ? {} : { ca },
  )
  adapter.webhooks.mount(app)
  return {
    adapter,
    webhooks: adapter.webhooks,
    url,
    logged: () => lines.join('\n'),
    close: async () => {
      http.close()
      http.closeAllConnections()
      await adapter.stop()
    },
  }
}
