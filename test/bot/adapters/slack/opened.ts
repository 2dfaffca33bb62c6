import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Inbox } from '../../../../src/bot/adapters/adapter.ts'
import { slackSetup } from '../../../../src/bot/adapters/slack/settings.ts'
import { createSlack } from '../../../../src/bot/adapters/slack/slack.http.ts'
import { type Clock, systemClock } from '../../../../src/lib/clock.ts'
import type { Log } from '../../../../src/lib/log.ts'
import type { FakeSlack } from '../../../fakes/chats/slack.ts'

export interface OpenedSlack {
  adapter: ReturnType<typeof createSlack>
  webhooks: NonNullable<ReturnType<typeof createSlack>['webhooks']> | null
  /** Where it takes calls, when it does. */
  base: string
  logged(): string
  close(): Promise<void>
}

interface Opening {
  inbox: Inbox
  now?: (() => number) | undefined
  calls?: boolean
  sleep?: Clock['sleep']
  /** In place of what the fake says. */
  setup?: Record<string, string>
}

/** The adapter with the vendor's SDK, against the fake. `calls`: Slack calls us, on a server of the test. */
export async function openSlack(
  fake: FakeSlack,
  { inbox, now = systemClock.now, sleep = systemClock.sleep, calls = false, setup = {} }: Opening,
): Promise<OpenedSlack> {
  const web = express()
  const server = createServer(web)
  let base = ''
  if (calls) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    fake.callAt(base)
  }
  const lines: string[] = []
  const adapter = createSlack({
    setup: slackSetup.parse({ ...fake.setup(), ...setup }),
    inbox,
    clock: { now, sleep },
    log: writesTo(lines),
    // Always a short wait.
    random: () => 0.02,
  })
  adapter.webhooks?.mount(web)
  return {
    adapter,
    webhooks: adapter.webhooks ?? null,
    base,
    logged: () => lines.join('\n'),
    async close() {
      await adapter.stop()
      server.closeAllConnections()
      if (calls) await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function writesTo(lines: string[]): Log {
  const write = (fields: Record<string, unknown>, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`)
  }
  return { error: write, warn: write, info: write, debug: write }
}
