import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { ChatAdapter, Inbox } from '../../../../src/bot/adapters/adapter.ts'
import { createDingtalk } from '../../../../src/bot/adapters/dingtalk/dingtalk.http.ts'
import { dingtalkSetup } from '../../../../src/bot/adapters/dingtalk/settings.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import type { Log } from '../../../../src/lib/log.ts'
import { type FakeDingtalk, startFakeDingtalk } from '../../../fakes/chats/dingtalk.ts'
import type { AdapterUnderTest } from '../../../fakes/chats/fake-chat.ts'

export interface OpenDingtalk {
  adapter: ChatAdapter
  logged: () => string
  close(): Promise<void>
}

/** The adapter on a fake; `http`: its routes stand on a server, and DingTalk calls. */
export async function openOn(
  fake: FakeDingtalk,
  inbox: Inbox,
  {
    http = false,
    setup = {},
    now,
  }: { http?: boolean; setup?: Record<string, string>; now?: () => number } = {},
): Promise<OpenDingtalk> {
  const app = express()
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  fake.callAt(http ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : null)
  const lines: string[] = []
  const log = linesLog(lines)
  const adapter = createDingtalk({
    setup: dingtalkSetup.parse({ ...fake.setup(), ...setup }),
    inbox,
    clock: now ? { ...systemClock, now } : systemClock,
    log,
    random: () => 0.1,
  })
  adapter.webhooks?.mount(app)
  return {
    adapter,
    logged: () => lines.join('\n'),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export async function underTest(http: boolean): Promise<AdapterUnderTest & { fake: FakeDingtalk }> {
  // The suite is quicker than 20 calls a second.
  const fake = await startFakeDingtalk({ pace: false })
  return {
    fake,
    async open({ inbox, now }) {
      const opened = await openOn(fake, inbox, { http, ...(now ? { now } : {}) })
      return { ...opened, webhooks: null }
    },
  }
}

function linesLog(lines: string[]): Log {
  const write = (fields: Record<string, unknown>, message: string) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  return { error: write, warn: write, info: write, debug: write }
}
