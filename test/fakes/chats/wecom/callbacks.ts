import { randomBytes } from 'node:crypto'
import { encrypt, getSignature } from '@wecom/crypto'
import type { Acknowledged } from '../fake-chat.ts'
import { hex, type World } from './world.ts'

const DEADLINE_MS = 5_000
const VERIFY_MS = 1_000
const TRIES = 3

export type Fields = Readonly<Record<string, string | number | undefined>>

/** How the app is told what happened. */
export interface Callbacks {
  callAt(base: string | null): void
  /** Again, at most three times in all, until it is taken. */
  push(fields: Fields, inner?: string): Promise<Acknowledged & { tries: number }>
  /** The check that saving the address in the console makes. */
  verifyUrl(): Promise<boolean>
}

export function appCallbacks(world: World): Callbacks {
  let base: string | null = null

  async function once(body: string): Promise<{ ok: boolean; ms: number }> {
    const began = performance.now()
    const { query, raw } = sealed(world, body)
    const response = await fetch(`${base}/chat/wecom?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: raw,
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch(() => null)
    // Nothing passive is expected of this app: what it has to say it sends.
    const ok = response?.status === 200 && (await response.text()) === ''
    return { ok, ms: performance.now() - began }
  }

  return {
    callAt: (at) => {
      base = at
    },
    async push(fields, inner = '') {
      if (base === null) return { ok: false, ms: 0, toast: null, tries: 0 }
      const body = xmlOf(world, fields, inner)
      let tries = 0
      let last = { ok: false, ms: 0 }
      while (!last.ok && tries < TRIES) {
        tries++
        last = await once(body)
      }
      return { ...last, toast: null, tries }
    },
    async verifyUrl() {
      const plain = String(Math.floor(Math.random() * 1e15))
      const { query, encrypted } = sealed(world, plain)
      const url = `${base}/chat/wecom?${query}&${new URLSearchParams({ echostr: encrypted })}`
      const response = await fetch(url, { signal: AbortSignal.timeout(VERIFY_MS) }).catch(() => null)
      return response?.status === 200 && (await response.text()) === plain
    },
  }
}

export interface Sealing {
  at?: number
  corpId?: string
  token?: string
  aesKey?: string
}

/** Encrypted and signed, as it goes over HTTP. */
export function sealed(
  world: Pick<World, 'now' | 'corpId' | 'token' | 'aesKey' | 'agentId'>,
  message: string,
  { at = world.now(), corpId = world.corpId, token = world.token, aesKey = world.aesKey }: Sealing = {},
) {
  const timestamp = String(Math.floor(at / 1_000))
  const nonce = hex(5)
  const encrypted = encrypt(aesKey, message, corpId, randomBytes(16))
  const query = new URLSearchParams({
    msg_signature: getSignature(token, timestamp, nonce, encrypted),
    timestamp,
    nonce,
  })
  const raw = `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt><AgentID><![CDATA[${world.agentId}]]></AgentID></xml>`
  return { query, raw, encrypted }
}

/** An event in plain: numbers bare, texts as CDATA. */
export function xmlOf(world: Pick<World, 'corpId' | 'agentId'>, fields: Fields, inner = ''): string {
  const all: Fields = { ToUserName: world.corpId, ...fields, AgentID: world.agentId }
  const elements = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`<${name}>${typeof value === 'number' ? value : cdata(value)}</${name}>`],
  )
  return `<xml>${elements.join('')}${inner}</xml>`
}

function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}
