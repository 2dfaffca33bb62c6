import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Passing } from '../../src/api/mount.http.ts'
import type { Vendor, Webhooks } from '../../src/bot/adapters/adapter.ts'
import type { OpenAdapter } from '../../src/chats/open-adapter.http.ts'
import { createWebhookBoard } from '../../src/chats/webhooks.http.ts'
import { steeredClock } from '../fakes/steered-clock.ts'
import { testVendor } from '../support/vendor.ts'

/** A vendor with a route of its own, as adapters bring it. */
function calling(vendor: Vendor, answer: string): OpenAdapter {
  const webhooks: Webhooks = {
    mount: (app) => void app.post(`/chat/${vendor}`, (_request, response) => void response.send(answer)),
  }
  return { ...testVendor({ clock: steeredClock(), vendor }), webhooks }
}

describe("vendors' own routes", () => {
  const routes: (string | null)[] = []
  let board: ReturnType<typeof createWebhookBoard>
  let server: ReturnType<typeof createServer>

  beforeEach(async () => {
    routes.length = 0
    board = createWebhookBoard()
    const app = express()
    app.use((_request, response, next) => {
      const passing: Passing = { requestId: 'req_1', language: 'en', memberId: null, route: null }
      response.locals.passing = passing
      response.on('finish', () => void routes.push(passing.route))
      next()
    })
    app.use(board.handle)
    app.use((_request, response) => void response.status(404).send('nobody'))
    server = createServer(app).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  async function call(path: string): Promise<string> {
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })
    return `${answer.status} ${await answer.text()}`
  }

  it('come and go with their vendors, while the server runs', async () => {
    expect(await call('/chat/wecom')).toBe('404 nobody')

    board.show(calling('wecom', 'first'))
    board.show(calling('feishu', 'feishu'))
    expect(await call('/chat/wecom')).toBe('200 first')
    board.show(calling('wecom', 'second'))
    expect(await call('/chat/wecom')).toBe('200 second')

    board.remove('wecom')
    expect(await call('/chat/wecom')).toBe('404 nobody')
    expect(await call('/chat/feishu')).toBe('200 feishu')
  })

  it('are named in the metrics by their vendor alone, and say nothing of what serves them', async () => {
    board.show(calling('wecom', 'here'))
    await call('/chat/wecom?msg_signature=secret')
    await call('/chat/wecom/anything')
    await call('/chat/nobody')

    expect(routes).toEqual(['/chat/wecom', '/chat/wecom', null])
  })

  it('do not exist for a vendor that we call ourselves', async () => {
    board.show(testVendor({ clock: steeredClock(), vendor: 'slack' }))

    expect(await call('/chat/slack')).toBe('404 nobody')
  })
})
