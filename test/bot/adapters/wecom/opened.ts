import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import express from 'express'
import type { ChatAdapter, Inbox, Webhooks } from '../../../../src/bot/adapters/adapter.ts'
import { wecomSetup } from '../../../../src/bot/adapters/wecom/settings.ts'
import { createWecom } from '../../../../src/bot/adapters/wecom/wecom.http.ts'
import { type Clock, systemClock } from '../../../../src/lib/clock.ts'
import type { Log } from '../../../../src/lib/log.ts'
import type { FakeWecom } from '../../../fakes/chats/wecom.ts'

export interface Opened {
  adapter: ChatAdapter
  webhooks: Webhooks | null
  logged: () => string
  /** Where our own routes are; null without any. */
  base: string | null
  close(): Promise<void>
}

/** The adapter against its fake, and its routes on a server of the test where it has any. */
export async function openWecom(
  fake: FakeWecom,
  {
    inbox,
    now = Date.now,
    sleep = systemClock.sleep,
    setup = {},
  }: {
    inbox: Inbox
    now?: (() => number) | undefined
    sleep?: Clock['sleep']
    setup?: Record<string, string>
  },
): Promise<Opened> {
  const { log, logged } = remembering()
  const adapter = createWecom({
    setup: wecomSetup.parse({ ...fake.setup(), ...setup }),
    inbox,
    clock: { now, sleep },
    log,
    // The quickest of all backoffs.
    random: () => 0.02,
  })
  const webhooks = adapter.webhooks ?? null
  const server = webhooks ? await serve(webhooks) : null
  const base = server ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : null
  fake.callAt(base)
  return {
    adapter,
    webhooks,
    logged,
    base,
    async close() {
      await adapter.stop()
      server?.closeAllConnections()
      await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
    },
  }
}

function serve(webhooks: Webhooks): Promise<Server> {
  const app = express()
  webhooks.mount(app)
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server))
  })
}

function remembering(): { log: Log; logged: () => string } {
  const lines: string[] = []
  const write = (fields: Record<string, unknown>, message: string) => {
    lines.push(`${message} ${inspect(fields, { depth: 8 })}`)
  }
  return { log: { error: write, warn: write, info: write, debug: write }, logged: () => lines.join('\n') }
}
