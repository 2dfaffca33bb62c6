import express, { type Express, type RequestHandler } from 'express'
import type { ChatAdapter, Vendor } from '../bot/adapters/adapter.ts'
import type { WebhookBoard } from './chats.ts'
import type { OpenAdapter } from './open-adapter.http.ts'

/** Vendors' own routes below `/chat/`, as they come and go; each verifies its callers itself. */
export function createWebhookBoard(): WebhookBoard & { handle: RequestHandler } {
  const apps = new Map<Vendor, Express>()
  return {
    show(adapter: ChatAdapter) {
      const { webhooks }: OpenAdapter = adapter
      if (!webhooks) return
      const app = express().disable('x-powered-by').disable('etag')
      webhooks.mount(app)
      apps.set(adapter.vendor, app)
    },
    remove: (vendor) => void apps.delete(vendor),
    handle(request, response, next) {
      const vendor = /^\/chat\/([a-z]+)(\/|$)/.exec(request.path)?.[1]
      const app = [...apps].find(([name]) => name === vendor)?.[1]
      if (!app) return next()
      response.locals.passing.route = `/chat/${vendor}`
      app(request, response, next)
    },
  }
}
